import { describe, expect, test } from '@jest/globals';
import { at, person } from '../support/builders.ts';
import { withStandIn, type StandInWorld } from './stand-in-world.ts';

const crowd = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => person(id));
const without = crowd.slice(1);
const spaced = { graceSpacingMs: 10 * 60_000 };
const YEAR = 365 * 24 * 60;

/** The system's uptime goes its own way: `minutes` a sync, whatever the wall clock does. */
function withUptime(world: StandInWorld, minutes: number): StandInWorld {
  let ms = 0;
  const { context } = world;
  return Object.assign(world, {
    context: () => ({ ...context(), uptime: () => ({ boot: 'b', ms: (ms += minutes * 60_000) }) }),
  });
}

describe('grace and a clock that jumps (4.3)', () => {
  test('an hour forward between two quick syncs does not make them lie apart', async () => {
    await withStandIn(spaced, async (world) => {
      const jumpy = withUptime(world, 1);
      await jumpy.sync(crowd);
      await jumpy.sync(without);
      await jumpy.sync(without, { minutes: 60 });
      expect(world.box(at('a'))?.active).toBe(1);
    });
  });

  test('a year back does not stop the grace for a year', async () => {
    await withStandIn(spaced, async (world) => {
      const jumpy = withUptime(world, 15);
      await jumpy.sync(crowd);
      await jumpy.sync(without);
      await jumpy.sync(without, { minutes: -YEAR });
      expect(world.box(at('a'))?.active).toBe(0);
    });
  });

  test('a year back without a known uptime starts the spacing anew, and acts after it', async () => {
    await withStandIn(spaced, async (world) => {
      await world.sync(crowd);
      await world.sync(without);
      await world.sync(without, { minutes: -YEAR });
      expect(world.box(at('a'))?.active).toBe(1);
      await world.sync(without, { minutes: 10 });
      expect(world.box(at('a'))?.active).toBe(0);
    });
  });

  test('a clock that went back makes the next sync an audit', async () => {
    await withStandIn({}, async (world) => {
      await world.sync(crowd);
      expect((await world.sync(crowd)).audited).toBe(false);
      expect((await world.sync(crowd, { minutes: -60 })).audited).toBe(true);
    });
  });
});
