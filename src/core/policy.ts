/** A pure filter over a plan: what the operator, or an incomplete reading, lets through (DESIGN.md 4.1). */
import {
  changeId,
  fallTogether,
  isRemoval,
  sortForDisplay,
  type Change,
  type Forbidden,
  type Skip,
} from './change.ts';
import { grownOnly } from './list-change.ts';

export type Policy = 'sync' | 'upsert-only' | 'create-only' | 'observe';

type Filtered = { readonly changes: readonly Change[]; readonly skips: readonly Skip[] };

/** A new list is switched on when it has its filter. */
const completesList = ({ kind, list, needs }: Change): boolean =>
  kind === 'reactivate' && list === true && needs.some((need) => need.startsWith('create filter '));

const allows: Readonly<Record<Policy, (change: Change) => boolean>> = {
  sync: () => true,
  'upsert-only': (change) => !isRemoval(change),
  'create-only': (change) => change.kind === 'create' || change.kind === 'adopt' || completesList(change),
  observe: () => false,
};

type Split = { readonly kept: readonly Change[]; readonly dropped: readonly Change[] };

/** What needs a dropped change is dropped with it. */
function split(changes: readonly Change[], keep: (change: Change) => boolean): Split {
  const refused = changes.filter((change) => !keep(change)).map(changeId);
  const fallen = fallTogether(changes, new Set(refused));
  return {
    kept: changes.filter((change) => !fallen.has(changeId(change))),
    dropped: changes.filter((change) => fallen.has(changeId(change))),
  };
}

function filterChanges(
  changes: readonly Change[],
  keep: (change: Change) => boolean,
  reason: string,
): Filtered {
  const { kept, dropped } = split(changes, keep);
  const skips = dropped.map(({ resource, key, kind }) => ({ resource, key, reason: `${kind}: ${reason}` }));
  return { changes: kept, skips };
}

type Permitted = { readonly changes: readonly Change[]; readonly forbidden: readonly Forbidden[] };

/** What LDAP_MAILCOW_POLICY lets through, and, sorted for printing, what it forbids: a person should see it. */
export function applyPolicy(changes: readonly Change[], policy: Policy): Permitted {
  const { kept, dropped } = split(changes, allows[policy]);
  const grown = policy === 'upsert-only' ? kept.map(grownOnly) : kept;
  const shrinking = kept.filter((change, index) => grown[index] !== change);
  return {
    changes: grown.filter((change) => change !== undefined),
    forbidden: sortForDisplay([...dropped, ...shrinking]).map((change) => ({
      change,
      why: `LDAP_MAILCOW_POLICY=${policy}`,
    })),
  };
}

/** Nobody is taken out of a list; what is left of nothing is skipped. */
function growLists(changes: readonly Change[], reason: string): Filtered {
  const grown = changes.map((change) => ({ change, after: grownOnly(change) }));
  return {
    changes: grown.map(({ after }) => after).filter((change) => change !== undefined),
    skips: grown
      .filter(({ after }) => after === undefined)
      .map(({ change: { resource, key, kind } }) => ({ resource, key, reason: `${kind}: ${reason}` })),
  };
}

function withoutThat(
  changes: readonly Change[],
  refuses: (change: Change) => boolean,
  why: string,
): Filtered {
  const kept = filterChanges(changes, (change) => !refuses(change), why);
  const grown = growLists(kept.changes, why);
  return { changes: grown.changes, skips: [...kept.skips, ...grown.skips] };
}

/** The first syncs after a lost SQLite file take nothing away (DESIGN.md 4.5). */
export function withoutRemovals(changes: readonly Change[], why: string): Filtered {
  return withoutThat(changes, isRemoval, why);
}

/** Takes something away, or gives a mailbox an address that somebody else may claim, unseen. */
const needsProof = (change: Change): boolean =>
  isRemoval(change) || change.kind === 'rename' || change.movedFrom !== undefined;

/**
 * An incomplete reading proves no absence: nothing is deactivated, removed or shrunk, and no mailbox moves to
 * another address.
 */
export function withoutUnproven(changes: readonly Change[]): Filtered {
  return withoutThat(changes, needsProof, 'the reading of the directory is incomplete');
}
