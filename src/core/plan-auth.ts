/** The logins of all managed mailboxes at once: `ldap-mailcow auth migrate`. */
import { stages, type Change, type Skip } from './change.ts';
import { isActive, type CurrentState } from './current.ts';
import type { Ledger } from './ledger.ts';
import type { Mailbox } from './model.ts';
import { handsOff, mailboxChange, type PlanSettings } from './plan-context.ts';

export type MigrationInput = {
  readonly to: 'ldap' | 'mailcow';
  /** Only rows whose mailbox bears their mark. */
  readonly ledger: Ledger;
  readonly current: CurrentState;
  /** Ids of groups: nobody logs in to their lists. */
  readonly groupIds: ReadonlySet<string>;
  readonly settings: PlanSettings;
};

export type Migration = { readonly changes: readonly Change[]; readonly skips: readonly Skip[] };

/** Why a mailbox that logs in by something else than asked for is left alone all the same. */
function whyLeft(mailbox: Mailbox, { to, settings }: MigrationInput): string | undefined {
  const from = to === 'ldap' ? 'mailcow' : 'ldap';
  if (mailbox.authSource !== from)
    return `its logins are those of ${mailbox.authSource}, which is not ours to change`;
  // The way back takes all of them, or mailcow's provider could not be removed.
  if (to === 'ldap' && !isActive(mailbox.active)) return 'it is deactivated';
  return handsOff(mailbox, { settings });
}

/** What changes which managed mailbox to the logins asked for. Sorted by address. */
export function planMigration(input: MigrationInput): Migration {
  const changes: Change[] = [];
  const skips: Skip[] = [];
  const rows = [...input.ledger.mailboxes.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { key, directoryId } of rows) {
    const mailbox = input.current.mailboxes.get(key);
    if (mailbox === undefined || mailbox.authSource === input.to || input.groupIds.has(directoryId)) continue;
    const reason = whyLeft(mailbox, input);
    if (reason !== undefined) skips.push({ resource: 'mailbox', key, reason });
    else changes.push(toLogins(mailbox, directoryId, input));
  }
  return { changes, skips };
}

function toLogins(mailbox: Mailbox, directoryId: string, { to }: MigrationInput): Change {
  const { address: key, authSource } = mailbox;
  return mailboxChange(
    {
      kind: 'update',
      key,
      directoryId,
      reason: `ldap-mailcow auth migrate --to ${to}`,
      stage: stages.mailbox,
    },
    {
      before: { authSource },
      after: { authSource: to, ...(to === 'mailcow' && { password: 'random' as const }) },
    },
  );
}
