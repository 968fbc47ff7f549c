/** Mailboxes of ours whose owner has left, and those that wait in another domain. */
import { stages } from './change.ts';
import { isActive } from './current.ts';
import type { LedgerEntry } from './ledger.ts';
import { isListMailbox } from './list-mailbox.ts';
import type { Mailbox } from './model.ts';
import {
  handsOff,
  mailboxChange,
  note,
  type Notes,
  type PlanContext,
  type PlanInput,
} from './plan-context.ts';

/** Only what we deactivated, after as many distinct days as configured, and not after a jump of the clock. */
function mayDelete(row: LedgerEntry, input: PlanInput): boolean {
  const { deleteAfterDays } = input.settings;
  if (deleteAfterDays === undefined || row.lastActive !== false || input.clockTrusted === false) return false;
  return (input.missingDays?.(row.directoryId) ?? 0) >= deleteAfterDays;
}

/** Deletes a deactivated mailbox of ours, where that is asked for and long enough ago. */
export function planDelete(row: LedgerEntry, mailbox: Mailbox, context: PlanContext): void {
  const { input, notes } = context;
  if (!mayDelete(row, input) || handsOff(mailbox, input) !== undefined) return;
  const since = input.missingSince(row.directoryId);
  const days = input.missingDays?.(row.directoryId) ?? 0;
  notes.changes.push(
    mailboxChange(
      {
        kind: 'delete',
        key: row.key,
        directoryId: row.directoryId,
        reason: `missing on ${days} days${since === undefined ? '' : ` since ${since}`}; LDAP_MAILCOW_DELETE_AFTER_DAYS=${input.settings.deleteAfterDays ?? ''}`,
        stage: stages.delete,
      },
      {},
    ),
  );
}

/** A group that nobody knows any more (the SQLite file was lost) is told by its mailbox. */
const isList = ({ directoryId, key }: LedgerEntry, mailbox: Mailbox, { groupIds, current }: PlanInput) =>
  groupIds.has(directoryId) || isListMailbox(mailbox, current.filters?.get(key));

/** A mailbox whose owner is gone: deactivated, and after a configured number of days deleted. */
export function planOrphan(row: LedgerEntry, { input, notes }: PlanContext): void {
  const mailbox = input.current.mailboxes.get(row.key);
  if (mailbox === undefined) return;
  const ofList = isList(row, mailbox, input);
  // Groups are not read: nothing is known of them.
  if (ofList && !input.settings.syncLists) return;
  if (!isActive(mailbox.active)) {
    planDelete(row, mailbox, { input, notes });
    return;
  }
  const keep = handsOff(mailbox, input);
  if (keep !== undefined || !input.settings.disableDeleted) {
    const reason = keep ?? 'no longer in the directory, but LDAP_MAILCOW_DISABLE_DELETED_USERS=false';
    notes.skips.push({ resource: 'mailbox', key: row.key, reason });
    return;
  }
  const since = input.missingSince(row.directoryId);
  notes.changes.push(
    mailboxChange(
      {
        kind: 'deactivate',
        key: row.key,
        directoryId: row.directoryId,
        reason: `no longer in the directory${since === undefined ? '' : ` since ${since}`}`,
        stage: stages.deactivateMailbox,
      },
      // The mailbox of a person may still receive; a list without its group is nobody's.
      { before: { active: mailbox.active }, after: { active: ofList ? 0 : input.settings.inactiveState } },
    ),
  );
}

/** What a list left in another domain would keep leading to those who were members then. */
export function planLeftList(row: LedgerEntry, target: string, { input, notes }: PlanContext): void {
  const { mailboxes } = input.current;
  const mailbox = mailboxes.get(row.key);
  if (mailbox === undefined || !mailboxes.has(target) || !isActive(mailbox.active)) return;
  // Somebody has switched it on again.
  if (row.lastActive === false) return;
  if (!isListMailbox(mailbox, input.current.filters?.get(row.key)) || handsOff(mailbox, input) !== undefined)
    return;
  notes.changes.push(
    mailboxChange(
      {
        kind: 'deactivate',
        key: row.key,
        directoryId: row.directoryId,
        reason: `the list is ${target} now`,
        stage: stages.deactivateMailbox,
      },
      { before: { active: mailbox.active }, after: { active: 0 } },
    ),
  );
}

/** The mailbox that a person left in another domain only waits for its mail to be brought over. */
export function noteMoved(row: LedgerEntry, notes: Notes): void {
  note(notes, {
    code: 'mailbox-moved-domain',
    subject: row.key,
    message: `its person is now ${row.movedTo ?? 'elsewhere'}: bring its mail over with an IMAP sync job, then delete it; it is left alone`,
  });
}
