/** What the watcher knows of each object in mailcow: whose it is, and whose hand was on it last. */
import type { AliasRow, MailboxRow } from '../support/mailcow/rows.ts';

export const ownerName = 'camp';

type Fact = {
  /** The directory id that the object belongs to; undefined: not managed. */
  readonly owner: string | undefined;
  /** It was there before we marked it. */
  readonly adopted: boolean;
  /** Who switched it off, while it is off. */
  readonly offBy: 'us' | 'hand' | undefined;
  /** The program cannot know who switched it off: its memory was lost, or mailcow is older than it. */
  readonly vague: boolean;
};

export type MailboxFact = Fact & { readonly row: MailboxRow };
export type AliasFact = Fact & {
  readonly row: AliasRow;
  /** A rename left it on the former address. */
  readonly former: boolean;
  /** Of its goto: what an administrator has put there. */
  readonly byHand: ReadonlySet<string>;
  /** Where our own last write led. */
  readonly placed: ReadonlySet<string>;
};

/** By address. */
export type Books = {
  readonly mailboxes: ReadonlyMap<string, MailboxFact>;
  readonly aliases: ReadonlyMap<string, AliasFact>;
};

export const emptyBooks: Books = { mailboxes: new Map(), aliases: new Map() };

export type Mark = { readonly owner: string; readonly id: string };

/** The mark of DESIGN.md 4.5 in a tag or comment. */
export function markIn(text: string | null): Mark | undefined {
  const [, owner, id] = /ldap-mailcow:([^:\s]+):(\S+)/.exec(text ?? '') ?? [];
  return owner === undefined || id === undefined ? undefined : { owner, id: decodeURIComponent(id) };
}

/** The marks of a mailbox. */
function marksOf(row: Pick<MailboxRow, 'tags'>): readonly Mark[] {
  return row.tags.map(markIn).filter((mark) => mark !== undefined);
}

/** Ids of our own marks on a mailbox. */
export function ourIds(row: Pick<MailboxRow, 'tags'>): readonly string[] {
  return marksOf(row)
    .filter((mark) => mark.owner === ownerName)
    .map((mark) => mark.id);
}

/** Whether another ldap-mailcow says that it is its own. */
export function isForeign(row: MailboxRow | AliasRow): boolean {
  const marks =
    'tags' in row ? marksOf(row) : [markIn(row.privateComment)].filter((mark) => mark !== undefined);
  return marks.length > 0 && marks.every((mark) => mark.owner !== ownerName);
}

export const isOn = (active: number): boolean => active === 1;

/** The addresses that an alias leads to. */
export const gotoOf = (row: Pick<AliasRow, 'goto'>): readonly string[] =>
  row.goto.split(',').filter((address) => address !== '');

/** The program has lost its database: who switched off what, nobody can tell it. */
export function afterLoss(books: Books): Books {
  const forget = <T extends Fact>(facts: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...facts].map(([address, fact]) => [address, { ...fact, vague: true }]));
  return { mailboxes: forget(books.mailboxes), aliases: forget(books.aliases) };
}

/** How many of a kind are managed. */
export function managedCount(facts: ReadonlyMap<string, Fact>): number {
  return [...facts.values()].filter((fact) => fact.owner !== undefined).length;
}
