import { describe, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLogins, readLoginsFile } from '../../src/imap/migration-logins.ts';

describe('a file of logins', () => {
  test.each([
    ['lines', 'a@x.test,one\nB@X.test,two\r\n\n'],
    ['a heading and blanks around the address', 'address,password\n a@x.test ,one\nb@x.test,two'],
    ['quotes', '"a@x.test","one"\nb@x.test,"two"'],
    ['a mark at its beginning', '\uFEFFa@x.test,one\nb@x.test,two'],
    ['JSON', ' {"a@x.test": "one", "b@x.test": "two"}'],
  ])('of %s', (_what, text) => {
    expect([...parseLogins(text)]).toEqual([
      ['a@x.test', 'one'],
      ['b@x.test', 'two'],
    ]);
  });

  test('takes a password as it stands', () => {
    expect(parseLogins('a@x.test,"say ""hi"", you"\nb@x.test, x ').get('a@x.test')).toBe('say "hi", you');
    expect(parseLogins('b@x.test, x ').get('b@x.test')).toBe(' x ');
  });

  test.each([
    ['a@x.test,top-secret\nno-address,top-secret', /line 2 does not begin with an address/],
    ['a@x.test,top-secret\nb@x.test', /line 2 is not "address,password"/],
    ['a@x.test,top-secret,more', /line 1 is not/],
    ['a@x.test,"top-secret', /line 1 is not/],
    ['a@x.test,top"secret', /line 1 is not/],
    ['a@x.test,top-secret\nA@x.test,top-secret', /line 2 names an address for the second time/],
    ['a@x.test,', /the password of line 1 is empty/],
    ['{"a@x.test": "top-secret"', /it is no JSON/],
    ['', /it names nobody/],
    ['\n', /it names nobody/],
    ['address,password\n', /it names nobody/],
    ['{}', /it names nobody/],
    ['{"a@x.test": {"top-secret": 1}}', /the password of entry 1 is no text/],
  ])('says what is wrong with %j, and nothing of what stands there', (text, why) => {
    expect(() => parseLogins(text)).toThrow(why);
    expect(() => parseLogins(text)).not.toThrow(/top|secret/);
  });

  test('in another encoding than UTF-8 is not guessed at', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ldap-mailcow-logins-'));
    const path = join(folder, 'logins.csv');
    writeFileSync(path, Buffer.from('a@x.test,gr\u00fcn', 'latin1'), { mode: 0o600 });
    expect(readLoginsFile(path)).toEqual({ kind: 'unreadable', path, why: 'it is not in UTF-8' });
    rmSync(folder, { recursive: true });
  });

  test('is read anew, and says when others may read it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ldap-mailcow-logins-'));
    const path = join(folder, 'logins.csv');
    expect(readLoginsFile(path)).toEqual({ kind: 'unreadable', path, why: 'there is no such file' });
    writeFileSync(path, 'a@x.test,one', { mode: 0o600 });
    const found = readLoginsFile(path);
    expect(found).toEqual({ kind: 'read', passwordOf: expect.any(Function) });
    expect(found.kind === 'read' && [found.passwordOf('a@x.test'), found.passwordOf('b@x.test')]).toEqual([
      'one',
      undefined,
    ]);
    chmodSync(path, 0o640);
    expect(readLoginsFile(path)).toMatchObject({ exposed: `${path} may be read by others than its owner` });
    rmSync(folder, { recursive: true });
  });
});
