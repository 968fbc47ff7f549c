/** We are killed, told to stop, or started too early: the next sync ends where this one would have (DESIGN.md 4.15). */
import { describe, expect, test } from '@jest/globals';
import { first } from '../sandbox/demo/expected.ts';
import { compareHoldings } from '../sandbox/holdings.ts';
import { eventually, expectComplete, syncWell, withWorld } from './world.ts';

describe('a first sync that is killed with SIGKILL', () => {
  test.each([
    ['among the mailboxes', 7],
    ['among the aliases', 30],
  ])('%s is completed by the next one, with nothing twice', async (_, writes) => {
    await withWorld({}, async (world) => {
      const already = world.mailcow.writes.length;
      world.mailcow.fault({ route: 'add/', mode: 'slow', ms: 20 });
      const { child, ended } = world.start(['sync']);
      await eventually('it has written some', () => world.mailcow.writes.length - already >= writes);
      child.kill('SIGKILL');
      await ended;
      world.mailcow.clearFaults();
      expect(compareHoldings(first, world.held())).not.toEqual([]);
      await syncWell(world);
      await expectComplete(world);
      expect(world.mailcow.writes.filter(({ performed }) => !performed)).toEqual([]);
    });
  });
});

describe('the daemon', () => {
  const settings = { SYNC_INTERVAL: '60' };

  test('waits for a mailcow that is not up yet, says so once, then syncs, and ends on SIGTERM', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ mode: 'down' });
      const { child, stderr, ended } = world.start(['run'], settings);
      await eventually('it says that it waits', () => stderr().includes('waiting for mailcow'));
      await eventually('it has asked again', () =>
        Object.values(world.mailcow.stats().calls).some((n) => n >= 2),
      );
      expect(world.mailcow.writes).toEqual([]);
      world.mailcow.clearFaults();
      await eventually('it has synced', () => stderr().includes('next sync in'));
      expect(stderr().match(/waiting for mailcow/g)).toHaveLength(1);
      child.kill('SIGTERM');
      expect((await ended).code).toBe(0);
      await expectComplete(world);
    });
  });

  test('ends between two writes when it is told to, and the next start goes on', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ route: 'add/', mode: 'slow', ms: 30 });
      const { child, ended } = world.start(['run'], settings);
      await eventually('it writes', () => world.mailcow.writes.length >= 3);
      child.kill('SIGTERM');
      expect((await ended).code).toBe(0);
      const left = compareHoldings(first, world.held()).length;
      expect(left).toBeGreaterThan(0);
      world.mailcow.clearFaults();
      await syncWell(world);
      await expectComplete(world);
    });
  });
});
