/** Which jobs a round of mailcow's runner takes (facts/imapsync.md section 2.3). */
import type { SyncJobRow } from '../mailcow/rows.ts';

export type Timing = {
  /** How long ago the job's last run ended. */
  readonly elapsedMs: (job: SyncJobRow) => number;
  /** How long a minute of `mins_interval` is. */
  readonly minuteMs: number;
};

/** As they are now: active, not running, never run or longer ago than their interval; first who has waited longest. */
export function dueJobs(rows: Iterable<SyncJobRow>, { elapsedMs, minuteMs }: Timing): readonly SyncJobRow[] {
  return [...rows]
    .filter((job) => job.active === 1 && job.isRunning === 0)
    .filter((job) => job.lastRun === null || elapsedMs(job) > job.minsInterval * minuteMs)
    .toSorted((a, b) => compareText(a.lastRun ?? '', b.lastRun ?? '') || a.id - b.id);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
