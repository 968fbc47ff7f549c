/** What the commands share that write on an order of the administrator: lock, signals, exit code. */
import { openApp, type App } from '../app.ts';
import type { OrderedRun } from '../sync/run-changes.ts';
import { configure, type CommandContext } from './command.ts';
import { exitCodes } from './exit.ts';
import type { Stop } from './stop.ts';

/** The exit code of what was ordered; of what was cut short, that of the signal. */
export function exitCodeOfRun({ failed, left }: OrderedRun, stop: Stop): number {
  if (left.length > 0) return stop.exitCode();
  return failed.length > 0 ? exitCodes.changesFailed : exitCodes.done;
}

type Values = Parameters<typeof configure>[0];

/** Runs with an app that is closed afterwards; under the lock of a sync unless nothing is written. */
export async function withApp(
  { stop, print }: CommandContext,
  { values, isDry }: { readonly values: Values; readonly isDry: boolean },
  work: (app: App) => Promise<number>,
): Promise<number> {
  const { loaded, log } = configure(values);
  if (!isDry) stop.endInOrder(stop.exitCode);
  const app = openApp({ config: loaded.config, log, readOnly: isDry, stopping: stop.requested });
  try {
    if (isDry) return await work(app);
    const lock = await app.lock();
    if (lock === undefined) {
      print('A sync is running: try again when it has ended.');
      return exitCodes.failed;
    }
    try {
      return await work(app);
    } finally {
      lock.release();
    }
  } finally {
    app.close();
  }
}
