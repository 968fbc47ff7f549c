/**
 * The mark counts before the address (DESIGN.md 4.17): when mailcow was put back to before an address changed
 * hands, the ledger's rows go to where their objects are now.
 */
import type { LedgerEntry } from '../core/ledger.ts';
import { markOfTags, marksOf, parseMark } from '../core/mark.ts';
import type { Mailbox } from '../core/model.ts';
import type { Memory } from './memory.ts';

const bearsAnother = (row: LedgerEntry, mailbox: Mailbox, owner: string): boolean => {
  const ours = marksOf(mailbox.tags).filter((mark) => mark.owner === owner);
  return ours.length > 0 && ours.every((mark) => mark.directoryId !== row.directoryId);
};

/**
 * Rows whose mailbox is missing or bears the mark of another id, by id: their mailbox may be at another address.
 * What stands at a row's address under another's mark is not the row's any more.
 */
function takeStrayRows(memory: Memory, owner: string): Map<string, LedgerEntry> {
  const strays = new Map<string, LedgerEntry>();
  for (const row of [...memory.ledger.mailboxes.values()]) {
    const mailbox = memory.current.mailboxes.get(row.key);
    const isOthers = mailbox !== undefined && bearsAnother(row, mailbox, owner);
    if (mailbox !== undefined && !isOthers) continue;
    strays.set(row.directoryId, row);
    if (isOthers) memory.disown('mailbox', row.key);
  }
  return strays;
}

function followMailboxes(memory: Memory, owner: string): void {
  const strays = takeStrayRows(memory, owner);
  if (strays.size === 0) return;
  for (const mailbox of memory.current.mailboxes.values()) {
    if (memory.ledger.mailboxes.has(mailbox.address)) continue;
    const mark = markOfTags(mailbox.tags, owner);
    const row = mark?.owner === owner ? strays.get(mark.directoryId) : undefined;
    if (row === undefined) continue;
    if (memory.ledger.mailboxes.get(row.key) === row) memory.disown('mailbox', row.key);
    memory.own({ ...row, key: mailbox.address, applied: { ...row.applied, address: row.key } });
    strays.delete(row.directoryId);
  }
}

/** An alias that bears the mark of another id of ours is that id's. */
function followAliases(memory: Memory, owner: string): void {
  for (const row of [...memory.ledger.aliases.values()]) {
    const alias = memory.current.aliases.get(row.key);
    const mark = alias === undefined ? undefined : parseMark(alias.privateComment);
    if (mark?.owner !== owner || mark.directoryId === row.directoryId) continue;
    memory.own({ ...row, directoryId: mark.directoryId });
  }
}

/** Brings the ledger's rows to the objects that bear their ids. Memory holds all of mailcow's lists. */
export function followMarks(memory: Memory, owner: string): void {
  followMailboxes(memory, owner);
  followAliases(memory, owner);
}
