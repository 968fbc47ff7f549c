/** The ledger: which objects of mailcow are ours, and what we last did to them. */
import { domainOf } from './address.ts';
import type { ObjectResource } from './change.ts';
import { ADOPTED_TAG, isFormerAddress, markOfTags, marksOf, parseMark } from './mark.ts';
import type { Alias, Mailbox } from './model.ts';

/** `renamed`: the alias that a rename left on the old address. `recovered`: known only from its mark. */
export type Origin = 'created' | 'adopted' | 'renamed' | 'recovered';

export type AppliedFields = {
  /** Only known after a rename of ours, or when mailcow was found with an older address. */
  readonly address?: string;
  readonly name?: string;
  readonly quotaMiB?: number;
  readonly goto?: readonly string[];
  readonly internal?: boolean;
  readonly senderAllowed?: boolean;
  readonly authSource?: string;
  /** It was made while mailcow's identity provider was not ready, and nobody can log in before it is. */
  readonly loginWaits?: true;
  /** A keyed digest of the hash that was written. */
  readonly passwordDigest?: string;
  /** mailcow's time of the last change of the password, as it was after ours. */
  readonly passwordChanged?: string;
};

export type LedgerEntry = {
  readonly resource: ObjectResource;
  readonly key: string;
  readonly directoryId: string;
  readonly origin: Origin;
  /** ISO time since when it is managed. */
  readonly since: string;
  /** Whether we last left it working; undefined: we never said. */
  readonly lastActive: boolean | undefined;
  /** What we last wrote or accepted: a difference from it was made in mailcow, not in the directory. */
  readonly applied?: AppliedFields;
  /** The person's mailbox is now at this address of another domain; this one only waits for its mail to move. */
  readonly movedTo: string | undefined;
};

export type Ledger = {
  readonly mailboxes: ReadonlyMap<string, LedgerEntry>;
  readonly aliases: ReadonlyMap<string, LedgerEntry>;
};

/** The ledger by address, per resource. */
export function indexLedger(entries: Iterable<LedgerEntry>): Ledger {
  const mailboxes = new Map<string, LedgerEntry>();
  const aliases = new Map<string, LedgerEntry>();
  for (const entry of entries) {
    (entry.resource === 'mailbox' ? mailboxes : aliases).set(entry.key, entry);
  }
  return { mailboxes, aliases };
}

/**
 * Which of an id's mailboxes it uses: the one at its address, else one of the same domain (it is renamed), else any
 * that was not left behind.
 */
export function liveRow(rows: readonly LedgerEntry[], address: string | undefined): LedgerEntry | undefined {
  const candidates = rows.filter((row) => row.movedTo === undefined);
  const isAtHome = (row: LedgerEntry): boolean =>
    address !== undefined && domainOf(row.key) === domainOf(address);
  return rows.find((row) => row.key === address) ?? candidates.find(isAtHome) ?? candidates[0];
}

/** Ledger rows of mailboxes by directory id. */
export function rowsById(ledger: Ledger): ReadonlyMap<string, readonly LedgerEntry[]> {
  const byId = new Map<string, LedgerEntry[]>();
  for (const row of ledger.mailboxes.values()) {
    const rows = byId.get(row.directoryId);
    if (rows === undefined) byId.set(row.directoryId, [row]);
    else rows.push(row);
  }
  return byId;
}

/** Entries for objects that bear our mark but are not in the ledger (the SQLite file was lost). */
export function recoverFromMarks(input: {
  readonly mailboxes: Iterable<Mailbox>;
  readonly aliases: Iterable<Alias>;
  readonly ledger: Ledger;
  readonly owner: string;
  readonly now: string;
}): readonly LedgerEntry[] {
  const found: LedgerEntry[] = [];
  const recover = (row: Pick<LedgerEntry, 'resource' | 'key' | 'directoryId' | 'origin'>): void => {
    found.push({
      ...row,
      since: input.now,
      lastActive: undefined,
      movedTo: undefined,
    });
  };
  for (const mailbox of input.mailboxes) {
    if (input.ledger.mailboxes.has(mailbox.address)) continue;
    const mark = markOfTags(mailbox.tags, input.owner);
    if (mark?.owner === input.owner)
      recover({
        resource: 'mailbox',
        key: mailbox.address,
        directoryId: mark.directoryId,
        origin: mailbox.tags.includes(ADOPTED_TAG) ? 'adopted' : 'recovered',
      });
  }
  for (const alias of input.aliases) {
    if (input.ledger.aliases.has(alias.address)) continue;
    const mark = parseMark(alias.privateComment);
    if (mark?.owner === input.owner) {
      const origin = isFormerAddress(alias.privateComment) ? 'renamed' : 'recovered';
      recover({ resource: 'alias', key: alias.address, directoryId: mark.directoryId, origin });
    }
  }
  return found;
}

const isMarked = (mailbox: Mailbox, row: LedgerEntry, owner: string): boolean =>
  marksOf(mailbox.tags).some((mark) => mark.owner === owner && mark.directoryId === row.directoryId);

/** The alias on a former address bears mailcow's own words until we have marked it. */
const isOurAlias = (alias: Alias, row: LedgerEntry, owner: string): boolean => {
  const mark = parseMark(alias.privateComment);
  if (mark !== undefined) return mark.owner === owner && mark.directoryId === row.directoryId;
  return row.origin === 'renamed' && alias.goto.length === 1;
};

/**
 * The ledger without rows whose object is there and does not bear the mark of their id: somebody made it anew,
 * took the mark away on purpose (DESIGN.md 4.5: only what is marked is managed), or put mailcow back.
 */
export function trustedLedger(
  ledger: Ledger,
  current: { readonly mailboxes: ReadonlyMap<string, Mailbox>; readonly aliases: ReadonlyMap<string, Alias> },
  owner: string,
): Ledger {
  const mailboxes = [...ledger.mailboxes].filter(([key, row]) => {
    const mailbox = current.mailboxes.get(key);
    return mailbox === undefined || isMarked(mailbox, row, owner);
  });
  const aliases = [...ledger.aliases].filter(([key, row]) => {
    const alias = current.aliases.get(key);
    return alias === undefined || isOurAlias(alias, row, owner);
  });
  return { mailboxes: new Map(mailboxes), aliases: new Map(aliases) };
}
