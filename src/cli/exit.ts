/** Exit codes: DESIGN.md section 6. */
import type { Stop } from './stop.ts';
import type { OnceResult } from './sync-once.ts';

export const exitCodes = { done: 0, failed: 1, usage: 2, held: 3, changesFailed: 4 } as const;

type Ended = Exclude<OnceResult, 'stopped'>;

const byOutcome: Readonly<Record<Ended, number>> = {
  done: exitCodes.done,
  held: exitCodes.held,
  'changes-failed': exitCodes.changesFailed,
  incomplete: exitCodes.failed,
  failed: exitCodes.failed,
  refused: exitCodes.failed,
};

/** The exit code for how a sync ended; of one that was cut short, that of the signal. */
export function exitCodeOf(outcome: OnceResult, stop: Stop): number {
  return outcome === 'stopped' ? stop.exitCode() : byOutcome[outcome];
}
