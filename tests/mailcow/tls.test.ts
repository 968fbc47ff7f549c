import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MailcowUnreachable } from '../../src/mailcow/errors.ts';
import { closing, failure, openAt } from './opened.ts';
import { startScripted } from './scripted.ts';
import type { Scripted } from './scripted.ts';

const folder = mkdtempSync(join(tmpdir(), 'ldap-mailcow-tls-'));
const file = (name: string): string => join(folder, name);
const openssl = (...args: readonly string[]): unknown =>
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

beforeAll(() => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Our CA');
  openssl(
    'req',
    ...key.slice(0, -2),
    '-keyout',
    'srv.key',
    '-out',
    'srv.csr',
    '-subj',
    '/CN=mail.example.test',
  );
  writeFileSync(file('ext'), 'subjectAltName=DNS:mail.example.test\n');
  const issue = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'ext'];
  openssl('x509', '-req', '-in', 'srv.csr', '-out', 'srv.pem', ...issue);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function startTls(): Promise<Scripted> {
  const keys = { key: readFileSync(file('srv.key')), cert: readFileSync(file('srv.pem')) };
  return closing(await startScripted(() => ({ json: { version: '2026-07a' } }), keys));
}

describe('TLS', () => {
  test('a certificate of an unknown authority is refused, and the key never sent', async () => {
    const server = await startTls();
    for (const options of [{}, { tls: { verify: true } }]) {
      const mailcow = openAt(server.baseUrl, options);
      for (const call of [() => mailcow.readVersion(), () => mailcow.deleteMailbox('a@x.test')]) {
        const error = await failure(call());
        expect(error).toBeInstanceOf(MailcowUnreachable);
        expect(error.message).toContain(
          'unable to verify the first certificate (UNABLE_TO_VERIFY_LEAF_SIGNATURE): ' +
            'set LDAP_MAILCOW_API_TLS_CA_FILE',
        );
      }
    }
    expect(server.asked).toEqual([]);
  });

  test('the own CA, as file or text, and the name in the certificate make it trusted', async () => {
    const server = await startTls();
    const serverName = 'mail.example.test';
    const byFile = openAt(server.baseUrl, { tls: { verify: true, caFile: file('ca.pem'), serverName } });
    expect(await byFile.readVersion()).toBe('2026-07a');
    const ca = readFileSync(file('ca.pem'), 'utf8');
    const byText = openAt(server.baseUrl, { tls: { verify: true, ca, serverName } });
    expect(await byText.readVersion()).toBe('2026-07a');
  });

  test('another name than the one in the certificate is refused', async () => {
    const server = await startTls();
    const mailcow = openAt(server.baseUrl, { tls: { verify: true, caFile: file('ca.pem') } });
    const error = await failure(mailcow.readVersion());
    expect(error).toBeInstanceOf(MailcowUnreachable);
    expect(error.message).toContain('(ERR_TLS_CERT_ALTNAME_INVALID): set LDAP_MAILCOW_API_TLS_SERVER_NAME');
    expect(server.asked).toEqual([]);
  });

  test('verification can be switched off', async () => {
    const server = await startTls();
    const mailcow = openAt(server.baseUrl, { tls: { verify: false } });
    expect(await mailcow.readVersion()).toBe('2026-07a');
    expect((await mailcow.deleteMailbox('a@x.test')).kind).toBe('unclear');
    expect(server.connections()).toBe(1);
  });

  test('https spoken to a server that speaks http is told as what it is', async () => {
    const server = closing(await startScripted(() => ({ json: {} })));
    const mailcow = openAt(server.baseUrl.replace('http:', 'https:'));
    const error = await failure(mailcow.deleteMailbox('a@x.test'));
    expect(error).toBeInstanceOf(MailcowUnreachable);
    expect(error.message).toContain('does LDAP_MAILCOW_API_HOST really speak https?');
    expect(server.asked).toEqual([]);
  });

  test('a CA file that cannot be read fails at once', () => {
    const tls = { verify: true, caFile: file('nothing.pem') };
    expect(() => openAt('https://127.0.0.1', { tls })).toThrow('ENOENT');
  });
});
