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
        login: 'userPrincipalName',
        disabled: { kind: 'none' },
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
    login: 'userprincipalname',
    account: 'samaccountname',
    disabled: { kind: 'none' },
  });
});

test('without settings a dialect knows its own attributes', () => {
  expect(resolveMapping({}, 'active-directory')).toEqual({
    mail: 'mail',
    name: [['displayname'], ['givenname', 'sn'], ['cn']],
    aliases: ['proxyaddresses'],
    account: 'samaccountname',
    disabled: { kind: 'user-account-control' },
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

  test('asks of groups for the address, the name and further addresses', () => {
    expect(attributesOfGroups(mapping)).toEqual([...new Set(['mail', 'cn', ...mapping.aliases])].sort());
  });

  test('finds people by a filter that does not ask for a mail address', () => {
    expect(dialectDefaults[dialect].userFilter).not.toContain('mail');
  });
});

test('every attribute that a setting names is asked for', () => {
  const named = { quota: 'Q', active: 'A', tlsEnforceIn: 'I', tlsEnforceOut: 'O', login: 'L' };
  const rule = { kind: 'attribute', attribute: 'Status', values: ['x'] } as const;
  const asked = attributesOfPeople(resolveMapping({ ...named, disabled: rule }, 'openldap'));
  expect(asked).toEqual(expect.arrayContaining(['q', 'a', 'i', 'o', 'l', 'status']));
});
