/** The plan as other programs read it: sorted, same inputs same bytes. */
import { createHash } from 'node:crypto';
import type { Change, Held } from '../core/change.ts';
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

const heldJson = ({ change, why }: Held): ChangeJson & { readonly why: string } => ({
  ...toJson(change),
  why,
});

/** A short digest of what would be written and what is held; reasons do not count. */
function planId({ plan }: PlanReport): string {
  const facts = [...plan.changes, ...plan.held.map((held) => held.change)].map(
    ({ kind, resource, key, before, after }) => [kind, resource, key, before, after],
  );
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12);
}

/** The text that `plan --json` prints. */
export function renderPlanJson(report: PlanReport): string {
  const { plan, complete } = report;
  return JSON.stringify(
    {
      id: planId(report),
      complete,
      changes: plan.changes.map(toJson),
      held: plan.held.map(heldJson),
      skips: plan.skips,
      findings: plan.findings,
    },
    undefined,
    2,
  );
}
