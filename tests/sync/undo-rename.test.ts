import { describe, expect, test } from '@jest/globals';
import { prepareUndo, type UndoPlan } from '../../src/sync/undo.ts';
import { at, brief, person } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const planOf = async (world: World, run: string, deleteEmpty = false): Promise<UndoPlan> => {
  const plan = await prepareUndo(world.context(), { run, deleteEmpty, isDry: false });
  if (plan.kind === 'refused') throw new Error(plan.why);
  return plan;
};

const people = ['b', 'c', 'd', 'e'].map((id) => person(id));

describe('a rename that cannot be taken back', () => {
  test('leaves the former address leading to the mailbox', async () => {
    const world = openWorld(openMemoryMailcow());
    await world.sync([person('a'), ...people]);
    const { run, done } = await world.sync([person('a', { mail: 'anna' }), ...people]);
    expect(done.map(brief)).toEqual(['rename mailbox a address=a->anna']);
    const { apply } = await planOf(world, run);
    world.mailcow.intercept = (call) =>
      call.startsWith('rename')
        ? { answer: { kind: 'refused', words: [{ word: 'mailbox_invalid', args: [] }] } }
        : undefined;
    await apply();
    world.mailcow.intercept = undefined;
    await world.sync();
    const leads = [...world.mailcow.aliases.values()].map(({ address, goto }) => [address, goto]);
    expect(leads).toContainEqual([at('a'), [at('anna')]]);
  });
});
