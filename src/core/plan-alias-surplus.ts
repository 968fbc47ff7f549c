/** Managed aliases that nobody asks for: kept, removed, or gone the way of their owner. */
import { stages } from './change.ts';
import { isActive } from './current.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Alias } from './model.ts';
import { aliasChange, shortly, type AliasContext } from './plan-alias-context.ts';
import { isProtected } from './plan-context.ts';

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

/** The owner is gone: its alias goes the way of its mailbox. */
function planOrphan(row: LedgerEntry, existing: Alias, { input, notes, companions }: AliasContext): void {
  const { disableDeleted, inactiveState } = input.settings;
  if (!isActive(existing.active) || inactiveState !== 0) return;
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

/** A managed alias that nobody asks for: removed when its owner gave it up, deactivated when the owner is gone. */
export function planSurplus(row: LedgerEntry, context: AliasContext): void {
  const { input, notes, current } = context;
  const existing = current.aliases.get(row.key);
  if (existing === undefined || staysAnyway(row, context)) return;
  if (!input.claimants.has(row.directoryId)) {
    planOrphan(row, existing, context);
    return;
  }
  const reason = `its owner gave it up in the directory; it pointed to ${shortly(existing.goto)}`;
  const what = { kind: 'remove', key: row.key, directoryId: row.directoryId } as const;
  notes.changes.push(aliasChange(what, { reason, stage: stages.remove }));
}
