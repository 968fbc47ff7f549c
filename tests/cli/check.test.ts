/** `check` against a real OpenLDAP and the mailcow stand-in. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { takeLock } from '../../src/state/lock.ts';
import { openState } from '../../src/state/state.ts';
import { startMailcow, type MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { envFile, run, temporaryFolder, type Printed } from './program.ts';

const person = (uid: string, lines: readonly string[] = []): string =>
  [
    `dn: uid=${uid},dc=example,dc=test`,
    'objectClass: inetOrgPerson',
    `uid: ${uid}`,
    `cn: ${uid}`,
    `sn: ${uid}`,
    `displayName: The ${uid}`,
    ...lines,
    '',
    '',
  ].join('\n');

const ldif = [
  'dn: dc=example,dc=test\nobjectClass: domain\ndc: example\n\n',
  person('anna', ['mail: Anna@example.test', 'employeeNumber: 2048', 'title: anna.alias@example.test']),
  person('bert', ['mail: bert@example.test']),
  person('cora', ['mail: cora@example.test', 'employeeType: left']),
  person('dora'),
].join('');

const domain = (name: string, limits: Readonly<Record<string, number>>) => ({
  domain: name,
  mailboxes: 10,
  aliases: 10,
  defquota: 1024,
  maxquota: 4096,
  quota: 40_960,
  key_size: 0,
  ...limits,
});

const folder = temporaryFolder();
let slapd: Slapd;
const open: MailcowStandIn[] = [];

beforeAll(async () => {
  slapd = await startSlapd({ text: ldif });
});
afterAll(async () => {
  await Promise.all([slapd.stop(), ...open.map((mailcow) => mailcow.close())]);
  folder.remove();
});

const bindSecret = 'a-very-secret-bind-password';

async function mailcowWith(limits: Readonly<Record<string, number>> = {}): Promise<MailcowStandIn> {
  const mailcow = await startMailcow({ state: { domains: [domain('example.test', limits)] } });
  open.push(mailcow);
  return mailcow;
}

const settingsFor = (mailcow: MailcowStandIn): Readonly<Record<string, string>> => ({
  LDAP_URI: slapd.uri,
  LDAP_BASE_DN: slapd.baseDn,
  LDAP_BIND_DN: slapd.bindDn,
  LDAP_BIND_DN_PASSWORD: slapd.bindPassword,
  QUOTA_ATTRIBUTE: 'employeeNumber',
  ALIASES_ATTRIBUTE: 'title',
  DISABLED_RULE: 'employeeType=left',
  API_HOST: mailcow.url,
  API_KEY: mailcow.apiKey,
  API_QUOTA: '1024',
  DB: join(folder.path, 'state', 'state.sqlite3'),
});

const check = (settings: Readonly<Record<string, string>>): Promise<Printed> =>
  run('check', '--env', envFile(folder.path, settings));

describe('when everything is ready', () => {
  let mailcow: MailcowStandIn;
  let printed: Printed;
  beforeAll(async () => {
    mailcow = await mailcowWith();
    printed = await check(settingsFor(mailcow));
  });

  test('there is no problem and the exit code is 0', () => {
    expect(printed.out).toContain('No problem. Next: ldap-mailcow plan');
    expect(printed.code).toBe(0);
  });

  test('every setting is shown with its origin, secrets hidden', () => {
    expect(printed.out).toMatch(/LDAP_MAILCOW_API_QUOTA = 1024 {2}\(.*\.env\)/);
    expect(printed.out).toMatch(/LDAP_MAILCOW_SYNC_INTERVAL = 300 {2}\(default\)/);
    expect(printed.out).toMatch(/LDAP_MAILCOW_API_KEY = \(hidden\)/);
    expect(printed.out + printed.err).not.toContain(mailcow.apiKey);
  });

  test('the directory says who it is, who we are and how many there are', () => {
    expect(printed.out).toContain(`${slapd.uri}, not encrypted`);
    expect(printed.out).toContain(`bound as dn:${slapd.bindDn}`);
    expect(printed.out).toContain('server: OpenLDAP; dialect: openldap');
    expect(printed.out).toContain('paging: works; limits: none met');
    expect(printed.out).toContain(
      '4 people (1 disabled, 1 without an address that can be used), 0 lists, 0 other groups',
    );
  });

  test('a sample shows how entries are understood', () => {
    expect(printed.out).toContain(
      'anna@example.test; "The anna"; 2048 MiB; active; aliases: anna.alias@example.test',
    );
    expect(printed.out).toContain(
      'bert@example.test; "The bert"; quota of new mailboxes; active; aliases: none',
    );
    expect(printed.out).toContain('cora@example.test; "The cora"; quota of new mailboxes; disabled');
    expect(printed.out).toContain('1 × no-address');
  });

  test('mailcow says its version, and the arithmetic of its domains is done', () => {
    expect(printed.out).toContain(`${mailcow.url}: version 2026-07a`);
    expect(printed.out).toContain('the key may read and write');
    expect(printed.out).toContain(
      'example.test: mailboxes 0 of 10, 3 more needed; quota 0 of 40960 MiB, 4096 MiB more needed; aliases 0 of 10, 1 more needed',
    );
  });

  test('the state file would be made, and nothing was written anywhere', () => {
    expect(printed.out).toContain('state.sqlite3: not there yet; the first sync makes it');
    expect(existsSync(join(folder.path, 'state'))).toBe(false);
    expect(mailcow.writes.filter(({ route }) => route !== 'edit/tls_policy')).toEqual([]);
  });
});

describe('each problem comes with what to do', () => {
  let mailcow: MailcowStandIn;
  beforeEach(async () => {
    mailcow = await mailcowWith();
  });

  test('a domain without room', async () => {
    const small = await mailcowWith({ mailboxes: 2, quota: 2048, maxquota: 1500, defquota: 1024 });
    const { code, out } = await check(settingsFor(small));
    expect(code).toBe(1);
    expect(out).toContain('example.test has room for 2 more mailboxes, 3 are needed: raise its number');
    expect(out).toContain('example.test has 2048 MiB left, 4096 MiB are needed: raise its quota to 4096 MiB');
    expect(out).toContain('example.test allows 1500 MiB a mailbox, 1 person needs more (anna@example.test)');
    expect(out).toContain('3 problems to solve:');
  });

  test('a domain that mailcow does not have', async () => {
    const other = await startMailcow({ state: { domains: [domain('other.test', {})] } });
    open.push(other);
    const { code, out } = await check(settingsFor(other));
    expect(code).toBe(1);
    expect(out).toContain('mailcow has no domain example.test (3 people, anna@example.test): create it');
    expect(out).not.toContain('unknown-domain');
  });

  test('but a domain that the first sync makes is none', async () => {
    const other = await startMailcow({ state: { domains: [domain('other.test', {})] } });
    open.push(other);
    const { code, out } = await check({ ...settingsFor(other), MANAGE_DOMAINS: 'true' });
    expect(code).toBe(0);
    expect(out).toContain('  example.test: not there yet; the first sync makes it\n');
    expect(out).not.toMatch(/has no domain|alias-unknown-domain/);
  });

  test('a read-only key', async () => {
    const { code, out } = await check({ ...settingsFor(mailcow), API_KEY: mailcow.readOnlyKey });
    expect(code).toBe(1);
    expect(out).toContain('the key may only read');
    expect(out).toMatch(/mailcow: .*the API key is read-only\. Use the key for read-write access/);
  });

  test('a wrong key is tried once and never again', async () => {
    const { code, out } = await check({ ...settingsFor(mailcow), API_KEY: 'WRONG-KEY-WRONG-KEY' });
    expect(code).toBe(1);
    expect(out).toContain('the API key is wrong or the API is switched off');
    expect(out).not.toContain('WRONG-KEY');
    expect(Object.keys(mailcow.stats().calls)).toEqual(['GET get/status/version']);
  });

  test('mailcow down: the directory is reported all the same', async () => {
    const { code, out } = await check({ ...settingsFor(mailcow), API_HOST: 'http://127.0.0.1:9' });
    expect(code).toBe(1);
    expect(out).toContain('mailcow cannot be reached');
    expect(out).toContain('4 people');
    expect(out).toContain('1 problem to solve:');
  });

  test('the directory down: mailcow is reported all the same', async () => {
    const { code, out } = await check({ ...settingsFor(mailcow), LDAP_URI: 'ldap://127.0.0.1:9' });
    expect(code).toBe(1);
    expect(out).toContain('nothing listens there (connection refused)');
    expect(out).toContain('version 2026-07a');
    expect(out).toContain('room in the domains: not known');
  });

  test('a wrong bind password, which is shown nowhere', async () => {
    const { code, out, err } = await check({
      ...settingsFor(mailcow),
      LDAP_BIND_DN_PASSWORD: bindSecret,
    });
    expect(code).toBe(1);
    expect(out).toContain('wrong password, or there is no such user');
    expect(out + err).not.toContain(bindSecret);
  });

  test('a bind that may read nothing', async () => {
    const { nothing } = slapd;
    const { code, out } = await check({
      ...settingsFor(mailcow),
      LDAP_BIND_DN: nothing.dn,
      LDAP_BIND_DN_PASSWORD: nothing.password,
    });
    expect(code).toBe(1);
    expect(out).toMatch(/Directory: .*(base DN|nobody)/);
  });

  test('a filter that finds nobody', async () => {
    const { code, out } = await check({ ...settingsFor(mailcow), LDAP_FILTER: '(uid=nobody)' });
    expect(code).toBe(1);
    expect(out).toContain('the search found nobody: check LDAP_MAILCOW_LDAP_FILTER');
  });

  test('an attribute that nobody has an address in', async () => {
    const { code, out } = await check({ ...settingsFor(mailcow), MAIL_ATTRIBUTE: 'initials' });
    expect(code).toBe(1);
    expect(out).toContain('nobody has an address that can be used in initials');
  });

  test('a state file that is a folder, or whose folder cannot be written', async () => {
    const blocked = join(folder.path, 'blocked');
    mkdirSync(blocked, { recursive: true });
    const aFolder = await check({ ...settingsFor(mailcow), DB: blocked });
    expect(aFolder.out).toContain(`${blocked} is a folder: set LDAP_MAILCOW_DB`);
    const below = await check({ ...settingsFor(mailcow), DB: '/proc/state.sqlite3' });
    expect(below.out).toMatch(/\/proc cannot be written \(\w+\) by the user \d+:\d+ .* set LDAP_MAILCOW_DB/);
    expect([aFolder.code, below.code]).toEqual([1, 1]);
    rmSync(blocked, { recursive: true, force: true });
  });
});

describe('a state file that is there', () => {
  const state = join(folder.path, 'there', 'state.sqlite3');
  const settingsOf = async (): Promise<Readonly<Record<string, string>>> => ({
    ...settingsFor(await mailcowWith()),
    DB: state,
  });
  beforeEach(() => {
    rmSync(join(folder.path, 'there'), { recursive: true, force: true });
    mkdirSync(join(folder.path, 'there'));
  });

  test('and whole is no problem, also while the daemon has it open and syncs', async () => {
    const daemon = openState(state);
    const lock = await takeLock({ path: `${state}.lock`, waitMs: 0, delay: () => Promise.resolve() });
    const { code, out } = await check(await settingsOf());
    expect(out).toContain(`${state}: exists`);
    expect(out).toContain('it is whole, and it and its folder can be written');
    expect(code).toBe(0);
    lock?.release();
    daemon.close();
  });

  test.each<[string, () => void, RegExp]>([
    [
      'and damaged',
      () => {
        const open = openState(state);
        open.saveFacts({ owner: 'x'.repeat(20_000) });
        open.close();
        writeFileSync(state, readFileSync(state).fill(0xff, 4096 * 2, 4096 * 6));
      },
      /State file: .* is damaged .*Put back a copy, or move it away/,
    ],
    [
      'of a newer version',
      () => {
        openState(state).close();
        const db = new Database(state);
        db.pragma('user_version = 99');
        db.close();
      },
      /State file: .* was written by a newer ldap-mailcow \(schema 99.*Use the newer version/,
    ],
    [
      'of another program',
      () => {
        const db = new Database(state);
        db.exec('CREATE TABLE songs (title TEXT)');
        db.close();
      },
      /State file: .* belongs to another program \(tables songs\).* Set LDAP_MAILCOW_DB to another path/,
    ],
  ])('%s is a problem, and stays as it is', async (_what, make, words) => {
    make();
    const before = readFileSync(state);
    const { code, out } = await check(await settingsOf());
    expect(out).toMatch(words);
    expect(out).toContain('1 problem to solve:');
    expect(code).toBe(1);
    expect(readFileSync(state).equals(before)).toBe(true);
    expect(readdirSync(join(folder.path, 'there'))).toEqual(['state.sqlite3']);
  });
});

describe('with aliases only', () => {
  test('no room for mailboxes is asked for, and who has none is said', async () => {
    const mailcow = await mailcowWith({ mailboxes: 1 });
    const { code, out } = await check({ ...settingsFor(mailcow), API_QUOTA: '', SYNC_MAILBOXES: 'false' });
    expect(out).toContain('mailboxes are not synced, so none are needed');
    expect(out).toContain('1 × no-mailbox');
    expect(code).toBe(0);
  });
});
