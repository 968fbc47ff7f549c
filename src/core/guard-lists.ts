/** Whether a plan takes too many people out of lists (DESIGN.md 4.11). */
import type { Change } from './change.ts';
import { isActive, type CurrentState } from './current.ts';
import type { Ledger } from './ledger.ts';
import { lostMembers } from './list-change.ts';

export type ListGuardInput = {
  readonly changes: readonly Change[];
  readonly ledger: Ledger;
  readonly current: CurrentState;
  /** Ids of groups. */
  readonly groupIds: ReadonlySet<string>;
};

type Loss = { readonly before: number; readonly lost: number };

/** A list that would be switched off because nobody is left loses everybody. */
function lossOf(change: Change, { current, ledger }: ListGuardInput): Loss {
  if (change.list === true && change.kind === 'deactivate') {
    const { key, resource } = change;
    const list = resource === 'mailbox' ? current.filters : current.aliases;
    // After a rename its filter is not read again at once.
    const left = resource === 'mailbox' ? ledger.mailboxes.get(key)?.applied?.goto : undefined;
    const members = (list?.get(key)?.goto ?? left)?.length ?? 0;
    return { before: members, lost: members };
  }
  return { before: change.before.goto?.length ?? 0, lost: lostMembers(change).length };
}

function countMemberships({ ledger, current, groupIds }: ListGuardInput): number {
  let count = 0;
  for (const row of ledger.aliases.values()) {
    const alias = groupIds.has(row.directoryId) ? current.aliases.get(row.key) : undefined;
    if (alias !== undefined && isActive(alias.active)) count += alias.goto.length;
  }
  for (const { address, goto } of current.filters?.values() ?? []) {
    if (isActive(current.mailboxes.get(address)?.active ?? 0)) count += goto?.length ?? 0;
  }
  return count;
}

/** Why a change of a list is held; undefined for all others. */
export function judgeLists(input: ListGuardInput): (change: Change) => string | undefined {
  const losses = new Map(input.changes.map((change) => [change, lossOf(change, input)]));
  const lost = [...losses.values()].reduce((sum, loss) => sum + loss.lost, 0);
  const memberships = lost === 0 ? 0 : countMemberships(input);
  const limit = Math.max(5, memberships / 10);
  return (change) => {
    const loss = losses.get(change);
    if (loss === undefined || loss.lost === 0) return undefined;
    if (lost > limit) {
      return `would take ${lost} of ${memberships} members out of lists; ${Math.floor(limit)} at once are allowed`;
    }
    if (loss.before > 5 && loss.lost > loss.before / 2) {
      return `would take ${loss.lost} of ${loss.before} members out of this list`;
    }
    return undefined;
  };
}
