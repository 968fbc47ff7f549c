/** The profile for schools: the sample school against its independent expectation, and what a school year does. */
import { expect, test } from '@jest/globals';
import { compareHoldings } from '../sandbox/holdings.ts';
import { findingKeys, readExpected, type FindingKey } from './rules.ts';
import { base, classOf, members, pupil, schoolBase } from './school-people.ts';
import { withSchool, type School } from './school-world.ts';
import { expectUntouched, syncWell } from './world.ts';

async function findingsOf(school: School): Promise<readonly FindingKey[]> {
  const { stdout } = await school.run(['plan', '--json']);
  return (JSON.parse(stdout) as { readonly findings: readonly FindingKey[] }).findings;
}

const domainsOf = (school: School): readonly string[] =>
  school.mailcow.store
    .snapshot()
    .domains.map(({ domain }) => domain)
    .sort();

test('the sample school ends exactly as its rules say, and later syncs write nothing', async () => {
  const expected = readExpected('school');
  await withSchool(undefined, async (school) => {
    await syncWell(school);
    expect(compareHoldings(expected, school.held())).toEqual([]);
    expect(domainsOf(school)).toEqual(expected.domains);
    const { mailboxes, aliases, filters = {} } = school.held();
    expect([mailboxes, aliases, filters].map((all) => Object.keys(all).length)).toEqual([621, 253, 28]);
    await expectUntouched(school, async () => {
      expect(findingKeys(await findingsOf(school))).toEqual(findingKeys(expected.findings));
      school.mailcow.resetStats();
      await syncWell(school);
      expect(school.mailcow.stats()).toMatchObject({ writes: 0, lists: 0, objects: 0 });
      expect((await school.run(['sync', '--full'])).code).toBe(0);
    });
  });
}, 180_000);

/** So many that a few leavers are no reason to ask: whoever is in this list takes no part in what follows. */
const crowd = Array.from({ length: 30 }, (_, index) => `pupil${index}`);

const smallSchool = [
  schoolBase,
  ...crowd.map((name) => pupil(name)),
  pupil('anna', { alias: 'anna.lang' }),
  pupil('ben', { alias: 'ben.alt' }),
  pupil('carl'),
  classOf('10a', 'anna', 'ben'),
  classOf('10b', 'carl', 'ben'),
  classOf('all', ...crowd),
].join('');

type Body = { readonly items?: readonly unknown[] } & Readonly<
  Partial<Record<'local_part' | 'username' | 'address' | 'domain', string>>
>;

/** Filters and aliases are changed by number. */
function namedBy(school: School, route: string, item: unknown): string {
  const { filters, aliases } = school.mailcow.store.snapshot();
  const found = route.endsWith('/filter')
    ? filters.find(({ id }) => id === Number(item))?.username
    : aliases.find(({ id }) => id === Number(item))?.address;
  return found ?? (typeof item === 'number' || /^\d+$/.test(String(item)) ? '(gone since)' : String(item));
}

/** The object of a write: what is added names it in its fields. */
function objectOf(school: School, route: string, body: Body | readonly unknown[]): string {
  if (Array.isArray(body)) return namedBy(school, route, body[0]);
  const { items, local_part: local, username, address, domain } = body as Body;
  if (items !== undefined) return namedBy(school, route, items[0]);
  return local === undefined ? (username ?? address ?? domain ?? '') : `${local}@${domain ?? ''}`;
}

/** What was written since then, each with its object, in the order of writing. */
const writesSince = (school: School, start: number): readonly string[] =>
  school.mailcow.writes
    .slice(start)
    .map(({ route, body }) => `${route} ${objectOf(school, route, body as Body)}`);

const change = (name: string, ...lines: readonly string[]): string =>
  `dn: cn=${name},${base}\nchangetype: modify\n${lines.join('\n-\n')}\n\n`;

test('a school year: domains, mailboxes, aliases and filters come, change and go in an order that works', async () => {
  await withSchool(smallSchool, async (school) => {
    // The school starts: nothing is there yet.
    await syncWell(school);
    const kinds = writesSince(school, 0).map((write) => write.split(' ')[0]);
    expect([...new Set(kinds)]).toEqual([
      'add/domain',
      'add/mailbox',
      'add/filter',
      'edit/mailbox',
      'add/alias',
    ]);
    expect(domainsOf(school)).toEqual(['school.test']);
    expect(school.held()).toMatchObject({
      mailboxes: {
        'anna@school.test': { name: 'ANNA', quotaMiB: 500, active: 1 },
        '10a@school.test': { name: '10a (list)', quotaMiB: 1, active: 1 },
      },
      aliases: { 'anna.lang@school.test': { goto: ['anna@school.test'], active: 1 } },
      filters: {
        '10a@school.test': { redirects: ['anna@school.test', 'ben@school.test'] },
        '10b@school.test': { redirects: ['ben@school.test', 'carl@school.test'] },
      },
    });

    // A name, a quota, an alias and the members of a class change; a newcomer has a domain of his own; Carl is blocked.
    let start = school.mailcow.writes.length;
    await school.slapd.modify(
      [
        change(
          'ben',
          'replace: displayName\ndisplayName: Ben Neu',
          'replace: sophomorixMailQuotaCalculated\nsophomorixMailQuotaCalculated: 800',
        ),
        change('anna', 'replace: proxyAddresses\nproxyAddresses: smtp:anna.klein@school.test'),
        change('carl', 'replace: sophomorixStatus\nsophomorixStatus: L'),
        pupil('dora', { domain: 'other-school.test' }),
        change('10a', `add: member\n${members('dora').join('')}`),
      ].join(''),
    );
    await syncWell(school);
    expect(writesSince(school, start)).toEqual([
      'add/domain other-school.test',
      'edit/mailbox ben@school.test',
      'add/mailbox dora@other-school.test',
      'edit/filter 10a@school.test',
      'edit/filter 10b@school.test',
      'add/alias anna.klein@school.test',
      'delete/alias (gone since)',
      'edit/mailbox carl@school.test',
    ]);
    expect(school.held()).toMatchObject({
      mailboxes: {
        'ben@school.test': { name: 'Ben Neu', quotaMiB: 800, active: 1 },
        'carl@school.test': { active: 0 },
      },
      filters: {
        '10a@school.test': {
          redirects: ['anna@school.test', 'ben@school.test', 'dora@other-school.test'],
        },
        '10b@school.test': { redirects: ['ben@school.test'] },
      },
    });

    // Anna leaves and the class 10b is dissolved: nothing happens before the second reading without them.
    start = school.mailcow.writes.length;
    await school.slapd.modify(
      ['anna', '10b'].map((name) => `dn: cn=${name},${base}\nchangetype: delete\n\n`).join(''),
    );
    await syncWell(school);
    expect(writesSince(school, start)).toEqual([]);
    await syncWell(school);
    expect(writesSince(school, start)).toEqual([
      'edit/filter 10a@school.test',
      'edit/alias anna.klein@school.test',
      'edit/mailbox 10b@school.test',
      'edit/mailbox anna@school.test',
    ]);
    expect(school.held()).toMatchObject({
      mailboxes: { 'anna@school.test': { active: 0 }, '10b@school.test': { active: 0 } },
      aliases: { 'anna.klein@school.test': { goto: ['anna@school.test'], active: 0 } },
      filters: { '10a@school.test': { redirects: ['ben@school.test', 'dora@other-school.test'] } },
    });
    await expectUntouched(school, () => syncWell(school));
  });
}, 120_000);

test('netzint: an empty answer of the directory killed all mailboxes of a domain; here it removes nothing', async () => {
  await withSchool(smallSchool, async (school) => {
    await syncWell(school);
    const { nothing } = school.slapd;
    await expectUntouched(school, async () => {
      for (const round of [1, 2, 3, 4]) {
        const { code } = await school.sync({
          LDAP_BIND_DN: nothing.dn,
          LDAP_BIND_DN_PASSWORD: nothing.password,
        });
        expect({ round, code }).toEqual({ round, code: 1 });
      }
    });
    const everybody = [...crowd, 'anna', 'ben', 'carl', '10a', '10b', 'all'];
    await school.slapd.modify(
      everybody.map((name) => `dn: cn=${name},${base}\nchangetype: delete\n\n`).join(''),
    );
    await expectUntouched(school, async () => {
      for (const round of [1, 2, 3, 4]) {
        const { code } = await school.sync();
        expect({ round, code }).toEqual({ round, code: 1 });
      }
    });
  });
}, 120_000);
