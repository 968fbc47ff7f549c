/** What one sync did, as data: for the log, the exit code and the state. */
import type { Change, Plan } from '../core/change.ts';
import type { RunOutcome } from '../ports-state.ts';
import type { Failure } from './apply.ts';

export type SyncReport = {
  readonly run: string;
  readonly outcome: RunOutcome;
  /** All lists of mailcow were read. */
  readonly audited: boolean;
  /** Sentences saying why the reading proves no absence; empty when it does. */
  readonly problems: readonly string[];
  readonly plan: Plan;
  readonly done: readonly Change[];
  readonly failed: readonly Failure[];
  /** Not begun, because the program was told to end. */
  readonly left: readonly Change[];
  readonly people: number;
  readonly durationMs: number;
};

/** `created 3 mailboxes`-style counts by kind and resource, sorted. */
export function countChanges(changes: readonly Change[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const change of changes) {
    const name = `${change.kind} ${change.resource}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
