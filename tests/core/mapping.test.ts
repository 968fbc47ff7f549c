import { describe, expect, test } from '@jest/globals';
import {
  attributesOfGroups,
  attributesOfPeople,
  dialectDefaults,
  resolveMapping,
} from '../../src/core/mapping.ts';
import type { DialectName } from '../../src/core/model.ts';

const dialects: readonly DialectName[] = ['active-directory', 'openldap', 'freeipa', 'lldap'];

test('what the operator says wins over the dialect, in lower case', () => {
  expect(
    resolveMapping(
      {
        mail: 'MailPrimary',
        name: ['givenName+sn', 'Title'],
        aliases: ['otherMailbox'],
        quota: 'mailQuota',
        active: 'mailActive',
        tlsEnforceIn: 'tlsIn',
        tlsEnforceOut: 'tlsOut',
        login: { attribute: 'userPrincipalName', localPart: true },
        disabled: { kind: 'none' },
        groupPolicy: 'mailPolicy',
      },
      'active-directory',
    ),
  ).toEqual({
    mail: 'mailprimary',
    name: [['givenname', 'sn'], ['title'], ['displayname'], ['givenname', 'sn'], ['cn']],
    aliases: ['othermailbox'],
    quota: 'mailquota',
    active: 'mailactive',
    tlsEnforceIn: 'tlsin',
    tlsEnforceOut: 'tlsout',
    login: { attribute: 'userprincipalname', localPart: true },
    account: 'samaccountname',
    disabled: { kind: 'none' },
    memberDn: ['member'],
    memberAccount: [],
    primaryGroup: { ofPerson: 'primarygroupid', ofGroup: 'primarygrouptoken' },
    groupPolicy: 'mailpolicy',
  });
});

test('without settings a dialect knows its own attributes', () => {
  expect(resolveMapping({}, 'active-directory')).toEqual({
    mail: 'mail',
    name: [['displayname'], ['givenname', 'sn'], ['cn']],
    aliases: ['proxyaddresses'],
    account: 'samaccountname',
    disabled: { kind: 'user-account-control' },
    memberDn: ['member'],
    memberAccount: [],
    primaryGroup: { ofPerson: 'primarygroupid', ofGroup: 'primarygrouptoken' },
  });
});

describe.each(dialects)('%s', (dialect) => {
  const mapping = resolveMapping({}, dialect);

  test('asks for the address, the account name, names, aliases and what disables', () => {
    const asked = attributesOfPeople(mapping);
    expect(asked).toEqual([...new Set(asked)].sort());
    for (const name of [mapping.mail, mapping.account, 'cn', 'sn', ...mapping.aliases])
      expect(asked).toContain(name);
  });

  test('asks of groups for the address, the name, further addresses and the members', () => {
    const asked = attributesOfGroups(mapping);
    expect(asked).toEqual([...new Set(asked)].sort());
    for (const name of ['mail', 'cn', 'member', ...mapping.aliases]) expect(asked).toContain(name);
  });

  test('finds people by a filter that does not ask for a mail address', () => {
    expect(dialectDefaults[dialect].userFilter).not.toContain('mail');
  });
});

test('every attribute that a setting names is asked for', () => {
  const named = { quota: 'Q', active: 'A', tlsEnforceIn: 'I', tlsEnforceOut: 'O' };
  const rule = { kind: 'attribute', attribute: 'Status', values: ['x'] } as const;
  const asked = attributesOfPeople(resolveMapping({ ...named, disabled: rule }, 'openldap'));
  expect(asked).toEqual(expect.arrayContaining(['q', 'a', 'i', 'o', 'status']));
});

test('groups name members by account name where posixGroup is known', () => {
  const accounts = dialects.filter((dialect) =>
    attributesOfGroups(resolveMapping({}, dialect)).includes('memberuid'),
  );
  expect(accounts).toEqual(['openldap', 'freeipa']);
});

test('of Active Directory the primary group is asked for on both sides', () => {
  const mapping = resolveMapping({}, 'active-directory');
  expect(attributesOfPeople(mapping)).toContain('primarygroupid');
  expect(attributesOfGroups(mapping)).toContain('primarygrouptoken');
});

test('the attribute with the policy of a group is asked for', () => {
  const mapping = resolveMapping({ groupPolicy: 'businessCategory' }, 'openldap');
  expect(attributesOfGroups(mapping)).toContain('businesscategory');
});
