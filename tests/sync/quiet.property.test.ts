/** The same story twice, once with quiet syncs and once without: nobody can tell the difference. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DirectoryEntry } from '../../src/core/model.ts';
import { approveHolds } from '../../src/sync/holds.ts';
import { DISTURBED } from '../../src/sync/quiet.ts';
import { mailbox, person } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { refused } from '../support/memory-world.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

type Step = {
  readonly people: readonly DirectoryEntry[];
  readonly complete: boolean;
  readonly audit: boolean;
  /** How often the directory says the same. */
  readonly times: number;
  readonly minutes: number;
  readonly refuses: boolean;
  readonly approves: boolean;
  /** Somebody makes a mailbox by hand. */
  readonly byHand: boolean;
};

const names = ['a', 'b', 'c', 'a@other.test'] as const;

const personOf = (id: string): fc.Arbitrary<DirectoryEntry | undefined> =>
  fc
    .record({
      mail: fc.constantFrom(...names),
      aliases: fc.subarray([...names], { maxLength: 2 }),
      disabled: fc.boolean(),
      isThere: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ isThere, ...fields }) => (isThere === 0 ? undefined : person(id, fields)));

const people = fc
  .tuple(...['p0', 'p1', 'p2'].map(personOf))
  .map((list) => list.filter((entry) => entry !== undefined));

const often = (percent: number): fc.Arbitrary<boolean> =>
  fc.integer({ min: 1, max: 100 }).map((die) => die <= percent);

const step: fc.Arbitrary<Step> = fc.record({
  people,
  complete: often(90),
  audit: often(10),
  times: fc.integer({ min: 1, max: 6 }),
  minutes: fc.constantFrom(1, 5, 61, 700),
  refuses: often(15),
  approves: often(20),
  byHand: often(10),
});

async function play(world: World, steps: readonly Step[], full: boolean): Promise<readonly unknown[]> {
  const photos: unknown[] = [];
  const { mailcow } = world;
  for (const { people: now, complete, audit, times, minutes, ...does } of steps) {
    mailcow.intercept = does.refuses ? () => ({ answer: refused('no') }) : undefined;
    if (does.byHand) mailcow.mailboxes.set('c@example.test', mailbox('c'));
    const holds = world.state.holds();
    if (does.approves && holds) approveHolds(world.state, holds, world.clock);
    for (let sync = 0; sync < times; sync++) {
      if (full) world.state.saveFacts({ quiet: DISTURBED });
      const says = { people: now, problems: complete ? [] : ['cut short'] };
      const { outcome, plan } = await world.sync(says, { audit: audit && sync === 0, minutes });
      photos.push({
        outcome,
        findings: plan.findings.map(({ code, subject, message }) => [code, subject, message]),
        known: world.state.findings(),
        holds: world.state.holds(),
        mailboxes: [...mailcow.mailboxes.values()],
        aliases: [...mailcow.aliases.values()],
        written: mailcow.written.length,
      });
    }
  }
  return photos;
}

test.each([undefined, 1])(
  'with quiet syncs everything ends as without (days to delete after: %s)',
  async (days) => {
    let quiet = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const open = (): World =>
          openWorld(openMemoryMailcow(), {
            settings: { plan: { ...(days !== undefined && { deleteAfterDays: days }) } },
          });
        const world = open();
        const photos = await play(world, steps, false);
        quiet += world.directory.asked;
        expect(photos).toEqual(await play(open(), steps, true));
      }),
      { seed: 21, numRuns: 150 },
    );
    // Else nothing was compared.
    expect(quiet).toBeGreaterThan(100);
  },
);
