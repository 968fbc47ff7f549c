/** The plan as other programs read it: sorted, same inputs same bytes. */
import type { Change, Forbidden, Held } from '../core/change.ts';
import { holdsId } from '../sync/holds.ts';
import type { PlanReport } from '../sync.ts';

type ChangeJson = Pick<Change, 'kind' | 'resource' | 'key' | 'before' | 'after' | 'reason'>;

const toJson = ({ kind, resource, key, before, after, reason }: Change): ChangeJson => ({
  kind,
  resource,
  key,
  before,
  after,
  reason,
});

const keptJson = ({ change, why }: Held | Forbidden): ChangeJson & { readonly why: string } => ({
  ...toJson(change),
  why,
});

/** The text that `plan --json` prints. */
export function renderPlanJson(report: PlanReport): string {
  const { plan, complete } = report;
  return JSON.stringify(
    {
      // What `approve` takes: it does not move with ordinary creations.
      id: holdsId(plan.held),
      complete,
      changes: plan.changes.map(toJson),
      held: plan.held.map(keptJson),
      forbidden: plan.forbidden.map(keptJson),
      skips: plan.skips,
      findings: plan.findings,
    },
    undefined,
    2,
  );
}
