/** Quiet syncs: when the directory is asked whether it is still the same, and when everything is read after all. */
import { describe, expect, test } from '@jest/globals';
import type { State } from '../../src/ports-state.ts';
import { runSync } from '../../src/sync.ts';
import { DISTURBED } from '../../src/sync/quiet.ts';
import type { SyncContext } from '../../src/sync/settings.ts';
import { mailbox, person, reading } from '../support/builders.ts';
import { migration } from '../support/builders-migration.ts';
import { openWorld, type SettingsPatch, type SyncWorld } from '../support/builders-sync.ts';
import { change } from '../support/builders.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const people = [person('a', { aliases: ['info'] }), person('b')];

/** Created, looked at again, found unchanged: the next one may be quiet. */
async function calmWorld(settings: SettingsPatch = {}): Promise<World> {
  const world = openWorld(openMemoryMailcow(), { settings });
  for (let sync = 0; sync < 4; sync++) await world.sync(people);
  return world;
}

/** Whether a sync loads what is remembered; only full ones do. */
async function isQuiet(
  world: World,
  options: { readonly audit?: boolean; readonly minutes?: number } = {},
): Promise<boolean> {
  const { state } = world;
  let loaded = 0;
  world.state = {
    ...state,
    remembered: () => {
      loaded += 1;
      return state.remembered();
    },
  };
  await world.sync(undefined, options);
  return loaded === 0;
}

const vary = async (world: World, patch: Partial<SyncContext>): Promise<void> => {
  await runSync({ ...world.context(), ...patch }, { audit: false });
};

describe('a sync in which nothing can have changed', () => {
  test('loads nothing, asks mailcow for its version alone, and says what a full one says', async () => {
    const world = await calmWorld();
    const full = await world.sync(people, { audit: true });
    await world.sync();
    const calls = world.mailcow.lists();
    const { durationMs: _ms, run: _run, ...quiet } = await world.sync();
    expect(await isQuiet(world)).toBe(true);
    expect(quiet).toEqual({
      outcome: 'done',
      audited: false,
      problems: [],
      plan: { ...full.plan, skips: [] },
      done: [],
      failed: [],
      left: [],
      people: 2,
    });
    expect(world.mailcow.lists()).toBe(calls);
  });

  test('is a run like others, and a complete reading', async () => {
    const world = await calmWorld();
    const { run } = await world.sync();
    expect(world.state.lastRuns(1)).toMatchObject([{ id: run, outcome: 'done', counts: { findings: 0 } }]);
    expect(world.state.facts()).toMatchObject({
      lastSyncGood: true,
      lastCompleteReadingAt: world.clock.toISOString(),
    });
  });

  test('comes after two syncs that found nothing, of which the second learnt nothing', async () => {
    const world = openWorld(openMemoryMailcow());
    const quiet: boolean[] = [];
    world.directory.now = reading(people);
    for (let sync = 0; sync < 5; sync++) quiet.push(await isQuiet(world));
    expect(quiet).toEqual([false, false, false, true, true]);
  });
});

type Row = readonly [what: string, disturb: (world: World) => void | Promise<void>];

const later = '2026-06-02T12:00:00.000Z';
const intent = (state: State): number =>
  state.openIntent({ run: 'x', change: change('create mailbox c'), image: {}, at: later });

const rows: readonly Row[] = [
  ['another person', (world) => void (world.directory.now = reading([...people, person('c')]))],
  ['somebody less', (world) => void (world.directory.now = reading(people.slice(1)))],
  [
    'another attribute',
    (world) =>
      void (world.directory.now = reading([person('a', { name: 'New', aliases: ['info'] }), person('b')])),
  ],
  [
    'a reading that was cut short',
    (world) => void (world.directory.now = reading(people, { problems: ['cut'] })),
  ],
  ['another configuration', (world) => void (world.settings = { ...world.settings, configDigest: 'other' })],
  ['another question', (world) => void (world.settings = { ...world.settings, scope: 'other' })],
  ['another owner', (world) => void (world.settings = { ...world.settings, owner: 'other' })],
  ['another grace', (world) => void (world.settings = { ...world.settings, graceReadings: 3 })],
  ['another policy', (world) => void (world.settings = { ...world.settings, policy: 'observe' })],
  [
    'another plan',
    (world) =>
      void (world.settings = {
        ...world.settings,
        plan: { ...world.settings.plan, protectedAddresses: new Set(['x@y.test']) },
      }),
  ],
  [
    'a migration',
    (world) => void (world.settings = { ...world.settings, plan: { ...world.settings.plan, migration } }),
  ],
  [
    'an older audit',
    (world) => {
      world.state.saveFacts({ lastAuditAt: '2026-06-01T00:00:00Z' });
    },
  ],
  [
    'a sync that ended badly',
    (world) => {
      world.state.saveFacts({ lastSyncGood: false });
    },
  ],
  [
    'another mailcow',
    (world) => {
      world.state.saveFacts({ mailcowVersion: '2020-01' });
    },
  ],
  [
    'another run since',
    (world) => {
      world.state.beginRun({ id: 'undo', kind: 'sync', startedAt: later });
    },
  ],
  [
    'a state file that was lost',
    (world) => {
      world.state.saveFacts({ recoveringSyncs: 1 });
    },
  ],
  [
    'members in doubt',
    (world) => {
      world.state.saveFacts({ membersInDoubt: true });
    },
  ],
  [
    'an open intent',
    (world) => {
      intent(world.state);
    },
  ],
  [
    'a hold',
    (world) => {
      world.state.replaceHolds({ id: 'h', held: [{ change: change('create mailbox c'), why: 'x' }] });
    },
  ],
  [
    'an approval',
    (world) => {
      world.state.approve({ id: 'x', signatures: ['x'], at: '2026-06-01T11:00:00Z', expiresAt: later });
    },
  ],
  [
    'a retry that is due',
    (world) => {
      world.state.replaceRetries([{ key: 'x', attempts: 1, nextAt: '2026-06-01T12:00:00.000Z' }]);
    },
  ],
  [
    'the end of the day',
    (world) => {
      const { quiet = DISTURBED } = world.state.facts();
      world.state.saveFacts({ quiet: { ...quiet, until: world.clock.toISOString() } });
    },
  ],
  [
    'no key',
    (world) => {
      world.state.saveFacts({ quietKey: 'b3RoZXI=' });
    },
  ],
  [
    'a clock that jumped',
    (world) => {
      const at = new Date(world.clock.getTime()).toISOString();
      world.state.saveFacts({ lastClock: { at, uptime: { boot: 'now', ms: 0 } } });
    },
  ],
];

describe('a full sync follows', () => {
  test.each(rows)('%s', async (what, disturb) => {
    const world = await calmWorld();
    if (what === 'a clock that jumped') {
      const { context } = world;
      Object.assign(world, {
        context: () => ({ ...context(), uptime: () => ({ boot: 'now', ms: 3_600_000 }) }),
      });
    }
    await disturb(world);
    expect(await isQuiet(world)).toBe(false);
  });

  test('an audit that was asked for', async () => {
    expect(await isQuiet(await calmWorld(), { audit: true })).toBe(false);
  });

  test('midnight, because days are counted', async () => {
    const world = await calmWorld({ auditIntervalMs: 1e12 });
    expect(await isQuiet(world, { minutes: 6 * 60 })).toBe(true);
    expect(await isQuiet(world, { minutes: 6 * 60 })).toBe(false);
  });

  test('an audit that saw something new, and then one more', async () => {
    const world = await calmWorld();
    world.mailcow.mailboxes.set('x@example.test', mailbox('x'));
    await world.sync(undefined, { audit: true });
    expect([await isQuiet(world), await isQuiet(world)]).toEqual([false, true]);
  });

  test('not one that saw nothing new', async () => {
    const world = await calmWorld();
    for (let sync = 0; sync < 3; sync++) await world.sync(undefined, { audit: true });
    expect(await isQuiet(world)).toBe(true);
  });

  test('a sync that failed before it knew anything', async () => {
    const world = await calmWorld();
    await expect(world.sync(new Error('no directory'))).rejects.toThrow('no directory');
    world.directory.now = reading(people);
    expect(await isQuiet(world)).toBe(false);
  });
});

describe('who is on the way out', () => {
  test('keeps syncs full until the grace has passed', async () => {
    const world = await calmWorld({ graceReadings: 3 });
    world.directory.now = reading(people.slice(0, 1));
    const quiet: boolean[] = [];
    for (let sync = 0; sync < 7; sync++) quiet.push(await isQuiet(world));
    expect(world.mailcow.mailboxes.get('b@example.test')?.active).toBe(0);
    expect(quiet).toEqual([false, false, false, false, false, true, true]);
  });

  test.each([0, 5 * 60, 11 * 60, 13 * 60])(
    'is deleted when it would be by full syncs (%i minutes after noon)',
    async (minutes) => {
      const deletedAt = async (full: boolean): Promise<number> => {
        const world = await calmWorld({ plan: { deleteAfterDays: 2 }, auditIntervalMs: 1e12 });
        world.directory.now = reading(people.slice(0, 1));
        await world.sync(undefined, { minutes });
        for (let turn = 0; turn < 150 && world.mailcow.mailboxes.has('b@example.test'); turn++) {
          if (full) world.state.saveFacts({ quiet: DISTURBED });
          await world.sync(undefined, { minutes: 30 });
        }
        return world.clock.getTime();
      };
      expect(await deletedAt(false)).toBe(await deletedAt(true));
    },
  );
});

test('a quiet sync does not begin when the clock cannot be trusted', async () => {
  const world = await calmWorld();
  await vary(world, { uptime: () => ({ boot: 'one', ms: 0 }) });
  world.clock = new Date(world.clock.getTime() + 60_000);
  const before = world.directory.asked;
  await vary(world, { uptime: () => ({ boot: 'one', ms: 10 * 3_600_000 }) });
  expect(world.directory.asked).toBe(before);
});
