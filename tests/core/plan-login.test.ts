import { describe, expect, test } from '@jest/globals';
import { group, mailbox, markOf, ownedMailbox, person } from '../support/builders.ts';
import { briefRow, type Scene } from '../support/builders-plan.ts';

const provider = { logins: 'provider' as const };
const ready = { ...provider, authSource: 'ldap' as const };
const migrating = { ...ready, migrateAuth: 'ldap' as const };
const source = (authSource: string) => ({ authSource });

describe('logins by mailcow’s identity provider', () => {
  test.each<[string, Scene, { writes: readonly string[]; notes: readonly string[] }]>([
    [
      'new mailboxes of people use it',
      { people: [person('a')], settings: ready },
      { writes: ['create mailbox a active=1 authSource=ldap name=A quotaMiB=3072'], notes: [] },
    ],
    [
      'before it is ready they get a password that nobody has',
      { people: [person('a')], settings: provider },
      { writes: ['create mailbox a active=1 name=A password=random quotaMiB=3072'], notes: [] },
    ],
    [
      'those that are there stay as they are',
      { people: [person('a')], managed: [ownedMailbox('a')], settings: ready },
      { writes: [], notes: [] },
    ],
    [
      'unless they are to migrate',
      { people: [person('a')], managed: [ownedMailbox('a')], settings: migrating },
      { writes: ['update mailbox a authSource=mailcow->ldap'], notes: [] },
    ],
    [
      'or were made while it was not ready',
      {
        people: [person('a')],
        managed: [ownedMailbox('a', { row: { applied: { loginWaits: true } } })],
        settings: ready,
      },
      { writes: ['update mailbox a authSource=mailcow->ldap'], notes: [] },
    ],
    [
      'what is off waits until it works again',
      {
        people: [person('a', { disabled: true }), person('b')],
        managed: [
          ownedMailbox('a', { mailbox: { active: 0 } }),
          ownedMailbox('b', { mailbox: { active: 0 }, row: { lastActive: false } }),
        ],
        settings: migrating,
      },
      {
        writes: ['reactivate mailbox b active=0->1', 'update mailbox b authSource=mailcow->ldap'],
        notes: [],
      },
    ],
    [
      'logins that are not ours are left alone',
      {
        people: [person('a')],
        managed: [ownedMailbox('a', { mailbox: source('generic-oidc') })],
        settings: migrating,
      },
      { writes: [], notes: ['(mailbox a)'] },
    ],
    [
      'what is kept or protected is left alone',
      {
        people: [person('a')],
        managed: [ownedMailbox('a', { mailbox: { tags: [markOf('a'), 'ldap-keep'] } })],
        settings: migrating,
      },
      { writes: [], notes: ['(mailbox a)'] },
    ],
    [
      'who is adopted comes first of all under the mark',
      { people: [person('a')], mailboxes: [mailbox('a')], settings: migrating },
      { writes: ['adopt mailbox a'], notes: [] },
    ],
    [
      'a change made in mailcow is only said, with DRIFT=report',
      {
        people: [person('a')],
        managed: [ownedMailbox('a', { row: { applied: { authSource: 'ldap' } } })],
        settings: { ...migrating, reportDrift: true },
      },
      { writes: [], notes: ['drift a'] },
    ],
  ])('%s', (_what, scene, row) => {
    expect(briefRow(scene)).toEqual(row);
  });
});

describe('a person who can open the mailbox of another', () => {
  const foreign = mailbox('a', { tags: [markOf('x', 'others')], authSource: 'ldap' });
  const ofAnother = ownedMailbox('x', { at: 'a', mailbox: source('ldap') });
  const people = [person('a')];
  const templates = { logins: 'templates' as const };
  const found = 'login-to-foreign-mailbox a';
  test.each<[string, Scene, readonly string[]]>([
    ['of another owner', { people, mailboxes: [foreign], settings: provider }, ['foreign-owner a', found]],
    [
      'of another id',
      { people, managed: [ofAnother], inGrace: [person('x', { mail: 'y' })], settings: provider },
      ['address-has-former-owner a', found],
    ],
    [
      'that is not adopted',
      { people, mailboxes: [mailbox('a', source('ldap'))], settings: { ...provider, adopt: false } },
      [found, '(mailbox a)'],
    ],
    [
      'that is kept from us',
      { people, mailboxes: [mailbox('a', { tags: ['ldap-keep'] })], settings: templates },
      [found, '(mailbox a)'],
    ],
    [
      'in the way of a rename',
      {
        people: [person('p', { mail: 'a' })],
        managed: [ownedMailbox('p')],
        mailboxes: [mailbox('a')],
        settings: templates,
      },
      ['address-taken a', found, '(alias p)'],
    ],
    [
      'but not where mailcow itself checks the password, with its provider',
      { people, mailboxes: [mailbox('a')], settings: { ...provider, adopt: false } },
      ['(mailbox a)'],
    ],
    [
      'but not without logins by the directory',
      { people, mailboxes: [mailbox('a', source('ldap'))], settings: { adopt: false } },
      ['(mailbox a)'],
    ],
    [
      'but not who is disabled there',
      {
        people: [person('a', { disabled: true })],
        mailboxes: [mailbox('a')],
        settings: { ...templates, adopt: false },
      },
      ['(mailbox a)'],
    ],
    [
      'but not a mailbox of the person',
      {
        people,
        mailboxes: [mailbox('a', { tags: [markOf('a'), 'ldap-keep'] })],
        settings: templates,
      },
      ['(mailbox a)'],
    ],
  ])('%s', (_what, scene, notes) => {
    expect([...briefRow(scene).notes].sort()).toEqual([...notes].sort());
  });

  test('a list is nobody who logs in', () => {
    const asMailbox = { ignore: false, internal: false, sendAs: false, mailbox: true } as const;
    const { writes, notes } = briefRow({
      people: [person('p')],
      groups: [group('l', { members: ['p'] })],
      managed: [ownedMailbox('p')],
      groupPolicies: [{ pattern: '*', policy: asMailbox }],
      settings: { ...migrating, logins: 'templates' },
    });
    expect(writes.filter((write) => write.includes('mailbox l') && write.includes('authSource'))).toEqual([]);
    expect(notes).toEqual([]);
  });
});
