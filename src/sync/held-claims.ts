/**
 * Leavers whose departure is held keep their claims: what somebody else would get in their place depends on the
 * held change (DESIGN.md 4.11), and stays away if the directory turns out to be wrong.
 */
import { changeId, changeSignature, type Plan } from '../core/change.ts';
import type { GraceResult } from '../core/grace.ts';
import type { Draft } from '../core/plan.ts';
import { isWatchId } from '../core/watch.ts';
import type { Memory } from './memory.ts';

/** Ids that are gone and of which something is held, or which never had anything and vanished along with those. */
export function claimsThatStay(plan: Plan, grace: GraceResult, { ledger }: Memory): ReadonlySet<string> {
  // What the directory never knew has no claims.
  const leavers = new Set([...grace.gone].filter((id) => !isWatchId(id)));
  const held = plan.held.map(({ change }) => change.directoryId).filter((id) => leavers.has(id));
  if (held.length === 0) return new Set();
  const owners = new Set(
    [...ledger.mailboxes.values(), ...ledger.aliases.values()].map((row) => row.directoryId),
  );
  return new Set([...held, ...[...leavers].filter((id) => !owners.has(id))]);
}

/** Changes of mailboxes that lists were to build upon and that are not made now; none when no list is concerned. */
export function droppedFrom(draft: Draft, { changes }: Plan): ReadonlySet<string> {
  const used = new Set(draft.changes.flatMap((change) => change.uses ?? []));
  const made = new Set(changes.map(changeId));
  return new Set([...used].filter((id) => !made.has(id)));
}

/** The reading as if these ids were still in their grace. */
export function withKept(grace: GraceResult, kept: ReadonlySet<string>): GraceResult {
  const entries = [...kept].map((id) => grace.snapshot.get(id)).filter((entry) => entry !== undefined);
  const ofKind = (kind: 'person' | 'group') =>
    entries.filter((one) => one.kind === kind).map(({ entry }) => entry);
  return {
    ...grace,
    people: [...grace.people, ...ofKind('person')],
    groups: [...grace.groups, ...ofKind('group')],
    gone: new Set([...grace.gone].filter((id) => !kept.has(id))),
  };
}

/** What may be written although the claims stay; everything that was held before stays held. */
export function mergePlans(first: Plan, second: Plan): Plan {
  const held = new Set(first.held.map(({ change }) => changeSignature(change)));
  const ids = new Set(first.held.map(({ change }) => changeId(change)));
  const isNew = ({ change }: Plan['held'][number]): boolean => !ids.has(changeId(change));
  return {
    ...second,
    changes: second.changes.filter((change) => !held.has(changeSignature(change))),
    held: [...first.held, ...second.held.filter(isNew)],
  };
}
