/** What a profile decides, what it only suggests, and what becomes of settings that are given beside it. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSettings } from '../../src/config/describe.ts';
import { configDigest, readingScope } from '../../src/config/digest.ts';
import { ConfigError } from '../../src/config/error.ts';
import type { Environment } from '../../src/config/layers.ts';
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts';
import { profiles, type Profile } from '../../src/config/profiles.ts';
import { allSettings } from '../../src/config/schema.ts';
import type { AnySetting } from '../../src/config/setting.ts';
import { ruleSettings } from '../sandbox/env-file.ts';
import { lazyGatto, linuxmuster } from '../support/predecessor-environments.ts';
import { filesOf, load, problemsOf } from './builders.ts';

const school = (settings: Environment = {}): LoadedConfig => load({ PROFILE: 'linuxmuster', ...settings });

const settingOf = (name: string): AnySetting => {
  const found = allSettings.find(({ setting }) => setting.name === name);
  if (found === undefined) throw new Error(`${name} is no setting`);
  return found.setting;
};

const profile = ((): Profile => {
  const [first] = profiles;
  if (first === undefined) throw new Error('There is no profile.');
  return first;
})();

const place = {
  uri: 'ldaps://dc.example.test',
  baseDn: 'DC=example,DC=test',
  bindDn: 'CN=Bind DN,CN=Users,DC=example,DC=test',
  bindPassword: 'BindPassword',
  apiHost: 'https://mailcow.example.test',
  apiKey: 'XXXXXX-XXXXXX',
};

/** For each setting that the profile decides, another value and one that cannot be used. */
const others: Readonly<Record<string, readonly [value: string, malformed: string]>> = {
  LDAP_FILTER: ['(objectClass=user)', 'objectClass=user'],
  LDAP_GROUP_FILTER: ['(objectClass=group)', '(objectClass=group'],
  NAME_ATTRIBUTE: ['cn', 'a b ='],
  QUOTA_ATTRIBUTE: ['mailQuota', '1 GiB'],
  DISABLED_RULE: ['userAccountControl', 'disabled'],
  SYNC_GROUPS: ['false', 'some'],
  GROUP_POLICY: ['*=list', '*=everybody'],
  GROUP_EXTERNAL_MEMBERS: ['true', 'contacts'],
  LDAP_GROUP_MEMBER_FILTER: ['(uid={MEMBER_CN})', 'uid={MEMBER_CN}'],
  GROUP_POLICY_ATTRIBUTE: ['businessCategory', 'a=b'],
  ACTIVE_ATTRIBUTE: ['mailActive', '='],
};

describe('the linuxmuster profile', () => {
  test('alone makes the configuration of a school', () => {
    const { config, warnings } = school();
    expect(warnings).toEqual([]);
    expect(config.ldap).toMatchObject({
      userFilter: '(|(sophomorixRole=student)(sophomorixRole=teacher)(sophomorixRole=schooladministrator))',
      groupFilter: '(&(|(sophomorixType=adminclass)(sophomorixType=project))(sophomorixMailList=TRUE))',
    });
    expect(config.mapping).toEqual({
      mail: 'mail',
      name: ['displayName'],
      quota: 'sophomorixMailQuotaCalculated',
      aliases: ['proxyAddresses'],
      disabled: { kind: 'attribute', attribute: 'sophomorixStatus', values: ['L', 'D', 'R', 'K', 'F'] },
    });
    expect(config.sync).toMatchObject({
      mailboxes: true,
      aliases: true,
      groups: true,
      externalMembers: false,
      disableDeletedUsers: true,
      groupPolicies: [{ pattern: '*', policy: { mailbox: true } }],
      policy: 'sync',
    });
    expect(config.domains).toEqual({
      manage: true,
      unmanaged: 'skip',
      policy: 'exclusive',
      defaultMailboxQuotaMiB: 1,
      mailboxes: 10_000,
      aliases: 10_000,
      gal: true,
    });
  });

  test('leaves the quota of new mailboxes to the operator', () => {
    expect(school().config.mailcow.newMailboxQuotaMiB).toBeUndefined();
    expect(school({ API_QUOTA: '500' }).config.mailcow.newMailboxQuotaMiB).toBe(500);
  });

  test('is what the digest and the scope of a reading see', () => {
    const given = Object.fromEntries(profile.decides.map(({ name }) => [name, others[name]?.[0]]));
    const [plain, beside] = [school().config, school(given).config];
    expect(configDigest(beside)).toBe(configDigest(plain));
    expect(readingScope(beside)).toBe(readingScope(plain));
    expect(configDigest(plain)).not.toBe(configDigest(load().config));
    expect(readingScope(plain)).not.toBe(readingScope(load().config));
  });
});

describe('what is given for a setting that the profile decides', () => {
  test('has both values of each here', () => {
    expect(Object.keys(others).sort()).toEqual(profile.decides.map(({ name }) => name).sort());
  });

  test.each(Object.entries(others))('%s=%j is set aside with one warning', (name, values) => {
    const plain = school().config;
    for (const value of values) {
      const { config, warnings } = school({ [name]: value });
      expect(config).toEqual(plain);
      expect(warnings).toEqual([
        `LDAP_MAILCOW_${name} has no effect: LDAP_MAILCOW_PROFILE=linuxmuster decides it; remove it, or the profile`,
      ]);
    }
    // Without the profile they would count, and be refused.
    expect(problemsOf({ [name]: values[0] })).toEqual([]);
    expect(problemsOf({ [name]: values[1] })).toHaveLength(1);
  });

  test('is named together, in the order of the schema', () => {
    expect(school({ NAME_ATTRIBUTE: 'cn', LDAP_FILTER: '(a=b)' }).warnings).toEqual([
      'LDAP_MAILCOW_LDAP_FILTER, LDAP_MAILCOW_NAME_ATTRIBUTE have no effect: LDAP_MAILCOW_PROFILE=linuxmuster decides them; remove them, or the profile',
    ]);
  });

  test('is not worth a word when it is what the profile says', () => {
    for (const { name, value } of profile.decides) {
      expect([name, school({ [name]: value }).warnings]).toEqual([name, []]);
    }
    expect(school({ SYNC_GROUPS: ' Yes ', GROUP_POLICY: '* = mailbox' }).warnings).toEqual([]);
  });

  test('is named as it was typed, and twice the same setting is no problem', () => {
    expect(school({ 'LDAP-MAILCOW_LDAP_FILTER': '(a=b)' }).warnings).toEqual([
      expect.stringMatching(/^LDAP-MAILCOW_LDAP_FILTER has no effect/),
    ]);
    expect(school({ LDAP_FILTER: '(a=b)', 'LDAP-MAILCOW_LDAP_FILTER': '(c=d)' }).warnings).toEqual([
      expect.stringMatching(/^LDAP_MAILCOW_LDAP_FILTER has no effect/),
    ]);
  });

  test('the settings of the sandbox: one warning', () => {
    expect(school(ruleSettings).warnings).toEqual([
      'LDAP_MAILCOW_LDAP_FILTER, LDAP_MAILCOW_LDAP_GROUP_FILTER, LDAP_MAILCOW_QUOTA_ATTRIBUTE, LDAP_MAILCOW_DISABLED_RULE have no effect: LDAP_MAILCOW_PROFILE=linuxmuster decides them; remove them, or the profile',
    ]);
  });

  test('is said beside what keeps the program from starting', () => {
    const attempt = (): unknown => school({ LDAP_FILTER: 'x', SYNC_INTERVAL: 'often' });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(/has a problem:\n.*SYNC_INTERVAL.*\nWorth a look as well:\n- .*LDAP_FILTER has/);
  });

  test('counts when there is no such profile', () => {
    expect(problemsOf({ PROFILE: 'schools', LDAP_FILTER: 'x' })).toHaveLength(2);
    expect(load({ PROFILE: '', LDAP_FILTER: '(a=b)' }).config.ldap.userFilter).toBe('(a=b)');
  });
});

describe('what is given for a default of the profile', () => {
  const given: Environment = {
    SYNC_MAILBOXES: 'false',
    SYNC_ALIASES: 'false',
    DISABLE_DELETED_USERS: 'false',
    ALIASES_ATTRIBUTE: 'mailAlias',
    MANAGE_DOMAINS: 'false',
    UNMANAGED_DOMAINS: 'sync',
    DOMAIN_POLICY: 'shared',
    DOMAIN_DEFAULT_MAILBOX_QUOTA: '300',
    DOMAIN_MAILBOXES: '20',
    DOMAIN_ALIASES: '30',
  };

  test('counts, without a warning', () => {
    expect(Object.keys(given).sort()).toEqual(profile.defaults.map(({ name }) => name).sort());
    const { config, warnings, resolved } = school(given);
    expect(warnings).toEqual([]);
    expect(config.sync).toMatchObject({ mailboxes: false, aliases: false, disableDeletedUsers: false });
    expect(config.mapping.aliases).toEqual(['mailAlias']);
    expect(config.domains).toMatchObject({
      manage: false,
      unmanaged: 'sync',
      policy: 'shared',
      defaultMailboxQuotaMiB: 300,
      mailboxes: 20,
      aliases: 30,
    });
    const ofProfile = resolved.filter(({ origin }) => origin.kind === 'profile' && !origin.decided);
    expect(ofProfile).toEqual([]);
  });

  test('is refused when it cannot be used', () => {
    expect(problemsOf({ PROFILE: 'linuxmuster', DOMAIN_POLICY: 'mine' })).toHaveLength(1);
  });
});

describe('beside the environment of an older tool', () => {
  const loadEnv = (env: Environment): LoadedConfig => loadConfig({ env, files: filesOf() });

  test('linuxmuster-mailcow ends in the profile, and syncs', () => {
    const loaded = loadEnv(linuxmuster(place));
    const { ldap, mapping, sync, domains } = loaded.config;
    const alone = school().config;
    expect({ mapping, sync }).toEqual({ mapping: alone.mapping, sync: alone.sync });
    expect(ldap).toMatchObject({ userFilter: alone.ldap.userFilter, groupFilter: alone.ldap.groupFilter });
    expect(domains).toEqual({ ...alone.domains, quotaMiB: 20_000, gal: true });
    expect(loaded.predecessor).toBe(
      'this environment is that of linuxmuster-mailcow: LDAP_MAILCOW_PROFILE=linuxmuster, LDAP_MAILCOW_API_HOST=https://nginx-mailcow, LDAP_MAILCOW_API_TLS_VERIFY=false, LDAP_MAILCOW_AUTH_RESTART=dockerapi (docs/migrating.md; LDAP_MAILCOW_PREDECESSOR=linuxmuster keeps it so whatever the names, none ends it)',
    );
    expect(loaded.warnings).toEqual([expect.stringMatching(/^LDAP_MAILCOW_API_TLS_VERIFY=false/)]);
  });

  test('there the warning does not speak of a profile that nobody set', () => {
    const { warnings } = loadEnv({ ...linuxmuster(place), LDAP_MAILCOW_LDAP_FILTER: '(a=b)' });
    expect(warnings).toContain(
      'LDAP_MAILCOW_LDAP_FILTER has no effect: LDAP_MAILCOW_PROFILE=linuxmuster decides it; remove it',
    );
  });

  test('what another tool’s environment means yields to a profile that is set', () => {
    const env = Object.fromEntries(
      Object.entries(lazyGatto(place)).filter(([name]) => !name.endsWith('_FILTER')),
    );
    const loaded = loadEnv({ ...env, LDAP_MAILCOW_PROFILE: 'linuxmuster' });
    const alone = school().config;
    expect(loaded.config.ldap).toMatchObject({ userFilter: alone.ldap.userFilter });
    expect(loaded.config.ldap.groupMemberFilter).toBeUndefined();
    expect(loaded.config.mapping).toEqual({
      ...alone.mapping,
      login: { attribute: 'sAMAccountName', localPart: false },
    });
    expect(loaded.predecessor).not.toContain('LDAP_FILTER');
    expect(loaded.warnings).toEqual([]);
  });
});

describe('what check shows', () => {
  const shown = (name: string, settings: Environment = {}): unknown =>
    describeSettings(school(settings)).find((setting) => setting.name === `LDAP_MAILCOW_${name}`);

  test.each<readonly [string, string, string]>([
    ['PROFILE', 'linuxmuster', 'environment'],
    ['DISABLED_RULE', 'sophomorixStatus=L,D,R,K,F', 'linuxmuster profile'],
    ['GROUP_POLICY', '*=mailbox', 'linuxmuster profile'],
    ['NAME_ATTRIBUTE', 'displayName', 'linuxmuster profile'],
    ['GROUP_POLICY_ATTRIBUTE', '', 'linuxmuster profile'],
    ['DOMAIN_POLICY', 'exclusive', 'default of the linuxmuster profile'],
    ['SYNC_MAILBOXES', 'true', 'default of the linuxmuster profile'],
    ['API_QUOTA', '', 'not set: the default quota of the domain'],
    ['DOMAIN_GAL', 'true', 'default'],
  ])('%s = %j (%s)', (name, value, origin) => {
    expect(shown(name)).toEqual({ name: `LDAP_MAILCOW_${name}`, value, origin });
  });

  test('the profile’s value also where another one was given', () => {
    expect(shown('QUOTA_ATTRIBUTE', { QUOTA_ATTRIBUTE: 'mailQuota' })).toMatchObject({
      value: 'sophomorixMailQuotaCalculated',
      origin: 'linuxmuster profile',
    });
  });
});

describe('the table', () => {
  const tables = profiles.flatMap(({ decides, defaults }) => [...decides, ...defaults]);

  test('sets values that the settings take, each setting once', () => {
    for (const { name, value } of tables) {
      const parsed = value === undefined ? {} : settingOf(name).kind.parse(value, filesOf());
      expect([name, parsed]).toEqual([name, expect.not.objectContaining({ problem: expect.anything() })]);
    }
    expect(new Set(tables.map(({ name }) => name)).size).toBe(tables.length);
  });

  test('leaves unset only what may be unset, and decides no secret', () => {
    for (const { name, value } of tables) {
      const { presence, secret } = settingOf(name);
      expect([name, value !== undefined || presence === 'maybe', secret]).toEqual([name, true, undefined]);
    }
  });

  test('is the one of docs/schools.md', () => {
    const page = readFileSync(join(__dirname, '..', '..', 'docs', 'schools.md'), 'utf8');
    const rows = page.split('\n').flatMap((line) => {
      const [, name, cell] = /^\| `LDAP_MAILCOW_(\w+)`\s*\| ((?:\\\||[^|])*?)\s*\|/.exec(line) ?? [];
      return name === undefined ? [] : [{ name, cell }];
    });
    const written = ({ name, value }: (typeof tables)[number]) => ({
      name,
      cell: value === undefined ? 'not set' : `\`${value.replaceAll('|', String.raw`\|`)}\``,
    });
    expect(rows).toEqual(tables.map(written));
  });
});
