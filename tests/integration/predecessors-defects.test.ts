/**
 * Defects of the older tools, each with what is so here. Those that another test shows already are only named:
 *
 * Programmierus
 *   an unpaged search stops at 1000                          below
 *   one entry without UPN kills the daemon                   below
 *   an empty result deactivates every known user             absence.test.ts, “a directory out of which everybody was deleted”
 *   hyphenated names, not legal in a shell                   config/sources.test.ts, “names with a hyphen”;
 *                                                            config/predecessors.test.ts, “LDAP_MAILCOW_PREDECESSOR names the tool …”
 * rinkp
 *   exceptions of single entries swallowed without a stack   below; observe/logger.test.ts, “stacks are shown to who debugs”
 *   who raises before the check counts as not seen           below
 *   quota fixed at 256                                       below
 * LazyGatto
 *   replace("smtp:", ""): SMTP:, X500:, SIP: become aliases  below
 *   an exception on one group deletes its alias              below; directory/ranges.test.ts (members that cannot be read)
 *   one empty lookup of a member loses the group             below
 *   the README's example ends at the start                   config/predecessors.test.ts, “both filters or none are not asked for”
 *   DISABLE_DELETED_USERS does nothing on a new install      swap.test.ts, “DISABLE_DELETED_USERS works on a fresh install too”
 * myOmikron
 *   keyed on the DN: a move deletes the mailbox              directory-scenario.ts, “who are moved to another OU are the same ones”
 *   rewrites all users every run                             below
 *   needs password hashes that can be read                   below
 * netzint (linuxmuster-mailcow)
 *   logs bind password and API key at its start              below
 *   TLS verification off for mailcow                         mailcow/tls.test.ts, “a certificate of an unknown authority is refused …”;
 *                                                            config/predecessors.test.ts, “linuxmuster-mailcow elsewhere: …”
 *   an empty answer deletes every mailbox of its domains     below
 *   no threshold                                             absence.test.ts, “three in ten of the people who vanish at once …”
 *   kills before it adds                                     below
 *   filters end at 100 members                               tests/core/plan-list-mailboxes.test.ts
 * RorGray
 *   “accounts are active if they exist”                      directory-scenario.ts, “who are disabled are deactivated at once …”
 *   reads userPassword                                       below
 * IRaccoonI
 *   deactivates every mailbox that LDAP does not have        ownership.test.ts, “a mailbox and an alias that nobody in the directory has”
 *   an unbounded Promise.all of writes                       below
 * itxworks
 *   writes mailcow's SQL                                     below
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linuxmuster } from '../support/predecessor-environments.ts';
import { startProgram } from '../sandbox/program.ts';
import { activeOf, deleteLdif, replaceLdif } from './directory-tested.ts';
import {
  dnOf,
  groupLdif,
  openOldDirectory,
  personLdif,
  searchUnpaged,
  serverLimit,
  studentLdif,
  withEntries,
  type OldDirectory,
} from './old-directory.ts';
import { connectionsOf, watchMailcow, type Watched } from './watched.ts';
import { eventually, expectUntouched, secrets, syncWell, type Played } from './world.ts';

let directory: OldDirectory;
beforeAll(async () => {
  directory = await openOldDirectory();
});
afterAll(() => directory.slapd.stop());

const peopleLdif =
  (...names: readonly string[]) =>
  (unit: string): string =>
    names.map((name) => personLdif(unit, name)).join('');

const as = (predecessor: string): Readonly<Record<string, string>> => ({ PREDECESSOR: predecessor });

type PlanJson = { readonly changes: readonly { readonly kind: string; readonly resource: string }[] };

const routesOf = ({ mailcow }: Played, from = 0): readonly string[] =>
  mailcow.writes.slice(from).map(({ route }) => route);

test('Programmierus: an unpaged search stops at 1000: here all pages are read', async () => {
  const names = Array.from({ length: serverLimit + 100 }, (_, at) => `p${at}`);
  await withEntries(directory, { name: 'Many', ldif: peopleLdif(...names) }, async (unit) => {
    await expect(searchUnpaged(directory, unit)).rejects.toThrow(/size limit exceeded/i);
    const { code, stdout } = await unit.played.run(['plan', '--json'], as('programmierus'));
    const { changes } = JSON.parse(stdout) as PlanJson;
    const created = changes.filter(({ kind, resource }) => kind === 'create' && resource === 'mailbox');
    expect({ code, created: created.length }).toEqual({ code: 0, created: names.length });
  });
});

test('Programmierus: one entry without userPrincipalName ends the daemon: here it is a finding, and the others are synced', async () => {
  const ldif = (unit: string): string =>
    personLdif(unit, 'anna', { userPrincipalName: [] }) + peopleLdif('bert')(unit);
  await withEntries(directory, { name: 'NoUpn', ldif }, async ({ dn, played }) => {
    const { code, stderr } = await played.sync(as('programmierus'));
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`no-address: ${dnOf(dn, 'anna')}`),
    });
    expect(activeOf(played)).toEqual({ 'bert@example.test': 1 });
  });
});

test('rinkp: an exception over one entry is swallowed without a word: here a finding says which entry and why', async () => {
  const ldif = (unit: string): string =>
    personLdif(unit, 'anna', { mail: 'anna at example.test' }) + peopleLdif('bert')(unit);
  await withEntries(directory, { name: 'Odd', ldif }, async ({ dn, played }) => {
    const { code, stderr } = await played.sync(as('rinkp'));
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(new RegExp(`invalid-address: ${dnOf(dn, 'anna')}.*anna at example`)),
    });
    expect(activeOf(played)).toEqual({ 'bert@example.test': 1 });
  });
});

test('rinkp: who raises before the check counts as not seen and is deactivated: here who lost name or address stays', async () => {
  const people = peopleLdif('anna', 'bert', 'cora', 'dora');
  await withEntries(directory, { name: 'Lost', ldif: people }, async ({ dn, played }) => {
    await syncWell(played, as('rinkp'));
    const before = activeOf(played);
    expect(Object.values(before)).toEqual([1, 1, 1, 1]);
    await directory.modify(
      replaceLdif(dnOf(dn, 'anna'), 'displayName') + replaceLdif(dnOf(dn, 'bert'), 'mail'),
    );
    for (let syncs = 0; syncs < 4; syncs += 1) await syncWell(played, as('rinkp'));
    expect(activeOf(played)).toEqual(before);
  });
});

test('rinkp: the quota is fixed at 256: here it is only what nobody says otherwise', async () => {
  const ldif = (unit: string): string =>
    peopleLdif('anna')(unit) + personLdif(unit, 'bert', { mailQuota: '2048' });
  const quotas = async (name: string, settings: Readonly<Record<string, string>>): Promise<unknown> => {
    let found: readonly number[] = [];
    await withEntries(directory, { name, ldif }, async ({ played }) => {
      await syncWell(played, { ...as('rinkp'), ...settings });
      found = Object.values(played.held().mailboxes).map(({ quotaMiB }) => quotaMiB);
    });
    return found;
  };
  expect(await quotas('Quota', {})).toEqual([256, 256]);
  expect(await quotas('QuotaSet', { API_QUOTA: '512', QUOTA_ATTRIBUTE: 'mailQuota' })).toEqual([512, 2048]);
});

test('LazyGatto: replace("smtp:", "") knows one case and one prefix: here no bogus alias comes of SMTP:, X500: or SIP:', async () => {
  const proxyAddresses = [
    'SMTP:anna@example.test',
    'smtp:boss@example.test',
    'Smtp:chief@example.test',
    'X500:/o=Org/cn=Recipients/cn=anna@example.test',
    'SIP:anna.sip@example.test',
  ];
  const ldif = (unit: string): string => personLdif(unit, 'anna', { proxyAddresses });
  await withEntries(directory, { name: 'Prefixes', ldif }, async ({ played }) => {
    await syncWell(played, { ...as('lazygatto'), API_QUOTA: '3072' });
    expect(Object.keys(played.held().aliases)).toEqual(['boss@example.test', 'chief@example.test']);
    expect(played.output()).not.toMatch(/invalid-alias|foreign-alias/);
  });
});

test('LazyGatto: an exception over one group deletes its alias: here a group that cannot be understood keeps its list', async () => {
  const ldif = (unit: string): string =>
    peopleLdif('anna', 'bert')(unit) +
    groupLdif(unit, 'staff', ['anna', 'bert']) +
    groupLdif(unit, 'other', ['bert']);
  const settings = { ...as('lazygatto'), API_QUOTA: '3072', ALIASES_OF_LEAVERS: 'remove' };
  await withEntries(directory, { name: 'Groups', ldif }, async ({ dn, played }) => {
    await syncWell(played, settings);
    const before = played.held().aliases;
    expect(Object.keys(before)).toEqual(['other@example.test', 'staff@example.test']);
    await directory.modify(replaceLdif(dnOf(dn, 'staff'), 'mail', 'staff at example.test'));
    await expectUntouched(played, async () => {
      for (let syncs = 0; syncs < 4; syncs += 1) await syncWell(played, settings);
    });
    expect(played.output()).toContain(`invalid-address: ${dnOf(dn, 'staff')}`);
  });
});

test('LazyGatto: one empty lookup of a member loses the whole group: here the other members are reached', async () => {
  const ldif = (unit: string): string =>
    peopleLdif('anna', 'bert')(unit) + groupLdif(unit, 'staff', ['nobody', 'anna', 'bert']);
  await withEntries(directory, { name: 'Members', ldif }, async ({ played }) => {
    await syncWell(played, { ...as('lazygatto'), API_QUOTA: '3072' });
    expect(played.held().aliases).toEqual({
      'staff@example.test': { goto: ['anna@example.test', 'bert@example.test'], active: 1 },
    });
  });
});

test('myOmikron: rewrites all users every run: here only who changed is written', async () => {
  const people = peopleLdif('anna', 'bert', 'cora');
  const settings = { ...as('myomikron'), API_QUOTA: '0' };
  await withEntries(directory, { name: 'Rewrites', ldif: people }, async ({ dn, played }) => {
    await syncWell(played, settings);
    await expectUntouched(played, () => syncWell(played, settings));
    const from = played.mailcow.writes.length;
    await directory.modify(replaceLdif(dnOf(dn, 'bert'), 'displayName', 'Bert Neu'));
    await syncWell(played, settings);
    expect(played.mailcow.writes.slice(from)).toEqual([
      expect.objectContaining({
        route: 'edit/mailbox',
        body: expect.objectContaining({ items: ['bert@example.test'] }),
      }),
    ]);
  });
});

const hash = '{SSHA}a-hash-that-nobody-needs-Qr7tZ';

test('myOmikron: needs password hashes that can be read: here an account that may not read them will do', async () => {
  const ldif = (unit: string): string => personLdif(unit, 'anna', { userPassword: hash });
  await withEntries(directory, { name: 'NoHashes', ldif }, async (unit) => {
    expect(await searchUnpaged(directory, unit)).not.toContain('userPassword');
    await syncWell(unit.played, { ...as('myomikron'), API_QUOTA: '0' });
    expect(activeOf(unit.played)).toEqual({ 'anna@example.test': 1 });
  });
});

test('RorGray: reads userPassword: here it goes nowhere, also when the account may read it', async () => {
  const ldif = (unit: string): string => personLdif(unit, 'anna', { userPassword: hash });
  await withEntries(directory, { name: 'Hashes', ldif }, async ({ dn, played }) => {
    const { adminDn, adminPassword, search } = directory.slapd;
    const settings = {
      LDAP_BIND_DN: adminDn,
      LDAP_BIND_DN_PASSWORD: adminPassword,
      API_QUOTA: '0',
      LOG_LEVEL: 'debug',
    };
    const forms = [hash, Buffer.from(hash).toString('base64')];
    const visible = await search({ base: dnOf(dn, 'anna'), attributes: ['userPassword'] });
    expect(forms.some((form) => visible.includes(form))).toBe(true);
    await syncWell(played, settings);
    await expectUntouched(played, async () => {
      await directory.modify(replaceLdif(dnOf(dn, 'anna'), 'userPassword', `${hash}-new`));
      await syncWell(played, settings);
    });
    const { mailboxes } = played.mailcow.store.snapshot();
    const everything = [played.output(), played.stateBytes(), JSON.stringify(played.mailcow.writes)];
    for (const form of forms)
      expect([...everything, JSON.stringify(mailboxes)].join('\n')).not.toContain(form);
  });
});

const school = { PROFILE: 'linuxmuster' };
const students =
  (...names: readonly string[]) =>
  (unit: string): string =>
    names.map((name) => studentLdif(unit, name)).join('');

test('netzint: logs bind password and API key at its start: here neither is in any line', async () => {
  const { uri, bindDn, bindPassword } = directory.slapd;
  await withEntries(directory, { name: 'Log', ldif: students('anna') }, async ({ dn, played }) => {
    const place = { uri, baseDn: dn, bindDn, bindPassword, apiHost: '', apiKey: secrets.apiKey };
    const env = {
      ...linuxmuster(place),
      LINUXMUSTER_MAILCOW_API_URI: played.mailcow.url,
      LDAP_MAILCOW_DB: played.stateFile,
      LDAP_MAILCOW_LOG_LEVEL: 'debug',
    };
    const envFile = join(played.folder, 'netzint.env');
    const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'\n`);
    writeFileSync(envFile, lines.join(''), { mode: 0o600 });
    const run = (...args: readonly string[]) =>
      startProgram({ root: '.', args: [...args, '--env', envFile] }).ended;
    const output: string[] = [];
    for (const command of ['check', 'plan', 'sync']) {
      const { code, stdout, stderr } = await run(command);
      expect([command, code, code === 0 ? '' : stderr]).toEqual([command, 0, '']);
      output.push(stdout, stderr);
    }
    const daemon = startProgram({ root: '.', args: ['run', '--env', envFile] });
    try {
      await eventually('the daemon has synced', () => daemon.stderr().includes('next sync'));
    } finally {
      daemon.child.kill('SIGTERM');
    }
    output.push((await daemon.ended).stderr);
    expect(output.join('\n')).toContain(bindDn);
    for (const secret of [bindPassword, secrets.apiKey]) expect(output.join('\n')).not.toContain(secret);
    expect(activeOf(played)).toEqual({ 'anna@school.test': 1 });
  });
});

test('netzint: an empty answer deletes every mailbox of its domains: here it takes nothing away', async () => {
  const names = ['anna', 'bert', 'cora'];
  await withEntries(directory, { name: 'Empty', ldif: students(...names) }, async ({ dn, played }) => {
    await syncWell(played, school);
    expect(activeOf(played)).toEqual(Object.fromEntries(names.map((name) => [`${name}@school.test`, 1])));
    await directory.modify(names.map((name) => deleteLdif(dnOf(dn, name))).join(''));
    await expectUntouched(played, async () => {
      for (let syncs = 0; syncs < 4; syncs += 1) {
        const { code, stderr } = await played.sync(school);
        expect({ code, stderr }).toEqual({
          code: 1,
          stderr: expect.stringMatching(/incomplete: .*nobody where there were 3 people/),
        });
      }
    });
  });
});

test('netzint: kills before it adds: here newcomers come first, and who left is deactivated, not deleted', async () => {
  const settings = { ...school, GRACE_READINGS: '1' };
  const ldif = students('anna', 'bert', 'cora');
  await withEntries(directory, { name: 'Order', ldif }, async ({ dn, played }) => {
    await syncWell(played, settings);
    await directory.modify(deleteLdif(dnOf(dn, 'anna')) + students('dora')(dn));
    const from = played.mailcow.writes.length;
    await syncWell(played, settings);
    const routes = routesOf(played, from);
    expect(routes.indexOf('add/mailbox')).toBeGreaterThanOrEqual(0);
    expect(routes.indexOf('edit/mailbox')).toBeGreaterThan(routes.indexOf('add/mailbox'));
    expect(routesOf(played).filter((route) => route.startsWith('delete/'))).toEqual([]);
    expect(activeOf(played)).toEqual({
      'anna@school.test': 0,
      'bert@school.test': 1,
      'cora@school.test': 1,
      'dora@school.test': 1,
    });
  });
});

async function withWatched(played: Played, run: (watched: Watched) => Promise<void>): Promise<void> {
  const watched = await watchMailcow(played.mailcow.url);
  try {
    await run(watched);
  } finally {
    await watched.close();
  }
}

test('IRaccoonI: an unbounded Promise.all of writes: here one write is under way at a time', async () => {
  const names = Array.from({ length: 12 }, (_, at) => `p${at}`);
  await withEntries(directory, { name: 'Writes', ldif: peopleLdif(...names) }, async ({ played }) => {
    await withWatched(played, async ({ url, mostWrites }) => {
      await syncWell(played, { API_HOST: url, API_QUOTA: '0' });
      expect(Object.keys(activeOf(played))).toHaveLength(names.length);
      expect(mostWrites()).toBe(1);
    });
  });
});

const sqlClient = /mysql|maria|postgres|^pg(-|$)|knex|sequelize|typeorm|prisma|drizzle/i;

type LockFile = { readonly packages: Readonly<Record<string, { readonly dev?: boolean }>> };

test("itxworks: writes mailcow's SQL: here nothing but the HTTP API is spoken, and no SQL client is there", async () => {
  const { port } = directory.slapd;
  const ldif = (unit: string): string => peopleLdif('anna')(unit) + groupLdif(unit, 'staff', ['anna']);
  await withEntries(directory, { name: 'Sql', ldif }, async ({ played }) => {
    await withWatched(played, async ({ url, requests }) => {
      const settings = { API_HOST: url, API_QUOTA: '0', LDAP_GROUP_FILTER: '(objectClass=group)' };
      const connections = await connectionsOf(played.folder, () => syncWell(played, settings));
      expect(connections).toEqual([String(port), new URL(url).port].sort());
      expect(requests.filter((line) => !/^(GET|POST) \/api\/v1\//.test(line))).toEqual([]);
      expect(requests).toEqual(expect.arrayContaining([expect.stringContaining('/add/mailbox')]));
    });
  });
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as LockFile;
  const shipped = Object.entries(packages)
    .filter(([, { dev }]) => dev !== true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(shipped).toContain('better-sqlite3');
  expect(shipped.filter((name) => sqlClient.test(name))).toEqual([]);
});
