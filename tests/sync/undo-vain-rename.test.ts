import { describe, expect, test } from '@jest/globals';
import { prepareUndo, type UndoPlan } from '../../src/sync/undo.ts';
import { brief, person } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

const planOf = async (world: SyncWorld<MemoryMailcow>, run: string): Promise<UndoPlan> => {
  const plan = await prepareUndo(world.context(), { run, deleteEmpty: false, isDry: false });
  if (plan.kind === 'refused') throw new Error(plan.why);
  return plan;
};

const people = ['b', 'c', 'd', 'e'].map((id) => person(id));

describe('a rename that a crash cut short and that did not happen', () => {
  test('leads no undo of an earlier run astray', async () => {
    const world = openWorld(openMemoryMailcow());
    await world.sync([person('a', { name: 'Anna' }), ...people]);
    const { run } = await world.sync([person('a', { name: 'Anne' }), ...people]);
    world.mailcow.intercept = () => ({ answer: new Error('crash') });
    await expect(world.sync([person('a', { name: 'Anne', mail: 'n' }), ...people])).rejects.toThrow('crash');
    world.mailcow.intercept = undefined;
    const cut = world.state.lastRuns(1)[0]?.id ?? '';
    await world.sync([person('a', { name: 'Anne' }), ...people]);
    expect(world.state.openIntents()).toEqual([]);
    expect((await planOf(world, run)).changes.map(brief)).toEqual(['update mailbox a name=Anne->Anna']);
    expect(await prepareUndo(world.context(), { run: cut, deleteEmpty: false, isDry: true })).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('wrote nothing'),
    });
  });
});
