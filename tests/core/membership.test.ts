/** Effective membership: through nesting, by DN, account name and primary group (facts/ldap.md section 6). */
import { describe, expect, test } from '@jest/globals';
import { resolveMapping } from '../../src/core/mapping.ts';
import { openMembership, type GroupMembers, type MembershipInput } from '../../src/core/membership.ts';
import type { DirectoryEntry } from '../../src/core/model.ts';
import { at, group, groupDn, mapping, person, personDn } from '../support/builders.ts';

const people = ['a', 'b', 'c'].map((id) => person(id, { account: `login-${id}` }));

function members(groups: readonly DirectoryEntry[], more: Partial<MembershipInput> = {}): GroupMembers {
  const [top] = groups;
  if (top === undefined) throw new Error('no group');
  const found = openMembership({ people, groups, mapping, ...more })(top);
  return { ...found, people: [...found.people].sort(), others: [...found.others].sort() };
}
const peopleOf = (...groups: readonly DirectoryEntry[]): readonly string[] => members(groups).people;

describe('members by DN', () => {
  test.each<[string, string]>([
    ['in another case', 'CN=A,OU=people,DC=Example,DC=test'],
    ['with blanks', 'cn=a , ou=People , dc=example , dc=test'],
    ['with an escape that need not be', 'cn=\\61,ou=People,dc=example,dc=test'],
  ])('%s', (_what, dn) => {
    expect(peopleOf(group('g', { members: [dn] }))).toEqual(['a']);
  });

  test('who is not among the entries read is no member', () => {
    expect(peopleOf(group('g', { members: ['a', 'stranger'] }))).toEqual(['a']);
  });
});

describe('nested groups', () => {
  const inner = group('inner', { members: ['b'], mail: undefined });
  test.each<[string, readonly DirectoryEntry[], readonly string[]]>([
    [
      'count with their members, with or without an address',
      [group('g', { members: ['a', groupDn('inner')] }), inner],
      ['a', 'b'],
    ],
    [
      'of three levels',
      [group('g', { members: [groupDn('mid')] }), group('mid', { members: [groupDn('inner'), 'c'] }), inner],
      ['b', 'c'],
    ],
    [
      'that meet again below (a diamond)',
      [
        group('g', { members: [groupDn('l'), groupDn('r')] }),
        group('l', { members: [groupDn('inner')] }),
        group('r', { members: [groupDn('inner'), 'a'] }),
        inner,
      ],
      ['a', 'b'],
    ],
    [
      'in a circle',
      [group('g', { members: [groupDn('other'), 'a'] }), group('other', { members: [groupDn('g'), 'b'] })],
      ['a', 'b'],
    ],
    ['that contain themselves', [group('g', { members: [groupDn('g'), 'a'] })], ['a']],
  ])('%s', (_what, groups, expected) => {
    expect(peopleOf(...groups)).toEqual(expected);
  });

  test('of which one was not read to its end make the whole uncertain', () => {
    const cut = group('cut', { members: ['b'], partial: ['member'] });
    expect(members([group('g', { members: [groupDn('cut')] }), cut]).partial).toBe(true);
    expect(members([group('g', { members: ['a'], partial: ['proxyaddresses'] })]).partial).toBe(false);
  });
});

test('the primary group of Active Directory counts, though it lists nobody', () => {
  const staff = people.map((entry) => ({
    ...entry,
    attributes: { ...entry.attributes, primarygroupid: [entry.id === 'c' ? '513' : '1107'] },
  }));
  const primary = group('g', { attributes: { primarygrouptoken: ['1107'] } });
  const outer = group('outer', { members: [groupDn('g')] });
  expect(members([primary], { people: staff }).people).toEqual(['a', 'b']);
  expect(members([outer, primary], { people: staff }).people).toEqual(['a', 'b']);
});

describe('OpenLDAP', () => {
  const openldap = resolveMapping({}, 'openldap');
  const named = ['a', 'b'].map((id) => person(id, { attributes: { uid: [`U-${id}`] } }));
  test.each<[string, Readonly<Record<string, readonly string[]>>]>([
    ['posixGroup names accounts, in any case', { memberuid: ['u-a', 'nobody'] }],
    ['groupOfUniqueNames names DNs', { uniquemember: [personDn('a')] }],
    ['groupOfNames names DNs', { member: [personDn('a')] }],
  ])('%s', (_what, attributes) => {
    expect(members([group('g', { attributes })], { people: named, mapping: openldap }).people).toEqual(['a']);
  });
});

describe('entries beside the people', () => {
  const contact = {
    id: 'x',
    dn: 'cn=x,ou=Contacts,dc=example,dc=test',
    attributes: { mail: ['X@elsewhere.test'] },
  };
  const g = group('g', { members: ['a', 'b', contact.dn] });
  const found = (more: MembershipInput['members']) => members([g], more && { members: more });

  test('count with their own address, in lower case', () => {
    const result = found({ key: undefined, decides: false, entries: [contact] });
    expect(result).toMatchObject({ people: ['a', 'b'], others: ['x@elsewhere.test'] });
  });

  test('do not count without the setting', () => {
    expect(found(undefined)).toMatchObject({ people: ['a', 'b'], others: [] });
  });

  test('do not count while they are disabled', () => {
    const off = { ...contact, attributes: { ...contact.attributes, useraccountcontrol: ['514'] } };
    expect(found({ key: undefined, decides: false, entries: [off] }).others).toEqual([]);
  });

  test('a member filter alone decides who counts, people included', () => {
    const [a] = people;
    const entries = a === undefined ? [contact] : [a, contact];
    const result = found({ key: undefined, decides: true, entries });
    expect(result).toMatchObject({ people: ['a'], others: ['x@elsewhere.test'] });
  });

  test('count by account name where a group names accounts', () => {
    const openldap = resolveMapping({}, 'openldap');
    const outside = { ...contact, attributes: { ...contact.attributes, uid: ['Outside'] } };
    const posix = group('p', { attributes: { memberuid: ['outside'] } });
    const more = { mapping: openldap, members: { key: 'uid', decides: false, entries: [outside] } };
    expect(members([posix], more).others).toEqual(['x@elsewhere.test']);
  });

  test('may be named by another attribute than the DN', () => {
    const odd = {
      ...contact,
      attributes: { ...contact.attributes, extra: [contact.dn.toUpperCase()] },
      dn: 'cn=moved,dc=test',
    };
    expect(found({ key: 'extra', decides: false, entries: [odd] }).others).toEqual(['x@elsewhere.test']);
  });

  test('that are people of ours count as those', () => {
    const [a] = people;
    const result = found({ key: undefined, decides: false, entries: a === undefined ? [] : [a] });
    expect(result).toMatchObject({ people: ['a', 'b'], others: [] });
    expect(at('a')).toBe('a@example.test');
  });
});

// Once defects: which of two entries was meant hung on the order of the answers.
describe('two entries that a group may mean', () => {
  const rivals = [
    person('old', { account: 'anna', dn: personDn('anna') }),
    person('new', { account: 'anna', dn: personDn('anna') }),
  ];
  const unix = resolveMapping({}, 'openldap');
  const asUnix = rivals.map((one) => ({ ...one, attributes: { ...one.attributes, uid: ['anna'] } }));
  const byUid = group('g', { attributes: { memberuid: ['Anna'] } });

  test.each([
    ['the former one last', ['new', 'old']],
    ['the former one first', ['old', 'new']],
  ])('an account that was created anew counts for the former one in grace: %s', (_what, order) => {
    const sorted = order.flatMap((id) => asUnix.filter((one) => one.id === id));
    const absent = new Set(['old']);
    const more = { people: sorted, mapping: unix, absent };
    expect(members([group('g', { members: [personDn('anna')] })], more).people).toEqual(['new']);
    expect(members([byUid], more)).toMatchObject({ people: ['new'], ambiguous: [] });
  });

  test('the same for a nested group', () => {
    const inner = group('inner', { members: ['a'], mail: undefined });
    const again = { ...group('inner', { members: ['b'], mail: undefined }), id: 'again' };
    const outer = group('g', { members: [groupDn('inner')] });
    expect(members([outer, again, inner], { absent: new Set(['inner']) }).people).toEqual(['b']);
  });

  test('an account name of two people is none of them', () => {
    expect(members([byUid], { people: asUnix, mapping: unix })).toMatchObject({
      people: [],
      ambiguous: ['anna'],
    });
  });
});

test('an address that mailcow takes for no goto does not count', () => {
  const contact = { id: 'x', dn: personDn('x'), attributes: { mail: ['root@localhost'] } };
  const more = { members: { key: undefined, decides: false, entries: [contact] } };
  expect(members([group('g', { members: ['x'] })], more).others).toEqual([]);
});
