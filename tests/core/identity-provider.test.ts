import { describe, expect, test } from '@jest/globals';
import {
  desiredProvider,
  judgeProvider,
  providerIdentity,
  providerText,
  serversProblem,
  type LdapProvider,
} from '../../src/core/identity-provider.ts';
import { loginFilter } from '../../src/core/login-filter.ts';
import type { DisabledRule } from '../../src/core/mapping.ts';

const settings = {
  uris: ['ldaps://DC1.example.test', 'ldaps://dc2.example.test:636/'],
  baseDn: 'dc=example,dc=test',
  bindDn: 'cn=reader,dc=example,dc=test',
  bindPassword: 'secret-of-it',
  startTls: true,
  tlsVerify: true,
};
const rules = { mail: 'mail', filter: '(objectClass=user)' };
const desired = desiredProvider(settings, rules);
const shown = (fields: Partial<LdapProvider> = {}) => ({
  kind: 'ldap' as const,
  ldap: { ...desired, ...fields },
});

describe('the provider that the settings ask for', () => {
  test('has several hosts, one port and one kind of connection', () => {
    expect(desired).toMatchObject({
      hosts: ['dc1.example.test', 'dc2.example.test'],
      port: 636,
      ssl: true,
      // Of no meaning beside ldaps.
      startTls: false,
      ignoreSslError: false,
      usernameField: 'mail',
      mappers: 'none',
      periodicSync: false,
      importUsers: false,
      loginProvisioning: false,
    });
    const plain = desiredProvider({ ...settings, uris: ['ldap://[::1]:3389'], tlsVerify: false }, rules);
    expect(plain).toMatchObject({
      hosts: ['[::1]'],
      port: 3389,
      ssl: false,
      startTls: true,
      ignoreSslError: true,
    });
  });

  test.each<[readonly string[], RegExp | undefined]>([
    [['ldaps://a', 'ldaps://b:636'], undefined],
    [['ldap://a', 'ldap://b:389'], undefined],
    [['ldaps://a', 'ldap://b'], /one kind of connection/],
    [['ldaps://a', 'ldaps://b:3269'], /one port for all servers, and here are 636 and 3269/],
    [[], /URI/],
  ])('cannot be asked for with %j', (uris, problem) => {
    const found = serversProblem(uris);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });

  test('is told by its directory and account, not by its password', () => {
    const other = { ...desired, bindPassword: 'another', hosts: [...desired.hosts].reverse() };
    expect(providerIdentity(other)).toBe(providerIdentity(desired));
    for (const text of [providerIdentity(desired), providerText(desired)])
      expect(text).not.toContain('secret-of-it');
  });
});

describe('whose the provider is that mailcow shows', () => {
  const identity = providerIdentity(desired);
  const kindOf = (fields: Partial<LdapProvider>, written?: string): string =>
    judgeProvider(shown(fields), desired, written).kind;

  test('nobody’s, ours, or another’s', () => {
    expect(judgeProvider(undefined, desired, identity).kind).toBe('absent');
    expect(kindOf({})).toBe('equal');
    expect(judgeProvider({ kind: 'other', type: 'keycloak' }, desired, identity).kind).toBe('foreign');
    expect(kindOf({ baseDn: 'dc=other' })).toBe('foreign');
    expect(kindOf({ baseDn: 'dc=other' }, providerIdentity({ ...desired, baseDn: 'DC=Other' }))).toBe(
      'differs',
    );
  });

  test('ours with the same directory and account, unless it does more than we would, and we have not written it', () => {
    expect(kindOf({ filter: '(cn=*)', bindPassword: 'old' })).toBe('differs');
    expect(kindOf({ mappers: 'missing' })).toBe('differs');
    for (const more of [
      { mappers: 'some' as const },
      { periodicSync: true },
      { importUsers: true },
      { loginProvisioning: true },
      { defaultTemplate: 'staff' },
    ]) {
      expect(kindOf(more)).toBe('foreign');
      expect(kindOf(more, identity)).toBe('differs');
    }
  });

  test('what differs is named without its values', () => {
    const verdict = judgeProvider(shown({ filter: '(cn=*)', bindPassword: 'old' }), desired, undefined);
    expect(verdict).toEqual({ kind: 'differs', fields: ['bindPassword', 'filter'] });
  });
});

describe('the filter for logins', () => {
  const filter = (disabled: DisabledRule, seen: readonly string[] = [], active?: string): string =>
    loginFilter('(cn=*)', { disabled, ...(active !== undefined && { active }) }, new Set(seen));

  test('leaves out who is disabled', () => {
    expect(filter({ kind: 'none' })).toBe('(cn=*)');
    expect(filter({ kind: 'user-account-control' })).toBe(
      '(&(cn=*)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))',
    );
    expect(filter({ kind: 'ns-account-lock' }, ['nsaccountlock'])).toBe('(&(cn=*)(!(nsAccountLock=TRUE)))');
    expect(filter({ kind: 'pwd-account-locked-time' }, ['pwdaccountlockedtime'])).toBe(
      '(&(cn=*)(!(pwdAccountLockedTime=000001010000Z)))',
    );
    expect(filter({ kind: 'attribute', attribute: 'state', values: ['left'] }, ['state'])).toBe(
      '(&(cn=*)(!(state=left)))',
    );
    expect(filter({ kind: 'attribute', attribute: 'State', values: ['a*b', '(c)\\'] }, ['state'])).toBe(
      '(&(cn=*)(!(|(State=a\\2ab)(State=\\28c\\29\\5c))))',
    );
    expect(filter({ kind: 'none' }, ['works'], 'works')).toBe(
      '(&(cn=*)(|(!(works=*))(works=TRUE)(works=1)(works=yes)(works=y)(works=on)))',
    );
  });

  test('asks for no attribute that nobody was seen with: a server may not know it, and then nobody could log in', () => {
    expect(filter({ kind: 'pwd-account-locked-time' }, [], 'works')).toBe('(cn=*)');
    expect(filter({ kind: 'attribute', attribute: 'state', values: ['left'] })).toBe('(cn=*)');
  });
});
