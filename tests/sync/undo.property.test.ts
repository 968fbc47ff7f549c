/**
 * Random directories one after the other over random small mailcows; then the last run is taken back. Whoever compares
 * knows nothing of how an undo is planned.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { markOfTags, parseMark } from '../../src/core/mark.ts';
import type { Skip } from '../../src/core/change.ts';
import type { DirectoryEntry } from '../../src/core/model.ts';
import { approveHolds } from '../../src/sync/holds.ts';
import { prepareUndo } from '../../src/sync/undo.ts';
import { alias, group, mailbox, OWNER, person } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const names = ['a', 'b', 'c', 'd', 'e'] as const;
const ids = ['p0', 'p1', 'p2', 'p3'] as const;

const personOf = (id: string): fc.Arbitrary<DirectoryEntry | undefined> =>
  fc
    .record({
      mail: fc.constantFrom(...names),
      aliases: fc.subarray([...names], { maxLength: 2 }),
      disabled: fc.integer({ min: 0, max: 3 }).map((die) => die === 0),
      name: fc.constantFrom('One', 'Two'),
      quotaMiB: fc.constantFrom(500, 1000),
      isThere: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ isThere, ...fields }) => (isThere === 0 ? undefined : person(id, fields)));

const isEntry = (entry: DirectoryEntry | undefined): entry is DirectoryEntry => entry !== undefined;

const says = fc.record({
  people: fc.tuple(...ids.map(personOf)).map((people) => people.filter(isEntry)),
  groups: fc
    .tuple(fc.constantFrom('list', 'e'), fc.subarray([...ids], { minLength: 1 }), fc.boolean())
    .map(([mail, members, isThere]) => (isThere ? [group('g', { mail, members })] : [])),
});

const start = fc
  .record({ boxes: fc.subarray([...names]), letters: fc.subarray([...names]) })
  .map(({ boxes, letters }) => ({
    mailboxes: boxes.map((name) => mailbox(name, { name: 'Before' })),
    aliases: letters.filter((name) => !boxes.includes(name)).map((name) => alias(name, 'x@else.test')),
  }));

type Managed = Readonly<Record<string, unknown>>;
type Row = readonly [string, unknown];

/** The managed fields of everything, by address. */
function photo({ mailboxes, aliases }: MemoryMailcow): Managed {
  const boxes = [...mailboxes.values()].map(({ address, name, quotaMiB, active, tags }): Row => [
    `mailbox ${address}`,
    { name, quotaMiB, active, owner: markOfTags(tags, OWNER)?.directoryId },
  ]);
  const letters = [...aliases.values()].map(({ address, goto, active, privateComment, ...flags }): Row => [
    `alias ${address}`,
    {
      goto: [...goto].sort(),
      active,
      internal: flags.internal,
      senderAllowed: flags.senderAllowed,
      owner: parseMark(privateComment)?.directoryId,
    },
  ]);
  return Object.fromEntries([...boxes, ...letters]);
}

async function settleDown(world: World): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await world.sync(undefined, { minutes: 61, audit: true });
    const holds = world.state.holds();
    if (holds) approveHolds(world.state, holds, new Date(world.clock.getTime() + 60_000));
  }
}

const story = fc.record({
  before: start,
  readings: fc.array(says, { minLength: 1, maxLength: 3 }),
  last: says,
});

type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;
type Played = {
  readonly run: string;
  readonly before: Managed;
  readonly hasHeld: boolean;
  readonly created: readonly string[];
};

/** One run with changes of all kinds, what mailcow held before it, and which mailboxes it made. */
async function play(world: World, { readings, last }: Story): Promise<Played | undefined> {
  for (const reading of readings) {
    await world.sync(reading, { minutes: 61, audit: true });
    const holds = world.state.holds();
    if (holds) approveHolds(world.state, holds, new Date(world.clock.getTime() + 60_000));
  }
  await settleDown(world);
  const before = photo(world.mailcow);
  const { run, done, plan } = await world.sync(last, { minutes: 61 });
  if (done.length === 0) return undefined;
  const created = done.filter(({ kind, resource }) => kind === 'create' && resource === 'mailbox');
  return { run, before, hasHeld: plan.held.length > 0, created: created.map(({ key }) => key) };
}

type Undone = {
  readonly run: string | undefined;
  readonly announced: readonly string[];
  /** A rename stays, and with it what depends on it. */
  readonly isMoved: boolean;
};

/** Nothing is left out but what a created mailbox stands in the way of. */
async function undo(world: World, run: string, { deleteEmpty = false } = {}): Promise<Undone> {
  const plan = await prepareUndo(world.context(), { run, deleteEmpty, isDry: false });
  if (plan.kind === 'refused') throw new Error(plan.why);
  const announced = [...plan.impossible, ...plan.skips];
  const isExpected = ({ reason }: Skip): boolean =>
    !deleteEmpty && (reason.includes('is off already') || /has (the|its former) address now$/.test(reason));
  expect(announced.filter((skip) => !isExpected(skip))).toEqual([]);
  const { failed, run: undone, done } = await plan.apply();
  expect(failed.map(({ change, why }) => [change, why])).toEqual([]);
  return {
    run: done.length === 0 ? undefined : undone,
    isMoved: announced.some(({ reason }) => reason.includes('former address')),
    announced: announced.map(({ resource, key }) => `${resource} ${key}`),
  };
}

/** What was announced, and created mailboxes, which stay switched off, are as they are. */
function except(before: Managed, after: Managed, keys: readonly string[]): Managed {
  const rest = Object.entries(before).filter(([key]) => !keys.includes(key));
  const stay = keys.filter((key) => key in after).map((key): Row => [key, after[key]]);
  return Object.fromEntries([...rest, ...stay]);
}

const worldOf = ({ before }: Story): World =>
  openWorld(openMemoryMailcow(before), { settings: { graceReadings: 1 } });

const RUNS = { seed: 20, numRuns: 100 } as const;

const check = (test: (world: World, played: Played) => Promise<void>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(story, async (told) => {
      const world = worldOf(told);
      const played = await play(world, told);
      if (played !== undefined) await test(world, played);
    }),
    RUNS,
  );

describe('whatever a sync wrote', () => {
  test('is taken back, field by field', async () => {
    let undone = 0;
    await check(async (world, { run, before }) => {
      undone += 1;
      await undo(world, run, { deleteEmpty: true });
      expect(photo(world.mailcow)).toEqual(before);
    });
    expect(undone).toBeGreaterThan(50);
  });

  test('is taken back but for created mailboxes, which stay, switched off', async () => {
    await check(async (world, { run, before, created }) => {
      const { announced, isMoved } = await undo(world, run);
      if (isMoved) return;
      const after = photo(world.mailcow);
      const stay = created.map((key) => `mailbox ${key}`);
      expect(after).toEqual(except(before, after, [...announced, ...stay]));
      for (const key of created) expect(world.mailcow.mailboxes.get(key)?.active).toBe(0);
    });
  });

  test('is there again after the undo of the undo', async () => {
    await check(async (world, { run }) => {
      const written = photo(world.mailcow);
      const undone = await undo(world, run);
      if (undone.run === undefined) return;
      await undo(world, undone.run);
      expect(photo(world.mailcow)).toEqual(written);
      expect(world.state.pins()).toEqual([]);
    });
  });

  test('comes again when everything is unpinned, and not before', async () => {
    await check(async (world, { run, hasHeld }) => {
      // With less to take away the guard may let go what it held.
      if (hasHeld) return;
      const written = photo(world.mailcow);
      await undo(world, run, { deleteEmpty: true });
      const back = photo(world.mailcow);
      await world.sync(undefined, { minutes: 1 });
      expect(photo(world.mailcow)).toEqual(back);
      await world.sync(undefined, { minutes: 61, audit: true });
      expect(photo(world.mailcow)).toEqual(back);
      world.state.dropPins(world.state.pins());
      await world.sync(undefined, { minutes: 61, audit: true });
      expect(photo(world.mailcow)).toEqual(written);
    });
  });
});
