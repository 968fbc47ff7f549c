/** What the watcher remembers beside the books: what was there once, and who took it away. */
import type { Books } from './books.ts';
import type { Scene } from './scene.ts';

/** Whose hand it was: the program's, judged by a scene; or an administrator's, who may do anything. */
export type Hand = { readonly route: string; readonly scene: Scene } | 'administrator';

/** Former addresses and whose they are, also those whose alias an administrator removed: we may bring them back. */
const formerOwners = new WeakMap<Books, ReadonlyMap<string, string>>();

/** Whose mailbox an administrator has deleted: with it mailcow deleted the aliases, and the former addresses may be lost. */
const bereft = new WeakMap<Books, ReadonlyMap<string, string>>();

function rememberBereft(before: Books, after: Books, hand: Hand): void {
  const known = new Map(bereft.get(before));
  if (hand === 'administrator') {
    for (const [address, { owner }] of before.mailboxes) {
      if (owner !== undefined && !after.mailboxes.has(address)) known.set(owner, address);
    }
  }
  bereft.set(after, known);
}

/** Owners whose former addresses need not be there any more, and where their mailbox was. */
export function bereftOwners(books: Books): ReadonlyMap<string, string> {
  return bereft.get(books) ?? new Map();
}

/** `owner address` of aliases that an administrator has removed. */
const handRemoved = new WeakMap<Books, ReadonlySet<string>>();

function rememberRemoved(before: Books, after: Books, hand: Hand): void {
  const known = new Set(handRemoved.get(before));
  if (hand === 'administrator') {
    for (const [address, { owner }] of before.aliases) {
      if (owner !== undefined && !after.aliases.has(address)) known.add(`${owner} ${address}`);
    }
  }
  handRemoved.set(after, known);
}

/** Whether an administrator has removed this alias of this owner, once. */
export const wasRemovedByHand = (books: Books, owner: string, address: string): boolean =>
  handRemoved.get(books)?.has(`${owner} ${address}`) === true;

function rememberFormer(before: Books, after: Books, hand: Hand): void {
  const known = new Map(formerOwners.get(before));
  for (const address of before.aliases.keys()) {
    if (!after.aliases.has(address) && hand !== 'administrator') known.delete(address);
  }
  for (const [address, { former, owner }] of after.aliases) {
    if (former && owner !== undefined) known.set(address, owner);
    else if (owner !== known.get(address)) known.delete(address);
  }
  formerOwners.set(after, known);
}

/** Former addresses that a rename left to somebody, by address; the alias itself may have been taken away. */
export function formerAddresses(books: Books): ReadonlyMap<string, string> {
  return formerOwners.get(books) ?? new Map();
}

/** The same, for a copy of the books. */
export function keepFormer(from: Books, to: Books): Books {
  formerOwners.set(to, formerAddresses(from));
  bereft.set(to, bereftOwners(from));
  handRemoved.set(to, handRemoved.get(from) ?? new Set());
  return to;
}

/** Takes down what became of the books. */
export function rememberAll(before: Books, after: Books, hand: Hand): void {
  rememberFormer(before, after, hand);
  rememberBereft(before, after, hand);
  rememberRemoved(before, after, hand);
}
