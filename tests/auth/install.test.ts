/** Files in mailcow's folders: put there, changed, and taken out again to the last byte (facts/auth.md section 6). */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explained } from '../../src/auth/errors.ts';
import { installFiles, type WantedFile } from '../../src/auth/install.ts';
import { openBackup } from '../../src/auth/manifest.ts';
import { removeFiles } from '../../src/auth/remove.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ldap-mailcow-auth-'));
  mkdirSync(join(root, 'dovecot'));
  mkdirSync(join(root, 'sogo'));
  writeFileSync(join(root, 'dovecot/dovecot.conf'), 'protocols = imap\n');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const at = (name: string): string => join(root, name);
const backup = () => openBackup(at('state/logins'));

/** Every file with bytes and mode, and every folder. */
const photograph = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['dovecot', 'sogo'].flatMap((folder) =>
      readdirSync(at(folder), { recursive: true, withFileTypes: true }).map((one) => {
        const path = join(one.parentPath, one.name);
        const { mode } = statSync(path);
        const bytes = one.isFile() ? readFileSync(path).toString('latin1') : 'folder';
        return [path.slice(root.length), `${(mode & 0o7777).toString(8)} ${bytes}`];
      }),
    ),
  );

const passdb = (text = 'hosts = a\n'): WantedFile => ({
  path: at('dovecot/ldap/ldap-mailcow-passdb.conf'),
  text,
  mode: 0o600,
  kind: 'own',
  service: 'dovecot',
});
const extraConf = (): WantedFile => ({
  path: at('dovecot/extra.conf'),
  text: 'passdb {\n  driver = ldap\n}\n',
  mode: 0o644,
  kind: 'block',
  service: 'dovecot',
});
const plist = (mayGiveWay?: (text: string) => boolean): WantedFile => ({
  path: at('sogo/plist_ldap'),
  text: '<dict/>\n',
  mode: 0o600,
  kind: 'replace',
  service: 'sogo',
  ...(mayGiveWay && { mayGiveWay }),
});

describe('installed', () => {
  test('the file that is named comes before the one that names it, both closed to others', () => {
    const { paths: changed, services } = installFiles([passdb(), extraConf()], backup());
    expect(changed).toEqual([passdb().path, extraConf().path]);
    expect([...services]).toEqual(['dovecot']);
    expect(statSync(passdb().path).mode & 0o777).toBe(0o600);
    expect(readFileSync(passdb().path, 'utf8')).toBe('hosts = a\n');
    expect(statSync(at('state/logins')).mode & 0o777).toBe(0o700);
  });

  test('again they change nothing', () => {
    installFiles([passdb(), extraConf()], backup());
    const before = photograph();
    expect(installFiles([passdb(), extraConf()], backup())).toEqual({
      paths: [],
      services: new Set(),
      problems: [],
    });
    expect(photograph()).toEqual(before);
  });

  test('only what is another is written', () => {
    installFiles([passdb(), extraConf(), plist()], backup());
    const { paths: changed, services } = installFiles(
      [passdb('hosts = b\n'), extraConf(), plist()],
      backup(),
    );
    expect([changed, [...services]]).toEqual([[passdb().path], ['dovecot']]);
  });

  test('what somebody changed or removed is put back', () => {
    installFiles([passdb(), extraConf()], backup());
    writeFileSync(passdb().path, 'hosts = z\n');
    rmSync(extraConf().path);
    expect(installFiles([passdb(), extraConf()], backup()).paths).toEqual([passdb().path, extraConf().path]);
    expect(readFileSync(passdb().path, 'utf8')).toBe('hosts = a\n');
  });

  test('a file that others could read is closed again', () => {
    installFiles([passdb()], backup());
    chmodSync(passdb().path, 0o644);
    expect(installFiles([passdb()], backup()).paths).toEqual([passdb().path]);
    expect(statSync(passdb().path).mode & 0o777).toBe(0o600);
  });

  test('no half of a file is left behind', () => {
    installFiles([passdb(), extraConf(), plist()], backup());
    expect(Object.keys(photograph()).filter((path) => path.includes('new'))).toEqual([]);
  });

  test('what is wanted no more goes, last first', () => {
    const before = photograph();
    installFiles([passdb(), plist(), extraConf()], backup());
    expect(installFiles([passdb(), extraConf()], backup())).toEqual({
      paths: [plist().path],
      services: new Set(['sogo']),
      problems: [],
    });
    expect(installFiles([], backup()).paths).toEqual([extraConf().path, passdb().path]);
    removeFiles(backup());
    expect(photograph()).toEqual(before);
  });
});

describe('somebody else’s file', () => {
  test('keeps all it has, and its mode', () => {
    writeFileSync(extraConf().path, Buffer.from('mail_x = \xe4\n', 'latin1'));
    chmodSync(extraConf().path, 0o640);
    installFiles([passdb(), extraConf()], backup());
    expect(readFileSync(extraConf().path).toString('latin1').startsWith('mail_x = \xe4\n')).toBe(true);
    expect(statSync(extraConf().path).mode & 0o777).toBe(0o640);
  });

  test('is not replaced', () => {
    writeFileSync(plist().path, '<my-own/>');
    expect(installFiles([plist()], backup()).problems.join()).toContain('is not ours');
    expect(readFileSync(plist().path, 'utf8')).toBe('<my-own/>');
  });

  test('gives way when it is a sample, and comes back', () => {
    writeFileSync(plist().path, '<!-- sample -->');
    chmodSync(plist().path, 0o755);
    const before = photograph();
    installFiles([plist((text) => text.includes('sample'))], backup());
    expect(readFileSync(plist().path, 'utf8')).toBe('<dict/>\n');
    removeFiles(backup());
    expect(photograph()).toEqual(before);
  });

  test('that took the place of ours since stays', () => {
    installFiles([passdb(), plist()], backup());
    writeFileSync(plist().path, '<my-own/>');
    expect(installFiles([passdb(), plist()], backup()).problems.join()).toContain('is not ours');
    removeFiles(backup());
    expect(readFileSync(plist().path, 'utf8')).toBe('<my-own/>');
  });

  test('that was changed around our block keeps the changes', () => {
    writeFileSync(extraConf().path, 'a = b\n');
    installFiles([passdb(), extraConf()], backup());
    writeFileSync(extraConf().path, `${readFileSync(extraConf().path, 'utf8')}c = d\n`);
    removeFiles(backup());
    expect(readFileSync(extraConf().path, 'utf8')).toBe('a = b\nc = d\n');
  });
});

describe('removed', () => {
  test.each([undefined, '', 'a = b\n', 'a = b', '\n\n'])(
    'a folder with extra.conf %j is what it was',
    (text) => {
      if (text !== undefined) writeFileSync(extraConf().path, text);
      const before = photograph();
      installFiles([passdb(), extraConf(), plist()], backup());
      installFiles([passdb('hosts = b\n'), extraConf(), plist()], backup());
      expect(removeFiles(backup()).paths).toEqual([extraConf().path, plist().path, passdb().path]);
      expect(photograph()).toEqual(before);
      expect(existsSync(at('dovecot/ldap'))).toBe(false);
    },
  );

  test('a folder that was there, or is in use since, stays', () => {
    mkdirSync(at('dovecot/ldap'));
    installFiles([passdb()], backup());
    removeFiles(backup());
    expect(existsSync(at('dovecot/ldap'))).toBe(true);
  });

  test('nothing was there to remove', () => {
    expect(removeFiles(backup()).paths).toEqual([]);
  });
});

test('a folder that may not be written is told with what helps', () => {
  // Root may write everything: a file in the place of the folder stands for what it may not.
  rmSync(at('sogo'), { recursive: true });
  writeFileSync(at('sogo'), '');
  expect(installFiles([plist()], backup()).problems.join()).toMatch(/cannot be written/);
});

test.each(['EACCES', 'EPERM'])('%s is told with the line that helps', (code) => {
  const { message } = explained('/conf/dovecot/extra.conf', Object.assign(new Error(code), { code }));
  expect(message).toContain('/conf/dovecot/extra.conf cannot be written');
  expect(message).toContain('user: "0:0"');
});
