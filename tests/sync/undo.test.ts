import { describe, expect, test } from '@jest/globals';
import { prepareUndo, type UndoPlan } from '../../src/sync/undo.ts';
import type { SyncContext } from '../../src/sync/settings.ts';
import { at, brief, person } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const planOf = async (
  context: SyncContext,
  run: string,
  { deleteEmpty = false, isDry = false } = {},
): Promise<UndoPlan> => {
  const plan = await prepareUndo(context, { run, deleteEmpty, isDry });
  if (plan.kind === 'refused') throw new Error(plan.why);
  return plan;
};

/** Takes a run back; each change in brief, in the order of writing. */
const undo = async (world: World, run: string, options = {}): Promise<readonly string[]> => {
  const plan = await planOf(world.context(), run, options);
  const { done, failed } = await plan.apply();
  expect(failed).toEqual([]);
  return done.map(brief);
};

describe('undo', () => {
  test('gives an updated mailbox its former name, and the next sync leaves it so', async () => {
    const world = openWorld(openMemoryMailcow());
    await world.sync([person('a', { name: 'Anna' })]);
    const { run } = await world.sync([person('a', { name: 'Anne' })]);
    expect(await undo(world, run)).toEqual(['update mailbox a name=Anne->Anna']);
    expect(world.mailcow.mailboxes.get(at('a'))?.name).toBe('Anna');
    const again = await world.sync();
    expect(again.plan.changes).toEqual([]);
    expect(again.plan.skips).toEqual([
      {
        resource: 'mailbox',
        key: at('a'),
        reason: expect.stringMatching(/^pinned by run \w+, until its directory entry changes or/),
      },
    ]);
  });

  test('is lifted by a change of the directory entry', async () => {
    const world = openWorld(openMemoryMailcow());
    await world.sync([person('a', { name: 'Anna' })]);
    const { run } = await world.sync([person('a', { name: 'Anne' })]);
    await undo(world, run);
    await world.sync([person('a', { name: 'Annette' })]);
    expect(world.mailcow.mailboxes.get(at('a'))?.name).toBe('Annette');
    expect(world.state.pins()).toEqual([]);
  });
});
