/** What each directory id holds in mailcow, by the ledger. */
import type { CurrentState } from '../core/current.ts';
import type { Holding } from '../core/desired-types.ts';
import { liveRow, rowsById, type Ledger } from '../core/ledger.ts';
import { isListMailbox } from '../core/list-mailbox.ts';

type MutableHolding = {
  mailbox: string | undefined;
  listForm?: 'mailbox' | 'alias';
  leadsOn?: true;
  aliases: string[];
  formerAddresses: string[];
};

/** A group's list is a mailbox only where that mailbox is nobody's own. */
function judgeMailbox(holding: MutableHolding, { mailboxes, filters }: CurrentState): void {
  const mailbox = holding.mailbox === undefined ? undefined : mailboxes.get(holding.mailbox);
  if (mailbox === undefined) return;
  const filter = filters?.get(mailbox.address);
  holding.listForm = isListMailbox(mailbox, filter) ? 'mailbox' : 'alias';
  if (filter?.id !== undefined) holding.leadsOn = true;
}

/** What each directory id holds already; `addressOf` says which of two mailboxes it uses. */
export function holdingsOf(
  { ledger, current }: { readonly ledger: Ledger; readonly current: CurrentState },
  addressOf: (id: string) => string | undefined,
): ReadonlyMap<string, Holding> {
  const holdings = new Map<string, MutableHolding>();
  const of = (id: string): MutableHolding => {
    const known = holdings.get(id);
    if (known !== undefined) return known;
    const fresh: MutableHolding = { mailbox: undefined, aliases: [], formerAddresses: [] };
    holdings.set(id, fresh);
    return fresh;
  };
  for (const [id, rows] of rowsById(ledger)) of(id).mailbox = liveRow(rows, addressOf(id))?.key;
  for (const row of ledger.aliases.values()) {
    const holding = of(row.directoryId);
    holding.aliases.push(row.key);
    if (row.origin === 'renamed') holding.formerAddresses.push(row.key);
    else if (current.aliases.has(row.key)) holding.listForm = 'alias';
  }
  for (const holding of holdings.values()) judgeMailbox(holding, current);
  return holdings;
}
