import { describe, expect, test } from '@jest/globals';
import { prepareUndo, type UndoPlan } from '../../src/sync/undo.ts';
import { at, brief, person } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

const planOf = async (world: SyncWorld<MemoryMailcow>, run: string): Promise<UndoPlan> => {
  const plan = await prepareUndo(world.context(), { run, deleteEmpty: false, isDry: false });
  if (plan.kind === 'refused') throw new Error(plan.why);
  return plan;
};

const people = ['b', 'c', 'd', 'e'].map((id) => person(id));

describe('an undo that a crash cut short', () => {
  test.each([1, 2, 3, 4])(
    'at call %d is done to its end by the next, and by no sync undone',
    async (call) => {
      for (const late of [false, true]) {
        const world = openWorld(openMemoryMailcow());
        await world.sync([person('a', { aliases: ['y'] }), ...people]);
        const before = world.mailcow.mailboxes.get(at('a'));
        const { run } = await world.sync([
          person('a', { mail: 'n', name: 'New', aliases: ['z'] }),
          ...people,
        ]);
        const { apply } = await planOf(world, run);
        let calls = 0;
        world.mailcow.intercept = () =>
          (calls += 1) === call ? { answer: new Error('crash'), late } : undefined;
        await apply().catch(() => undefined);
        world.mailcow.intercept = undefined;
        const boxes = [...world.mailcow.mailboxes.keys()].sort();
        await world.sync();
        expect([...world.mailcow.mailboxes.keys()].sort()).toEqual(boxes);
        expect((await (await planOf(world, run)).apply()).failed).toEqual([]);
        await world.sync();
        expect(world.mailcow.mailboxes.get(at('a'))).toEqual(before);
        expect([...world.mailcow.aliases.values()].map(({ address, goto }) => [address, goto])).toEqual([
          [at('y'), [at('a')]],
        ]);
        // And once more: nothing is left to do.
        expect((await planOf(world, run)).changes.map(brief)).toEqual([]);
      }
    },
  );
});
