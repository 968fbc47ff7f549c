import { describe, expect, test } from '@jest/globals';
import { at, person } from '../support/builders.ts';
import { approveHolds, holdsOf } from '../../src/sync/holds.ts';
import { withStandIn, type StandInWorld } from './stand-in-world.ts';

const ids = Array.from({ length: 20 }, (_, index) => `p${index}`);
const people = ids.map((id) => person(id));

const loseByHand = (world: StandInWorld, lost: readonly string[]): Promise<void> =>
  world.byHand('delete/mailbox', lost.map(at));

describe('mailcow restored from an older backup (4.17)', () => {
  test('when more than a few managed objects are missing nothing is written until it is approved', async () => {
    await withStandIn({}, async (world) => {
      await world.sync(people);
      await loseByHand(world, ids.slice(0, 6));
      const audited = await world.sync(people, { audit: true });
      expect({ outcome: audited.outcome, held: audited.plan.held.length }).toEqual({
        outcome: 'held',
        held: 6,
      });
      expect(audited.plan.held[0]?.why).toContain('was it restored from a backup?');
      // The next sync is no audit and knows it all the same.
      expect((await world.sync(people)).outcome).toBe('held');
      expect(world.writes()).toEqual([]);
      const holds = holdsOf(audited.plan.held);
      if (holds !== undefined) approveHolds(world.state, holds, world.clock);
      await world.sync(people);
      expect(world.writes()).toHaveLength(6);
    });
  });

  test('a few are made again', async () => {
    await withStandIn({}, async (world) => {
      await world.sync(people);
      await loseByHand(world, ids.slice(0, 2));
      await world.sync(people, { audit: true });
      expect(world.writes()).toEqual(['add/mailbox p0', 'add/mailbox p1']);
    });
  });

  test('a mailbox under its older address is known by its mark, before the address', async () => {
    await withStandIn({}, async (world) => {
      await world.sync(people);
      const renamed = [person('p0', { mail: 'married' }), ...people.slice(1)];
      await world.sync(renamed);
      await world.byHand('delete/alias', [at('p0')]);
      await world.byHand('edit/rename-mbox', {
        items: [at('married')],
        attr: {
          old_username: at('married'),
          old_local_part: 'married',
          domain: 'example.test',
          new_local_part: 'p0',
          create_alias: 0,
        },
      });
      await world.sync(renamed, { audit: true });
      expect(world.writes()[0]).toContain('edit/rename-mbox');
      expect(world.box(at('married'))?.active).toBe(1);
      expect(world.box(at('p0'))).toBeUndefined();
    });
  });
});

describe('two of these programs on one mailcow (4.5)', () => {
  test('with different owners never touch each other’s objects', async () => {
    await withStandIn({}, async (world) => {
      await world.sync(people);
      world.writes();
      const other = { ...world.context(), settings: { ...world.settings, owner: 'stranger' } };
      const { openState } = await import('../../src/state/state.ts');
      const { runSync } = await import('../../src/sync.ts');
      const report = await runSync({ ...other, state: openState(':memory:') }, { audit: false });
      expect(report.plan.findings.map(({ code }) => code)).toEqual(people.map(() => 'foreign-owner'));
      expect(world.writes()).toEqual([]);
    });
  });

  test('with the same owner and files of their own find nothing left to do', async () => {
    await withStandIn({}, async (world) => {
      await world.sync(people);
      world.writes();
      const { openState } = await import('../../src/state/state.ts');
      const { runSync } = await import('../../src/sync.ts');
      const report = await runSync({ ...world.context(), state: openState(':memory:') }, { audit: false });
      expect({ outcome: report.outcome, writes: world.writes() }).toEqual({ outcome: 'done', writes: [] });
    });
  });
});

describe('the SQLite file is lost (4.5)', () => {
  test('the marks are the former population, and the first two syncs remove nothing', async () => {
    await withStandIn({}, async (world) => {
      await world.sync(people);
      world.writes();
      const { openState } = await import('../../src/state/state.ts');
      world.state.close();
      world.state = openState(':memory:');
      const without = people.slice(1);
      const held: number[] = [];
      for (let sync = 0; sync < 3; sync++) {
        await world.sync(without);
        held.push(world.box(at('p0'))?.active ?? -1);
      }
      expect(held).toEqual([1, 1, 0]);
    });
  });
});
