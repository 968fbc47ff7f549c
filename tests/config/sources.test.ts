import { describe, expect, test } from '@jest/globals';
import { describeSettings } from '../../src/config/describe.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import { filesOf, load, problemsOf } from './builders.ts';

const originOf = (loaded: LoadedConfig, name: string): string | undefined =>
  describeSettings(loaded).find((setting) => setting.name === `LDAP_MAILCOW_${name}`)?.origin;

const quota = { API_QUOTA: '1' };

describe('an env file', () => {
  test('named with --env wins over the environment, and that is said', () => {
    const files = filesOf({ '/my.env': 'LDAP_MAILCOW_SYNC_INTERVAL=60\nLDAP_MAILCOW_POLICY=sync\n' });
    const loaded = load({ ...quota, SYNC_INTERVAL: '90', POLICY: 'sync' }, { files, envFile: '/my.env' });
    expect(loaded.config.timing.intervalSeconds).toBe(60);
    expect(originOf(loaded, 'SYNC_INTERVAL')).toBe('/my.env');
    expect(originOf(loaded, 'API_QUOTA')).toBe('environment');
    expect(loaded.warnings).toEqual([
      'LDAP_MAILCOW_SYNC_INTERVAL: set in the environment too, with another value; /my.env counts',
    ]);
  });

  test('.env in the working directory loses to the environment', () => {
    const files = filesOf({ '.env': 'LDAP_MAILCOW_SYNC_INTERVAL=60\nLDAP_MAILCOW_GRACE_READINGS=5\n' });
    const loaded = load({ ...quota, SYNC_INTERVAL: '90' }, { files });
    expect(loaded.config.timing).toMatchObject({ intervalSeconds: 90, graceReadings: 5 });
    expect(originOf(loaded, 'GRACE_READINGS')).toBe('.env');
    expect(loaded.warnings).toEqual([]);
  });

  test('.env is not read when another file is named', () => {
    const files = filesOf({ '.env': 'LDAP_MAILCOW_SYNC_INTERVAL=60', '/my.env': '' });
    expect(load({}, { files, envFile: '/my.env' }).config.timing.intervalSeconds).toBe(300);
  });

  test('a later line of the same name wins', () => {
    const files = filesOf({
      '/my.env':
        'LDAP_MAILCOW_SYNC_INTERVAL=60\r\nLDAP_MAILCOW_API_QUOTA=5\nLDAP_MAILCOW_SYNC_INTERVAL=70\nLDAP_MAILCOW_API_QUOTA=\n',
    });
    const { config } = load({}, { files, envFile: '/my.env' });
    expect(config.timing.intervalSeconds).toBe(70);
    expect(config.mailcow.newMailboxQuotaMiB).toBeUndefined();
  });

  test('an empty value of the stronger source switches off the weaker one', () => {
    const files = filesOf({ '.env': 'LDAP_MAILCOW_API_QUOTA=5', '/my.env': 'LDAP_MAILCOW_API_QUOTA=' });
    expect(load({ API_QUOTA: '' }, { files }).config.mailcow.newMailboxQuotaMiB).toBeUndefined();
    const named = load({ API_QUOTA: '7' }, { files, envFile: '/my.env' });
    expect(named.config.mailcow.newMailboxQuotaMiB).toBeUndefined();
  });

  test('that is named and missing, or unreadable, is a problem; a missing .env is none', () => {
    expect(problemsOf({}, { envFile: '/none.env' })).toEqual([
      'the env file /none.env cannot be read (there is no such file)',
    ]);
    expect(problemsOf({}, { files: filesOf({ '.env': 'EACCES' }) })).toEqual([
      'the env file .env cannot be read (permission denied)',
    ]);
    expect(problemsOf({})).toEqual([]);
  });

  test('filters need no quotes, and a byte order mark does no harm', () => {
    const files = filesOf({ '.env': String.raw`${'\uFEFF'}LDAP_MAILCOW_LDAP_FILTER=(&(a=b)(c=\28d\29))` });
    expect(load({}, { files }).config.ldap.userFilter).toBe(String.raw`(&(a=b)(c=\28d\29))`);
  });

  test('a value that dotenv cuts at a # is said, and not shown', () => {
    const files = filesOf({
      '.env': [
        'LDAP_MAILCOW_API_KEY=geheim#1234',
        "LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD='geheim#1234'",
        'LDAP_MAILCOW_SYNC_INTERVAL=60 # one minute',
        'LDAP_MAILCOW_POLICY= # later',
        '#LDAP_MAILCOW_OWNER=a#b',
      ].join('\n'),
    });
    const { config, warnings } = load(
      { ...quota, API_KEY: undefined, LDAP_BIND_DN_PASSWORD: undefined },
      { files },
    );
    expect(config.ldap.bindPassword).toBe('geheim#1234');
    expect(config.timing.intervalSeconds).toBe(60);
    expect(warnings).toEqual([
      'LDAP_MAILCOW_API_KEY in .env: everything from the # on is a comment; if it belongs to the value, put the value in single quotes',
    ]);
  });
});

describe('names with a hyphen', () => {
  test('are the same settings, with one warning', () => {
    const loaded = load({
      ...quota,
      LDAP_URI: undefined,
      'LDAP-MAILCOW_LDAP_URI': 'ldaps://old.example.test',
      'LDAP-MAILCOW_SYNC_INTERVAL': '30',
    });
    expect(loaded.config.ldap.uris).toEqual(['ldaps://old.example.test']);
    expect(loaded.warnings).toEqual([
      'LDAP-MAILCOW_LDAP_URI, LDAP-MAILCOW_SYNC_INTERVAL: accepted, but the name is written LDAP_MAILCOW_… now (a hyphen is not legal in a shell)',
    ]);
    expect(originOf(loaded, 'SYNC_INTERVAL')).toBe('environment (LDAP-MAILCOW_SYNC_INTERVAL)');
  });

  test('as a predecessor wrote them, the filter of members too', () => {
    const filter = '(&(objectClass=person)(mail=*)(distinguishedName={MEMBER_CN}))';
    const { ldap } = load({ 'LDAP-MAILCOW_LDAP_GROUP_MEMBER_FILTER': filter }).config;
    expect(ldap.groupMemberFilter).toBe(filter);
  });

  test('are named as they were typed when their value is wrong', () => {
    expect(problemsOf({ 'LDAP-MAILCOW_SYNC_INTERVAL': 'x' })[0]).toMatch(
      /^LDAP-MAILCOW_SYNC_INTERVAL is "x": /,
    );
  });

  test('next to the same name without one are a problem', () => {
    expect(problemsOf({ SYNC_INTERVAL: '30', 'LDAP-MAILCOW_SYNC_INTERVAL': '30' })).toEqual([
      'LDAP_MAILCOW_SYNC_INTERVAL and LDAP-MAILCOW_SYNC_INTERVAL are both set: keep one of them (an empty value counts as not set)',
    ]);
  });

  test('that are unknown get the nearest name', () => {
    expect(load({ ...quota, 'LDAP-MAILCOW_SYNC_INTERVALL': '30' }).warnings).toEqual([
      'LDAP-MAILCOW_SYNC_INTERVALL is no setting of this program and has no effect; did you mean LDAP_MAILCOW_SYNC_INTERVAL?',
    ]);
  });
});
