/** Tables: before, directory, expected writes in their order. Whole plans, nothing left out. */
import { describe, expect, test } from '@jest/globals';
import {
  alias,
  at,
  domain,
  group,
  mailbox,
  markOf,
  ownedAlias,
  ownedMailbox,
  person,
  row,
} from '../support/builders.ts';
import type { Domain } from '../../src/core/model.ts';
import { briefRow, type Scene } from '../support/builders-plan.ts';

type Row = readonly [what: string, scene: Scene, writes: readonly string[], notes?: readonly string[]];

/** Notes: findings, and skips in brackets. */
const check = (...[_what, scene, writes, notes = []]: Row): void => {
  expect(briefRow(scene)).toEqual({ writes, notes });
};
const dnOf = (id: string): string => `cn=${id},ou=People,dc=example,dc=test`;

describe('a new person', () => {
  test.each<Row>([
    ['gets a mailbox', { people: [person('a')] }, ['create mailbox a active=1 name=A quotaMiB=3072']],
    [
      'gets a mailbox and its aliases after it',
      { people: [person('a', { aliases: ['x', 'y@other.test'], quotaMiB: 7 })] },
      [
        'create mailbox a active=1 name=A quotaMiB=7',
        'create alias x active=1 goto=a',
        'create alias y@other.test active=1 goto=a',
      ],
    ],
    [
      'who is disabled gets them deactivated',
      { people: [person('a', { aliases: ['x'], disabled: true })] },
      ['create mailbox a active=0 name=A quotaMiB=3072', 'create alias x active=0 goto=a'],
    ],
    [
      'who is disabled still receives with LDAP_MAILCOW_DEACTIVATED=receive',
      { people: [person('a', { aliases: ['x'], disabled: true })], settings: { inactiveState: 2 } },
      ['create mailbox a active=2 name=A quotaMiB=3072', 'create alias x active=1 goto=a'],
    ],
    [
      'gets the domain’s quota when the operator gives none',
      {
        people: [person('a')],
        settings: { newQuotaMiB: undefined },
        domains: [domain('example.test', { defaultQuotaMiB: 11 })],
      },
      ['create mailbox a active=1 name=A quotaMiB=11'],
    ],
    [
      'gets no limit when the operator says 0',
      { people: [person('a')], settings: { newQuotaMiB: 0 } },
      ['create mailbox a active=1 name=A quotaMiB=0'],
    ],
  ])('%s', check);
});

const a = ownedMailbox('a');
const aOff = ownedMailbox('a', { mailbox: { active: 0 } });

describe('nothing is written', () => {
  test.each<Row>([
    ['for a person who is as the directory says', { managed: [a], people: [person('a')] }, []],
    [
      'for an alias that is as the directory says',
      { managed: [a, ownedAlias('x', 'a')], people: [person('a', { aliases: ['x'] })] },
      [],
    ],
    [
      'for another OU',
      { managed: [a], people: [person('a', { dn: 'cn=a,ou=Else,dc=example,dc=test' })] },
      [],
    ],
    [
      'for a quota of ours that the directory does not give',
      { managed: [ownedMailbox('a', { mailbox: { quotaMiB: 99 } })], people: [person('a')] },
      [],
    ],
    [
      'for mailboxes and aliases that nobody claims',
      { mailboxes: [mailbox('z')], aliases: [alias('q', 'z')] },
      [],
    ],
    [
      'for a list without members',
      { managed: [a], people: [person('a')], groups: [group('g')] },
      [],
      ['empty-group cn=g,ou=Groups,dc=example,dc=test'],
    ],
    [
      'about deactivated mailboxes at 2 instead of 0',
      { managed: [ownedMailbox('a', { mailbox: { active: 2 } })], people: [person('a', { disabled: true })] },
      [],
    ],
  ])('%s', check);
});

describe('what differs is updated', () => {
  test.each<Row>([
    ['name', { managed: [a], people: [person('a', { name: 'Anna' })] }, ['update mailbox a name=A->Anna']],
    [
      'quota',
      { managed: [a], people: [person('a', { quotaMiB: 5000 })] },
      ['update mailbox a quotaMiB=3072->5000'],
    ],
    [
      'both in one write',
      { managed: [a], people: [person('a', { name: 'Anna', quotaMiB: 1 })] },
      ['update mailbox a name=A->Anna quotaMiB=3072->1'],
    ],
    [
      'an alias that leads elsewhere',
      { managed: [a, ownedAlias('x', 'a', { goto: 'zzz' })], people: [person('a', { aliases: ['x'] })] },
      ['update alias x goto=zzz->a'],
    ],
    [
      'a new alias',
      { managed: [a], people: [person('a', { aliases: ['x'] })] },
      ['create alias x active=1 goto=a'],
    ],
  ])('%s', check);
});

describe('a disabled person', () => {
  test.each<Row>([
    [
      'is deactivated at once',
      { managed: [a], people: [person('a', { disabled: true })] },
      ['deactivate mailbox a active=1->0'],
    ],
    [
      'with the aliases before the mailbox',
      { managed: [a, ownedAlias('x', 'a')], people: [person('a', { disabled: true, aliases: ['x'] })] },
      ['deactivate alias x active=1->0', 'deactivate mailbox a active=1->0'],
    ],
    [
      'keeps the aliases working with LDAP_MAILCOW_DEACTIVATED=receive',
      {
        managed: [a, ownedAlias('x', 'a')],
        people: [person('a', { disabled: true, aliases: ['x'] })],
        settings: { inactiveState: 2 },
      },
      ['deactivate mailbox a active=1->2'],
    ],
    [
      'who is enabled again is reactivated with the aliases',
      {
        managed: [aOff, ownedAlias('x', 'a', { alias: { active: 0 } })],
        people: [person('a', { aliases: ['x'] })],
      },
      ['reactivate mailbox a active=0->1', 'reactivate alias x active=0->1'],
    ],
    [
      'who is enabled again stays off when an administrator deactivated the mailbox (4.9)',
      {
        managed: [ownedMailbox('a', { mailbox: { active: 0 }, row: { lastActive: true } })],
        people: [person('a')],
      },
      [],
      ['changed-by-hand a'],
    ],
    [
      'whose alias an administrator deactivated keeps it off (4.9)',
      {
        managed: [a, ownedAlias('x', 'a', { alias: { active: 0 }, row: { lastActive: true } })],
        people: [person('a', { aliases: ['x'] })],
      },
      [],
      ['changed-by-hand x'],
    ],
  ])('%s', check);
});

describe('who leaves', () => {
  const managed = [a, ownedAlias('x', 'a')];
  const leaver = person('a', { aliases: ['x'] });
  test.each<Row>([
    ['is left alone in grace', { managed, inGrace: [leaver] }, []],
    [
      'is deactivated after it',
      { managed, gone: [leaver] },
      ['deactivate alias x active=1->0', 'deactivate mailbox a active=1->0'],
    ],
    [
      'receives on with LDAP_MAILCOW_DEACTIVATED=receive',
      { managed, gone: [leaver], settings: { inactiveState: 2 } },
      ['deactivate mailbox a active=1->2'],
    ],
    [
      'stays with LDAP_MAILCOW_DISABLE_DELETED_USERS=false',
      { managed, gone: [leaver], settings: { disableDeleted: false } },
      [],
      ['(alias x)', '(mailbox a)'],
    ],
    ['and is deactivated already needs nothing', { managed: [aOff], gone: [leaver] }, []],
    [
      'and whose address somebody else has now is left alone (4.6)',
      { managed: [a], gone: [leaver], people: [person('b', { mail: 'a' })] },
      [],
      ['address-has-former-owner a'],
    ],
    [
      'while somebody else asks for the address is left alone too',
      { managed: [a], inGrace: [leaver], people: [person('b', { mail: 'a' })] },
      [],
      ['address-has-former-owner a'],
    ],
  ])('%s', check);

  test.each<Row>([
    [
      'is deleted after the days',
      { managed: [aOff], gone: [leaver], missingDays: 30, settings: { deleteAfterDays: 30 } },
      ['delete mailbox a'],
    ],
    [
      'is not deleted a day before',
      { managed: [aOff], gone: [leaver], missingDays: 29, settings: { deleteAfterDays: 30 } },
      [],
    ],
    ['is not deleted without the setting', { managed: [aOff], gone: [leaver], missingDays: 999 }, []],
    [
      'is not deleted after the clock jumped',
      {
        managed: [aOff],
        gone: [leaver],
        missingDays: 99,
        clockTrusted: false,
        settings: { deleteAfterDays: 30 },
      },
      [],
    ],
    [
      'is deactivated before anything is deleted',
      { managed: [a], gone: [leaver], missingDays: 99, settings: { deleteAfterDays: 30 } },
      ['deactivate mailbox a active=1->0'],
    ],
    [
      'is not deleted when an administrator deactivated the mailbox',
      {
        managed: [ownedMailbox('a', { mailbox: { active: 0 }, row: { lastActive: true } })],
        gone: [leaver],
        missingDays: 99,
        settings: { deleteAfterDays: 30 },
      },
      [],
    ],
    [
      'is not deleted while somebody else asks for the address',
      {
        managed: [aOff],
        gone: [leaver],
        people: [person('b', { mail: 'a' })],
        missingDays: 99,
        settings: { deleteAfterDays: 30 },
      },
      [],
      ['address-has-former-owner a'],
    ],
    [
      'is not deleted with the tag ldap-keep',
      {
        managed: [ownedMailbox('a', { mailbox: { active: 0, tags: [markOf('a'), 'ldap-keep'] } })],
        gone: [leaver],
        missingDays: 99,
        settings: { deleteAfterDays: 30 },
      },
      [],
    ],
  ])('%s (4.10)', check);
});

describe('an existing mailbox is adopted', () => {
  test.each<Row>([
    [
      'by a mark and nothing else',
      { mailboxes: [mailbox('a', { name: 'Old' })], people: [person('a', { name: 'New', quotaMiB: 1 })] },
      ['adopt mailbox a'],
    ],
    [
      'although the person is disabled, which follows next',
      { mailboxes: [mailbox('a')], people: [person('a', { disabled: true })] },
      ['adopt mailbox a'],
    ],
    [
      'and its alias with the same goto too',
      { mailboxes: [mailbox('a')], aliases: [alias('x', 'a')], people: [person('a', { aliases: ['x'] })] },
      ['adopt mailbox a', 'adopt alias x'],
    ],
    [
      'but no alias with another goto (4.7)',
      { managed: [a], aliases: [alias('x', 'z')], people: [person('a', { aliases: ['x'] })] },
      [],
      ['foreign-alias x'],
    ],
    [
      'not with LDAP_MAILCOW_ADOPT=false',
      { mailboxes: [mailbox('a')], people: [person('a', { aliases: ['x'] })], settings: { adopt: false } },
      [],
      ['(alias x)', '(mailbox a)'],
    ],
    [
      'not when another owner has marked it (4.5)',
      {
        mailboxes: [mailbox('a', { tags: [markOf('a', 'else')] })],
        people: [person('a', { aliases: ['x'] })],
      },
      [],
      ['foreign-owner a', '(alias x)'],
    ],
    [
      'nor an alias that another owner has marked',
      {
        managed: [a],
        aliases: [alias('x', 'a', { privateComment: markOf('a', 'else') })],
        people: [person('a', { aliases: ['x'] })],
      },
      [],
      ['foreign-owner x'],
    ],
    [
      'not when it is protected',
      { mailboxes: [mailbox('postmaster')], people: [person('p', { mail: 'postmaster' })] },
      [],
      ['(mailbox postmaster)'],
    ],
    [
      'not with the tag ldap-keep',
      { mailboxes: [mailbox('a', { tags: ['ldap-keep'] })], people: [person('a')] },
      [],
      ['(mailbox a)'],
    ],
  ])('%s', check);
});

describe('a rename (4.6)', () => {
  test.each<Row>([
    [
      'keeps the old address as an alias that mailcow makes',
      { managed: [a], people: [person('a', { mail: 'b' })] },
      ['rename mailbox a address=a->b'],
    ],
    [
      'comes before the new name',
      { managed: [a], people: [person('a', { mail: 'b', name: 'New' })] },
      ['rename mailbox a address=a->b', 'update mailbox b name=A->New'],
    ],
    [
      'takes aliases along by itself',
      { managed: [a, ownedAlias('x', 'a')], people: [person('a', { mail: 'b', aliases: ['x'] })] },
      ['rename mailbox a address=a->b'],
    ],
    [
      'comes before a deactivation',
      { managed: [a], people: [person('a', { mail: 'b', disabled: true })] },
      ['rename mailbox a address=a->b', 'deactivate mailbox b active=1->0'],
    ],
    [
      'of a deactivated mailbox of a disabled person waits',
      { managed: [aOff], people: [person('a', { mail: 'b', disabled: true })] },
      [],
      ['rename-waits-for-enable a', '(alias a)'],
    ],
    [
      'of a mailbox at 2 does not wait',
      {
        managed: [ownedMailbox('a', { mailbox: { active: 2 } })],
        people: [person('a', { mail: 'b', disabled: true })],
      },
      ['rename mailbox a address=a->b'],
    ],
    [
      'of a mailbox that an administrator deactivated waits',
      {
        managed: [ownedMailbox('a', { mailbox: { active: 0 }, row: { lastActive: true } })],
        people: [person('a', { mail: 'b' })],
      },
      [],
      ['rename-waits-for-enable a', '(alias a)'],
    ],
    [
      'gives the old address to a newcomer who asks for it',
      { managed: [a], people: [person('a', { mail: 'b' }), person('n', { mail: 'a' })] },
      ['rename mailbox a address=a->b', 'create mailbox a active=1 name=N quotaMiB=3072'],
    ],
    [
      'onto an alias of one’s own frees it first',
      { managed: [a, ownedAlias('b', 'a')], people: [person('a', { mail: 'b' })] },
      ['remove alias b', 'rename mailbox a address=a->b'],
    ],
    [
      'onto the managed alias of somebody else frees it first',
      {
        managed: [a, ownedMailbox('o'), ownedAlias('b', 'o')],
        people: [person('a', { mail: 'b' }), person('o')],
      },
      ['remove alias b', 'rename mailbox a address=a->b'],
    ],
    [
      'onto an alias that is not managed is not done',
      { managed: [a], aliases: [alias('b', 'z')], people: [person('a', { mail: 'b' })] },
      [],
      ['address-taken b', '(alias a)'],
    ],
    [
      'onto a mailbox that is not managed is not done',
      { managed: [a], mailboxes: [mailbox('b')], people: [person('a', { mail: 'b' })] },
      [],
      ['address-taken b', '(alias a)'],
    ],
    [
      'onto the mailbox of a leaver who is deactivated is not done',
      {
        managed: [a, ownedMailbox('b', { mailbox: { active: 0 } })],
        people: [person('a', { mail: 'b' })],
        gone: [person('b')],
      },
      [],
      ['address-taken b', '(alias a)'],
    ],
    [
      'onto the address of an entry in grace is not done',
      { managed: [a, ownedMailbox('b')], people: [person('a', { mail: 'b' })], inGrace: [person('b')] },
      [],
      ['address-has-former-owner b'],
    ],
    [
      'onto an alias that a rename left behind frees it first',
      {
        managed: [
          a,
          ownedMailbox('o', { at: 'o2' }),
          ownedAlias('o', 'o', { goto: 'o2', row: { origin: 'renamed' } }),
        ],
        people: [person('a', { mail: 'o' }), person('o', { mail: 'o2' })],
      },
      ['remove alias o', 'rename mailbox a address=a->o'],
    ],
    [
      'and back again swaps mailbox and alias',
      {
        managed: [
          ownedMailbox('a', { at: 'b' }),
          ownedAlias('a', 'a', { goto: 'b', row: { origin: 'renamed' } }),
        ],
        people: [person('a')],
      },
      ['remove alias a', 'rename mailbox b address=b->a'],
    ],
    [
      'in a chain frees the address at its end first',
      { managed: [a, ownedMailbox('b')], people: [person('a', { mail: 'b' }), person('b', { mail: 'c' })] },
      ['rename mailbox b address=b->c', 'rename mailbox a address=a->b'],
    ],
    [
      'in a chain whose end is taken is not done at all',
      {
        managed: [a, ownedMailbox('b')],
        mailboxes: [mailbox('c')],
        people: [person('a', { mail: 'b' }), person('b', { mail: 'c' })],
      },
      [],
      ['address-taken b', 'address-taken c', '(alias a)'],
    ],
    [
      'that is a swap is not done (4.12)',
      { managed: [a, ownedMailbox('b')], people: [person('a', { mail: 'b' }), person('b', { mail: 'a' })] },
      [],
      ['address-taken a', 'address-taken b'],
    ],
    [
      'in a circle of three is not done',
      {
        managed: [a, ownedMailbox('b'), ownedMailbox('c')],
        people: [person('a', { mail: 'b' }), person('b', { mail: 'c' }), person('c', { mail: 'a' })],
      },
      [],
      ['address-taken a', 'address-taken b', 'address-taken c'],
    ],
    [
      'into a contested address is not done',
      { managed: [a], people: [person('a', { mail: 'x' }), person('b', { mail: 'x' })] },
      [],
      ['duplicate-address x'],
    ],
    [
      'leaves the old address to somebody who has it as an alias',
      {
        managed: [a, ownedMailbox('b')],
        people: [person('a', { mail: 'c' }), person('b', { aliases: ['a'] })],
      },
      ['rename mailbox a address=a->c', 'create alias a active=1 goto=b'],
    ],
  ])('%s', check);

  test('the alias on the old address stays while nobody else wants it', () => {
    const managed = [
      ownedMailbox('a', { at: 'b' }),
      ownedAlias('a', 'a', { goto: 'b', row: { origin: 'renamed' } }),
    ];
    check('', { managed, people: [person('a', { mail: 'b' })] }, []);
    check(
      '',
      {
        managed: [...managed, ownedMailbox('c')],
        people: [person('a', { mail: 'b' }), person('c', { aliases: ['a'] })],
      },
      ['update alias a goto=b->c'],
    );
    check('', { managed, people: [person('a', { mail: 'b' }), person('n', { mail: 'a' })] }, [
      'remove alias a',
      'create mailbox a active=1 name=N quotaMiB=3072',
    ]);
  });
});

describe('another mail domain', () => {
  const moved = person('a', { mail: 'a@other.test' });
  test.each<Row>([
    [
      'is a new mailbox, the old one stays',
      { managed: [a], people: [moved] },
      ['create mailbox a@other.test active=1 name=A quotaMiB=3072'],
      ['mailbox-moved-domain a'],
    ],
    [
      'takes the aliases along',
      { managed: [a, ownedAlias('x', 'a')], people: [person('a', { mail: 'a@other.test', aliases: ['x'] })] },
      ['create mailbox a@other.test active=1 name=A quotaMiB=3072', 'update alias x goto=a->a@other.test'],
      ['mailbox-moved-domain a'],
    ],
    [
      'that is done leaves the old mailbox alone until the person leaves: then nobody logs in to either',
      {
        managed: [
          ownedMailbox('a', { row: { movedTo: 'a@other.test' } }),
          ownedMailbox('a', { at: 'a@other.test' }),
        ],
        gone: [moved],
      },
      ['deactivate mailbox a active=1->0', 'deactivate mailbox a@other.test active=1->0'],
      [],
    ],
    [
      'that mailcow does not have changes nothing',
      { managed: [a], people: [person('a', { mail: 'a@else.test' })] },
      [],
      [`unknown-domain ${dnOf('a')}`],
    ],
  ])('%s', check);
});

describe('new directory ids', () => {
  const dn = dnOf('a');
  test.each<Row>([
    [
      'of a person with the same DN take the mailbox over',
      { managed: [a], inGrace: [person('a')], people: [person('a2', { mail: 'a', name: 'A', dn })] },
      ['adopt mailbox a'],
    ],
    [
      'of a person with the same account name take the mailbox over',
      {
        managed: [a],
        inGrace: [person('a', { account: 'anna' })],
        people: [person('a2', { mail: 'a', name: 'A', account: 'ANNA' })],
      },
      ['adopt mailbox a'],
    ],
    [
      'of a stranger do not',
      { managed: [a], inGrace: [person('a')], people: [person('a2', { mail: 'a' })] },
      [],
      ['address-has-former-owner a'],
    ],
    [
      'in an incomplete reading do not',
      { managed: [a], inGrace: [person('a')], people: [person('a2', { mail: 'a', dn })], complete: false },
      [],
      ['address-has-former-owner a'],
    ],
    [
      'while the old one is still there do not',
      { managed: [a], people: [person('a'), person('a2', { mail: 'a', dn })] },
      [],
      ['duplicate-address a'],
    ],
    [
      'for everybody (a rebuilt directory) take over everything',
      {
        managed: [a, ownedMailbox('b'), ownedAlias('x', 'a')],
        inGrace: [person('a', { aliases: ['x'] }), person('b')],
        people: [
          person('a2', { mail: 'a', name: 'A', dn, aliases: ['x'] }),
          person('b2', { mail: 'b', name: 'B', dn: dnOf('b') }),
        ],
      },
      ['adopt mailbox a', 'adopt mailbox b'],
    ],
  ])('%s', check);
});

describe('who is managed and cannot be understood (4.2)', () => {
  const managed = [a, ownedAlias('x', 'a')];
  test.each<Row>([
    [
      'keeps mailbox and aliases without an address',
      { managed, people: [person('a', { mail: undefined })] },
      [],
      [`no-address ${dnOf('a')}`],
    ],
    [
      'keeps them with several addresses',
      { managed, people: [person('a', { mail: ['a', 'b'] })] },
      [],
      [`several-addresses ${dnOf('a')}`],
    ],
    [
      'keeps them with an invalid address',
      { managed, people: [person('a', { mail: 'not an address' })] },
      [],
      [`invalid-address ${dnOf('a')}`],
    ],
    [
      'keeps them when the domain is gone from mailcow',
      { managed, people: [person('a')], domains: [] },
      [],
      [`unknown-domain ${dnOf('a')}`],
    ],
    [
      'keeps them in a contested address (4.8)',
      { managed, people: [person('a'), person('b', { mail: 'a' })] },
      [],
      ['duplicate-address a'],
    ],
    [
      'keeps them although disabled',
      { managed, people: [person('a', { mail: undefined, disabled: true })] },
      [],
      [`no-address ${dnOf('a')}`],
    ],
  ])('%s', check);
});

describe('an alias', () => {
  const managed = [a, ownedMailbox('b'), ownedAlias('x', 'a')];
  test.each<Row>([
    [
      'that its owner gave up is removed (4.10)',
      { managed, people: [person('a'), person('b')] },
      ['remove alias x'],
    ],
    [
      'that moves to another person leads there',
      { managed, people: [person('a'), person('b', { aliases: ['x'] })] },
      ['update alias x goto=a->b'],
    ],
    [
      'that two people claim stays as it is (4.8)',
      { managed, people: [person('a', { aliases: ['x'] }), person('b', { aliases: ['x'] })] },
      [],
      ['alias-claimed-twice x'],
    ],
    [
      'that a group claims too stays as it is',
      { managed, people: [person('a', { aliases: ['x'] }), person('b')], groups: [group('x')] },
      [],
      ['alias-claimed-twice x'],
    ],
    [
      'of somebody in grace is not given to another',
      { managed, people: [person('b', { aliases: ['x'] })], inGrace: [person('a', { aliases: ['x'] })] },
      [],
      ['alias-claimed-twice x'],
    ],
    [
      'of somebody who is gone is given to another',
      {
        managed: [aOff, ownedMailbox('b'), ownedAlias('x', 'a', { alias: { active: 0 } })],
        people: [person('b', { aliases: ['x'] })],
        gone: [person('a')],
      },
      ['update alias x active=0->1 goto=a->b'],
    ],
    [
      'that is protected is left alone',
      { managed: [a, ownedAlias('abuse', 'a')], people: [person('a')] },
      [],
    ],
    [
      'that would be protected is not made',
      {
        managed: [a],
        people: [person('a', { aliases: ['hostmaster'] })],
        settings: { protectedAddresses: new Set([at('hostmaster')]) },
      },
      [],
      ['(alias hostmaster)'],
    ],
    [
      'is left out with LDAP_MAILCOW_SYNC_ALIASES=false',
      { managed, people: [person('a'), person('b', { aliases: ['y'] })], settings: { syncAliases: false } },
      [],
    ],
    [
      'that its owner gave up and that should be a mailbox now is removed first',
      { managed, people: [person('a'), person('b'), person('n', { mail: 'x' })] },
      ['remove alias x', 'create mailbox x active=1 name=N quotaMiB=3072'],
    ],
    [
      'of an entry that cannot be understood is no mailbox of somebody else (4.2)',
      { managed, people: [person('a', { mail: undefined }), person('b'), person('n', { mail: 'x' })] },
      [],
      ['address-taken x', `no-address ${dnOf('a')}`],
    ],
    [
      'that is not managed and stands where a mailbox should be is left',
      { aliases: [alias('n', 'z')], people: [person('n', { aliases: ['y'] })] },
      [],
      ['address-taken n', '(alias y)'],
    ],
    [
      'on the address of a mailbox that is not managed is a finding',
      { managed: [a], mailboxes: [mailbox('x')], people: [person('a', { aliases: ['x'] })] },
      [],
      ['alias-is-mailbox x'],
    ],
  ])('%s', check);
});

describe('aliases only (LDAP_MAILCOW_SYNC_MAILBOXES=false)', () => {
  const only = { syncMailboxes: false, disableDeleted: false };
  test.each<Row>([
    [
      'aliases of people with a mailbox, no mailboxes',
      {
        mailboxes: [mailbox('a')],
        people: [person('a', { aliases: ['x'], name: 'New' }), person('b', { aliases: ['y'] })],
        settings: only,
      },
      ['create alias x active=1 goto=a'],
      ['no-mailbox b'],
    ],
    [
      'an alias that was given up is removed',
      { mailboxes: [mailbox('a')], managed: [ownedAlias('x', 'a')], people: [person('a')], settings: only },
      ['remove alias x'],
    ],
    [
      'who leaves keeps the aliases',
      {
        mailboxes: [mailbox('a')],
        managed: [ownedAlias('x', 'a')],
        gone: [person('a', { aliases: ['x'] })],
        settings: only,
      },
      [],
      ['(alias x)'],
    ],
  ])('%s', check);
});

describe('what mailcow would refuse is not sent', () => {
  const room = (fields: Partial<Domain>): readonly Domain[] => [domain('example.test', fields)];
  test.each<Row>([
    [
      'no place for a mailbox',
      { domains: room({ mailboxes: 5, maxMailboxes: 5 }), people: [person('a', { aliases: ['x'] })] },
      [],
      ['domain-mailboxes-full a', '(alias x)'],
    ],
    [
      'no place for an alias',
      {
        domains: room({ aliases: 5, maxAliases: 5 }),
        managed: [a],
        people: [person('a', { aliases: ['x'] })],
      },
      [],
      ['domain-aliases-full x'],
    ],
    [
      'more than the domain allows a mailbox',
      { domains: room({ maxMailboxQuotaMiB: 100 }), people: [person('a', { quotaMiB: 101 })] },
      [],
      ['quota-exceeds-domain-maximum a'],
    ],
    [
      'more than the domain has left',
      { domains: room({ quotaMiB: 100, quotaUsedMiB: 50 }), people: [person('a', { quotaMiB: 51 })] },
      [],
      ['domain-quota-full a'],
    ],
    [
      'a raise that does not fit, while the name follows',
      {
        domains: room({ quotaMiB: 4000, quotaUsedMiB: 3072 }),
        managed: [a],
        people: [person('a', { name: 'New', quotaMiB: 4001 })],
      },
      ['update mailbox a name=A->New'],
      ['domain-quota-full a'],
    ],
    [
      'the second of two that fit only alone',
      { domains: room({ mailboxes: 4, maxMailboxes: 5 }), people: [person('a'), person('b')] },
      ['create mailbox a active=1 name=A quotaMiB=3072'],
      ['domain-mailboxes-full b'],
    ],
    [
      'a list that repeats a place that was just taken',
      {
        domains: room({ aliases: 4, maxAliases: 5 }),
        managed: [a],
        people: [person('a', { aliases: ['x', 'y'] })],
      },
      ['create alias x active=1 goto=a'],
      ['domain-aliases-full y'],
    ],
  ])('%s', check);
});

describe('hands off (4.7)', () => {
  const keep = ownedMailbox('a', { mailbox: { tags: [markOf('a'), 'ldap-keep'] } });
  const protectedA = { protectedAddresses: new Set([at('a')]) };
  test.each<Row>([
    ['ldap-keep: no field', { managed: [keep], people: [person('a', { name: 'New' })] }, [], ['(mailbox a)']],
    [
      'ldap-keep: no deactivation',
      { managed: [keep], people: [person('a', { disabled: true })] },
      [],
      ['(mailbox a)'],
    ],
    ['ldap-keep: a leaver stays', { managed: [keep], gone: [person('a')] }, [], ['(mailbox a)']],
    [
      'PROTECTED: no field',
      { managed: [a], people: [person('a', { name: 'New' })], settings: protectedA },
      [],
      ['(mailbox a)'],
    ],
    [
      'PROTECTED: a leaver stays',
      { managed: [a], gone: [person('a')], settings: protectedA },
      [],
      ['(mailbox a)'],
    ],
    [
      'postmaster@ is not made',
      { people: [person('p', { mail: 'Postmaster@other.test' })] },
      [],
      ['(mailbox postmaster@other.test)'],
    ],
  ])('%s', check);
});

test('drift is only reported with LDAP_MAILCOW_DRIFT=report', () => {
  const applied = { name: 'A', quotaMiB: 3072 };
  const changedBy = ownedMailbox('a', { mailbox: { name: 'By hand' }, row: { applied } });
  const people = [person('a')];
  check('', { managed: [changedBy], people }, ['update mailbox a name=By hand->A']);
  check('', { managed: [changedBy], people, settings: { reportDrift: true } }, [], ['drift a']);
  // What the directory changed is written all the same.
  check(
    '',
    { managed: [changedBy], people: [person('a', { name: 'New' })], settings: { reportDrift: true } },
    ['update mailbox a name=By hand->New'],
  );
});

test('a mailbox that an administrator deleted is made anew', () => {
  check('', { managed: [{ row: row('mailbox', 'a', { directoryId: 'a' }) }], people: [person('a')] }, [
    'create mailbox a active=1 name=A quotaMiB=3072',
  ]);
});
