/** The last run of a task, as far as mailcow and what is remembered tell it. */
import type { TaskRecord } from '../ports-imap.ts';
import { exitNumber } from './exit-status.ts';
import type { Found } from './list.ts';

/** Times are seconds since 1970. */
export type LastRun = {
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly exit: number;
  /** imapsync's name for the end. */
  readonly exitName?: string;
};

/**
 * Undefined: none has ended that is known of. What is remembered counts when it is of the run that mailcow shows, or when
 * mailcow has forgotten its own because a new one was asked for; of a run that was stopped it is the one before, as in ns8.
 */
export function lastRunOf({ job }: Found, record: TaskRecord | undefined): LastRun | undefined {
  const last = record?.last;
  if (last !== undefined && (job.lastRun === undefined || job.lastRun === record?.seen)) {
    const endedAt = secondsOf(last.lastRun);
    return {
      ...(last.startedAt !== undefined && { startedAt: last.startedAt }),
      ...(endedAt !== undefined && { endedAt }),
      exit: last.exit,
      ...(last.exitName !== undefined && { exitName: last.exitName }),
    };
  }
  // While a run is under way mailcow shows the end of the one before and not how it ended.
  const exit = job.isRunning ? null : exitNumber(job);
  if (job.lastRun === undefined || exit === null) return undefined;
  const endedAt = secondsOf(job.lastRun);
  return {
    ...(endedAt !== undefined && { endedAt }),
    exit,
    ...(job.exitStatus !== undefined && { exitName: job.exitStatus }),
  };
}

/** mailcow writes the clock of its containers, which is ours when both have the same `TZ`. */
export function secondsOf(moment: string): number | undefined {
  const ms = Date.parse(moment.replace(' ', 'T'));
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
