import { describe, expect, test } from '@jest/globals';
import { at, person } from '../support/builders.ts';
import { withStandIn, type StandInWorld } from './stand-in-world.ts';

const DAY = 24 * 60;
const crowd = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => person(id));
const without = crowd.slice(1);
const deleting = { plan: { deleteAfterDays: 3 } };

/** One sync a day; what was written, day by day. */
async function days(
  world: StandInWorld,
  count: number,
  people = without,
): Promise<readonly (readonly string[])[]> {
  const written: (readonly string[])[] = [];
  for (let day = 0; day < count; day++) {
    await world.sync(people, { minutes: DAY });
    written.push(world.writes());
  }
  return written;
}

describe('a mailbox is deleted only (4.10)', () => {
  test('after absence in readings on as many distinct days as configured, deactivated before', async () => {
    await withStandIn(deleting, async (world) => {
      const others = without.map(({ id }) => person(id, { aliases: [`${id}.alias`] }));
      await world.sync([person('a', { aliases: ['x'] }), ...others]);
      world.writes();
      const alias = await world.mailcow.readAlias({ address: at('x') });
      expect(await days(world, 5, others)).toEqual([
        [],
        [`edit/alias ${alias?.id ?? ''}`, `edit/mailbox ${at('a')}`],
        [],
        [`delete/mailbox ${at('a')}`],
        [],
      ]);
      expect((await world.mailcow.listAliases()).map(({ address }) => address)).not.toContain(at('x'));
      expect(world.box(at('a'))).toBeUndefined();
    });
  });

  test('never by itself: without the setting it stays deactivated', async () => {
    await withStandIn({}, async (world) => {
      await world.sync(crowd);
      await days(world, 10);
      expect(world.box(at('a'))?.active).toBe(0);
    });
  });

  test('not before the days have passed, though midnight came in between or the setting is new', async () => {
    await withStandIn({ plan: { deleteAfterDays: 1 } }, async (world) => {
      await world.sync(crowd);
      world.clock = new Date('2026-06-01T23:54:00Z');
      for (const minutes of [1, 1, 7, 1]) await world.sync(without, { minutes });
      expect(world.box(at('a'))?.active).toBe(0);
    });
  });

  test('not on the strength of days that a jumping clock made up', async () => {
    await withStandIn(deleting, async (world) => {
      const { context } = world;
      const jumpy = Object.assign(world, {
        context: () => ({ ...context(), uptime: () => ({ boot: 'b', ms: 1000 }) }),
      });
      await jumpy.sync(crowd);
      for (let day = 0; day < 6; day++) await jumpy.sync(without, { minutes: DAY });
      for (const minutes of [-365 * DAY, 0, 0]) await jumpy.sync(without, { minutes });
      expect(world.box(at('a'))?.active).toBe(0);
    });
  });

  test('not after many readings on one day', async () => {
    await withStandIn(deleting, async (world) => {
      await world.sync(crowd);
      for (let reading = 0; reading < 30; reading++) await world.sync(without);
      expect(world.box(at('a'))?.active).toBe(0);
    });
  });

  test('not when the person was back in between: the days start anew', async () => {
    await withStandIn(deleting, async (world) => {
      await world.sync(crowd);
      await days(world, 2);
      await world.sync(crowd, { minutes: DAY });
      expect(world.box(at('a'))?.active).toBe(1);
      await days(world, 3);
      expect(world.box(at('a'))?.active).toBe(0);
      await days(world, 1);
      expect(world.box(at('a'))).toBeUndefined();
    });
  });

  test('not a mailbox that an administrator deactivated by hand', async () => {
    await withStandIn(deleting, async (world) => {
      await world.sync(crowd);
      await world.byHand('edit/mailbox', { items: [at('a')], attr: { active: 0 } });
      await days(world, 10);
      expect(world.box(at('a'))?.active).toBe(0);
    });
  });

  test('not in an incomplete reading', async () => {
    await withStandIn(deleting, async (world) => {
      await world.sync(crowd);
      await days(world, 2);
      await world.sync({ people: without, problems: ['cut'] }, { minutes: DAY });
      expect(world.box(at('a'))?.active).toBe(0);
    });
  });

  test('not in the sync that finds the clock a year ahead, nor on the strength of that one day', async () => {
    await withStandIn(deleting, async (world) => {
      let uptime = 0;
      const context = world.context;
      const jumpy = Object.assign(world, {
        context: () => ({ ...context(), uptime: () => ({ boot: 'b', ms: (uptime += 1000) }) }),
      });
      await jumpy.sync(crowd);
      await jumpy.sync(without);
      await jumpy.sync(without);
      await jumpy.sync(without, { minutes: 365 * DAY });
      await jumpy.sync(without, { minutes: 1 });
      expect(world.box(at('a'))?.active).toBe(0);
    });
  });

  test('and deleted again when mailcow stopped half-way, because the deletion was ours', async () => {
    await withStandIn(deleting, async (world) => {
      await world.sync(crowd);
      await days(world, 3);
      world.server.fault({ route: 'delete/mailbox', mode: 'half-deleted', times: 1 });
      await days(world, 1);
      expect(world.box(at('a'))).toBeUndefined();
      expect(await world.mailcow.readMailbox(at('a'))).toBeUndefined();
    });
  });
});
