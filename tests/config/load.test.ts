import { describe, expect, test } from '@jest/globals';
import type { MappingSettings } from '../../src/core/mapping.ts';
import { ConfigError } from '../../src/config/error.ts';
import { loadConfig } from '../../src/config/load.ts';
import { environment, filesOf, load, problemsOf } from './builders.ts';

describe('defaults', () => {
  test('the required settings alone make a whole configuration', () => {
    expect(load().config).toEqual({
      ldap: {
        uris: ['ldaps://dc1.example.test'],
        baseDn: 'dc=example,dc=test',
        bindDn: 'cn=sync,dc=example,dc=test',
        bindPassword: 'bind-password-1',
        scope: 'sub',
        dialect: 'auto',
        startTls: false,
        tlsVerify: true,
        pageSize: 1000,
        timeoutSeconds: 120,
        connectTimeoutSeconds: 10,
      },
      mapping: { mail: 'mail' },
      mailcow: {
        url: 'https://mail.example.test',
        apiKey: 'ABCDEF-123456',
        tlsVerify: true,
        timeoutSeconds: 300,
        writeTimeoutSeconds: 600,
      },
      sync: {
        mailboxes: false,
        aliases: true,
        groups: true,
        externalMembers: false,
        groupPolicies: [],
        disableDeletedUsers: false,
        drift: 'repair',
        leaversAliases: 'follow',
        deactivated: 'off',
        adopt: true,
        protected: [],
        policy: 'sync',
      },
      domains: {
        manage: false,
        unmanaged: 'sync',
        policy: 'shared',
        defaultMailboxQuotaMiB: 1024,
        mailboxes: 10_000,
        aliases: 10_000,
        gal: true,
      },
      auth: {
        mode: 'auto',
        migrate: false,
        sogoSource: false,
        passwordAttribute: 'userPassword',
        restart: 'none',
        dockerapiUrl: 'https://dockerapi-mailcow',
        composeProject: 'mailcowdockerized',
        dovecotFolder: '/conf/dovecot',
        sogoFolder: '/conf/sogo',
        templatesFolder: '/templates',
      },
      imapsync: {
        user: '{mail}',
        port: 993,
        security: 'ssl',
        intervalMinutes: 60,
        exclude: [],
        pollSeconds: 30,
        imap: 'imaps://dovecot:993',
        lmtp: 'lmtp://dovecot:24',
        tlsVerify: false,
      },
      timing: {
        intervalSeconds: 300,
        graceReadings: 2,
        graceSpacingSeconds: 300,
        auditIntervalSeconds: 3600,
      },
      monitoring: {},
      program: { db: 'data/ldap-mailcow.sqlite3', predecessor: 'auto', logLevel: 'info', logFormat: 'text' },
    });
  });

  test('the section of the mapping is what core takes', () => {
    const mapping: MappingSettings = load({ QUOTA_ATTRIBUTE: 'mailQuota', DISABLED_RULE: 'none' }).config
      .mapping;
    expect(mapping).toEqual({ mail: 'mail', quota: 'mailQuota', disabled: { kind: 'none' } });
  });

  test('the database lies in /db in the container', () => {
    expect(load({}, { files: filesOf({ '/db/': '' }) }).config.program.db).toBe('/db/ldap-mailcow.sqlite3');
    expect(load({ DB: 'here.sqlite3' }, { files: filesOf({ '/db/': '' }) }).config.program.db).toBe(
      'here.sqlite3',
    );
  });

  test('mailboxes are synced exactly when API_QUOTA is set, unless said otherwise', () => {
    const mailboxes = (settings: Readonly<Record<string, string>>): boolean =>
      load(settings).config.sync.mailboxes;
    expect(mailboxes({})).toBe(false);
    expect(mailboxes({ API_QUOTA: '3072' })).toBe(true);
    expect(mailboxes({ API_QUOTA: '0' })).toBe(true);
    expect(mailboxes({ API_QUOTA: '' })).toBe(false);
    expect(mailboxes({ API_QUOTA: '3072', SYNC_MAILBOXES: 'false' })).toBe(false);
    expect(mailboxes({ SYNC_MAILBOXES: 'true' })).toBe(true);
  });

  test('vanished people are deactivated when mailboxes are synced, unless said otherwise', () => {
    const disable = (settings: Readonly<Record<string, string>>): boolean =>
      load(settings).config.sync.disableDeletedUsers;
    expect(disable({})).toBe(false);
    expect(disable({ API_QUOTA: '1' })).toBe(true);
    expect(disable({ SYNC_MAILBOXES: 'yes' })).toBe(true);
    expect(disable({ API_QUOTA: '1', DISABLE_DELETED_USERS: 'False' })).toBe(false);
    expect(disable({ DISABLE_DELETED_USERS: 'True' })).toBe(true);
  });

  test('the spacing of grace is one interval', () => {
    expect(load({ SYNC_INTERVAL: '60' }).config.timing.graceSpacingSeconds).toBe(60);
    expect(load({ SYNC_INTERVAL: '60', GRACE_SPACING: '0' }).config.timing.graceSpacingSeconds).toBe(0);
  });
});

describe('problems', () => {
  test('an empty environment names every required setting at once', () => {
    const attempt = (): unknown => loadConfig({ env: {}, files: filesOf() });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(
      [
        'The configuration has 6 problems:',
        '- LDAP_MAILCOW_LDAP_URI is not set: give one or several URIs like ldaps://dc1.example.org, separated by blanks',
        '- LDAP_MAILCOW_LDAP_BASE_DN is not set: give a distinguished name like dc=example,dc=org',
        '- LDAP_MAILCOW_LDAP_BIND_DN is not set: give the DN of an account that may read, like cn=reader,dc=example,dc=org',
        '- LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD is not set: give the password of the account in LDAP_MAILCOW_LDAP_BIND_DN (or in LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD_FILE the path of a file with it)',
        '- LDAP_MAILCOW_API_HOST is not set: give the URL of mailcow like https://mail.example.org',
        "- LDAP_MAILCOW_API_KEY is not set: give a read-write key of mailcow's API (or in LDAP_MAILCOW_API_KEY_FILE the path of a file with it)",
      ].join('\n'),
    );
  });

  test('wrong values and missing ones come in one error; misspelled names are said, and not counted', () => {
    const settings = {
      LDAP_URI: undefined,
      LDAP_URL: 'ldaps://dc1.example.test',
      SYNC_INTERVAL: '5m',
      POLICY: 'delete',
    };
    expect(problemsOf(settings)).toHaveLength(3);
    expect(() => load(settings)).toThrow(
      [
        'The configuration has 3 problems:',
        '- LDAP_MAILCOW_LDAP_URI is not set: give one or several URIs like ldaps://dc1.example.org, separated by blanks',
        '- LDAP_MAILCOW_POLICY is "delete": give one of sync, upsert-only, create-only, observe',
        '- LDAP_MAILCOW_SYNC_INTERVAL is "5m": give a whole number of seconds, from 1 to 2147483',
        'Worth a look as well:',
        '- LDAP_MAILCOW_LDAP_URL is no setting of this program and has no effect; did you mean LDAP_MAILCOW_LDAP_URI?',
      ].join('\n'),
    );
  });

  test('a value that is cut at a # is said beside the problem that it causes', () => {
    const files = filesOf({ '.env': 'LDAP_MAILCOW_API_KEY=#secret' });
    expect(() => load({ API_KEY: undefined }, { files })).toThrow(
      /has a problem:\n- LDAP_MAILCOW_API_KEY is not set.*\nWorth a look as well:\n- LDAP_MAILCOW_API_KEY in \.env: everything from the #/,
    );
  });

  test('empty and blank values count as not set', () => {
    expect(load({ SYNC_INTERVAL: '', LDAP_FILTER: '  ' }).config.timing.intervalSeconds).toBe(300);
    expect(problemsOf({ API_KEY: ' ' })).toHaveLength(1);
  });

  test('a long wrong value is cut and stays on one line', () => {
    const [problem = ''] = problemsOf({ POLICY: `a\nb${'x'.repeat(1000)}` });
    expect(problem).not.toContain('\n');
    expect(problem.length).toBeLessThan(400);
  });
});

describe('warnings', () => {
  const warnings = (settings: Readonly<Record<string, string>>): readonly string[] =>
    load({ API_QUOTA: '1', ...settings }).warnings;

  test('an ordinary configuration causes none', () => {
    expect(warnings({})).toEqual([]);
    expect(warnings({ LDAP_URI: 'ldap://127.0.0.1:3890', API_HOST: 'http://localhost:8080' })).toEqual([]);
    expect(warnings({ LDAP_URI: 'ldap://dc1.example.test', LDAP_STARTTLS: 'true' })).toEqual([]);
  });

  test('an unknown name is reported with the nearest known one', () => {
    expect(warnings({ SYNC_INTERVALL: '3' })).toEqual([
      'LDAP_MAILCOW_SYNC_INTERVALL is no setting of this program and has no effect; did you mean LDAP_MAILCOW_SYNC_INTERVAL?',
    ]);
    expect(warnings({ BIND_DN_PASSWROD: 'x' })[0]).toContain(
      'did you mean LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD?',
    );
    expect(warnings({ DOMAIN: 'x' })[0]).toContain('did you mean LDAP_MAILCOW_LDAP_DOMAIN?');
    expect(warnings({ FROBNICATE_EVERYTHING: 'x' })[0]).toContain('the nearest name is LDAP_MAILCOW_');
    expect(warnings({ LDAP_URI_FILE: '/x' })[0]).toContain('LDAP_MAILCOW_LDAP_URI_FILE is no setting');
  });

  test('names without our prefix are not looked at', () => {
    const env = {
      ...environment({ API_QUOTA: '1' }),
      PATH: '/bin',
      LDAP_URI: 'x',
      MAILCOW_LDAP_MAILCOW_X: 'y',
    };
    expect(loadConfig({ env, files: filesOf() }).warnings).toEqual([]);
  });

  test('a password that would travel in clear is said', () => {
    expect(warnings({ LDAP_URI: 'ldap://dc1.example.test' })[0]).toContain('in clear');
    expect(warnings({ API_HOST: 'http://mail.example.test' })[0]).toContain('in clear');
  });

  test('switched off verification is said', () => {
    expect(warnings({ LDAP_TLS_VERIFY: 'off', API_TLS_VERIFY: 'no' })).toHaveLength(2);
  });

  test('a new installation hears why there are no mailboxes, and how to get them', () => {
    expect(load().warnings).toEqual([
      'no mailboxes are synced, because LDAP_MAILCOW_API_QUOTA is not set; set it, or LDAP_MAILCOW_SYNC_MAILBOXES to true (or to false, and this line goes)',
    ]);
    expect(load({ SYNC_MAILBOXES: 'false' }).warnings).toEqual([]);
  });

  test('settings about members that have no effect are said', () => {
    const filter = { LDAP_GROUP_MEMBER_FILTER: '(uid={MEMBER_CN})' };
    const external = { GROUP_EXTERNAL_MEMBERS: 'true' };
    expect(warnings(filter)).toEqual([]);
    expect(warnings(external)).toEqual([]);
    expect(warnings({ ...filter, ...external })).toEqual([
      'LDAP_MAILCOW_GROUP_EXTERNAL_MEMBERS has no effect: LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER alone decides who is a member of a list',
    ]);
    expect(warnings({ ...filter, SYNC_GROUPS: 'false', GROUP_POLICY: '*=internal' })).toEqual([
      'LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER, LDAP_MAILCOW_GROUP_POLICY: of no effect, because LDAP_MAILCOW_SYNC_GROUPS is false',
    ]);
  });

  test('settings about logins that have no effect are said', () => {
    const provider = { AUTH: 'identity-provider' };
    expect(warnings(provider)).toEqual([]);
    expect(warnings({ ...provider, LOGIN_ATTRIBUTE: 'uid' })).toEqual([
      'LDAP_MAILCOW_LOGIN_ATTRIBUTE has no effect: with LDAP_MAILCOW_AUTH=identity-provider mailcow asks for the address of the mailbox',
    ]);
    expect(warnings({ AUTH: 'templates', AUTH_MIGRATE: 'true' })).toEqual([
      'LDAP_MAILCOW_AUTH_MIGRATE has no effect without LDAP_MAILCOW_AUTH=identity-provider',
    ]);
  });

  test('settings about monitoring that have no effect, or give a token away, are said', () => {
    expect(warnings({ HTTP_TOKEN: 'T0KEN' })).toEqual([
      'LDAP_MAILCOW_HTTP_TOKEN has no effect without LDAP_MAILCOW_HTTP_LISTEN',
    ]);
    expect(warnings({ HTTP_TOKEN: 'T0KEN', HTTP_LISTEN: '127.0.0.1:9090' })).toEqual([]);
    expect(
      warnings({ NOTIFY_URL: 'http://hooks.example.test/T0KEN', HEARTBEAT_URL: 'http://127.0.0.1/x' }),
    ).toEqual(['LDAP_MAILCOW_NOTIFY_URL: what is in it goes there in clear; use https://']);
  });

  test('quotation marks that compose left in a value are said', () => {
    expect(warnings({ LDAP_BIND_DN: '"cn=x,dc=y"' })).toEqual([
      'LDAP_MAILCOW_LDAP_BIND_DN: the quotation marks around the value are taken as part of it',
    ]);
  });
});
