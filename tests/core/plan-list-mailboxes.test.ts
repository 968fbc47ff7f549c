/** Groups as mailboxes with a sieve filter: before, directory, expected writes (RULES.md, "School"). */
import { describe, expect, test } from '@jest/globals';
import type { ListFilter } from '../../src/core/list-filter.ts';
import {
  alias,
  at,
  group,
  mailbox,
  ownedAlias,
  ownedMailbox,
  person,
  type GroupFields,
  type Owned,
} from '../support/builders.ts';
import { briefRow, type Scene } from '../support/builders-plan.ts';

type Row = readonly [what: string, scene: Scene, writes: readonly string[], notes?: readonly string[]];

const groupPolicies = [
  { pattern: '*', policy: { ignore: false, internal: false, sendAs: false, mailbox: true as const } },
];

const check = (...[_what, scene, writes, notes = []]: Row): void => {
  expect(briefRow({ groupPolicies, ...scene })).toEqual({ writes, notes });
};

const boxes = ['a', 'b', 'c'].map((id) => ownedMailbox(id));
const people = ['a', 'b', 'c'].map((id) => person(id));
const team = (members: readonly string[], fields: GroupFields = {}) => group('team', { members, ...fields });

const teamBox = (goto?: readonly string[], fields: Parameters<typeof ownedMailbox>[1] = {}): Owned =>
  ownedMailbox('team', {
    ...fields,
    mailbox: { name: 'team (list)', quotaMiB: 1, ...fields.mailbox },
    row: {
      ...(goto && { applied: { name: 'team (list)', quotaMiB: 1, goto: goto.map(at) } }),
      ...fields.row,
    },
  });

const filter = (goto: readonly string[], fields: Partial<ListFilter> = {}): ListFilter => ({
  address: at('team'),
  id: 7,
  goto: goto.map(at),
  active: true,
  hasRival: false,
  ...fields,
});

const made = 'create mailbox team active=0 name=team (list) quotaMiB=1';
const on = 'reactivate mailbox team active=0->1';
const crowd = (size: number) =>
  Array.from({ length: size }, (_one, index) => `p${String(index).padStart(3, '0')}`);
const crowdOf = (size: number): Pick<Scene, 'managed' | 'people'> => ({
  managed: crowd(size).map((id) => ownedMailbox(id)),
  people: crowd(size).map((id) => person(id)),
});

describe('a group whose lists are mailboxes', () => {
  test.each<Row>([
    [
      'becomes a mailbox of 1 MiB, and then gets a filter that leads to its members',
      { managed: boxes, people, groups: [team(['b', 'a'])] },
      [made, 'create filter team goto=a+b', on],
    ],
    [
      'is called after its account',
      { managed: boxes, people, groups: [team(['a'], { attributes: { samaccountname: ['10a'] } })] },
      ['create mailbox team active=0 name=10a (list) quotaMiB=1', 'create filter team goto=a', on],
    ],
    [
      'comes with the mailboxes of its members, after them',
      { people: [person('a')], groups: [team(['a'])] },
      ['create mailbox a active=1 name=A quotaMiB=3072', made, 'create filter team goto=a', on],
    ],
    [
      'has its further addresses as aliases to its mailbox',
      { managed: boxes, people, groups: [team(['a'], { aliases: ['crew'] })] },
      [made, 'create filter team goto=a', on, 'create alias crew active=1 goto=team'],
    ],
    [
      'that is as it should be is not written',
      {
        managed: [...boxes, teamBox(['a', 'b'])],
        filters: [filter(['a', 'b'])],
        people,
        groups: [team(['a', 'b'])],
      },
      [],
    ],
    [
      'with new and without old members is one update of its filter',
      {
        managed: [...boxes, teamBox(['a', 'b'])],
        filters: [filter(['a', 'b'])],
        people,
        groups: [team(['b', 'c'])],
      },
      ['update filter team goto=a+b->b+c'],
    ],
    [
      'without a member is not made',
      { managed: boxes, people, groups: [team([])] },
      [],
      ['empty-group cn=team,ou=Groups,dc=example,dc=test'],
    ],
    [
      'without a member left is switched off and keeps its filter',
      { managed: [...boxes, teamBox(['a'])], filters: [filter(['a'])], people, groups: [team([])] },
      ['deactivate mailbox team active=1->0'],
      ['empty-group cn=team,ou=Groups,dc=example,dc=test'],
    ],
    [
      'without a member left does not receive, whatever deactivated people do',
      {
        managed: [...boxes, teamBox(['a'])],
        filters: [filter(['a'])],
        people,
        groups: [team([])],
        settings: { inactiveState: 2 },
      },
      ['deactivate mailbox team active=1->0'],
      ['empty-group cn=team,ou=Groups,dc=example,dc=test'],
    ],
    [
      'that has members again works again, for them alone',
      {
        managed: [...boxes, teamBox(['a'], { mailbox: { active: 0 } })],
        filters: [filter(['a'])],
        people,
        groups: [team(['b'])],
      },
      ['update filter team active=0->1 goto=a->b', on],
    ],
    [
      'that somebody switched off stays off',
      {
        managed: [...boxes, teamBox(['a'], { mailbox: { active: 0 }, row: { lastActive: true } })],
        filters: [filter(['a'])],
        people,
        groups: [team(['a'])],
      },
      [],
      ['changed-by-hand team'],
    ],
    [
      'at a new address is renamed, and its old address stays an alias',
      {
        managed: [...boxes, teamBox(['a'])],
        filters: [filter(['a'])],
        people,
        groups: [team(['a'], { mail: 'crew' })],
      },
      ['rename mailbox team address=team->crew'],
    ],
    [
      'that is gone goes the way of a mailbox, and does not receive',
      {
        managed: [...boxes, teamBox(['a'])],
        filters: [filter(['a'])],
        people,
        gone: [team(['a'])],
        settings: { inactiveState: 2 },
      },
      ['deactivate mailbox team active=1->0'],
    ],
    [
      'that the filter selects no more stays as it is',
      {
        managed: [...boxes, teamBox(['a', 'b'])],
        filters: [filter(['a', 'b'])],
        people,
        groups: [{ ...team(['a']), nestedOnly: true }],
      },
      [],
      ['group-not-selected team'],
    ],
    [
      'whose members cannot all be told stays as it is',
      {
        managed: [...boxes, teamBox(['a', 'b'])],
        filters: [filter(['a', 'b'])],
        people,
        groups: [team(['a'], { partial: ['member'] })],
      },
      [],
      ['members-unread cn=team,ou=Groups,dc=example,dc=test'],
    ],
    [
      'is not made while its members cannot all be told',
      { managed: boxes, people, groups: [team(['a'], { partial: ['member'] })] },
      [],
      ['members-unread cn=team,ou=Groups,dc=example,dc=test', '(alias team)'],
    ],
    [
      'keeps the place of a member in grace',
      {
        managed: [...boxes, teamBox(['a', 'b'])],
        filters: [filter(['a', 'b'])],
        people: [person('a'), person('c')],
        inGrace: [person('b')],
        groups: [team(['a'])],
      },
      [],
    ],
    [
      'does not keep who has left, for a member who only asks for that address',
      {
        managed: [...boxes, teamBox(['a', 'b'])],
        filters: [filter(['a', 'b'])],
        people: [...people, person('new', { mail: 'b' })],
        groups: [team(['a', 'new'])],
      },
      ['update filter team goto=a+b->a'],
      ['duplicate-address b'],
    ],
    [
      'does not keep who has left, for a member who asks for the mailbox that is to move and cannot',
      {
        managed: [...boxes, teamBox(['a', 'b'])],
        filters: [filter(['a', 'b'])],
        mailboxes: [mailbox('d')],
        people: [person('a'), person('b', { mail: 'd' }), person('c'), person('new', { mail: 'b' })],
        groups: [team(['a', 'new'])],
      },
      ['update filter team goto=a+b->a'],
      ['address-has-former-owner b', 'address-taken d'],
    ],
    [
      'gets no mailbox for members who get none themselves',
      {
        mailboxes: [mailbox('a', { tags: ['ldap-mailcow:other:a'] })],
        people: [person('a')],
        groups: [team(['a'])],
      },
      [],
      ['foreign-owner a'],
    ],
    [
      'is no mailbox where mailboxes are not synced',
      {
        mailboxes: [mailbox('a')],
        people: [person('a')],
        groups: [team(['a'])],
        settings: { syncMailboxes: false, disableDeleted: false },
      },
      ['create alias team active=1 goto=a'],
    ],
  ])('%s', check);
});

describe('the form of a list', () => {
  test.each<Row>([
    [
      'is an alias with a finding beyond 100 members',
      { ...crowdOf(101), groups: [team(crowd(101))] },
      [`create alias team active=1 goto=${crowd(101).join('+')}`],
      ['list-too-long-for-sieve cn=team,ou=Groups,dc=example,dc=test'],
    ],
    [
      'is a mailbox with exactly 100',
      { ...crowdOf(100), groups: [team(crowd(100))] },
      [made, `create filter team goto=${crowd(100).join('+')}`, on],
    ],
    [
      'is kept by a mailbox that has outgrown its filter: it is left as it is',
      {
        ...crowdOf(101),
        managed: [...crowd(101).map((id) => ownedMailbox(id)), teamBox(['p000', 'p001'])],
        filters: [filter(['p000', 'gone'])],
        groups: [team(crowd(101))],
      },
      [],
      ['list-outgrew-sieve cn=team,ou=Groups,dc=example,dc=test'],
    ],
    [
      'is kept by an alias that has become small',
      {
        managed: [...boxes, ownedAlias('team', 'team', { goto: ['a', 'b'] })],
        people,
        groups: [team(['a'])],
      },
      ['update alias team goto=a+b->a'],
    ],
    [
      'is kept by a mailbox when the policy says alias',
      {
        managed: [...boxes, teamBox(['a'])],
        filters: [filter(['a'])],
        people,
        groups: [team(['b'])],
        groupPolicies: [],
      },
      ['update filter team goto=a->b'],
    ],
    [
      'is free again when the alias was removed in mailcow',
      {
        managed: [...boxes, { row: ownedAlias('team', 'team').row }],
        people,
        groups: [team(['a'])],
      },
      [made, 'create filter team goto=a', on],
    ],
  ])('%s', check);
});

describe('what others did', () => {
  test.each<Row>([
    [
      'a mailbox that is no list is not made one: what comes to it must not go elsewhere',
      { managed: boxes, mailboxes: [mailbox('team')], people, groups: [team(['a'], { aliases: ['crew'] })] },
      [],
      ['address-taken team', '(alias crew)'],
    ],
    [
      'a list of an older tool is adopted, and nothing else for now',
      {
        managed: boxes,
        mailboxes: [mailbox('team', { name: 'team (list)', quotaMiB: 1 })],
        people,
        groups: [team(['a'])],
      },
      ['adopt mailbox team'],
    ],
    [
      'an alias that is not ours stays in the way',
      { managed: boxes, aliases: [alias('team', 'a')], people, groups: [team(['a'])] },
      [],
      ['address-taken team'],
    ],
    [
      'another active prefilter is not switched off',
      {
        managed: [...boxes, teamBox(['a'])],
        filters: [filter(['a'], { active: false, hasRival: true })],
        people,
        groups: [team(['b'])],
      },
      [],
      ['filter-in-the-way team'],
    ],
    [
      'a filter that was switched off stays off',
      {
        managed: [...boxes, teamBox(['a'])],
        filters: [filter(['a'], { active: false })],
        people,
        groups: [team(['b'])],
      },
      [],
      ['changed-by-hand team'],
    ],
    [
      'a changed script is put back',
      {
        managed: [...boxes, teamBox(['a'])],
        filters: [{ address: at('team'), id: 7, script: 'keep;', active: true, hasRival: false }],
        people,
        groups: [team(['a'])],
      },
      ['update filter team goto=->a'],
    ],
    [
      'a changed script is only reported when drift is',
      {
        managed: [...boxes, teamBox(['a'])],
        filters: [{ address: at('team'), id: 7, script: 'keep;', active: true, hasRival: false }],
        people,
        groups: [team(['a'])],
        settings: { reportDrift: true },
      },
      [],
      ['drift team'],
    ],
    [
      'a deleted filter is made again',
      {
        managed: [...boxes, teamBox(['a'])],
        filters: [{ address: at('team'), active: false, hasRival: false }],
        people,
        groups: [team(['a'])],
      },
      ['create filter team goto=a'],
    ],
    [
      'a list with the tag ldap-keep is left alone',
      {
        managed: [...boxes, teamBox(['a'], { mailbox: { tags: ['ldap-mailcow:tests:team', 'ldap-keep'] } })],
        filters: [filter(['a'])],
        people,
        groups: [team(['b'])],
      },
      [],
      ['(filter team)', '(mailbox team)'],
    ],
    [
      'a mailbox that the directory did not know is no list',
      {
        managed: [...boxes, ownedMailbox('stray:mailbox:x', { at: 'team', mailbox: { name: 'Jane' } })],
        people,
        gone: [person('stray:mailbox:x', { mail: undefined })],
        groups: [team(['a'])],
      },
      [],
      ['address-taken team'],
    ],
    [
      'a mailbox that an older tool made for somebody is no list',
      {
        managed: [...boxes, ownedMailbox('imported:x', { at: 'team', mailbox: { name: 'Jane' } })],
        people,
        gone: [person('imported:x', { mail: undefined })],
        groups: [team(['a'])],
      },
      [],
      ['address-taken team'],
    ],
    [
      'a person whose id a group has too keeps the mailbox',
      { managed: boxes, people, groups: [{ ...team(['b']), id: 'a' }] },
      ['create alias team active=1 goto=b'],
    ],
    [
      'a mailbox that does not come, because nobody would be reached, frees no address',
      {
        managed: [ownedMailbox('b'), ownedAlias('team', 'b', { row: { origin: 'renamed' } })],
        mailboxes: [mailbox('a', { tags: ['ldap-mailcow:other:a'] })],
        people: [person('a'), person('b')],
        groups: [team(['a'])],
      },
      [],
      ['foreign-owner a'],
    ],
    [
      'the mailbox of a group that nobody knows any more receives nothing',
      {
        managed: [...boxes, ownedMailbox('lost', { at: 'team', mailbox: { name: 'team (list)' } })],
        people,
        gone: [person('lost', { mail: undefined })],
        settings: { inactiveState: 2 },
      },
      ['deactivate mailbox team active=1->0'],
    ],
    [
      'who has the address of a list as its own gets nothing of it',
      {
        managed: [...boxes, teamBox(['a'])],
        filters: [filter(['a'])],
        people: [...people, person('new', { mail: 'team' })],
        groups: [team(['a'])],
      },
      [],
      ['address-has-former-owner team', 'alias-is-mailbox team'],
    ],
  ])('%s', check);
});
