import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openMail } from '../../src/mail/mail.ts';
import { readMaster } from '../../src/mail/master.ts';
import { startMailServer } from '../support/mail-server.ts';

const anna = 'anna@example.org';
let folder = '';
const written = (text: string): { readonly kind: 'file'; readonly path: string } => {
  const path = join(folder, 'sieve.creds');
  writeFileSync(path, text);
  return { kind: 'file', path };
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'master-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the master of mailcow', () => {
  test('logs in for every mailbox, also after a restart changed the file', async () => {
    const first = { user: 'qwe@mailcow.local', password: 'first:pass' };
    const server = await startMailServer({ users: { [anna]: 'pw' }, master: first });
    const mail = openMail({});
    const login = () => {
      const { userFor, password } = readMaster({ kind: 'file', path: join(folder, 'sieve.creds') });
      return mail.tryLogin({
        host: '127.0.0.1',
        port: server.imapsPort,
        security: 'ssl',
        user: userFor(anna),
        password,
      });
    };
    try {
      written(`${first.user}:${first.password}\n`);
      expect(await login()).toEqual({ kind: 'ok' });
      server.setMaster({ user: 'asd@mailcow.local', password: 'second' });
      await server.restart();
      expect(await login()).toMatchObject({ kind: 'bad-credentials' });
      written('asd@mailcow.local:second\n');
      expect(await login()).toEqual({ kind: 'ok' });
    } finally {
      await server.close();
    }
  });

  test.each([
    ['abc@mailcow.local:x1', 'abc@mailcow.local', 'x1'],
    ['abc@mailcow.local:x1\r\n', 'abc@mailcow.local', 'x1'],
    ['abc:x:1\n\n', 'abc@mailcow.local', 'x:1'],
  ])('%j is a login', (text, user, password) => {
    const master = readMaster(written(text));
    expect([master.userFor(anna), master.password]).toEqual([`${anna}*${user}`, password]);
  });

  test.each([
    'nothing',
    'abc@mailcow.local:',
    ':geheim',
    'a b:geheim',
    'a*b:geheim',
    'abc:geheim\ndef:geheim\n',
    'ab\0c:geheim',
  ])('%j is none, and not repeated', (text) => {
    const refusal = expect.objectContaining({
      name: 'MailError',
      transient: false,
      message: `no master login from ${join(folder, 'sieve.creds')}: it is not one line “user:password”`,
    });
    expect(() => readMaster(written(text))).toThrow(refusal);
  });

  test('an empty file is being written right now', () => {
    for (const text of ['', '\n']) {
      expect(() => readMaster(written(text))).toThrow(expect.objectContaining({ transient: true }));
    }
  });

  test('a file that is missing, a folder, or not ours to read is said', () => {
    const path = join(folder, 'other');
    const read = () => readMaster({ kind: 'file', path });
    expect(read).toThrow('there is no such file');
    mkdirSync(path);
    expect(read).toThrow('it is a folder, which Docker makes');
    rmSync(path, { recursive: true });
    writeFileSync(path, 'abc:geheim\n');
    chmodSync(path, 0);
    // Root reads it all the same.
    if (process.getuid?.() !== 0) expect(read).toThrow('may not read it');
  });

  test('one from the settings stands for mailcow.local, unless it says otherwise', () => {
    const fixed = (user: string, password = 'x') => readMaster({ kind: 'fixed', user, password });
    expect(fixed('abc').userFor(anna)).toBe(`${anna}*abc@mailcow.local`);
    expect(fixed('abc@example.net').userFor(anna)).toBe(`${anna}*abc@example.net`);
    expect(() => fixed('')).toThrow('needs a user');
    expect(() => fixed('abc', '')).toThrow('needs a user');
    expect(() => fixed('a*b')).toThrow('needs a user');
    expect(() => fixed('abc').userFor('a*b@example.org')).toThrow('is no mailbox');
    expect(() => fixed('abc').userFor('')).toThrow('is no mailbox');
  });
});
