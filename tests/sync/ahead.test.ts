/** Creations of which only the intent was there when the program died, and what somebody did before the next start. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { runSync } from '../../src/sync.ts';
import { alias, at, brief, mailbox, person, reading } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

/** Dies while the first mailbox is created: what was opened ahead stays open, as nobody is left to withdraw it. */
async function die(world: World, says: Parameters<World['sync']>[0]): Promise<string> {
  const { state } = world;
  world.state = { ...state, withdrawIntents: () => undefined };
  world.mailcow.intercept = (call) =>
    call.startsWith('createMailbox') ? { answer: new Error('killed') } : undefined;
  await expect(world.sync(says)).rejects.toThrow('killed');
  world.mailcow.intercept = undefined;
  world.state = state;
  expect(state.openIntents()).toHaveLength(2);
  return state.lastRuns(1)[0]?.id ?? '';
}

const writtenBy = ({ state }: World, run: string): readonly string[] =>
  state.writtenBy(run).map(({ change }) => brief(change));

describe('a creation that never began', () => {
  test('is not taken for the mailbox that somebody has made by hand: that one is adopted', async () => {
    const world = openWorld(openMemoryMailcow());
    const run = await die(world, [person('a'), person('b')]);
    world.mailcow.mailboxes.set(at('b'), mailbox('b', { name: 'B', quotaMiB: 3072 }));
    const { done } = await world.sync();
    expect(done.map(({ kind, key }) => `${kind} ${key}`)).toEqual([`create ${at('a')}`, `adopt ${at('b')}`]);
    expect(world.state.remembered().ledgerMailboxes.get(at('b'))?.origin).toBe('adopted');
    expect(writtenBy(world, run)).toEqual([]);
  });

  test('is not taken for the alias that somebody has made by hand: that one is adopted', async () => {
    const world = openWorld(openMemoryMailcow());
    await world.sync([person('a')]);
    const run = await die(world, [person('a', { aliases: ['x'] }), person('b')]);
    world.mailcow.aliases.set(77, alias('x', 'a', { id: 77, privateComment: 'by hand' }));
    await world.sync();
    expect(world.state.remembered().ledgerAliases.get(at('x'))?.origin).toBe('adopted');
    expect(writtenBy(world, run)).toEqual([]);
  });

  test('is no write of its run: to take that back is not to take back what the next one made', async () => {
    const world = openWorld(openMemoryMailcow());
    const run = await die(world, [person('a'), person('b')]);
    const { run: next } = await world.sync();
    expect(writtenBy(world, run)).toEqual([]);
    expect(writtenBy(world, next)).toHaveLength(2);
  });
});

test('a state file that fails while a write is under way does not end the sync before the write', async () => {
  const world = openWorld(openMemoryMailcow());
  const { state, mailcow } = world;
  let opened = 0;
  world.state = {
    ...state,
    openIntent: (intent) => {
      opened += 1;
      if (opened === 2) throw new Error('the disk is full');
      return state.openIntent(intent);
    },
  };
  let isUnderWay = false;
  const slow = {
    ...mailcow,
    createMailbox: async (wanted: Parameters<MemoryMailcow['createMailbox']>[0]) => {
      isUnderWay = true;
      await sleep(50);
      const result = await mailcow.createMailbox(wanted);
      isUnderWay = false;
      return result;
    },
  };
  world.directory.now = reading([person('a'), person('b')]);
  await expect(runSync({ ...world.context(), mailcow: slow }, { audit: false })).rejects.toThrow(
    'disk is full',
  );
  expect(isUnderWay).toBe(false);
  world.state = state;
  expect(world.state.openIntents().map(({ change }) => change.key)).toEqual([at('a')]);
});
