/** Which older tool an environment is that of, and what follows. */
import { describe, expect, test } from '@jest/globals';
import { loadConfig, type LoadedConfig, type LoadOptions } from '../../src/config/load.ts';
import { predecessors } from '../../src/config/predecessors.ts';
import { allSettings } from '../../src/config/schema.ts';
import { describeSettings } from '../../src/config/describe.ts';
import {
  lazyGatto,
  lazyGattoAliases,
  linuxmuster,
  programmierus,
  rinkp,
  type Environment,
} from '../support/predecessor-environments.ts';
import { environment, filesOf } from './builders.ts';

const place = {
  uri: 'ldaps://dc.example.test',
  baseDn: 'OU=Mail Users,DC=example,DC=test',
  bindDn: 'CN=Bind DN,CN=Users,DC=example,DC=test',
  bindPassword: 'BindPassword',
  apiHost: 'https://mailcow.example.test',
  apiKey: 'XXXXXX-XXXXXX',
};

const loadEnv = (env: Environment, options: LoadOptions = {}): LoadedConfig =>
  loadConfig({ env, files: filesOf(), ...options });

const withoutName = (env: Environment, name: string): Environment =>
  Object.fromEntries(Object.entries(env).filter(([one]) => one !== name));

const titleOf = ({ predecessor }: LoadedConfig): string | undefined =>
  /^this environment is that of (.*?): /.exec(predecessor ?? '')?.[1];

const leftOver = (): 'users-and-aliases' => 'users-and-aliases';

describe('the environment of each README is recognised', () => {
  test('Programmierus: mailboxes alone, by userPrincipalName', () => {
    const loaded = loadEnv(programmierus(place));
    expect(loaded.predecessor).toBe(
      'this environment is that of Programmierus/ldap-mailcow: LDAP_MAILCOW_LDAP_FILTER=(&(objectClass=user)(objectCategory=person)), LDAP_MAILCOW_DISABLED_RULE=userAccountControl, LDAP_MAILCOW_MAIL_ATTRIBUTE=userPrincipalName, LDAP_MAILCOW_NAME_ATTRIBUTE=cn, LDAP_MAILCOW_API_QUOTA=0, LDAP_MAILCOW_SYNC_MAILBOXES=true, LDAP_MAILCOW_SYNC_ALIASES=false, LDAP_MAILCOW_SYNC_GROUPS=false, LDAP_MAILCOW_DISABLE_DELETED_USERS=true (docs/migrating.md; LDAP_MAILCOW_PREDECESSOR=programmierus keeps it so whatever the names, none ends it)',
    );
    const { mapping, mailcow, sync } = loaded.config;
    expect(mapping).toMatchObject({ mail: 'userPrincipalName', name: ['cn'] });
    expect(mailcow.newMailboxQuotaMiB).toBe(0);
    expect(sync).toMatchObject({ mailboxes: true, aliases: false, groups: false, deactivated: 'off' });
    expect(loaded.warnings).toEqual([
      expect.stringMatching(/^LDAP-MAILCOW_API_HOST, .* also sets LDAP_MAILCOW_PREDECESSOR=programmierus/),
    ]);
  });

  test('Programmierus of the first days, with a host instead of a URI', () => {
    const early = {
      ...withoutName(programmierus(place), 'LDAP-MAILCOW_LDAP_URI'),
      'LDAP-MAILCOW_LDAP_HOST': 'dc.example.test',
    };
    const loaded = loadEnv(early);
    expect(titleOf(loaded)).toBe('Programmierus/ldap-mailcow');
    expect(loaded.config.ldap.uris).toEqual(['ldap://dc.example.test']);
  });

  test('rinkp: mailboxes by mail, of 256 MiB; leavers still receive', () => {
    const loaded = loadEnv(rinkp(place));
    expect(titleOf(loaded)).toBe('rinkp/custommailcow-ldap');
    const { mapping, mailcow, sync } = loaded.config;
    expect(mapping).toMatchObject({ mail: 'mail', name: ['displayName'] });
    expect(mailcow.newMailboxQuotaMiB).toBe(256);
    expect(sync).toMatchObject({ mailboxes: true, aliases: false, groups: false, deactivated: 'receive' });
  });

  test('LazyGatto with mailboxes: aliases and groups too, logins by sAMAccountName', () => {
    const loaded = loadEnv(withoutName(lazyGatto(place), 'LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER'));
    expect(titleOf(loaded)).toBe('LazyGatto/custommailcow-ldap (mailboxes and aliases)');
    const { mapping, mailcow, sync, ldap } = loaded.config;
    expect(mapping).toMatchObject({
      aliases: ['proxyAddresses'],
      login: { attribute: 'sAMAccountName', localPart: false },
    });
    expect(ldap.groupMemberFilter).toBe('(&(objectClass=person)(mail=*)(distinguishedName={MEMBER_CN}))');
    expect(mailcow.newMailboxQuotaMiB).toBe(3072);
    expect(sync).toMatchObject({ mailboxes: true, aliases: true, groups: true });
    expect(loaded.config.auth.loginFilter).toBe("objectClass='user' AND objectCategory='person'");
    expect(loaded.warnings).toEqual([]);
  });

  test('LazyGatto for aliases only, by the file that it left', () => {
    const loaded = loadEnv(lazyGattoAliases(place), { leftOver });
    expect(titleOf(loaded)).toBe('LazyGatto/custommailcow-ldap (aliases only)');
    expect(loaded.config.sync).toMatchObject({
      mailboxes: false,
      aliases: true,
      groups: true,
      disableDeletedUsers: false,
    });
    expect(loaded.warnings).toEqual([]);
  });

  test('linuxmuster-mailcow: the profile, inside mailcow’s network', () => {
    const loaded = loadEnv(linuxmuster(place));
    expect(titleOf(loaded)).toBe('linuxmuster-mailcow');
    const { ldap, mailcow, sync, timing } = loaded.config;
    expect(ldap).toMatchObject({ uris: [place.uri], baseDn: place.baseDn, bindPassword: place.bindPassword });
    expect(mailcow).toMatchObject({ url: 'https://nginx-mailcow', apiKey: place.apiKey, tlsVerify: false });
    expect(sync).toMatchObject({ profile: 'linuxmuster', mailboxes: true });
    expect(timing.intervalSeconds).toBe(300);
  });

  test('linuxmuster-mailcow elsewhere: the certificate of a mailcow that is named is checked', () => {
    const env = { ...linuxmuster(place), LINUXMUSTER_MAILCOW_API_URI: 'https://mail.example.test' };
    expect(loadEnv(env).config.mailcow).toMatchObject({ url: 'https://mail.example.test', tlsVerify: true });
  });
});

describe('nobody else is taken for one of them', () => {
  test('who sets our names has no predecessor, whatever lies in the folder', () => {
    const ours = environment({ API_QUOTA: '3072' }) as Environment;
    expect(loadEnv(ours, { leftOver }).predecessor).toBeUndefined();
    expect(loadEnv(environment() as Environment, { leftOver }).predecessor).toBeUndefined();
  });

  test('aliases only without a file of that tool: they are our own names', () => {
    expect(loadEnv(lazyGattoAliases(place)).predecessor).toBeUndefined();
    expect(loadEnv(lazyGattoAliases(place), { leftOver: () => 'users' }).predecessor).toBeUndefined();
  });

  test('a single name with a hyphen is a way to write ours', () => {
    const env = {
      ...withoutName(environment() as Environment, 'LDAP_MAILCOW_LDAP_URI'),
      'LDAP-MAILCOW_LDAP_URI': place.uri,
    };
    expect(loadEnv(env).predecessor).toBeUndefined();
  });

  test('the file is looked at only when the names could be those of either program', () => {
    const look = (): never => {
      throw new Error('looked');
    };
    expect(titleOf(loadEnv(lazyGatto(place), { leftOver: look }))).toContain('LazyGatto');
    expect(() => loadEnv(lazyGattoAliases(place), { leftOver: look })).toThrow('looked');
  });
});

describe('the operator decides', () => {
  test('what is set is not replaced', () => {
    const loaded = loadEnv({
      ...programmierus(place),
      LDAP_MAILCOW_MAIL_ATTRIBUTE: 'mail',
      'LDAP-MAILCOW_API_QUOTA': '512',
    });
    expect(titleOf(loaded)).toBe('Programmierus/ldap-mailcow');
    expect(loaded.config.mapping.mail).toBe('mail');
    expect(loaded.config.mailcow.newMailboxQuotaMiB).toBe(512);
    expect(loaded.predecessor).not.toContain('MAIL_ATTRIBUTE');
    expect(loaded.predecessor).not.toContain('API_QUOTA');
  });

  test('LDAP_MAILCOW_PREDECESSOR names the tool when its names are gone', () => {
    const renamed = Object.fromEntries(
      Object.entries(programmierus(place)).map(([name, value]) => [name.replace('-', '_'), value]),
    );
    expect(loadEnv(renamed).predecessor).toBeUndefined();
    const loaded = loadEnv({ ...renamed, LDAP_MAILCOW_PREDECESSOR: 'programmierus' });
    expect(loaded.config).toEqual({
      ...loadEnv(programmierus(place)).config,
      program: { ...loaded.config.program, predecessor: 'programmierus' },
    });
  });

  test('LDAP_MAILCOW_PREDECESSOR=none ends it', () => {
    const loaded = loadEnv({ ...programmierus(place), LDAP_MAILCOW_PREDECESSOR: 'none' });
    expect(loaded.predecessor).toBeUndefined();
    expect(loaded.config.mapping.mail).toBe('mail');
  });

  test('both filters or none are not asked for', () => {
    const filter = '(objectClass=user)';
    const one = loadEnv({ ...programmierus(place), 'LDAP-MAILCOW_LDAP_FILTER': filter });
    expect(one.config.ldap.userFilter).toBe(filter);
    const other = loadEnv({ ...programmierus(place), 'LDAP-MAILCOW_SOGO_LDAP_FILTER': 'x' });
    expect(other.config.auth.loginFilter).toBe('x');
  });
});

describe('what is shown', () => {
  test('each setting says from whose environment it follows', () => {
    const shown = describeSettings(loadEnv(programmierus(place)));
    expect(shown.find(({ name }) => name === 'LDAP_MAILCOW_NAME_ATTRIBUTE')).toEqual({
      name: 'LDAP_MAILCOW_NAME_ATTRIBUTE',
      value: 'cn',
      origin: 'default, because this environment is that of Programmierus/ldap-mailcow',
    });
    expect(describeSettings(loadEnv(linuxmuster(place)))[0]).toMatchObject({
      origin: 'environment (LINUXMUSTER_MAILCOW_LDAP_URI)',
    });
  });

  test('no secret', () => {
    for (const env of [programmierus(place), linuxmuster(place)]) {
      const { predecessor, warnings } = loadEnv(env);
      expect(JSON.stringify([predecessor, warnings])).not.toMatch(/BindPassword|XXXXXX/);
    }
  });
});

describe('the table', () => {
  test('sets values that the settings take', () => {
    const settings = new Map(allSettings.map(({ setting }) => [setting.name, setting]));
    for (const { sets } of predecessors) {
      for (const { name, value } of sets) {
        expect([name, settings.get(name)?.kind.parse(value, filesOf())]).toEqual([
          name,
          expect.not.objectContaining({ problem: expect.anything() }),
        ]);
      }
    }
  });

  test('has each tool once', () => {
    expect(new Set(predecessors.map(({ name }) => name)).size).toBe(predecessors.length);
    expect(predecessors).toHaveLength(6);
  });
});
