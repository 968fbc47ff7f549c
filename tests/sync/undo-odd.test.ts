import { describe, expect, test } from '@jest/globals';
import { prepareUndo, type UndoPlan } from '../../src/sync/undo.ts';
import { alias, at, brief, person } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const planOf = async (world: World, run: string, deleteEmpty = false): Promise<UndoPlan> => {
  const plan = await prepareUndo(world.context(), { run, deleteEmpty, isDry: false });
  if (plan.kind === 'refused') throw new Error(plan.why);
  return plan;
};

const byHand = (world: World, address: string, goto: readonly string[]): void => {
  world.mailcow.aliases.set(900, { ...alias(address, goto.map(at)), id: 900 });
};

const people = ['b', 'c', 'd', 'e'].map((id) => person(id));

describe('a mailbox without mail', () => {
  test.each([[['a']], [['a', 'b']]])(
    'is not deleted while an alias of somebody else leads to it (%s): mailcow would change that too',
    async (goto) => {
      const world = openWorld(openMemoryMailcow());
      await world.sync(people);
      const { run } = await world.sync([person('a', { aliases: ['y'] }), ...people]);
      byHand(world, 'shop', goto);
      const { changes, apply } = await planOf(world, run, true);
      expect(changes.map(brief)).toContain('deactivate mailbox a active=1->0');
      expect((await apply()).failed).toEqual([]);
      expect(world.mailcow.aliases.get(900)?.goto).toEqual(goto.map(at));
      expect(world.mailcow.mailboxes.get(at('a'))?.active).toBe(0);
    },
  );
});
