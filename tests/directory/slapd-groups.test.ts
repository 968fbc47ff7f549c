/** Groups of a real OpenLDAP, in the three classes that name members in different ways. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DirectoryOptions } from '../../src/directory/options.ts';
import { probeDirectory } from '../../src/directory/probe.ts';
import type { DirectoryEntry } from '../../src/core/model.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { optionsFor, readDirectory } from './setup.ts';

const base = 'dc=example,dc=test';

const record = (dn: string, ...lines: readonly string[]): string =>
  [`dn: ${dn}`, ...lines, '', ''].join('\n');

const person = (uid: string): string =>
  record(
    `uid=${uid},${base}`,
    'objectClass: inetOrgPerson',
    `uid: ${uid}`,
    `cn: ${uid}`,
    `sn: ${uid}`,
    `mail: ${uid}@example.test`,
  );

const addressed = (name: string): readonly string[] => [
  'objectClass: extensibleObject',
  `mail: ${name}@example.test`,
];

const ldif = [
  record(base, 'objectClass: domain', 'dc: example'),
  person('anna'),
  person('bert'),
  person('cora'),
  record(
    `cn=names,${base}`,
    'objectClass: groupOfNames',
    ...addressed('names'),
    `member: uid=anna,${base}`,
    `member: cn=inner names,${base}`,
  ),
  record(
    `cn=unique,${base}`,
    'objectClass: groupOfUniqueNames',
    ...addressed('unique'),
    `uniqueMember: uid=bert,${base}`,
  ),
  record(
    `cn=posix,${base}`,
    'objectClass: posixGroup',
    ...addressed('posix'),
    'gidNumber: 1',
    'memberUid: anna',
    'memberUid: cora',
  ),
  record(`cn=inner names,${base}`, 'objectClass: groupOfNames', `member: uid=cora,${base}`),
  record(
    `cn=inner unique,${base}`,
    'objectClass: groupOfUniqueNames',
    `uniqueMember: cn=inner names,${base}`,
  ),
  record(`cn=inner posix,${base}`, 'objectClass: posixGroup', 'gidNumber: 2', 'memberUid: bert'),
  record(
    `cn=Contact of a customer,${base}`,
    'objectClass: person',
    'objectClass: extensibleObject',
    'sn: Contact',
    'mail: contact@customer.test',
  ),
].join('');

let slapd: Slapd;
beforeAll(async () => {
  slapd = await startSlapd({ text: ldif });
});
afterAll(() => slapd.stop());

/** With the filters of the dialect. */
const options = (changes: Partial<DirectoryOptions> = {}): DirectoryOptions => {
  const { userFilter: _user, groupFilter: _group, ...rest } = optionsFor(slapd, { mapping: {}, ...changes });
  return { ...rest, ...changes };
};

const shown = ({ dn, attributes, nestedOnly }: DirectoryEntry): unknown => {
  const { cn: _cn, mail: _mail, ...members } = attributes;
  return [dn.slice(0, dn.indexOf(',')), nestedOnly === true, members];
};

describe('the groups of OpenLDAP', () => {
  test('are read with whatever names their members, also those without an address', async () => {
    const reading = await readDirectory(options());
    expect(reading.problems).toEqual([]);
    expect(reading.groups.map(shown)).toEqual([
      ['cn=names', false, { member: [`uid=anna,${base}`, `cn=inner names,${base}`] }],
      ['cn=unique', false, { uniquemember: [`uid=bert,${base}`] }],
      ['cn=posix', false, { memberuid: ['anna', 'cora'] }],
      ['cn=inner names', true, { member: [`uid=cora,${base}`] }],
      ['cn=inner unique', true, { uniquemember: [`cn=inner names,${base}`] }],
      ['cn=inner posix', true, { memberuid: ['bert'] }],
    ]);
    expect(new Set(reading.groups.map(({ id }) => id)).size).toBe(6);
  });

  test('are lists by the filter of the operator, and all others stay for nesting', async () => {
    const { groups } = await readDirectory(
      options({ groupFilter: '(&(objectClass=posixGroup)(!(mail=*)))' }),
    );
    expect(groups.filter(({ nestedOnly }) => !nestedOnly).map(({ dn }) => dn)).toEqual([
      `cn=inner posix,${base}`,
    ]);
    expect(groups).toHaveLength(6);
  });

  test('are the same with one entry a page', async () => {
    const whole = await readDirectory(options({ externalMembers: true }));
    expect(await readDirectory(options({ externalMembers: true, pageSize: 1 }))).toEqual(whole);
  });
});

describe('who may be a member of a list', () => {
  const namesOf = async (changes: Partial<DirectoryOptions>): Promise<readonly string[]> => {
    const { members, problems } = await readDirectory(options(changes));
    expect(problems).toEqual([]);
    return (members?.entries ?? []).map(({ dn }) => dn.slice(dn.indexOf('=') + 1, dn.indexOf(',')));
  };

  test('is by the filter of a predecessor everybody whom it selects', async () => {
    const groupMemberFilter = '(&(objectClass=person)(mail=*)(distinguishedName={MEMBER_CN}))';
    expect(await namesOf({ groupMemberFilter })).toEqual(['anna', 'bert', 'cora', 'Contact of a customer']);
    const narrower = '(&(sn=c*)(entryDN={MEMBER_CN}))';
    expect(await namesOf({ groupMemberFilter: narrower })).toEqual(['cora', 'Contact of a customer']);
  });

  // Groups among them are told apart by their DNs (src/core/membership.ts).
  test('is with external members every entry with an address', async () => {
    const names = await namesOf({ externalMembers: true });
    expect(names).toEqual(expect.arrayContaining(['anna', 'bert', 'cora', 'Contact of a customer']));
  });

  test('is found by a value other than the DN, too', async () => {
    const { members } = await readDirectory(options({ groupMemberFilter: '(&(mail=*)(uid={MEMBER_CN}))' }));
    expect(members?.key).toBe('uid');
    expect(members?.entries.flatMap(({ attributes }) => attributes['uid'] ?? [])).toEqual([
      'anna',
      'bert',
      'cora',
    ]);
  });
});

test('the check counts lists, other groups and possible members', async () => {
  expect(await probeDirectory(options())).toMatchObject({ countLists: 3, countOtherGroups: 3 });
  expect(await probeDirectory(options())).not.toHaveProperty('members');
  const probe = await probeDirectory(options({ groupMemberFilter: '(&(sn=c*)(uid={MEMBER_CN}))' }));
  expect(probe).toMatchObject({ members: { count: 2, key: 'uid', decides: true }, problems: [] });
});
