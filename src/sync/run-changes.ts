/** Changes that an administrator ordered, applied and journalled as a run of its own. */
import { randomUUID } from 'node:crypto';
import type { Change } from '../core/change.ts';
import type { RunKind, RunOutcome } from '../ports-state.ts';
import { applyPlan, type Applied } from './apply.ts';
import type { Memory } from './memory.ts';
import type { IsOwnJob } from './refresh.ts';
import { countChanges } from './report.ts';
import type { SyncContext } from './settings.ts';

export type Ordered = {
  readonly memory: Memory;
  readonly owner: string;
  readonly kind: RunKind;
  /** What was ordered, for the journal. */
  readonly message: string;
  readonly isOwnJob?: IsOwnJob | undefined;
  /** Runs before the first write, in one transaction with the beginning of the run. */
  readonly begin?: (run: string) => void;
  /** What is still to be written when something has failed, also when the program is asked to end. */
  readonly mend?: (applied: Applied) => readonly Change[];
  /** Runs after the last, in one transaction with its end. */
  readonly end?: (run: string, applied: Applied) => void;
};

export type OrderedRun = Applied & { readonly run: string };

const outcomeOf = ({ failed, left }: Applied): RunOutcome =>
  failed.length > 0 ? 'changes-failed' : left.length > 0 ? 'stopped' : 'done';

/** Needs the lock of a sync. Throws as a sync does when mailcow cannot be reached or refuses us. */
export async function runChanges(
  changes: readonly Change[],
  context: SyncContext,
  { memory, owner, kind, message, isOwnJob, begin, mend, end }: Ordered,
): Promise<OrderedRun> {
  const { state, now, settings } = context;
  const { mailboxTemplate } = settings;
  const run = randomUUID().slice(0, 8);
  const stopping = context.stopping ?? (() => false);
  state.transaction(() => {
    state.beginRun({ id: run, kind, startedAt: now().toISOString() });
    begin?.(run);
  });
  try {
    const applying = { ...context, memory, owner, run, mailboxTemplate, ...(isOwnJob && { isOwnJob }) };
    const applied = await applyPlan(changes, { ...applying, stopping });
    const more = mend?.(applied) ?? [];
    if (more.length > 0) await applyPlan(more, { ...applying, stopping: () => false });
    state.transaction(() => {
      state.save(memory.takeChanges());
      end?.(run, applied);
      const counts = {
        ...countChanges(applied.done),
        ...(applied.failed.length > 0 && { failed: applied.failed.length }),
      };
      state.endRun({ id: run, endedAt: now().toISOString(), outcome: outcomeOf(applied), counts, message });
    });
    return { ...applied, run };
  } catch (error) {
    state.endRun({ id: run, endedAt: now().toISOString(), outcome: 'failed', counts: {}, message });
    throw error;
  }
}
