/** Many seeds over a few worker processes, and the report. */
import { fork, type ChildProcess } from 'node:child_process';
import { parseArgs } from 'node:util';
import { createReport, renderFailure, type Report } from './report.ts';
import { liveSeed, type SeedResult } from './seed.ts';
import type { World } from './world.ts';

const usage = `npm run campaign -- [--seeds N] [--first S] [--workers N] [--verbose]

Lives through N seeds (default 20) from S on (default 1): a directory, a mailcow, faults on both sides, kill -9,
and a watcher that judges every write by DESIGN.md section 4. One seed in one process: --seeds 1 --first S --verbose.
`;

type Order = {
  readonly first: number;
  readonly seeds: number;
  readonly workers: number;
  readonly verbose: boolean;
};

function readOrder(args: readonly string[]): Order | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '20' },
      first: { type: 'string', default: '1' },
      workers: { type: 'string', default: '3' },
      verbose: { type: 'boolean', default: false },
      worker: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.worker) return { first: 0, seeds: 0, workers: 0, verbose: false };
  const { seeds, first, workers, verbose } = values;
  return { seeds: Number(seeds), first: Number(first), workers: Number(workers), verbose };
}

const say = (text: string): void => void process.stderr.write(text);

function take(report: Report, result: SeedResult, withLog: boolean): void {
  report.add(result);
  if (result.wrong.length > 0) say(renderFailure(result, withLog));
}

/** Ends what a world has started when this process is told to end. */
function endWithWorld(current: () => World | undefined): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void (current()?.close() ?? Promise.resolve()).finally(() => process.exit(130));
    });
  }
}

/** In a worker: seeds come one at a time from the parent. */
function serveSeeds(root: string): Promise<number> {
  let world: World | undefined;
  endWithWorld(() => world);
  return new Promise((done) => {
    process.on('disconnect', () => {
      void (world?.close() ?? Promise.resolve()).finally(() => {
        done(0);
      });
    });
    process.on('message', (seed: number) => {
      void liveSeed({ seed, root }, (made) => {
        world = made;
      }).then((result) => {
        world = undefined;
        process.send?.(result);
      });
    });
  });
}

async function liveHere(order: Order, report: Report, root: string): Promise<void> {
  let world: World | undefined;
  endWithWorld(() => world);
  for (let seed = order.first; seed < order.first + order.seeds; seed += 1) {
    const result = await liveSeed({ seed, root }, (made) => {
      world = made;
    });
    take(report, result, order.verbose);
  }
}

function liveInWorkers(order: Order, report: Report): Promise<void> {
  let next = order.first;
  const end = order.first + order.seeds;
  const live = (): Promise<void> =>
    new Promise((done, failed) => {
      const worker: ChildProcess = fork(process.argv[1] ?? '', ['--worker'], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      let seed: number | undefined;
      const feed = (): void => {
        seed = next < end ? next++ : undefined;
        if (seed === undefined) worker.disconnect();
        else worker.send(seed);
      };
      worker.on('message', (result: SeedResult) => {
        take(report, result, false);
        feed();
      });
      worker.once('error', failed);
      worker.once('exit', (code) => {
        if (seed === undefined) done();
        else failed(new Error(`a worker ended with ${code ?? 'a signal'} in seed ${seed}`));
      });
      feed();
    });
  return Promise.all(Array.from({ length: order.workers }, live)).then(() => undefined);
}

/** Runs the campaign of a command line; the exit code is 1 when a rule was broken. */
export async function runCampaign(args: readonly string[], root: string): Promise<number> {
  const order = readOrder(args);
  if (order === undefined) {
    say(usage);
    return 0;
  }
  if (order.workers === 0) return serveSeeds(root);
  const report = createReport();
  if (order.seeds === 1 || order.workers === 1) await liveHere(order, report, root);
  else await liveInWorkers(order, report);
  process.stdout.write(report.render());
  return report.failed() === 0 ? 0 : 1;
}
