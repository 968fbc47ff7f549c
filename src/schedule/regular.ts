/** When the daemon syncs if nothing comes in between. */
import { firstRunAfter, nextRuns } from './cron.ts';

export type Timing = { readonly schedule?: string; readonly intervalSeconds: number };

function scheduledAfter(schedule: string, from: Date, runs: number): Date {
  const now = new Date();
  let at = from;
  let left = runs;
  for (; left > 0 && at <= now; left -= 1) at = firstRunAfter(schedule, at);
  if (left === 0) return at;
  // What was found last is the first of those to come, unless `from` itself lies in the future.
  const ahead = at === from ? left : left + 1;
  return nextRuns(schedule, ahead).at(-1) ?? at;
}

/**
 * The end of so many regular pauses in a row that begin at `from`, also when it has passed; by a schedule that is looked
 * at minute by minute, which takes a second when `from` was weeks ago.
 */
export function regularRunAfter({ schedule, intervalSeconds }: Timing, from: Date, pauses: number): Date {
  return schedule === undefined
    ? new Date(from.getTime() + pauses * intervalSeconds * 1000)
    : scheduledAfter(schedule, from, pauses);
}
