/** When the daemon syncs if nothing comes in between. */
import { firstRunAfter } from './cron.ts';

export type Timing = { readonly schedule?: string; readonly intervalSeconds: number };

/** The end of so many regular pauses in a row that begin at `from`, also when it has passed. */
export function regularRunAfter({ schedule, intervalSeconds }: Timing, from: Date, pauses: number): Date {
  if (schedule === undefined) return new Date(from.getTime() + pauses * intervalSeconds * 1000);
  let at = from;
  for (let count = 0; count < pauses; count += 1) at = firstRunAfter(schedule, at);
  return at;
}
