/** The config.json of mailcow-ldap-sync, with every key. */
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load.ts';
import { importConfig } from '../../src/config/old-config.ts';
import { filesOf } from './builders.ts';

const readme = {
  ldap: {
    uri: 'ldap://ldap.example.test',
    allow_self_signed: false,
    bind_dn: 'cn=reader,dc=example,dc=test',
    bind_pw: "it's #1",
    user_search_base: 'ou=people,dc=example,dc=test',
    user_search_filter: '(objectClass=inetOrgPerson)',
    user_mapping: {
      mail: 'mail',
      firstname: 'givenName',
      lastname: 'sn',
      password: 'userPassword',
      quota: 'MailQuota',
      active: '',
      tls_enforce_in: '',
      tls_enforce_out: '',
    },
  },
  mailcow_host: 'mail.example.test',
  mailcow_api_key: 'ABCDEF-123456',
};

const textOf = (config: unknown): string => {
  const imported = importConfig(JSON.stringify(config));
  if ('problem' in imported) throw new Error(imported.problem);
  return imported.text;
};

const loadOf = (config: unknown) =>
  loadConfig({ env: {}, envFile: '/old.env', files: filesOf({ '/old.env': textOf(config) }) });

const withMapping = (mapping: Readonly<Record<string, string>>) => ({
  ...readme,
  ldap: { ...readme.ldap, user_mapping: { ...readme.ldap.user_mapping, ...mapping } },
});

describe('import-config', () => {
  test('understands the file of the README', () => {
    const { config, predecessor } = loadOf(readme);
    expect(config.ldap).toMatchObject({
      uris: ['ldap://ldap.example.test'],
      baseDn: 'ou=people,dc=example,dc=test',
      bindDn: 'cn=reader,dc=example,dc=test',
      bindPassword: "it's #1",
      userFilter: '(objectClass=inetOrgPerson)',
      tlsVerify: true,
    });
    expect(config.mapping).toEqual({
      mail: 'mail',
      name: ['givenName+sn'],
      quota: 'MailQuota',
      tlsEnforceInAlways: true,
      tlsEnforceOutAlways: true,
      disabled: { kind: 'none' },
    });
    expect(config.mailcow).toMatchObject({ url: 'https://mail.example.test', apiKey: 'ABCDEF-123456' });
    expect(config.sync).toMatchObject({
      mailboxes: true,
      aliases: false,
      groups: false,
      disableDeletedUsers: true,
    });
    expect(config.timing.deleteAfterDays).toBeUndefined();
    expect(predecessor).toContain('myOmikron/mailcow-ldap-sync');
  });

  test('takes mapped attributes for what they are, and a missing quota for none', () => {
    const config = withMapping({ active: 'mailActive', tls_enforce_in: 'tlsIn', tls_enforce_out: 'tlsOut' });
    const { quota: _, ...mapping } = config.ldap.user_mapping;
    const loaded = loadOf({
      ...config,
      ldap: { ...config.ldap, allow_self_signed: true, user_mapping: mapping },
    });
    expect(loaded.config.mapping).toMatchObject({
      active: 'mailActive',
      tlsEnforceIn: 'tlsIn',
      tlsEnforceOut: 'tlsOut',
    });
    expect(loaded.config.mapping.quota).toBeUndefined();
    expect(loaded.config.mailcow.newMailboxQuotaMiB).toBe(0);
    expect(loaded.config.ldap.tlsVerify).toBe(false);
  });

  test('says what has changed: passwords, the vanished, the flags', () => {
    const text = textOf(readme);
    expect(text).toMatch(/^LDAP_MAILCOW_AUTH=.?password-hash.?$/m);
    expect(text).toMatch(/^LDAP_MAILCOW_PASSWORD_ATTRIBUTE=.?userPassword.?$/m);
    expect(text).toMatch(/hold password hashes/);
    expect(text).toMatch(/Who vanished was deleted, mail and all\. Now the mailbox is deactivated/);
    for (const flag of ['--override-filter', '--do-not-verify', '--update-only-on-change-by-ldap'])
      expect(text).toContain(flag);
  });

  test('says what is wrong with a file, and none of its secrets', () => {
    const broken = JSON.stringify(readme).slice(0, -10);
    expect(importConfig(broken)).toEqual({ problem: expect.stringMatching(/^it is not JSON/) });
    const { mailcow_host: _, ...without } = readme;
    const wrong = importConfig(JSON.stringify(without));
    expect(wrong).toEqual({ problem: expect.stringMatching(/mailcow_host/) });
    expect(JSON.stringify([importConfig(broken), wrong])).not.toMatch(/ABCDEF|it's #1/);
  });
});
