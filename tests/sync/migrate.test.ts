/** `auth migrate` there and back, on the stand-in. */
import { describe, expect, test } from '@jest/globals';
import { migrateLogins, whyNoProvider } from '../../src/sync/migrate.ts';
import { at, group, markOf, mailbox, person } from '../support/builders.ts';
import { openWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow } from '../support/memory-mailcow.ts';
import { withStandIn, type StandInWorld } from './stand-in-world.ts';

const provider = {
  uris: ['ldap://dc1.example.test'],
  baseDn: 'dc=example,dc=test',
  bindDn: 'cn=reader',
  bindPassword: 'secret-of-it',
  startTls: true,
  tlsVerify: false,
  userFilter: undefined,
};
const asMailbox = { ignore: false, internal: false, sendAs: false, mailbox: true } as const;
const rowOf = (world: StandInWorld, name: string) => world.server.store.tables.mailboxes.get(at(name));
const sourcesOf = (world: StandInWorld): readonly string[] =>
  world.server.store.tables.mailboxes.all().map(({ localPart, authsource }) => `${localPart} ${authsource}`);

const people = ['a', 'b', 'off'].map((id) => person(id));

/** Two who log in by the provider, one deactivated, a list, and a mailbox that is not ours. */
async function withLogins(run: (world: StandInWorld) => Promise<void>): Promise<void> {
  const settings = { provider, plan: { logins: 'provider' as const, adopt: false } };
  await withStandIn({ ...settings, groupPolicies: [{ pattern: '*', policy: asMailbox }] }, async (world) => {
    await world.sync([]);
    await world.byHand('add/mailbox', {
      local_part: 'own',
      domain: 'example.test',
      authsource: 'ldap',
      quota: 1,
    });
    await world.sync({ people, groups: [group('l', { members: ['a'] })] });
    await world.sync({
      people: [...people.slice(0, 2), person('off', { disabled: true })],
      groups: [group('l', { members: ['a'] })],
    });
    world.writes();
    await run(world);
  });
}

describe('auth migrate', () => {
  test('--to mailcow sets the auth source, and in a second call a password that nobody has', async () => {
    await withLogins(async (world) => {
      const report = await migrateLogins(world.context(), { to: 'mailcow', dryRun: false });
      expect(report.failed).toEqual([]);
      const each = (name: string): readonly string[] =>
        Array.from({ length: 2 }, () => `edit/mailbox ${at(name)}`);
      expect(world.writes()).toEqual([...each('a'), ...each('b'), ...each('off')]);
      expect(sourcesOf(world)).toEqual(['a mailcow', 'b mailcow', 'l mailcow', 'off mailcow', 'own ldap']);
      expect(rowOf(world, 'a')?.password).toMatch(/^\{SSHA512\}/);
      expect(rowOf(world, 'a')?.password).not.toBe(rowOf(world, 'b')?.password);
      const next = await world.sync(undefined, { audit: true });
      expect(next.done).toEqual([]);
      expect(world.state.lastRuns(2).map(({ message }) => message)).toContain('auth migrate --to mailcow');
    });
  });

  test('--to ldap takes those that work, and only where the provider is ours', async () => {
    await withLogins(async (world) => {
      await migrateLogins(world.context(), { to: 'mailcow', dryRun: false });
      world.writes();
      expect(await whyNoProvider(world.context())).toBeUndefined();
      world.writes();
      const { skips } = await migrateLogins(world.context(), { to: 'ldap', dryRun: false });
      expect(world.writes()).toEqual([`edit/mailbox ${at('a')}`, `edit/mailbox ${at('b')}`]);
      expect(skips.map(({ key }) => key)).toEqual([at('off')]);
      await world.byHand('edit/identity-provider', {
        items: ['x'],
        attr: { authsource: 'ldap', host: 'elsewhere', basedn: 'x', binddn: 'x', bindpass: 'x' },
      });
      expect(await whyNoProvider(world.context())).toMatch(/not set up by this program/);
    });
  });

  test('--dry-run writes nothing anywhere', async () => {
    await withLogins(async (world) => {
      const runs = world.state.lastRuns(99).length;
      const { left, done } = await migrateLogins(world.context(), { to: 'mailcow', dryRun: true });
      expect(left.map(({ key }) => key)).toEqual([at('a'), at('b'), at('off')]);
      expect(done).toEqual([]);
      expect(world.writes()).toEqual([]);
      expect(world.state.lastRuns(99)).toHaveLength(runs);
    });
  });

  test('is not made where the policy allows no change', async () => {
    await withLogins(async (world) => {
      world.settings = { ...world.settings, policy: 'observe' };
      const { forbidden } = await migrateLogins(world.context(), { to: 'mailcow', dryRun: false });
      expect(forbidden).toHaveLength(3);
      expect(world.writes()).toEqual([]);
    });
  });

  test.each(['unclear', 'killed'])(
    'gives the password also when the first answer is lost: %s',
    async (how) => {
      const mailcow = openMemoryMailcow();
      const world = openWorld(mailcow, { settings: { provider, plan: { logins: 'provider' } } });
      await world.sync([person('a')]);
      mailcow.intercept = (call) => {
        if (!call.includes('authSource')) return undefined;
        mailcow.intercept = undefined;
        const answer = how === 'killed' ? new Error('killed') : ({ kind: 'unclear', why: 'lost' } as const);
        return { answer, late: true };
      };
      const migrated = migrateLogins(world.context(), { to: 'mailcow', dryRun: false });
      if (how === 'killed') await expect(migrated).rejects.toThrow('killed');
      else expect((await migrated).failed).toEqual([]);
      if (how === 'killed') await world.sync();
      expect(mailcow.mailboxes.get(at('a'))?.authSource).toBe('mailcow');
      expect(mailcow.logins.passwords.get(at('a'))).toBe('random');
    },
  );

  test('--to ldap asks mailcow first whether it reaches the directory', async () => {
    const mailcow = openMemoryMailcow();
    const world = openWorld(mailcow, { settings: { provider, plan: { logins: 'provider' } } });
    await world.sync([person('a')]);
    mailcow.logins.canBind = () => false;
    expect(await whyNoProvider(world.context())).toMatch(/does not reach the directory/);
  });

  test('leaves alone what bears no mark of ours any more', async () => {
    const mailcow = openMemoryMailcow();
    const world = openWorld(mailcow, { settings: { provider, plan: { logins: 'provider' } } });
    await world.sync([person('a'), person('b')]);
    mailcow.mailboxes.set(at('a'), mailbox('a', { authSource: 'ldap' }));
    mailcow.mailboxes.set(at('b'), mailbox('b', { authSource: 'ldap', tags: [markOf('b', 'others')] }));
    const { done } = await migrateLogins(world.context(), { to: 'mailcow', dryRun: false });
    expect(done).toEqual([]);
  });
});
