import { describe, expect, test } from '@jest/globals';
import { prepareUndo, undoableRuns, type UndoPlan } from '../../src/sync/undo.ts';
import type { SyncContext } from '../../src/sync/settings.ts';
import { at, brief, person } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';
import { withStandIn } from './stand-in-world.ts';

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

  const people = ['a', 'b', 'c', 'd'].map((id) => person(id));
  const disabled = people.map((entry) => person(entry.id, { disabled: true }));

  test('of a departure holds while the person stays away, and ends when the person is there again', async () => {
    const world = openWorld(openMemoryMailcow());
    await world.sync(people);
    await world.sync(people.slice(1));
    const { run, done } = await world.sync(people.slice(1));
    expect(done.map(brief)).toEqual(['deactivate mailbox a active=1->0']);
    expect(await undo(world, run)).toEqual(['reactivate mailbox a active=0->1']);
    for (let round = 0; round < 4; round++) await world.sync();
    expect(world.mailcow.mailboxes.get(at('a'))?.active).toBe(1);
    await world.sync(people);
    expect(world.state.pins()).toEqual([]);
  });

  test('of a change of somebody who leaves after it is over when the grace is', async () => {
    const world = openWorld(openMemoryMailcow());
    await world.sync(people);
    const { run } = await world.sync([person('a', { name: 'New' }), ...people.slice(1)]);
    await undo(world, run);
    await world.sync(people.slice(1));
    expect(world.state.pins()).toHaveLength(1);
    const { done } = await world.sync(people.slice(1));
    expect(done.map(brief)).toEqual(['deactivate mailbox a active=1->0']);
    expect(world.state.pins()).toEqual([]);
  });

  test('is not lifted by an incomplete reading', async () => {
    const world = openWorld(openMemoryMailcow());
    await world.sync(people);
    const { run } = await world.sync([person('a', { name: 'New' }), ...people.slice(1)]);
    await undo(world, run);
    await world.sync({ people: [person('a', { name: 'Newer' })], problems: ['cut short'] });
    expect(world.mailcow.mailboxes.get(at('a'))?.name).toBe('A');
    await world.sync([person('a', { name: 'Newer' }), ...people.slice(1)]);
    expect(world.mailcow.mailboxes.get(at('a'))?.name).toBe('Newer');
  });

  test('that takes away too much says so with its numbers', async () => {
    const world = openWorld(openMemoryMailcow());
    const { run } = await world.sync(people);
    const { held, changes } = await planOf(world.context(), run, { isDry: true });
    expect(changes).toHaveLength(4);
    expect(held.map(({ why }) => why)).toContain(
      'would take away 4 of 4 managed mailboxes; 2 at once are allowed',
    );
    expect(world.state.pins()).toEqual([]);
  });

  test('deletes no mailbox into which mail came after it was planned', async () => {
    const world = openWorld(openMemoryMailcow());
    await world.sync(people.slice(1));
    const { run } = await world.sync(people);
    const { changes, apply } = await planOf(world.context(), run, { deleteEmpty: true });
    expect(changes.map(brief)).toEqual(['delete mailbox a']);
    world.mailcow.messages.set(at('a'), 1);
    const { failed } = await apply();
    expect(failed.map(({ why }) => why)).toEqual([`mailcow refused it: mailbox_not_empty ${at('a')}`]);
    expect(world.mailcow.mailboxes.has(at('a'))).toBe(true);
    expect(world.state.pins()).toEqual([]);
  });

  test.each([false, true])('that a crash cut short is not done again by a sync (late: %s)', async (late) => {
    const world = openWorld(openMemoryMailcow());
    await world.sync(people);
    const { run } = await world.sync(disabled.slice(0, 2).concat(people.slice(2)));
    const { apply } = await planOf(world.context(), run);
    let calls = 0;
    world.mailcow.intercept = () => ((calls += 1) === 2 ? { answer: new Error('crash'), late } : undefined);
    await expect(apply()).rejects.toThrow('crash');
    world.mailcow.intercept = undefined;
    const states = (): unknown => ['a', 'b'].map((id) => world.mailcow.mailboxes.get(at(id))?.active);
    expect(states()).toEqual([1, late ? 1 : 0]);
    await world.sync();
    expect(states()).toEqual([1, late ? 1 : 0]);
    await undo(world, run);
    await world.sync();
    expect(states()).toEqual([1, 1]);
  });

  test('is refused while the run has writes whose end nobody knows', async () => {
    const world = openWorld(openMemoryMailcow());
    world.mailcow.intercept = () => ({ answer: new Error('crash') });
    await expect(world.sync(people)).rejects.toThrow('crash');
    const [run] = world.state.lastRuns(1);
    const refused = await prepareUndo(world.context(), {
      run: run?.id ?? '',
      deleteEmpty: false,
      isDry: true,
    });
    expect(refused).toMatchObject({ kind: 'refused', why: expect.stringContaining('has not ended') });
  });

  test('writes nothing with the policy observe', async () => {
    const world = openWorld(openMemoryMailcow());
    const { run } = await world.sync(people);
    world.settings = { ...world.settings, policy: 'observe' };
    const refused = await prepareUndo(world.context(), { run, deleteEmpty: false, isDry: false });
    expect(refused).toEqual({ kind: 'refused', why: 'LDAP_MAILCOW_POLICY=observe: nothing is written' });
  });

  test('lists runs that wrote something, the last first', async () => {
    const world = openWorld(openMemoryMailcow());
    const first = await world.sync(people);
    await world.sync();
    const last = await world.sync([person('a', { name: 'New' }), ...people.slice(1)]);
    await world.sync();
    expect(undoableRuns(world.context(), 5).map(({ id }) => id)).toEqual([last.run, first.run]);
  });

  test('leaves what somebody changed by hand on the stand-in, and gives back the rest', async () => {
    await withStandIn({}, async (world) => {
      await world.sync(people);
      const { run } = await world.sync([person('a', { name: 'New', quotaMiB: 900 }), ...people.slice(1)]);
      await world.byHand('edit/mailbox', { items: [at('a')], attr: { name: 'By Hand' } });
      const { changes, skips, apply } = await planOf(world.context(), run);
      expect(changes.map(brief)).toEqual(['update mailbox a quotaMiB=900->3072']);
      expect(skips.map(({ reason }) => reason)).toEqual(['name changed since: left as it is']);
      expect((await apply()).failed).toEqual([]);
      expect(world.box(at('a'))?.name).toBe('By Hand');
    });
  });
});
