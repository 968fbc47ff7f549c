/** mailcow's identity provider and the mailboxes that log in by it, on the stand-in. */
import { describe, expect, test } from '@jest/globals';
import { planSync } from '../../src/sync.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { at, group, mailbox, markOf, person } from '../support/builders.ts';
import { openWorld, syncSettings, type SettingsPatch } from '../support/builders-sync.ts';
import type { JsonObject } from '../support/mailcow/json.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';
import { withStandIn, type StandInWorld } from './stand-in-world.ts';

const provider = {
  uris: ['ldaps://dc1.example.test', 'ldaps://dc2.example.test'],
  baseDn: 'dc=example,dc=test',
  bindDn: 'cn=reader,dc=example,dc=test',
  bindPassword: 'a-secret-of-the-directory',
  startTls: false,
  tlsVerify: true,
  userFilter: '(objectClass=user)',
};

const asMailbox = { ignore: false, internal: false, sendAs: false, mailbox: true } as const;
const settings: SettingsPatch = { provider, plan: { logins: 'provider' } };
const migrating: SettingsPatch = { provider, plan: { logins: 'provider', migrateAuth: 'ldap' } };

const shown = (world: StandInWorld): JsonObject =>
  Object.fromEntries(world.server.store.tables.identityProvider);
const sourceOf = (world: StandInWorld, name: string): string | undefined =>
  world.server.store.tables.mailboxes.get(at(name))?.authsource;
const hashOf = (world: StandInWorld, name: string): string =>
  world.server.store.tables.mailboxes.get(at(name))?.password ?? '';
const codes = (report: Awaited<ReturnType<StandInWorld['sync']>>): readonly string[] =>
  report.plan.findings.map(({ code }) => code);
const setWrites = [
  'edit/identity-provider-test identity-provider',
  'edit/identity-provider identity-provider',
];

/** As an administrator sets one up in mailcow. */
const byHand = (fields: JsonObject): JsonObject => ({
  items: ['identity-provider'],
  attr: {
    authsource: 'ldap',
    host: 'dc1.example.test',
    port: '636',
    use_ssl: true,
    basedn: 'dc=example,dc=test',
    binddn: 'cn=reader,dc=example,dc=test',
    bindpass: 'a-secret-of-the-directory',
    ...fields,
  },
});

describe('mailcow’s identity provider', () => {
  test('is tested, set, read back, and not touched again', async () => {
    await withStandIn(settings, async (world) => {
      const report = await world.sync([person('a')]);
      expect(codes(report)).toEqual([]);
      expect(world.writes()).toEqual([...setWrites, 'add/mailbox a']);
      expect(shown(world)).toMatchObject({
        authsource: 'ldap',
        host: 'dc1.example.test,dc2.example.test',
        port: '636',
        username_field: 'mail',
        filter: '(&(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))',
        mappers: [],
        templates: [],
        periodic_sync: '0',
        import_users: '0',
        login_provisioning: '0',
      });
      expect(sourceOf(world, 'a')).toBe('ldap');
      expect(hashOf(world, 'a')).toBe('');
      await world.sync([person('a')], { audit: true });
      expect(world.writes()).toEqual([]);
    });
  });

  test('costs an unchanged sync one read', async () => {
    await withStandIn(settings, async (world) => {
      await world.sync([person('a')]);
      world.server.resetStats();
      await world.sync();
      expect(world.server.stats().calls).toEqual({
        'GET get/status/version': 1,
        'GET get/identity-provider': 1,
      });
    });
  });

  test('shows its password nowhere: not in the log, the journal, the state', async () => {
    await withStandIn(settings, async (world) => {
      await world.sync([person('a')]);
      const kept = JSON.stringify([
        world.lines,
        world.state.facts(),
        world.state.findings(),
        world.state.lastRuns(9),
      ]);
      expect(kept).not.toContain(provider.bindPassword);
      expect(world.lines.map(({ message }) => message).join('\n')).toContain('identity provider is set');
    });
  });

  test('says what it costs: mailcow binds to the directory on each call', async () => {
    await withStandIn(settings, async (world) => {
      await world.sync([]);
      const warned = world.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
      expect(warned.join()).toMatch(/on every call of its API/);
    });
  });

  test('is put right when it was changed in mailcow, or with DRIFT=report only said', async () => {
    for (const reportDrift of [false, true]) {
      const plan = { logins: 'provider' as const, reportDrift };
      await withStandIn({ provider, plan }, async (world) => {
        await world.sync([person('a')]);
        await world.byHand(
          'edit/identity-provider',
          byHand({
            host: 'dc1.example.test,dc2.example.test',
            filter: '(cn=*)',
            mappers: ['x'],
            templates: ['y'],
          }),
        );
        const report = await world.sync();
        expect(codes(report)).toEqual(reportDrift ? ['drift'] : []);
        expect(world.writes()).toEqual(reportDrift ? [] : setWrites);
      });
    }
  });

  test('follows the settings: another password, another base', async () => {
    await withStandIn(settings, async (world) => {
      await world.sync([]);
      for (const change of [{ bindPassword: 'another' }, { baseDn: 'ou=x,dc=example,dc=test' }]) {
        world.writes();
        world.settings = { ...world.settings, provider: { ...provider, ...change } };
        await world.sync();
        expect(world.writes()).toEqual(setWrites);
      }
      expect(shown(world)).toMatchObject({ basedn: 'ou=x,dc=example,dc=test' });
    });
  });

  test.each<[string, JsonObject]>([
    ['of another type', { items: ['identity-provider'], attr: { authsource: 'keycloak', server_url: 'x' } }],
    ['of another directory', byHand({ host: 'elsewhere.test' })],
    ['below another base', byHand({ basedn: 'ou=other,dc=example,dc=test' })],
    [
      'of our directory that imports people itself',
      byHand({ host: 'dc1.example.test,dc2.example.test', import_users: 1 }),
    ],
  ])('is not touched when it is one %s', async (_what, body) => {
    await withStandIn(settings, async (world) => {
      await world.byHand('edit/identity-provider', body);
      const before = shown(world);
      expect(codes(await world.sync([person('a')]))).toEqual(['identity-provider-foreign']);
      expect(world.writes()).toEqual(['add/mailbox a']);
      expect(shown(world)).toEqual(before);
      expect(sourceOf(world, 'a')).toBe('mailcow');
      expect(hashOf(world, 'a')).toMatch(/^\{SSHA512\}/);
    });
  });

  test('is not set when its test fails, and not tried at every sync; mailboxes follow once it is', async () => {
    const reach = { well: false };
    const run = async (world: StandInWorld): Promise<void> => {
      expect(codes(await world.sync([person('a')]))).toEqual(['identity-provider-unreachable']);
      expect(world.writes()).toEqual([setWrites[0], 'add/mailbox a']);
      expect(sourceOf(world, 'a')).toBe('mailcow');
      expect(codes(await world.sync([person('a')]))).toEqual(['identity-provider-unreachable']);
      expect(world.writes()).toEqual([]);
      reach.well = true;
      expect(codes(await world.sync([person('a')], { minutes: 6 }))).toEqual([]);
      expect(world.writes()).toEqual([...setWrites, `edit/mailbox ${at('a')}`]);
      expect(sourceOf(world, 'a')).toBe('ldap');
      await world.sync([person('a')], { audit: true });
      expect(world.writes()).toEqual([]);
    };
    await withStandIn(settings, run, { canBind: () => reach.well });
  });

  test('is not there in a mailcow before 2025-03', async () => {
    const run = async (world: StandInWorld): Promise<void> => {
      expect(codes(await world.sync([person('a')]))).toEqual(['identity-provider-missing']);
      expect(world.writes()).toEqual(['add/mailbox a']);
    };
    await withStandIn(settings, run, { version: '2025-02' });
  });

  test('is never set by a plan, nor with POLICY=observe', async () => {
    await withStandIn({ ...settings, policy: 'observe' }, async (world) => {
      const report = await world.sync([person('a')]);
      await world.sync();
      expect(world.server.writes).toEqual([]);
      expect(report.plan.forbidden.map(({ change }) => change.after.authSource)).toEqual(['ldap']);
      const said = world.lines.filter(({ message }) => message.includes("set mailcow's identity provider"));
      expect(said).toHaveLength(1);
      const facts = JSON.stringify(world.state.facts());
      await planSync(world.context());
      expect(JSON.stringify(world.state.facts())).toBe(facts);
    });
  });
});

describe('mailboxes that are there', () => {
  const people = [person('a'), person('b'), person('c', { disabled: true })];

  test('keep their logins unless they are to migrate; then all that work do', async () => {
    await withStandIn({}, async (world) => {
      await world.sync(people);
      world.settings = { ...world.settings, provider, plan: { ...world.settings.plan, logins: 'provider' } };
      await world.sync();
      expect(['a', 'b', 'c'].map((name) => sourceOf(world, name))).toEqual(['mailcow', 'mailcow', 'mailcow']);
      world.settings = { ...world.settings, plan: { ...world.settings.plan, migrateAuth: 'ldap' } };
      world.writes();
      await world.sync();
      expect(world.writes()).toEqual([`edit/mailbox ${at('a')}`, `edit/mailbox ${at('b')}`]);
      expect(['a', 'b', 'c'].map((name) => sourceOf(world, name))).toEqual(['ldap', 'ldap', 'mailcow']);
      await world.sync(undefined, { audit: true });
      expect(world.writes()).toEqual([]);
      await world.sync([person('a'), person('b'), person('c')]);
      expect(sourceOf(world, 'c')).toBe('ldap');
    });
  });

  test('are left alone when they are protected, kept, not ours, or log in by something else', async () => {
    await withStandIn(migrating, async (world) => {
      await world.sync(['a', 'kept', 'oidc'].map((id) => person(id)));
      const put = (name: string, fields: object): void => {
        const row = world.server.store.tables.mailboxes.get(at(name));
        if (row) world.server.store.tables.mailboxes.put({ ...row, ...fields });
      };
      const { tags = [] } = world.server.store.tables.mailboxes.get(at('kept')) ?? {};
      put('kept', { authsource: 'mailcow', tags: [...tags, 'ldap-keep'] });
      put('oidc', { authsource: 'keycloak' });
      world.writes();
      const { plan } = await world.sync(undefined, { audit: true });
      expect(world.writes()).toEqual([]);
      expect(plan.skips.map(({ key }) => key)).toEqual([at('kept'), at('oidc')]);
    });
  });

  test('are never lists, whose mailbox nobody logs in to', async () => {
    const list = { ...migrating, groupPolicies: [{ pattern: '*', policy: asMailbox }] };
    await withStandIn(list, async (world) => {
      await world.sync({ people: [person('a')], groups: [group('l', { members: ['a'] })] });
      expect(sourceOf(world, 'a')).toBe('ldap');
      expect(sourceOf(world, 'l')).toBe('mailcow');
    });
  });
});

describe('when mailcow falls back to its own logins without a word', () => {
  const FELL_BACK = 'authsource fell back to mailcow';
  const whyOf = ({ failed }: SyncReport): readonly string[] => failed.map(({ why }) => why);
  /** Somebody removes the provider in mailcow between the sync's look at it and this call. */
  const removedBefore = (mailcow: MemoryMailcow, start: string): void => {
    mailcow.intercept = (call) => {
      if (call.startsWith(start)) mailcow.logins.provider = undefined;
      return undefined;
    };
  };

  test('a creation is refused with a clear word, and made later', async () => {
    const mailcow = openMemoryMailcow();
    const world = openWorld(mailcow, { settings });
    removedBefore(mailcow, 'createMailbox');
    const report = await world.sync([person('a')]);
    expect(whyOf(report).join()).toContain(FELL_BACK);
    mailcow.intercept = undefined;
    await world.sync([person('a')], { minutes: 6 });
    expect(mailcow.mailboxes.get(at('a'))?.authSource).toBe('ldap');
  });

  test('a mailbox that was made all the same gets a password that nobody has, and follows later', async () => {
    const mailcow = openMemoryMailcow();
    const world = openWorld(mailcow, { settings });
    mailcow.intercept = (call) => {
      if (!call.startsWith('createMailbox')) return undefined;
      mailcow.mailboxes.set(at('a'), mailbox('a', { tags: [markOf('a')] }));
      return { answer: { kind: 'done' } };
    };
    const report = await world.sync([person('a')]);
    expect(whyOf(report).join()).toContain(FELL_BACK);
    expect(mailcow.logins.passwords.get(at('a'))).toBe('random');
    mailcow.intercept = undefined;
    await world.sync([person('a')], { minutes: 6 });
    expect(mailcow.mailboxes.get(at('a'))?.authSource).toBe('ldap');
  });

  test('a migration is refused with a clear word', async () => {
    const mailcow = openMemoryMailcow();
    const world = openWorld(mailcow);
    await world.sync([person('a')]);
    world.settings = syncSettings(migrating);
    removedBefore(mailcow, 'editMailbox');
    expect(whyOf(await world.sync()).join()).toContain(FELL_BACK);
    expect(mailcow.mailboxes.get(at('a'))?.authSource).toBe('mailcow');
  });

  test('a creation whose answer is lost while the provider is not ready follows all the same', async () => {
    const mailcow = openMemoryMailcow();
    const world = openWorld(mailcow, { settings });
    mailcow.logins.canBind = () => false;
    mailcow.intercept = (call) =>
      call.startsWith('createMailbox') ? { answer: { kind: 'unclear', why: 'lost' }, late: true } : undefined;
    await world.sync([person('a')]);
    mailcow.intercept = undefined;
    mailcow.logins.canBind = () => true;
    await world.sync([person('a')], { minutes: 6 });
    expect(mailcow.mailboxes.get(at('a'))?.authSource).toBe('ldap');
  });

  test('a creation whose answer is lost is read again, login included', async () => {
    const mailcow = openMemoryMailcow();
    const world = openWorld(mailcow, { settings });
    mailcow.intercept = (call) =>
      call.startsWith('createMailbox') ? { answer: { kind: 'unclear', why: 'lost' }, late: true } : undefined;
    const report = await world.sync([person('a')]);
    expect(report.failed).toEqual([]);
    expect(mailcow.mailboxes.get(at('a'))?.authSource).toBe('ldap');
    mailcow.intercept = undefined;
    const again = await world.sync(undefined, { audit: true });
    expect(again.done).toEqual([]);
  });
});
