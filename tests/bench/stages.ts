/** What is measured, one row each, beside ldapsearch for the same entries in the same run. */
import { changesLdif, companyLdif, externalLdif } from './data.ts';
import { measureDaemon, type Inside } from './daemon.ts';
import { median } from './median.ts';
import type { BenchOptions } from './options.ts';
import { startProgram, timeLdapsearch, type Search, type Usage } from './processes.ts';
import { timeWriter } from './writer.ts';
import { externalMembers, openBenchWorld, peopleAndGroups, type BenchWorld, type Counts } from './world.ts';

export type Row = {
  readonly what: string;
  readonly usage: Usage;
  /** Of ldapsearch, just before and after; the median. */
  readonly ldapsearchMs: number;
  readonly counts?: Counts;
};

export type Results = {
  readonly people: number;
  readonly latencyMs: number;
  readonly rows: readonly Row[];
  readonly inside: Inside;
  /** Milliseconds a write of a writer that does nothing else, around the first sync. */
  readonly writerMs: number;
};

type Measured = Pick<Results, 'rows' | 'inside' | 'writerMs'>;

type Say = (line: string) => void;

type Measuring = { readonly world: BenchWorld; readonly searches: readonly Search[] };

/** The median of an odd number of runs. */
async function medianOf({ world, searches }: Measuring, times: number): Promise<number> {
  const walls: number[] = [];
  for (let run = 0; run < times; run++) walls.push((await timeLdapsearch(world.server, searches)).wallMs);
  return median(walls);
}

async function measure(what: string, measuring: Measuring, args: readonly string[] = []): Promise<Row> {
  const { world } = measuring;
  const { envFile, usageFile } = world;
  const before = await medianOf(measuring, 1);
  const { result: usage, counts } = await world.counting(
    () => startProgram({ args: ['sync', '--env', envFile, ...args], usageFile }).ended,
  );
  const after = await medianOf(measuring, 1);
  // Large ones take long: what is known is said.
  const seconds = (usage.wallMs / 1000).toFixed(1);
  process.stderr.write(`  ${what}: ${seconds} s, ${Math.round(usage.peakMiB)} MiB\n`);
  return { what, usage, ldapsearchMs: (before + after) / 2, counts };
}

const byWall = (a: Row, b: Row): number => a.usage.wallMs - b.usage.wallMs;

/** The run in the middle of several. */
async function measureOften(what: string, measuring: Measuring, times: number): Promise<Row> {
  const rows: Row[] = [];
  for (let run = 0; run < times; run++) rows.push(await measure(what, measuring));
  const middle = rows.sort(byWall)[Math.floor(rows.length / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return { ...middle, ldapsearchMs: median(rows.map(({ ldapsearchMs }) => ldapsearchMs)) };
}

async function measureExternal({ people, latencyMs }: BenchOptions): Promise<Row> {
  const world = await openBenchWorld({
    ldif: externalLdif(people),
    writeLatencyMs: latencyMs,
    settings: { GROUP_EXTERNAL_MEMBERS: 'true' },
  });
  try {
    const searches = [...peopleAndGroups, externalMembers];
    return await measure('lists of 100 addresses elsewhere', { world, searches });
  } finally {
    await world.stop();
  }
}

async function measureCompany(options: BenchOptions, say: Say): Promise<Measured> {
  const { people, latencyMs, repeat } = options;
  const world = await openBenchWorld({ ldif: companyLdif(people), writeLatencyMs: latencyMs });
  try {
    const measuring = { world, searches: peopleAndGroups };
    say('first sync');
    const before = await timeWriter(world.api);
    const first = await measure('first sync', measuring);
    const writerMs = (before + (await timeWriter(world.api))) / 2;
    // What the first one created it looks at once more.
    await startProgram({ args: ['sync', '--env', world.envFile], usageFile: world.usageFile }).ended;
    say('unchanged syncs');
    const unchanged = await measureOften('unchanged sync', measuring, Math.min(3, repeat));
    say('unchanged syncs of the daemon');
    const inside = await measureDaemon(measuring, repeat);
    await world.slapd.modify(changesLdif(people));
    say('one in a hundred changed');
    const changed = await measure('1 % changed', measuring);
    say('audit');
    const audit = await measure('audit', measuring, ['--full']);
    return { rows: [first, unchanged, changed, audit], inside, writerMs };
  } finally {
    await world.stop();
  }
}

/** Measures everything; `say` is told what is being done. */
export async function measureAll(options: BenchOptions, say: Say): Promise<Results> {
  say(`loading ${options.people} people`);
  const { rows, ...more } = await measureCompany(options, say);
  say('addresses elsewhere');
  const external = await measureExternal(options);
  const { people, latencyMs } = options;
  return { people, latencyMs, rows: [...rows, external], ...more };
}
