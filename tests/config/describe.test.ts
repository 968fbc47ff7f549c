import { describe, expect, test } from '@jest/globals';
import { describeSettings } from '../../src/config/describe.ts';
import { configDigest, readingScope } from '../../src/config/digest.ts';
import { allSettings } from '../../src/config/schema.ts';
import type { Environment } from '../../src/config/layers.ts';
import { load } from './builders.ts';

describe('what check shows', () => {
  const shown = (settings: Environment, name: string): unknown =>
    describeSettings(load(settings)).find((setting) => setting.name === `LDAP_MAILCOW_${name}`);

  test('every setting, in the order of the reference', () => {
    expect(describeSettings(load()).map(({ name }) => name)).toEqual(
      allSettings.map(({ setting }) => `LDAP_MAILCOW_${setting.name}`),
    );
  });

  test.each<readonly [Environment, string, readonly [value: string, origin: string]]>([
    [{}, 'SYNC_INTERVAL', ['300', 'default']],
    [{ SYNC_INTERVAL: '60' }, 'SYNC_INTERVAL', ['60', 'environment']],
    [{}, 'SYNC_MAILBOXES', ['false', 'default, because API_QUOTA is not set']],
    [{ API_QUOTA: '1' }, 'SYNC_MAILBOXES', ['true', 'default, because API_QUOTA is set']],
    [{ API_QUOTA: '1' }, 'DISABLE_DELETED_USERS', ['true', 'default, because mailboxes are synced']],
    [{}, 'DB', ['data/ldap-mailcow.sqlite3', 'default, because there is no folder /db']],
    [{}, 'LDAP_FILTER', ['', 'not set: the filter of the dialect']],
    [{}, 'NAME_ATTRIBUTE', ['', 'not set: displayName, else givenName+sn, else cn']],
    [{ DISABLED_RULE: 'auto' }, 'DISABLED_RULE', ['auto', 'environment']],
    [{ DISABLED_RULE: 'status=left' }, 'DISABLED_RULE', ['status=left', 'environment']],
    [{ API_HOST: 'mail.example.test' }, 'API_HOST', ['https://mail.example.test', 'environment']],
    [{ LDAP_URI: 'ldaps://A,ldaps://b' }, 'LDAP_URI', ['ldaps://a, ldaps://b', 'environment']],
    [{}, 'PROTECTED', ['', 'default']],
    [{}, 'GROUP_POLICY', ['', 'default']],
    [{ GROUP_POLICY: 'a=list, b=internal' }, 'GROUP_POLICY', ['a=list, b=internal', 'environment']],
  ])('%j: %s is shown as %j', (settings, name, [value, origin]) => {
    expect(shown(settings, name)).toEqual({ name: `LDAP_MAILCOW_${name}`, value, origin });
  });
});

describe('the digest', () => {
  const digest = (settings: Environment = {}): string => configDigest(load(settings).config);

  test.each<[Environment]>([
    [{ LDAP_FILTER: '(a=b)' }],
    [{ LDAP_BASE_DN: 'dc=other' }],
    [{ QUOTA_ATTRIBUTE: 'mailQuota' }],
    [{ DISABLED_RULE: 'none' }],
    [{ API_HOST: 'https://other.example.test' }],
    [{ API_QUOTA: '3072' }],
    [{ POLICY: 'observe' }],
    [{ PROTECTED: 'a@example.test' }],
    [{ OWNER: 'school' }],
    [{ SYNC_GROUPS: 'false' }],
    [{ LDAP_GROUP_MEMBER_FILTER: '(uid={MEMBER_CN})' }],
    [{ GROUP_EXTERNAL_MEMBERS: 'true' }],
    [{ GROUP_POLICY: '*=internal' }],
    [{ GROUP_POLICY_ATTRIBUTE: 'businessCategory' }],
    [{ DELETE_AFTER_DAYS: '30' }],
  ])('changes with %j', (settings) => {
    expect(digest(settings)).not.toBe(digest());
  });

  test.each<[Environment]>([
    [{ LDAP_BIND_DN_PASSWORD: 'another' }],
    [{ API_KEY: 'another' }],
    [{ SYNC_INTERVAL: '5' }],
    [{ GRACE_SPACING: '0' }],
    [{ LDAP_TIMEOUT: '5' }],
    [{ LDAP_PAGE_SIZE: '5' }],
    [{ LOG_LEVEL: 'debug' }],
    [{ DB: 'other.sqlite3' }],
    [{ POLICY: 'sync' }],
    [{ DISABLED_RULE: 'auto' }],
  ])('does not change with %j', (settings) => {
    expect(digest(settings)).toBe(digest());
  });

  test('is SHA-256 in hex', () => {
    expect(digest()).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('the scope of a reading', () => {
  const scope = (settings: Environment = {}): string => readingScope(load(settings).config);

  test.each<[Environment]>([
    [{ LDAP_URI: 'ldaps://other.example.test' }],
    [{ LDAP_BASE_DN: 'ou=people,dc=example,dc=test' }],
    [{ LDAP_SCOPE: 'one' }],
    [{ LDAP_FILTER: '(a=b)' }],
    [{ LDAP_GROUP_FILTER: '(a=b)' }],
    [{ LDAP_GROUP_MEMBER_FILTER: '(uid={MEMBER_CN})' }],
    [{ GROUP_EXTERNAL_MEMBERS: 'true' }],
    [{ LDAP_DIALECT: 'openldap' }],
    [{ LDAP_ID_ATTRIBUTE: 'entryUUID' }],
  ])('changes with %j', (settings) => {
    expect(scope(settings)).not.toBe(scope());
  });

  test('is that of versions that did not know who else may be a member, while nobody else may', () => {
    expect(Object.keys(JSON.parse(scope()) as object)).toEqual([
      'uris',
      'baseDn',
      'scope',
      'userFilter',
      'groupFilter',
      'dialect',
      'idAttribute',
    ]);
  });

  test('does not change with a switch that the member filter makes void', () => {
    const filter = { LDAP_GROUP_MEMBER_FILTER: '(uid={MEMBER_CN})' };
    expect(scope({ ...filter, GROUP_EXTERNAL_MEMBERS: 'true' })).toBe(scope(filter));
    expect(scope({ LDAP_GROUP_MEMBER_FILTER: '(cn={MEMBER_CN})' })).not.toBe(scope(filter));
  });

  test('does not change with the order of servers, the spelling of the base, or anything else', () => {
    expect(scope({ LDAP_BASE_DN: 'DC=Example, DC=Test' })).toBe(scope());
    expect(scope({ LDAP_URI: 'ldaps://a ldaps://b' })).toBe(scope({ LDAP_URI: 'ldaps://B/,ldaps://a' }));
    expect(scope({ LDAP_BIND_DN_PASSWORD: 'x', POLICY: 'observe', LDAP_BIND_DN: 'cn=y' })).toBe(scope());
  });
});
