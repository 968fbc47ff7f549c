/** Managed aliases that nobody asks for: kept, removed, or gone the way of their owner. */
import { stages } from './change.ts';
import { isActive } from './current.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Alias, Mailbox } from './model.ts';
import { aliasChange, finding, shortly, type AliasContext } from './plan-alias-context.ts';
import { isProtected, type Notes } from './plan-context.ts';

/** Whether an alias that nobody asks for stays as it is all the same. */
function staysAnyway(row: LedgerEntry, { input, notes }: AliasContext): boolean {
  const { desired, claimants, absent } = input;
  const { directoryId: id, key } = row;
  if (desired.frozen.has(id) || desired.partial.has(id) || notes.blocked.has(id)) return true;
  // Whom the reading did not see gives nothing up.
  if (claimants.has(id) && absent?.has(id) === true) return true;
  if (desired.contested.has(key) || isProtected(key, input.settings)) return true;
  // A former address is nobody's to give up: it goes when somebody else gets it.
  if (row.origin === 'renamed' && claimants.has(id)) return true;
  // Still claimed, but wanted as a mailbox by somebody else: contested, so what exists stays (DESIGN.md 4.8).
  return desired.deniedClaims.get(key)?.has(id) === true;
}

/** The owner is gone: its alias goes the way of its mailbox, or goes for good when that is asked for. */
function planOrphan(row: LedgerEntry, existing: Alias, context: AliasContext): void {
  const { input, notes, companions, claimed } = context;
  // An orphan never acts on an address that a present entry claims (DESIGN.md 4.6).
  if (claimed.has(row.key)) return;
  const { disableDeleted, inactiveState, removeLeaversAliases } = input.settings;
  if (removeLeaversAliases === true) {
    const reason = `its owner is no longer in the directory; it pointed to ${shortly(existing.goto)}`;
    const what = { kind: 'remove', key: row.key, directoryId: row.directoryId } as const;
    notes.changes.push(
      aliasChange(what, { reason, stage: stages.remove, needs: companions.get(row.directoryId) ?? [] }),
    );
    return;
  }
  // The mailbox of a person may still receive; a list without its group is nobody's.
  const stillReceives = inactiveState !== 0 && !input.groupIds.has(row.directoryId);
  if (!isActive(existing.active) || stillReceives) return;
  if (!disableDeleted) {
    const reason = 'its owner is no longer in the directory, but LDAP_MAILCOW_DISABLE_DELETED_USERS=false';
    notes.skips.push({ resource: 'alias', key: row.key, reason });
    return;
  }
  notes.changes.push(
    aliasChange(
      { kind: 'deactivate', key: row.key, directoryId: row.directoryId },
      {
        before: { active: existing.active },
        after: { active: 0 },
        reason: `its owner is no longer in the directory; it points to ${shortly(existing.goto)}`,
        stage: stages.deactivateAlias,
        needs: companions.get(row.directoryId) ?? [],
      },
    ),
  );
}

/** A filter is changed by people and by mistake: the list that is left is theirs to judge. */
export function noteUnlisted({ address, active }: Alias | Mailbox, notes: Notes): void {
  if (!isActive(active)) return;
  const message =
    'its group is there, but LDAP_MAILCOW_LDAP_GROUP_FILTER does not select it any more: the list stays as it is; deactivate or remove it in mailcow, or let the filter select the group';
  finding(notes, 'group-not-selected', { subject: address, message });
}

/** A managed alias that nobody asks for: removed when its owner gave it up, deactivated when the owner is gone. */
export function planSurplus(row: LedgerEntry, context: AliasContext): void {
  const { input, notes, current } = context;
  const existing = current.aliases.get(row.key);
  if (existing !== undefined && input.desired.unlisted.has(row.directoryId)) noteUnlisted(existing, notes);
  if (existing === undefined || staysAnyway(row, context)) return;
  if (!input.claimants.has(row.directoryId)) {
    planOrphan(row, existing, context);
    return;
  }
  const reason = `its owner gave it up in the directory; it pointed to ${shortly(existing.goto)}`;
  const what = { kind: 'remove', key: row.key, directoryId: row.directoryId } as const;
  notes.changes.push(aliasChange(what, { reason, stage: stages.remove }));
}
