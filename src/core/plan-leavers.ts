/**
 * Mailboxes that are not ours to make or to edit, of which only one thing is asked: that those of leavers are
 * deactivated (LDAP_MAILCOW_DISABLE_DELETED_USERS without mailboxes). To know a leaver, his mailbox must be marked.
 */
import { mailboxesById, type Notes, type PlanInput } from './plan-context.ts';
import { planExisting } from './plan-newcomers.ts';
import { planOrphan } from './plan-orphans.ts';
import { isStrayId } from './watch.ts';

/** Adopts what people have, and deactivates what leavers had; nothing else. */
export function planLeavers(input: PlanInput, notes: Notes): void {
  const owned = mailboxesById(input);
  const claimed = new Set(input.desired.contestedMailboxes);
  const people = [...input.desired.mailboxes.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  for (const person of people) {
    claimed.add(person.address);
    const mailbox = input.current.mailboxes.get(person.address);
    const isOurs = owned.get(person.id)?.live?.key === person.address;
    if (mailbox === undefined || isOurs || input.absent?.has(person.id) === true) continue;
    planExisting(person, mailbox, { input, notes });
  }
  for (const row of input.ledger.mailboxes.values()) {
    if (isStrayId(row.directoryId)) continue;
    if (input.claimants.has(row.directoryId) || claimed.has(row.key)) continue;
    planOrphan(row, { input, notes });
  }
}
