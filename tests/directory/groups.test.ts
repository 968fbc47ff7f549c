/** Lists, groups that are nested in them, and who else may be a member: one search each. */
import { describe, expect, test } from '@jest/globals';
import { anyGroup, dialectDefaults } from '../../src/core/mapping.ts';
import type { DialectName } from '../../src/core/model.ts';
import { filterText } from '../support/scripted-ldap-filter.ts';
import { servePages } from '../support/scripted-ldap.ts';
import { filters, groupEntry, kindOf, serveKinds, type SearchKind } from './groups.ts';
import { person, readScript, type ScriptedReading } from './setup.ts';

const kindsOf = ({ server }: ScriptedReading): readonly SearchKind[] => server.searches().map(kindOf);

const memberFilter = '(&(objectClass=person)(mail=*)(distinguishedName={MEMBER_CN}))';

describe('groups', () => {
  test('are lists when the group filter found them, and for nesting only otherwise', async () => {
    const { reading } = await readScript(
      {
        search: serveKinds({
          lists: servePages([groupEntry('staff', { mail: ['staff@example.test'], member: ['cn=berlin'] })]),
          others: servePages([groupEntry('berlin', { member: ['cn=1,dc=example,dc=test'] })]),
        }),
      },
      filters,
    );
    expect(reading.groups).toEqual([
      {
        id: 'uuid-staff',
        dn: 'cn=staff,dc=example,dc=test',
        attributes: { cn: ['staff'], mail: ['staff@example.test'], member: ['cn=berlin'] },
      },
      {
        id: 'uuid-berlin',
        dn: 'cn=berlin,dc=example,dc=test',
        attributes: { cn: ['berlin'], member: ['cn=1,dc=example,dc=test'] },
        nestedOnly: true,
      },
    ]);
    expect(reading).toMatchObject({ problems: [] });
    expect(reading.members).toBeUndefined();
  });

  test('that both searches found, because one was changed in between, are lists', async () => {
    const both = servePages([groupEntry('staff')]);
    const { reading } = await readScript({ search: serveKinds({ lists: both, others: both }) }, filters);
    expect(reading.groups).toEqual([expect.not.objectContaining({ nestedOnly: true })]);
  });

  test.each<[number]>([[0], [3], [700]])('%i of each kind need the same four searches', async (count) => {
    const entries = Array.from({ length: count }, (_, number) =>
      groupEntry(`g${number}`, { member: Array.from({ length: 20 }, (_, at) => `cn=${number + at}`) }),
    );
    const others = entries.map(([dn, values]) => [`ou=other,${dn}`, { ...values, entryUUID: [dn] }] as const);
    const read = await readScript(
      {
        search: serveKinds({
          people: servePages([person(1)]),
          lists: servePages(entries),
          others: servePages(others),
          members: servePages([person(1)]),
        }),
      },
      { ...filters, groupMemberFilter: memberFilter },
    );
    expect(read.reading.groups).toHaveLength(2 * count);
    expect(kindsOf(read)).toEqual(['people', 'lists', 'others', 'members']);
    expect(read.server.connections()).toBe(1);
  });

  test('are read over empty pages, whichever search they come in', async () => {
    const { reading, server } = await readScript(
      {
        search: serveKinds({
          lists: servePages([], [groupEntry('a')], []),
          others: servePages([groupEntry('b')], [], [], [groupEntry('c')]),
          members: servePages([], [person(1)]),
        }),
      },
      { ...filters, externalMembers: true },
    );
    expect(reading.groups.map(({ id }) => id)).toEqual(['uuid-a', 'uuid-b', 'uuid-c']);
    expect(reading.members?.entries.map(({ id }) => id)).toEqual(['uuid-1']);
    expect(reading.problems).toEqual([]);
    expect(server.searches()).toHaveLength(1 + 3 + 4 + 2);
  });

  test.each([
    ['lists', 'the search for groups below'],
    ['others', 'the search for other groups below'],
    ['members', 'the search for members of groups below'],
  ] as const)('leave the reading incomplete when the search for %s is cut', async (kind, sentence) => {
    const { reading } = await readScript(
      {
        search: serveKinds({
          [kind]: (_: unknown, reply: Parameters<ReturnType<typeof servePages>>[1]) => {
            reply.done({ code: 4, cookie: '' });
          },
        }),
      },
      { ...filters, groupMemberFilter: memberFilter },
    );
    expect(reading.problems).toEqual([expect.stringContaining(sentence)]);
  });

  test.each<[DialectName]>([['active-directory'], ['openldap'], ['freeipa'], ['lldap']])(
    'of %s are asked for by their kind, and told from lists by their ids',
    async (dialect) => {
      const { groupFilter } = dialectDefaults[dialect];
      const { server } = await readScript({}, { dialect, readGroups: true });
      const [, lists, others] = server.searches();
      expect(filterText(lists?.filter ?? Buffer.alloc(0))).toBe(groupFilter);
      expect(filterText(others?.filter ?? Buffer.alloc(0))).toBe(anyGroup);
      expect(others?.attributes).toEqual(lists?.attributes);
    },
  );

  test('without an address may lack the id attribute of the operator: they have that of the dialect', async () => {
    const { reading } = await readScript(
      {
        search: serveKinds({
          lists: servePages([['cn=list', { employeeNumber: ['1'] }]]),
          others: servePages([
            ['cn=none', { entryUUID: ['uuid-none'] }],
            ['cn=both', { entryUUID: ['uuid-both'], employeeNumber: ['2'] }],
          ]),
        }),
      },
      { ...filters, idAttribute: 'employeeNumber' },
    );
    expect(reading.groups.map(({ id }) => id)).toEqual(['1', 'uuid-none', '2']);
    expect(reading.problems).toEqual([]);
  });

  test('and their members are not asked for when groups are not read', async () => {
    const read = await readScript(
      { search: serveKinds({}) },
      { ...filters, readGroups: false, externalMembers: true, groupMemberFilter: memberFilter },
    );
    expect(kindsOf(read)).toEqual(['people']);
    expect(read.reading.groups).toEqual([]);
    expect(read.reading.members).toBeUndefined();
  });
});

describe('who may be a member', () => {
  const contact = [
    'cn=contact,dc=example,dc=test',
    { entryUUID: ['uuid-c'], mail: ['c@other.test'] },
  ] as const;
  const search = serveKinds({ people: servePages([person(1)]), members: servePages([contact]) });

  const membersFilterOf = ({ server }: ScriptedReading): string =>
    filterText(server.searches()[3]?.filter ?? Buffer.alloc(0));

  test('is who meets the other conditions of the member filter', async () => {
    const read = await readScript({ search }, { ...filters, groupMemberFilter: memberFilter });
    expect(membersFilterOf(read)).toBe('(&(objectClass=person)(mail=*)(objectClass=*))');
    expect(read.reading.members).toEqual({
      key: undefined,
      decides: true,
      entries: [{ id: 'uuid-c', dn: contact[0], attributes: { mail: ['c@other.test'] } }],
    });
    expect(read.reading.people.map(({ id }) => id)).toEqual(['uuid-1']);
  });

  test('is told by the attribute that the member filter names, whose values are read', async () => {
    const named = ['cn=n', { entryUUID: ['uuid-n'], Initials: ['NN'], mail: ['n@other.test'] }] as const;
    const read = await readScript(
      { search: serveKinds({ members: servePages([named]) }) },
      { ...filters, groupMemberFilter: '(&(mail=*)(Initials={MEMBER_CN}))' },
    );
    expect(read.reading.members).toEqual({
      key: 'initials',
      decides: true,
      entries: [{ id: 'uuid-n', dn: 'cn=n', attributes: { initials: ['NN'], mail: ['n@other.test'] } }],
    });
  });

  test('is everything that has an address, when external members are wanted', async () => {
    const options = { ...filters, externalMembers: true, mapping: { mail: 'mailPrimary' } };
    const read = await readScript({ search }, options);
    expect(membersFilterOf(read)).toBe('(mailprimary=*)');
    expect(read.reading.members).toMatchObject({ key: undefined, decides: false });
  });

  test('is what the member filter says also when external members are wanted', async () => {
    const options = { ...filters, externalMembers: true, groupMemberFilter: '(uid={MEMBER_CN})' };
    const read = await readScript({ search }, options);
    expect(membersFilterOf(read)).toBe('(objectClass=*)');
    expect(read.reading.members).toMatchObject({ key: 'uid', decides: true });
  });

  test('is read with address, account name, and what disables: no more', async () => {
    const mapping = { active: 'mailActive', quota: 'mailQuota' };
    const { server } = await readScript({ search }, { ...filters, externalMembers: true, mapping });
    expect([...(server.searches()[3]?.attributes ?? [])].sort()).toEqual([
      'entryuuid',
      'mail',
      'mailactive',
      'pwdaccountlockedtime',
      'uid',
    ]);
  });

  test('may lack the id attribute of the operator', async () => {
    const options = { ...filters, externalMembers: true, idAttribute: 'employeeNumber' };
    const { reading } = await readScript({ search: serveKinds({ members: servePages([contact]) }) }, options);
    expect(reading.members?.entries.map(({ id }) => id)).toEqual(['uuid-c']);
    expect(reading.problems).toEqual([]);
  });
});
