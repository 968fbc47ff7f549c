import { describe, expect, test } from '@jest/globals';
import { prepareAdopt } from '../../src/sync/adopt.ts';
import { endRelease, prepareRelease } from '../../src/sync/release.ts';
import { prepareUndo } from '../../src/sync/undo.ts';
import { alias, at, brief, domain, mailbox, markOf, person } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { roomyDomain } from '../support/mailcow/start-state.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

import { withStandIn } from './stand-in-world.ts';

type World = SyncWorld<MemoryMailcow>;

const aliasesOf = ({ mailcow }: World): readonly unknown[] =>
  [...mailcow.aliases.values()].map(({ address, goto, privateComment }) => [address, goto, privateComment]);

const release = async (world: World, ...only: readonly string[]): Promise<readonly string[]> => {
  const set = only.length === 0 ? undefined : new Set(only.map(at));
  const { apply } = await prepareRelease(world.context(), { only: set, isDry: false });
  const { done, failed } = await apply();
  expect(failed).toEqual([]);
  return done.map(brief);
};

describe('adopt', () => {
  test('marks what fits, although LDAP_MAILCOW_ADOPT is false, and changes nothing else', async () => {
    const box = mailbox('a', { name: 'Before' });
    const world = openWorld(
      openMemoryMailcow({ mailboxes: [box, mailbox('z')], aliases: [alias('x', 'a')] }),
      { settings: { plan: { adopt: false } } },
    );
    await world.sync([person('a', { aliases: ['x'] }), person('b')]);
    const { apply } = await prepareAdopt(world.context(), { only: undefined, isDry: false });
    const { done } = await apply();
    expect(done.map(brief)).toEqual(['adopt mailbox a', 'adopt alias x']);
    expect(world.mailcow.mailboxes.get(at('a'))).toEqual({ ...box, tags: [markOf('a'), 'ldap-adopted'] });
    expect(aliasesOf(world)).toEqual([[at('x'), [at('a')], markOf('a')]]);
    await world.sync();
    expect(world.mailcow.mailboxes.get(at('a'))?.name).toBe('A');
  });

  test('takes only the addresses that are named', async () => {
    const world = openWorld(openMemoryMailcow({ mailboxes: [mailbox('a'), mailbox('b')] }), {
      settings: { plan: { adopt: false } },
    });
    await world.sync([person('a'), person('b')]);
    const { changes } = await prepareAdopt(world.context(), { only: new Set([at('b')]), isDry: true });
    expect(changes.map(brief)).toEqual(['adopt mailbox b']);
    expect(world.state.remembered().ledgerMailboxes.size).toBe(0);
  });
});

describe('release on the stand-in of mailcow', () => {
  test('is taken by mailcow as it is meant', async () => {
    const state = {
      domains: [roomyDomain('example.test'), { ...roomyDomain('ours.test'), description: markOf('domain') }],
    };
    await withStandIn(
      {},
      async (world) => {
        await world.sync([person('a', { aliases: ['x'] }), person('b')]);
        const { apply } = await prepareRelease(world.context(), { only: undefined, isDry: false });
        expect((await apply()).failed).toEqual([]);
        const { mailboxes, aliases, domains } = world.server.store.snapshot();
        expect(mailboxes.map(({ username, active, tags }) => [username, active, tags])).toEqual([
          [at('a'), 1, []],
          [at('b'), 1, []],
        ]);
        expect(aliases.map(({ address, goto, privateComment }) => [address, goto, privateComment])).toEqual([
          [at('x'), at('a'), ''],
        ]);
        expect(domains.find((one) => one.domain === 'ours.test')?.description).toBe('ours.test');
      },
      { state },
    );
  });
});

describe('release', () => {
  const openReleased = async (): Promise<World> => {
    const comment = 'for the shop';
    const mailcow = openMemoryMailcow({
      domains: [domain(), domain('ours.test', { description: markOf('domain') })],
      mailboxes: [mailbox('b', { tags: ['vip'] })],
      aliases: [alias('x', 'b', { privateComment: comment })],
    });
    const world = openWorld(mailcow);
    await world.sync([person('a', { aliases: ['y'] }), person('b', { aliases: ['x'] })]);
    await world.sync();
    return world;
  };

  test('takes every mark away, and leaves everything else', async () => {
    const world = await openReleased();
    await release(world);
    const { mailcow, state } = world;
    expect(mailcow.mailboxes.get(at('a'))).toMatchObject({ active: 1, tags: [] });
    expect(mailcow.mailboxes.get(at('b'))).toMatchObject({ active: 1, tags: ['vip'] });
    expect(aliasesOf(world)).toEqual([
      [at('x'), [at('b')], 'for the shop'],
      [at('y'), [at('a')], ''],
    ]);
    expect(mailcow.domains.get('ours.test')?.description).toBe('ours.test');
    const { ledgerMailboxes, ledgerAliases, mailboxes } = state.remembered();
    expect([ledgerMailboxes.size, ledgerAliases.size, mailboxes.size]).toEqual([0, 0, 0]);
  });

  test('stops every sync until it is told to begin again; then it adopts what it finds', async () => {
    const world = await openReleased();
    await release(world);
    await expect(world.sync()).rejects.toThrow(/given up on .*sync --after-release/);
    endRelease(world.context());
    const { done } = await world.sync();
    expect(done.map(brief)).toEqual(['adopt mailbox a', 'adopt mailbox b', 'adopt alias x', 'adopt alias y']);
  });

  test('of one address pins it, and syncs go on', async () => {
    const world = await openReleased();
    expect(await release(world, 'b')).toEqual(['release mailbox b']);
    const { done, plan } = await world.sync();
    expect(done).toEqual([]);
    expect(plan.skips.map(({ key }) => key)).toContain(at('b'));
    expect(world.mailcow.mailboxes.get(at('b'))?.tags).toEqual(['vip']);
  });

  test('is done to its end when it is done again after a crash', async () => {
    const world = await openReleased();
    let calls = 0;
    world.mailcow.intercept = () => ((calls += 1) === 2 ? { answer: new Error('crash') } : undefined);
    await expect(release(world)).rejects.toThrow('crash');
    world.mailcow.intercept = undefined;
    await expect(world.sync()).rejects.toThrow(/given up/);
    await release(world);
    expect([...world.mailcow.mailboxes.values()].flatMap(({ tags }) => tags)).toEqual(['vip']);
    expect(world.state.openIntents()).toEqual([]);
  });

  test('is taken back by an undo, which pins nothing', async () => {
    const world = await openReleased();
    const aliases = aliasesOf(world);
    const { apply } = await prepareRelease(world.context(), { only: undefined, isDry: false });
    const { run } = await apply();
    const plan = await prepareUndo(world.context(), { run, deleteEmpty: false, isDry: false });
    if (plan.kind === 'refused') throw new Error(plan.why);
    expect((await plan.apply()).failed).toEqual([]);
    expect(aliasesOf(world)).toEqual(aliases);
    expect(world.mailcow.domains.get('ours.test')?.description).toBe(markOf('domain'));
    expect(world.state.pins()).toEqual([]);
    endRelease(world.context());
    expect((await world.sync()).done).toEqual([]);
  });
});
