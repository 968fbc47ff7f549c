/** Files in mailcow's folders when something went wrong: a kill between two steps, a lost state, folders that are gone. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installFiles, type WantedFile } from '../../src/auth/install.ts';
import { openLoginFiles } from '../../src/auth/login-files.ts';
import { openBackup } from '../../src/auth/manifest.ts';
import { removeFiles } from '../../src/auth/remove.ts';
import type { DirectoryKnown } from '../../src/ports-logins.ts';
import { loginSettings } from './settings.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ldap-mailcow-mishaps-'));
  mkdirSync(join(root, 'dovecot/lua'), { recursive: true });
  mkdirSync(join(root, 'sogo'));
  writeFileSync(join(root, 'dovecot/dovecot.conf'), 'protocols = imap\n');
  writeFileSync(join(root, 'sogo/sogo.conf'), '{\n}\n');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const at = (name: string): string => join(root, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');
const backup = () => openBackup(at('state/logins'));

const PASSDB = 'dovecot/ldap/ldap-mailcow-passdb.conf';
const EXTRA = 'dovecot/extra.conf';
const PLIST = 'sogo/plist_ldap';

const known: DirectoryKnown = { dialect: 'active-directory', seen: new Set() };
const legacy = { syntax: '2.3', sogo: 'plist' } as const;
const { userFilter: _filter, disabled: _rule, mail: _mail, ...settings } = loginSettings();

const files = (bindPassword = 'change-me') =>
  openLoginFiles({
    folders: { dovecot: at('dovecot'), sogo: at('sogo') },
    templates: at('templates'),
    backup: at('state/logins'),
    settings: { ...settings, bindPassword },
    mapping: {},
  });

const loseState = (): void => {
  rmSync(at('state'), { recursive: true });
};

const plist = (text: string, mayGiveWay = false): WantedFile => ({
  path: at(PLIST),
  text,
  mode: 0o600,
  kind: 'replace',
  service: 'sogo',
  mayGiveWay: () => mayGiveWay,
});
const extra = (text: string): WantedFile => ({
  path: at(EXTRA),
  text,
  mode: 0o644,
  kind: 'block',
  service: 'dovecot',
});

describe('after the state was lost', () => {
  test('removing takes the block out too: Dovecot with the name of a missing file lets nobody in', () => {
    writeFileSync(at(EXTRA), 'a = b\n');
    files().install(legacy, known);
    loseState();
    files().install(legacy, known);
    files().remove();
    expect(read(EXTRA)).toBe('a = b\n');
    expect([PASSDB, PLIST].map((name) => existsSync(at(name)))).toEqual([false, false]);
  });

  test('files that a sync has not seen since are found, and taken out', () => {
    files().install(legacy, known);
    loseState();
    expect(files().areInstalled()).toBe(true);
    expect(files().remove().paths).toHaveLength(3);
    expect([EXTRA, PASSDB, PLIST].map((name) => existsSync(at(name)))).toEqual([false, false, false]);
  });

  test('a changed setting still reaches every file', () => {
    files().install(legacy, known);
    loseState();
    expect(files('another').install(legacy, known)).toMatchObject({ problems: [] });
    expect([read(PASSDB), read(PLIST)].every((text) => text.includes('another'))).toBe(true);
  });
});

describe('after a write that failed, or a kill before it', () => {
  const fillDisk = (): void => {
    // What stands at the name of the new file cannot be removed by rm without recursion.
    mkdirSync(`${at(PLIST)}.ldap-mailcow-new/x`, { recursive: true });
  };
  const makeRoom = (): void => {
    rmSync(`${at(PLIST)}.ldap-mailcow-new`, { recursive: true });
  };

  test('our own file is still known as ours, however often it failed', () => {
    installFiles([plist('<a/>')], backup());
    fillDisk();
    expect(installFiles([plist('<b/>')], backup()).problems).toHaveLength(1);
    expect(installFiles([plist('<c/>')], backup()).problems).toHaveLength(1);
    makeRoom();
    expect(installFiles([plist('<c/>')], backup()).problems).toEqual([]);
    expect(read(PLIST)).toBe('<c/>');
  });

  test('it can still be taken out', () => {
    installFiles([plist('<a/>')], backup());
    fillDisk();
    installFiles([plist('<b/>')], backup());
    makeRoom();
    removeFiles(backup());
    expect(existsSync(at(PLIST))).toBe(false);
  });

  test('the half that a kill left goes with the file', () => {
    installFiles([plist('<a/>')], backup());
    writeFileSync(`${at(PLIST)}.ldap-mailcow-new`, 'password');
    removeFiles(backup());
    expect(existsSync(`${at(PLIST)}.ldap-mailcow-new`)).toBe(false);
  });

  test('what was written before is told, so that it is read', () => {
    fillDisk();
    const { services, problems } = installFiles([extra('a = b'), plist('<a/>')], backup());
    expect([[...services], problems.length]).toEqual([['dovecot'], 1]);
  });
});

test('a file of SOGo that somebody changed does not keep a new password from Dovecot', () => {
  files().install(legacy, known);
  writeFileSync(at(PLIST), '<my-own/>');
  const { problems } = files('another').install(legacy, known);
  expect(problems.join()).toContain('plist_ldap is not ours');
  expect(read(PASSDB)).toContain('another');
});

test('what the user wrote around our block stays, also when the block changed since', () => {
  writeFileSync(at(EXTRA), 'a = b\n');
  installFiles([extra('first = 1')], backup());
  writeFileSync(at(EXTRA), `${read(EXTRA)}c = d\n`);
  installFiles([extra('second = 2')], backup());
  removeFiles(backup());
  expect(read(EXTRA)).toBe('a = b\nc = d\n');
});

describe('folders that are not mounted now', () => {
  test('keep the way back: nothing is taken for removed', () => {
    writeFileSync(at(EXTRA), 'a = b\n');
    files().install(legacy, known);
    const held = read(EXTRA);
    rmSync(at('dovecot'), { recursive: true });
    mkdirSync(at('dovecot'));
    expect(() => files().remove()).toThrow(/not mounted/);
    mkdirSync(at('dovecot/ldap'));
    writeFileSync(at('dovecot/dovecot.conf'), 'protocols = imap\n');
    writeFileSync(at(EXTRA), held);
    files().remove();
    expect(read(EXTRA)).toBe('a = b\n');
  });

  test('are left out of what is wanted no more', () => {
    files().install(legacy, known);
    const held = read(PLIST);
    rmSync(at('sogo'), { recursive: true });
    files().install({ syntax: '2.3', sogo: 'nothing' }, known);
    mkdirSync(at('sogo'));
    writeFileSync(at('sogo/sogo.conf'), '{\n}\n');
    writeFileSync(at(PLIST), held);
    expect(files('another').install(legacy, known).problems).toEqual([]);
  });
});

test.each([false, true])('a block without its end is not taken out by halves (state lost: %j)', (isLost) => {
  files().install(legacy, known);
  if (isLost) loseState();
  writeFileSync(at(EXTRA), read(EXTRA).replace('# END ldap-mailcow\n', 'mine = 1\n'));
  expect(() => files().remove()).toThrow(/by hand/);
  expect(existsSync(at(PASSDB))).toBe(true);
});

test('a link is left alone: a file in its place would be another one', () => {
  writeFileSync(at('mine.conf'), 'a = b\n');
  symlinkSync(at('mine.conf'), at(EXTRA));
  const { problems } = installFiles([extra('c = d')], backup());
  expect(problems.join()).toMatch(/is a link/);
  expect(read('mine.conf')).toBe('a = b\n');
});

test('a mode that is not as it should be restarts nobody', () => {
  installFiles([plist('<a/>')], backup());
  chmodSync(at(PLIST), 0o644);
  const { paths, services } = installFiles([plist('<a/>')], backup());
  expect([paths, [...services]]).toEqual([[at(PLIST)], []]);
  expect(statSync(at(PLIST)).mode & 0o777).toBe(0o600);
});

test('a manifest that nobody can read is told as one', () => {
  mkdirSync(at('state/logins'), { recursive: true });
  writeFileSync(at('state/logins/manifest.json'), '{');
  expect(() => files().remove()).toThrow(/manifest.json cannot be read/);
  expect(files().areInstalled()).toBe(false);
});
