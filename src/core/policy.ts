/** A pure filter over a plan: what the operator, or an incomplete reading, lets through (DESIGN.md 4.1). */
import { changeId, fallTogether, isRemoval, type Change, type Skip } from './change.ts';

export type Policy = 'sync' | 'upsert-only' | 'create-only' | 'observe';

type Filtered = { readonly changes: readonly Change[]; readonly skips: readonly Skip[] };

const allows: Readonly<Record<Policy, (change: Change) => boolean>> = {
  sync: () => true,
  'upsert-only': (change) => !isRemoval(change),
  'create-only': (change) => change.kind === 'create' || change.kind === 'adopt',
  observe: () => false,
};

function filterChanges(
  changes: readonly Change[],
  keep: (change: Change) => boolean,
  reason: string,
): Filtered {
  const refused = changes.filter((change) => !keep(change)).map(changeId);
  const dropped = fallTogether(changes, new Set(refused));
  return {
    changes: changes.filter((change) => !dropped.has(changeId(change))),
    skips: changes
      .filter((change) => dropped.has(changeId(change)))
      .map((change) => ({ resource: change.resource, key: change.key, reason: `${change.kind}: ${reason}` })),
  };
}

/** What LDAP_MAILCOW_POLICY lets through; the rest becomes skips. */
export function applyPolicy(changes: readonly Change[], policy: Policy): Filtered {
  return filterChanges(changes, allows[policy], `LDAP_MAILCOW_POLICY=${policy}`);
}

/** The first syncs after a lost SQLite file take nothing away (DESIGN.md 4.5). */
export function withoutRemovals(changes: readonly Change[], why: string): Filtered {
  return filterChanges(changes, (change) => !isRemoval(change), why);
}

/** Takes something away, or gives a mailbox an address that somebody else may claim, unseen. */
const needsProof = (change: Change): boolean =>
  isRemoval(change) || change.kind === 'rename' || change.movedFrom !== undefined;

/**
 * An incomplete reading proves no absence: nothing is deactivated, removed or shrunk, and no mailbox moves to
 * another address.
 */
export function withoutUnproven(changes: readonly Change[]): Filtered {
  return filterChanges(
    changes,
    (change) => !needsProof(change),
    'the reading of the directory is incomplete',
  );
}
