/** Exit codes: DESIGN.md section 6. */
import type { OnceResult } from './sync-once.ts';

export const exitCodes = { done: 0, failed: 1, usage: 2, held: 3, changesFailed: 4 } as const;

const byOutcome: Readonly<Record<OnceResult, number>> = {
  done: exitCodes.done,
  held: exitCodes.held,
  'changes-failed': exitCodes.changesFailed,
  incomplete: exitCodes.failed,
  failed: exitCodes.failed,
  refused: exitCodes.failed,
};

/** The exit code for how a sync ended. */
export function exitCodeOf(outcome: OnceResult): number {
  return byOutcome[outcome];
}
