/** Unchanged syncs inside one process: the daemon runs them, its own record says how long each took. */
import { openState } from '../../src/state/state.ts';
import { startProgram, timeLdapsearch, type Search, type Usage } from './processes.ts';
import type { BenchWorld } from './world.ts';

export type Inside = {
  /** Milliseconds of each unchanged sync, without the start of the process. */
  readonly syncMs: readonly number[];
  /** Of ldapsearch, once after each. */
  readonly ldapsearchMs: readonly number[];
  /** Of the daemon as a whole. */
  readonly usage: Usage;
};

/** Something that is waited for again and again. */
function signals(): { readonly give: () => void; readonly next: () => Promise<void> } {
  let given = 0;
  let wake: () => void = () => undefined;
  return {
    give: () => {
      given += 1;
      wake();
    },
    next: async () => {
      while (given === 0) {
        await new Promise<void>((done) => {
          wake = done;
        });
      }
      given -= 1;
    },
  };
}

function lastDurations(stateFile: string, count: number): readonly number[] {
  const state = openState(stateFile);
  try {
    return state
      .lastRuns(count)
      .map(({ startedAt, endedAt = startedAt }) => Date.parse(endedAt) - Date.parse(startedAt));
  } finally {
    state.close();
  }
}

/** Runs the daemon until it has made `times` syncs after a first one; ldapsearch runs in its pauses. */
export async function measureDaemon(
  { world, searches }: { readonly world: BenchWorld; readonly searches: readonly Search[] },
  times: number,
): Promise<Inside> {
  const { envFile, usageFile, server, stateFile } = world;
  const synced = signals();
  const onLog = (text: string): void => {
    if (text.includes('sync done')) synced.give();
  };
  const daemon = startProgram({ args: ['run', '--env', envFile], usageFile, onLog });
  const ended = daemon.ended.then((usage) => {
    synced.give();
    return usage;
  });
  const ldapsearchMs: number[] = [];
  await Promise.race([synced.next(), ended]);
  for (let sync = 0; sync < times; sync++) {
    await synced.next();
    ldapsearchMs.push((await timeLdapsearch(server, searches)).wallMs);
  }
  daemon.child.kill('SIGTERM');
  const usage = await ended;
  return { syncMs: lastDurations(stateFile, times), ldapsearchMs, usage };
}
