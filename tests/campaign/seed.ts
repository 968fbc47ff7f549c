/** The story of one seed, from the first sync to the verdict. */
import { claims } from './rules.ts';
import { judgeFinal } from './oracle.ts';
import { syncHere } from './program.ts';
import { approve, declareAll, takeStep, type Plot } from './steps.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';
import { useHands } from './hands.ts';

export type SeedResult = {
  readonly seed: number;
  readonly directory: string;
  /** Empty when all is well; `rule: what`. */
  readonly wrong: readonly string[];
  readonly story: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly ms: number;
};

const HOUR_MS = 3_600_000;

/** So that whatever waits (a refusal, a lookup, the spacing of the grace) is due. */
function waitLong({ now }: World): void {
  now.wallMs += 25 * HOUR_MS;
  now.uptimeMs += 25 * HOUR_MS;
}

/** All faults have ended: syncs until mailcow is at rest, holds approved. */
async function comeToRest(world: World, wrong: string[]): Promise<void> {
  const { rules, now, watcher, tell } = world;
  now.scope = 'all';
  now.account = 'sync';
  await world.directory.publish(now.tree);
  let quiet = 0;
  const most = rules.graceReadings + 8;
  let approved = false;
  let declared = false;
  for (let round = 1; quiet < 2; round += 1) {
    // Approvals and declarations last a day.
    if (!approved && !declared) waitLong(world);
    const before = watcher.stats.writes;
    const result = await syncHere(world, { full: round % 2 === 0 });
    tell(`closing sync ${round}: ${result}, ${watcher.stats.writes - before} writes`);
    declared = result === 'incomplete' && (await declareAll(world));
    if (!declared && result !== 'done' && result !== 'held')
      wrong.push(`4.15: a sync without faults ended with "${result}"`);
    approved = result === 'held' && approve(world);
    quiet =
      approved || declared || watcher.stats.writes > before || round <= rules.graceReadings ? 0 : quiet + 1;
    if (round < most) continue;
    wrong.push(`4.16: mailcow does not come to rest in ${round} syncs`);
    return;
  }
}

async function live(world: World, plot: Plot, wrong: string[]): Promise<void> {
  const { dice, tell } = world;
  tell(
    `${world.directory.kind}, ${world.now.tree.people.size} people, grace ${world.rules.graceReadings} at ${world.rules.spacingSeconds} s`,
  );
  for (let left = dice.below(4); left > 0; left -= 1) await useHands(world);
  if (dice.chance(0.7)) tell(`first sync: ${await syncHere(world, { full: false })}`);
  for (let left = dice.between(5, 10); left > 0; left -= 1) {
    await takeStep(world, plot);
    if (world.watcher.violations.length > 0) return;
  }
  await world.front.idle();
  await comeToRest(world, wrong);
  const { scene } = world.watcher.readings;
  wrong.push(
    ...judgeFinal({
      tree: world.now.tree,
      books: world.watcher.books(),
      protectedAddresses: world.rules.protectedAddresses,
      externalMembers: world.rules.externalMembers,
      isGroup: scene().isGroup,
      lastKnown: scene().lastKnown,
      hadAddress: scene().hadAddress,
      isVague: plot.isVague,
    }).map((sentence) => `end: ${sentence}`),
  );
}

/** Lives through one seed. Never throws for what the program does. */
export async function liveSeed(options: WorldOptions, watch?: (world: World) => void): Promise<SeedResult> {
  const started = performance.now();
  const world = await createWorld(options);
  watch?.(world);
  const wrong: string[] = [];
  const past = { leavers: new Map(), nextNumber: 50, goneGroups: new Map(), nextGroup: 0 };
  const plot: Plot = { past, saved: undefined, isVague: false };
  try {
    await live(world, plot, wrong);
  } catch (error) {
    wrong.push(`thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } finally {
    await world.close();
  }
  const { violations, stats } = world.watcher;
  const counts = {
    ...Object.fromEntries(world.counts),
    writes: stats.writes,
    'writes that changed nothing': stats.useless,
    'writes beside one whose sender was killed': stats.overlapsAfterKill,
    'members taken out of lists': stats.lost,
    lists: [...world.watcher.books().aliases.values()].filter(
      ({ owner }) => owner !== undefined && world.watcher.readings.scene().isGroup(owner),
    ).length,
    people: claims(world.now.tree).people.size,
  };
  return {
    seed: options.seed,
    directory: world.directory.kind,
    wrong: [...violations.map(({ rule, write }) => `${rule}\n      by ${write}`), ...wrong],
    story: world.story,
    counts,
    ms: Math.round(performance.now() - started),
  };
}
