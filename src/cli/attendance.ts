/** The daemon's second loop: it looks after IMAP sync tasks while there are any. */
import type { Attendant } from '../imap/attend/attend.ts';
import type { Logger } from '../observe/logger.ts';
import { startInterval, type Scheduler, type Turn } from '../schedule/scheduler.ts';

/** Tasks that nobody told this program of are found by a list of all, which costs mailcow one query for each mailbox. */
const listAllMs = 24 * 60 * 60_000;

/** Asking again soon could get this address banned (DESIGN.md 4.18). */
const afterRefusalMs = 5 * 60_000;

/** A look may take a tenth of the time at most. */
const restFactor = 9;

export type AttendanceOptions = {
  readonly attendant: Attendant;
  readonly log: Logger;
  readonly pollMs: number;
  /** Jobs are made by syncs too: each look is at all. */
  readonly hasMigration: boolean;
};

const turnOf = (error: unknown): Turn =>
  error instanceof Error && error.name === 'MailcowRefused' ? 'refused' : 'failed';

/** Starts with a look at all; says once why it cannot look. */
export function startAttendance({ attendant, log, pollMs, hasMigration }: AttendanceOptions): Scheduler {
  const seen = { allAt: Number.NEGATIVE_INFINITY, restMs: 0, trouble: '' };
  return startInterval({
    intervalMs: () => Math.max(pollMs, seen.restMs),
    run: async () => {
      const start = performance.now();
      const all = hasMigration || start - seen.allAt >= listAllMs;
      try {
        await attendant.look({ all });
        if (all) seen.allAt = start;
        seen.trouble = '';
        seen.restMs = (performance.now() - start) * restFactor;
        return 'good';
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (why !== seen.trouble) log.warn(`IMAP sync tasks cannot be looked after: ${why}`);
        seen.trouble = why;
        const turn = turnOf(error);
        seen.restMs = turn === 'refused' ? afterRefusalMs : 0;
        return turn;
      }
    },
  });
}
