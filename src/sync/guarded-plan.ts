/** A draft, less what is not proven, not permitted, or too much at once: the plan. */
import { sortFindings, sortForDisplay, sortSkips, type Change, type Plan } from '../core/change.ts';
import { isOurDomain } from '../core/domain-settings.ts';
import { guardPlan } from '../core/guard.ts';
import { approvalSignatures } from '../core/list-change.ts';
import type { Finding } from '../core/model.ts';
import type { Draft } from '../core/plan.ts';
import { withoutPinned, type Pins } from '../core/pins.ts';
import { applyPolicy, withoutRemovals, withoutUnproven } from '../core/policy.ts';
import { graceSkips, readingFindings } from './explain.ts';
import type { Memory } from './memory.ts';
import type { Prepared } from './prepare.ts';
import { countMissing } from './refresh.ts';
import { withoutWaiting } from './retries.ts';
import type { SyncContext } from './settings.ts';

/** What the reading, and what we remember, do not prove is left for later. */
function withoutDoubtful(changes: readonly Change[], parts: Parts): ReturnType<typeof withoutUnproven> {
  if (!parts.judgement.complete) return withoutUnproven(changes);
  if (!parts.justRecovered) return { changes, skips: [] };
  const why = 'what is managed was just found again by its marks: the first two syncs take nothing away';
  return withoutRemovals(changes, why);
}

export type Parts = Pick<Prepared, 'judgement' | 'grace'> & {
  /** The SQLite file was lost, and this is one of the first two syncs since. */
  readonly justRecovered: boolean;
  readonly membersInDoubt: boolean;
  readonly halfDeleted: number;
  readonly pins: Pins;
  readonly owner: string;
  /** Beside those of the draft. */
  readonly moreFindings: readonly Finding[];
  readonly sync: SyncContext;
  readonly memory: Memory;
  readonly remembered: Memory['snapshot'];
  readonly now: Date;
};

/** What may be written now, what waits for an approval, and what is said. */
export function guarded(draft: Draft, parts: Parts): Plan {
  const { judgement, grace, memory, remembered, sync, now } = parts;
  const { graceReadings } = sync.settings;
  const unpinned = withoutPinned(draft.changes, parts.pins);
  const waiting = withoutWaiting(unpinned.changes, sync.state.retries(), now);
  const proven = withoutDoubtful(waiting.changes, parts);
  // After that: what is not proven was not found, so the policy has not forbidden it.
  const permitted = applyPolicy(proven.changes, sync.settings.policy);
  const flagged = (pick: 'scopeChanged' | 'arrivedByScope'): ReadonlySet<string> =>
    new Set([...grace.snapshot].filter(([, entry]) => entry[pick]).map(([id]) => id));
  const approved = sync.state.approved(now.toISOString());
  const { allowed, held } = guardPlan({
    changes: permitted.changes,
    ledger: memory.ledger,
    current: memory.current,
    missingByScope: flagged('scopeChanged'),
    arrivedByScope: flagged('arrivedByScope'),
    lostFields: judgement.lostFields,
    membersInDoubt: parts.membersInDoubt,
    groupIds: draft.groupIds,
    missingInMailcow: countMissing(memory),
    attributeLost: judgement.lostAttributes.length > 0,
    managedDomains: [...memory.current.domains.values()].filter((domain) => isOurDomain(domain, parts.owner))
      .length,
    approved: (change) => approvalSignatures(change).every((signature) => approved.has(signature)),
  });
  const skips = [
    ...draft.skips,
    ...unpinned.skips,
    ...waiting.skips,
    ...proven.skips,
    ...graceSkips({ grace, memory, remembered, graceReadings }),
  ];
  return {
    changes: sortForDisplay(allowed),
    held,
    forbidden: permitted.forbidden,
    skips: sortSkips(skips),
    findings: sortFindings([
      ...draft.findings,
      ...readingFindings(judgement, parts.halfDeleted),
      ...parts.moreFindings,
    ]),
  };
}
