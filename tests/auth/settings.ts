/** Settings as an operator with Active Directory has them. */
import type { LoginSettings } from '../../src/auth/settings.ts';

export const loginSettings = (changes: Partial<LoginSettings> = {}): LoginSettings => ({
  uris: ['ldap://dc1.example.org', 'ldap://dc2.example.org:1389'],
  baseDn: 'dc=example,dc=org',
  scope: 'sub',
  bindDn: 'cn=reader,dc=example,dc=org',
  bindPassword: 'change-me',
  startTls: false,
  tls: { verify: true },
  userFilter: '(&(objectClass=user)(objectCategory=person))',
  disabled: { kind: 'user-account-control' },
  mail: 'mail',
  ...changes,
});
