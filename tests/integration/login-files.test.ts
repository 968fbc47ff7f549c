/**
 * The program, a real directory, the stand-in of a mailcow up to 2025-02 with its folders, and a real Dovecot that reads
 * what the program wrote there.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoginFile } from '../../src/auth/dovecot.ts';
import type { EnvSettings } from '../sandbox/env-file.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { renderUserdb } from '../support/dovecot-config.ts';
import { startFakeDockerapi, type FakeDockerapi } from '../support/fake-dockerapi.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { at, base, directoryLdif, dnOf, secretOf } from './logins.ts';
import { secrets, syncWell, withDirectory, type Played } from './world.ts';

const accounts = ['alice', 'bob', 'carol', 'dave'];
const serviceAccount = `dn: cn=sync,${base}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: sync
userPassword: ${secrets.bindPassword}
`;

type Age = 'legacy' | 'new';

/** mailcow's folders as a version brings them along. */
function makeFolders(age: Age): string {
  const conf = mkdtempSync(join(tmpdir(), 'ldap-mailcow-conf-'));
  for (const name of ['dovecot', 'dovecot/ldap', 'sogo']) mkdirSync(join(conf, name));
  mkdirSync(join(conf, age === 'new' ? 'dovecot/auth' : 'dovecot/lua'));
  const files: Readonly<Record<string, string>> = {
    'dovecot/dovecot.conf': 'protocols = imap sieve lmtp pop3\n',
    'dovecot/extra.conf': '# what an administrator needs\nmail_max_userip_connections = 500\n',
    'dovecot/ldap/passdb.conf': '#hosts = 1.2.3.4\n',
    'sogo/sogo.conf': '{\n}\n',
    ...(age === 'new' && {
      'dovecot/auth/passwd-verify.lua': '-- mailcow\n',
      'sogo/plist_ldap.sh':
        '#!/bin/bash\ndomain="$1"\ngal_status="$2"\necho \'<!--\n<example>\n</example>\n-->\'\n',
    }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(conf, name), text);
  return conf;
}

const photograph = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true }).map((one) => {
      const path = join(one.parentPath, one.name);
      const content = one.isFile() ? readFileSync(path).toString('latin1') : '(folder)';
      return [path.slice(folder.length), `${(statSync(path).mode & 0o7777).toString(8)} ${content}`];
    }),
  );

type Stage = {
  readonly played: Played;
  readonly slapd: Slapd;
  readonly conf: string;
  readonly settings: EnvSettings;
};

async function withStage(
  options: { readonly version: string; readonly folders: Age; readonly settings?: EnvSettings },
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  const conf = makeFolders(options.folders);
  const slapd = await startSlapd({
    text: `${directoryLdif(accounts.map((account) => ({ account })))}\n${serviceAccount}`,
  });
  const settings = {
    LDAP_URI: slapd.uri,
    LDAP_BASE_DN: base,
    LDAP_BIND_DN: `cn=sync,${base}`,
    LDAP_BIND_DN_PASSWORD: secrets.bindPassword,
    LDAP_FILTER: '(&(objectClass=user)(department=staff))',
    DISABLED_RULE: 'userAccountControl',
    API_QUOTA: '100',
    CONF_DOVECOT: join(conf, 'dovecot'),
    CONF_SOGO: join(conf, 'sogo'),
    GRACE_SPACING: '0',
    ...options.settings,
  };
  try {
    await withDirectory(settings, (played) => play({ played, slapd, conf, settings }), {
      version: options.version,
    });
  } finally {
    await slapd.stop();
    rmSync(conf, { recursive: true, force: true });
  }
}

/** What the program installed, as Dovecot sees it from its own place. */
const installedIn = (conf: string, folder: string): readonly LoginFile[] =>
  ['ldap/ldap-mailcow-passdb.conf', 'extra.conf'].map((name) => ({
    service: 'dovecot',
    name,
    text: readFileSync(join(conf, 'dovecot', name), 'utf8').replaceAll('/etc/dovecot', folder),
    mode: 0o600,
    kind: 'own',
  }));

const OK = /^OK/;
const REFUSED = /^NO/;

describe('a mailcow up to 2025-02', () => {
  const legacy = { version: '2025-02', folders: 'legacy' } as const;

  test('gets the files once, changed when the settings are, and is byte for byte what it was without them', async () => {
    await withStage(legacy, async ({ played, conf }) => {
      const before = photograph(conf);
      await syncWell(played);
      const installed = photograph(conf);
      const paths = Object.keys(installed).filter((path) => installed[path] !== before[path]);
      expect(paths.sort()).toEqual([
        '/dovecot/extra.conf',
        '/dovecot/ldap/ldap-mailcow-passdb.conf',
        '/sogo/plist_ldap',
      ]);
      expect(installed['/dovecot/extra.conf']).toContain(before['/dovecot/extra.conf']);
      for (const path of ['/dovecot/ldap/ldap-mailcow-passdb.conf', '/sogo/plist_ldap']) {
        expect(installed[path]).toMatch(/^600 /);
        expect(installed[path]).toContain(secrets.bindPassword);
      }
      const { stderr } = await played.sync();
      expect(stderr).not.toContain('logins:');
      expect(photograph(conf)).toEqual(installed);

      const changed = { LDAP_FILTER: '(objectClass=user)' };
      expect((await played.sync(changed)).stderr).toContain('wrote');
      expect(photograph(conf)['/dovecot/ldap/ldap-mailcow-passdb.conf']).not.toContain('department');

      const removed = await played.run(['auth', 'remove']);
      expect(removed.code).toBe(0);
      expect(removed.stderr).toContain(
        'docker compose restart dovecot-mailcow memcached-mailcow sogo-mailcow',
      );
      expect(photograph(conf)).toEqual(before);
      expect((await played.run(['auth', 'remove'])).stdout).toContain('No files of ours');
      expect(played.output()).not.toContain(secrets.bindPassword);
    });
  });

  test('whose extra.conf asks another directory is left alone, and a finding says so', async () => {
    await withStage(legacy, async ({ played, conf }) => {
      writeFileSync(
        join(conf, 'dovecot/extra.conf'),
        'passdb {\n  driver = ldap\n  args = /etc/dovecot/mine.conf\n}\nfoo = bar\n',
      );
      const before = photograph(conf);
      await syncWell(played);
      expect(photograph(conf)).toEqual(before);
      expect(played.output()).toContain('login-files');
      expect(played.held().mailboxes[at('alice')]).toMatchObject({ active: 1 });
    });
  });

  test('whose folders cannot be written stops no sync; check names the line that helps', async () => {
    await withStage(legacy, async ({ played, conf }) => {
      // Root may write everything: a folder in the way of the file stands for what it may not.
      mkdirSync(join(conf, 'dovecot/ldap/ldap-mailcow-passdb.conf'));
      await syncWell(played);
      expect(played.output()).toContain('login-files');
      const { stdout } = await played.run(['check']);
      expect(stdout).toMatch(/Logins\n {2}templates/);
    });
  });

  // Measured: OpenLDAP without ppolicy does not know pwdAccountLockedTime, and cannot tell its negation either.
  test('asks only for attributes that the directory was seen to have: of others nobody could log in', async () => {
    await withStage({ ...legacy, settings: { DISABLED_RULE: 'auto' } }, async ({ played, conf }) => {
      await syncWell(played);
      const passdb = readFileSync(join(conf, 'dovecot/ldap/ldap-mailcow-passdb.conf'), 'utf8');
      expect(passdb).not.toContain('pwdAccountLockedTime');
      expect(passdb).toContain('(department=staff)');
    });
  });

  test('with POLICY=observe gets nothing', async () => {
    await withStage({ ...legacy, settings: { POLICY: 'observe' } }, async ({ played, conf }) => {
      const before = photograph(conf);
      await syncWell(played);
      expect(photograph(conf)).toEqual(before);
    });
  });
});

describe('a mailcow since 2025-03', () => {
  const modern = { version: '2026-07a', folders: 'new' } as const;

  test('is left alone by auto, and the log says once what is recommended', async () => {
    await withStage(modern, async ({ played, conf }) => {
      const before = photograph(conf);
      const first = await played.sync();
      const second = await played.sync();
      expect(first.stderr).toContain('LDAP_MAILCOW_AUTH=identity-provider');
      expect(second.stderr).not.toContain('logins:');
      expect(photograph(conf)).toEqual(before);
      expect(played.mailcow.store.tables.identityProvider.size).toBe(0);
    });
  });

  test('gets a source for SOGo only when it is asked for, without a secret in the file that mailcow tracks', async () => {
    const settings = { AUTH: 'templates', AUTH_SOGO_SOURCE: 'true' };
    await withStage({ ...modern, settings }, async ({ played, conf }) => {
      const before = photograph(conf);
      await syncWell(played);
      expect(played.output()).toContain('ActiveSync');
      const installed = photograph(conf);
      expect(installed['/sogo/plist_ldap.sh']).not.toContain(secrets.bindPassword);
      expect(installed['/sogo/ldap-mailcow-source.sh']).toMatch(/^700 /);
      await played.run(['auth', 'remove'], { AUTH: 'none' });
      expect(photograph(conf)).toEqual(before);
    });
  });

  test.each<Age>(['legacy', 'new'])(
    'that disagrees with folders or version is left alone whatever is asked for (%s)',
    async (folders) => {
      const version = folders === 'new' ? '2025-02' : '2026-07a';
      await withStage({ version, folders, settings: { AUTH: 'templates' } }, async ({ played, conf }) => {
        const before = photograph(conf);
        await syncWell(played);
        expect(played.output()).toContain('what mailcow shows disagrees');
        expect(photograph(conf)).toEqual(before);
        const { stdout, code } = await played.run(['check']);
        expect([stdout.includes('disagrees'), code]).toEqual([true, 1]);
      });
    },
  );
});

describe('people on a real Dovecot', () => {
  let dovecot: Dovecot;
  let dockerapi: FakeDockerapi;
  let stage: { conf: string; played: Played } | undefined;

  /** As mailcow's userdb: whoever is active has a mailbox. */
  const followMailcow = (): void => {
    const active = Object.entries(stage?.played.held().mailboxes ?? {}).filter(([, box]) => box.active === 1);
    const config = { folder: dovecot.folder, port: dovecot.port, mailcow: {} };
    const text = renderUserdb({ ...config, mailboxes: active.map(([address]) => address) });
    writeFileSync(join(dovecot.folder, 'mailboxes'), text);
  };

  beforeAll(async () => {
    dovecot = await startDovecot({ mailboxes: [], mailcow: {} });
    dockerapi = await startFakeDockerapi(async (service) => {
      if (service !== 'dovecot-mailcow' || stage === undefined) return;
      dovecot.install(installedIn(stage.conf, dovecot.folder));
      await dovecot.reload();
    });
  });
  afterAll(async () => {
    await dockerapi.close();
    await dovecot.close();
  });

  const login = (account: string): Promise<string> => {
    followMailcow();
    return dovecot.login(at(account), secretOf(account));
  };

  /** A reload lets the old processes answer once more. */
  async function eventually(account: string, wanted: RegExp): Promise<string> {
    let answer = '';
    for (let tries = 0; tries < 30 && !wanted.test(answer); tries += 1) {
      answer = await login(account).catch(String);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return answer;
  }

  test('log in with the password of the directory after the sync that made them, and not after the one that disabled them', async () => {
    const settings = { AUTH_RESTART: 'dockerapi', DOCKERAPI_URI: dockerapi.url };
    await withStage({ version: '2025-02', folders: 'legacy', settings }, async ({ played, slapd, conf }) => {
      stage = { conf, played };
      chmodSync(dovecot.folder, 0o755);
      await syncWell(played);
      expect(await eventually('alice', OK)).toMatch(OK);
      expect(await eventually('bob', OK)).toMatch(OK);
      expect(await dovecot.login(at('alice'), 'wrong')).toMatch(REFUSED);

      await slapd.modify(
        `dn: ${dnOf('alice')}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n`,
      );
      await syncWell(played);
      expect(played.held().mailboxes[at('alice')]).toMatchObject({ active: 0 });
      expect(await eventually('alice', REFUSED)).toMatch(REFUSED);
      expect(await login('bob')).toMatch(OK);
    });
  });
});
