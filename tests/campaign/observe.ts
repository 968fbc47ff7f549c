/** What one write did, seen in mailcow's tables: the books before and after, and what was wrong with it. */
import type { AliasRow, MailboxRow } from '../support/mailcow/rows.ts';
import type { Snapshot } from '../support/mailcow/store.ts';
import {
  gotoOf,
  isOn,
  markIn,
  ourIds,
  ownerName,
  type AliasFact,
  type Books,
  type MailboxFact,
} from './books.ts';
import { judgeAliasChanged, judgeAliasCreated, judgeAliasRemoved, type AliasContext } from './judge-alias.ts';
import { lostMembers } from './judge-list.ts';
import { judgeChanged, judgeCreated, judgeRenamed } from './judge-mailbox.ts';
import { bereftOwners, formerAddresses, rememberAll, type Hand } from './remembered.ts';
import type { Removal } from './scene.ts';

export type Observed = {
  readonly books: Books;
  /** `mailbox a@b: sentence`. */
  readonly wrong: readonly string[];
  readonly removals: readonly Removal[];
  /** Something changed in the tables. */
  readonly isUseful: boolean;
};

type Notes = { readonly wrong: string[]; readonly removals: Removal[]; useful: boolean };

const same = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

const newFact = (
  row: { readonly active: number },
  hand: Hand,
): Pick<MailboxFact, 'adopted' | 'offBy' | 'vague'> => ({
  adopted: false,
  offBy: isOn(row.active) ? undefined : hand === 'administrator' ? 'hand' : 'us',
  vague: false,
});

function toggled<T extends MailboxFact | AliasFact>(
  fact: T,
  active: number,
  hand: Hand,
): Pick<T, 'offBy' | 'vague'> {
  if (isOn(active) === isOn(fact.row.active)) return { offBy: fact.offBy, vague: fact.vague };
  if (isOn(active)) return { offBy: undefined, vague: false };
  return { offBy: hand === 'administrator' ? 'hand' : 'us', vague: false };
}

function mailboxAfter(before: MailboxFact, row: MailboxRow, hand: Hand): MailboxFact {
  const ids = ourIds(row);
  const fresh = ids.find((id) => id !== before.owner && !ourIds(before.row).includes(id));
  const owner = fresh ?? (before.owner !== undefined && ids.includes(before.owner) ? before.owner : ids[0]);
  const adopted = before.adopted || (before.owner === undefined && owner !== undefined);
  return { row, owner, adopted, ...toggled(before, row.active, hand) };
}

/** The one mailbox that this call moved. */
function renamedBy(
  hand: Hand,
  books: Books,
  rows: ReadonlyMap<string, MailboxRow>,
): readonly [MailboxFact, MailboxRow] | undefined {
  if (hand === 'administrator' || !hand.route.startsWith('edit/rename-mbox')) return undefined;
  const gone = [...books.mailboxes.values()].find(({ row }) => !rows.has(row.username));
  const come = [...rows.values()].find((row) => !books.mailboxes.has(row.username));
  return gone === undefined || come === undefined ? undefined : [gone, come];
}

type Sight = Observing & {
  readonly books: Books;
  readonly after: Snapshot;
  readonly renamed: readonly [MailboxFact, MailboxRow] | undefined;
};

/** The fact about a mailbox that is new at its address; what is wrong with it is noted. */
function arrived(row: MailboxRow, sight: Sight): MailboxFact {
  const { hand, renamed, after } = sight;
  const isRename = renamed?.[1] === row;
  if (hand !== 'administrator') {
    const left = after.aliases.find((alias) => alias.address === renamed?.[0].row.username);
    const { scene } = hand;
    say(sight, row, isRename ? judgeRenamed(renamed[0], row, { scene, left }) : judgeCreated(row, scene));
  }
  return isRename ? { ...renamed[0], row } : { row, owner: ourIds(row)[0], ...newFact(row, hand) };
}

function say({ notes }: Observing, { username }: MailboxRow, sentences: readonly string[]): void {
  notes.useful = true;
  notes.wrong.push(...sentences.map((sentence) => `mailbox ${username}: ${sentence}`));
}

/** The fact about a mailbox that differs from the books. */
function altered(before: MailboxFact, row: MailboxRow, sight: Sight): MailboxFact {
  const { hand, notes } = sight;
  if (hand !== 'administrator') {
    say(sight, row, judgeChanged(before, row, hand.scene));
    if (isOn(before.row.active) && !isOn(row.active)) {
      notes.removals.push({ kind: 'deactivate', resource: 'mailbox', key: row.username });
    }
  }
  return mailboxAfter(before, row, hand);
}

function observeMailboxes(
  books: Books,
  after: Snapshot,
  observing: Observing,
): ReadonlyMap<string, MailboxFact> {
  const { hand } = observing;
  const rows = new Map(after.mailboxes.map((row) => [row.username, row]));
  const renamed = renamedBy(hand, books, rows);
  const sight = { ...observing, books, after, renamed };
  const result = new Map<string, MailboxFact>();
  for (const row of rows.values()) {
    const before = books.mailboxes.get(row.username);
    if (before === undefined) result.set(row.username, arrived(row, sight));
    else result.set(row.username, same(before.row, row) ? before : altered(before, row, sight));
  }
  for (const { row } of books.mailboxes.values()) {
    if (rows.has(row.username) || renamed?.[0].row === row || hand === 'administrator') continue;
    say(sight, row, ['4.10: a mailbox was deleted']);
  }
  return result;
}

type Observing = { readonly hand: Hand; readonly notes: Notes };

const ownerOfAlias = (row: AliasRow, otherwise: string | undefined): string | undefined => {
  const mark = markIn(row.privateComment);
  return mark === undefined ? otherwise : mark.owner === ownerName ? mark.id : undefined;
};

function aliasAfter(before: AliasFact, row: AliasRow, hand: Hand): AliasFact {
  const owner = ownerOfAlias(row, before.owner);
  const adopted = before.adopted || (before.owner === undefined && owner !== undefined);
  // With a take-over it passes to the new id of its person.
  const former = before.former && (owner === before.owner || row.goto === before.row.goto);
  return { row, owner, adopted, former, ...handsOn(before, row, hand), ...toggled(before, row.active, hand) };
}

const noAddress: ReadonlySet<string> = new Set();

/** Whose hand put what into the goto. */
function handsOn(
  before: AliasFact | undefined,
  row: AliasRow,
  hand: Hand,
): Pick<AliasFact, 'byHand' | 'placed'> {
  const { byHand = noAddress, placed = noAddress } = before ?? {};
  const had = before === undefined ? [] : gotoOf(before.row);
  const goto = gotoOf(row);
  if (hand !== 'administrator') {
    const stays = goto.filter((address) => byHand.has(address));
    return { byHand: new Set(stays), placed: new Set(goto) };
  }
  return { byHand: new Set(goto.filter((address) => byHand.has(address) || !had.includes(address))), placed };
}

function aliasContext(
  address: string,
  books: Books,
  observing: Observing & { readonly after: Snapshot },
): AliasContext {
  const { hand, after } = observing;
  if (hand === 'administrator') throw new Error('an administrator is not judged');
  const known = books.aliases.get(address);
  const { mailboxes, aliases } = books;
  return {
    scene: hand.scene,
    ownerOf: (at) => {
      const alias = aliases.get(at);
      return mailboxes.get(at)?.owner ?? (alias?.former === true ? alias.owner : undefined);
    },
    hasUsable: (at, id) => mailboxes.get(at)?.owner === id && mailboxes.get(at)?.row.hasQuotaRow === true,
    wasTakenByHand: (at) => [...bereftOwners(books).values()].includes(at) || known?.vague === true,
    isOffByUs: (at) => mailboxes.get(at)?.offBy === 'us',
    isAtHome: ({ address: at, person }) => books.mailboxes.get(at)?.owner === person.id,
    hasMailbox: (at) => after.mailboxes.some((row) => row.username === at),
    isRename: hand.route.startsWith('edit/rename-mbox'),
    formerOf: known?.former === true ? known.owner : formerAddresses(books).get(address),
  };
}

function newAlias(
  row: AliasRow,
  mailboxes: ReadonlyMap<string, MailboxFact>,
  observing: Observing & { readonly books: Books },
): AliasFact {
  const { hand, books } = observing;
  const isRename = hand !== 'administrator' && hand.route.startsWith('edit/rename-mbox');
  const owner = ownerOfAlias(row, isRename ? mailboxes.get(row.goto)?.owner : undefined);
  const former = isRename || (owner !== undefined && formerAddresses(books).get(row.address) === owner);
  return { row, owner, former, ...handsOn(undefined, row, hand), ...newFact(row, hand) };
}

/** Members whom a write has taken out of a list that worked. */
function lossesOf(
  before: AliasFact,
  row: AliasRow,
  observing: Observing & { readonly books: Books; readonly after: Snapshot },
): readonly Removal[] {
  const { hand, books } = observing;
  if (hand === 'administrator' || hand.route.startsWith('edit/rename-mbox')) return [];
  const { owner } = before;
  const isList = owner !== undefined && hand.scene.visibleTree.groups.has(owner);
  if (!isList || ownerOfAlias(row, owner) !== owner || !isOn(before.row.active)) return [];
  const context = aliasContext(row.address, books, observing);
  return lostMembers(before, row, context).map((member) => ({ kind: 'lose', key: row.address, member }));
}

function observeAliases(
  books: Books,
  after: Snapshot,
  observing: Observing & { readonly mailboxes: ReadonlyMap<string, MailboxFact> },
): ReadonlyMap<string, AliasFact> {
  const { hand, notes, mailboxes } = observing;
  const rows = new Map(after.aliases.map((row) => [row.address, row]));
  const result = new Map<string, AliasFact>();
  const say = (address: string, judge: (context: AliasContext) => readonly string[]): void => {
    notes.useful = true;
    if (hand === 'administrator') return;
    const sentences = judge(aliasContext(address, books, { ...observing, after }));
    notes.wrong.push(...sentences.map((sentence) => `alias ${address}: ${sentence}`));
  };
  for (const row of rows.values()) {
    const before = books.aliases.get(row.address);
    if (before === undefined) {
      say(row.address, (context) => judgeAliasCreated(row, context));
      result.set(row.address, newAlias(row, mailboxes, { ...observing, books }));
    } else if (same(before.row, row)) {
      result.set(row.address, before);
    } else {
      say(row.address, (context) => judgeAliasChanged(before, row, context));
      if (isOn(before.row.active) && !isOn(row.active)) {
        notes.removals.push({ kind: 'deactivate', resource: 'alias', key: row.address });
      }
      notes.removals.push(...lossesOf(before, row, { ...observing, books, after }));
      result.set(row.address, aliasAfter(before, row, hand));
    }
  }
  for (const [address, fact] of books.aliases) {
    if (rows.has(address)) continue;
    notes.removals.push({ kind: 'remove', resource: 'alias', key: address });
    say(address, (context) => judgeAliasRemoved(fact, context));
  }
  return result;
}

/** Compares mailcow with the books, judges each difference, and writes the new books. */
export function observe(books: Books, after: Snapshot, hand: Hand): Observed {
  const notes: Notes = { wrong: [], removals: [], useful: false };
  const mailboxes = observeMailboxes(books, after, { hand, notes });
  const aliases = observeAliases(books, after, { hand, notes, mailboxes });
  const next = { mailboxes, aliases };
  rememberAll(books, next, hand);
  const removals = hand === 'administrator' ? [] : notes.removals;
  return { books: next, wrong: notes.wrong, removals, isUseful: notes.useful };
}
