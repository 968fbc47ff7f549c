/**
 * What mailcow must hold when everything has come to rest, by RULES.md and DESIGN.md section 4: computed from
 * the directory, from the marks in mailcow and from what the watcher knows of hands, never by src/core.
 *
 * Where history decides (who had an address first, who switched something off), the books say what happened;
 * where even they cannot tell what the program can know (its database was lost, mailcow was put back), an
 * object that is off may stay off, and a take-over may not happen.
 */
import { isForeign, isOn, type Books, type MailboxFact } from './books.ts';
import { judgeAliases } from './oracle-aliases.ts';
import { judgeLists } from './oracle-lists.ts';
import { claims, domainOf, isProtected, type Claims, type Entitled } from './rules.ts';
import { isSamePerson, type Known } from './scene.ts';
import type { Tree } from './tree.ts';

const MIB = 1_048_576;

export type Final = {
  readonly tree: Tree;
  readonly books: Books;
  readonly protectedAddresses: readonly string[];
  readonly externalMembers: boolean;
  /** Whoever was a group in some reading. */
  readonly isGroup: (id: string) => boolean;
  readonly lastKnown: ReadonlyMap<string, Known>;
  readonly hadAddress: (id: string, address: string) => boolean;
  /** The program's memory or mailcow's tables were put back or lost at some time. */
  readonly isVague: boolean;
};

export type Judged = {
  readonly final: Final;
  readonly all: Claims;
  readonly byOwner: ReadonlyMap<string, readonly MailboxFact[]>;
};

const isKept = (fact: MailboxFact, { protectedAddresses }: Final): boolean =>
  fact.row.tags.includes('ldap-keep') || isProtected(fact.row.username, protectedAddresses);

function judgeHad(person: Entitled, fact: MailboxFact, { final }: Judged): readonly string[] {
  const { row } = fact;
  if (isKept(fact, final) || !row.hasQuotaRow) return [];
  const wrong: string[] = [];
  if (row.name !== person.name) wrong.push(`is called "${row.name}" instead of "${person.name}"`);
  if (person.quotaMiB !== undefined && row.quota !== person.quotaMiB * MIB) {
    wrong.push(`has ${row.quota / MIB} MiB instead of ${person.quotaMiB}`);
  }
  const mayBeOff = fact.offBy === 'hand' || fact.vague;
  if (person.enabled && !isOn(row.active) && !mayBeOff) wrong.push('is off although its person is enabled');
  if (!person.enabled && isOn(row.active)) wrong.push('is on although its person is disabled');
  return wrong;
}

/** An alias stands there that is not ours to remove, or whose owner still claims it: one of them must give up (4.8). */
function isTakenByAlias(person: Entitled, { all, final }: Judged): boolean {
  const alias = final.books.aliases.get(person.address);
  if (alias === undefined) return false;
  const { owner } = alias;
  if (owner === undefined || all.frozen.has(owner)) return true;
  if (final.tree.groups.has(owner)) return all.lists.get(owner)?.has(person.address) !== false;
  return owner !== person.person.id && all.people.get(owner)?.wanted.has(person.address) === true;
}

/** Over the mailboxes that stand in each other's way. */
type Way = { readonly judged: Judged; readonly path: readonly string[] };

/** Why the mailbox of a present person may stand at another address than the person's own, in the same domain. */
function mayStay(fact: MailboxFact, person: Entitled, way: Way): boolean {
  const { judged, path } = way;
  const { final } = judged;
  const { address } = person;
  if (domainOf(fact.row.username) !== domainOf(address)) return true;
  if (isKept(fact, final) || isProtected(address, final.protectedAddresses)) return true;
  if (!fact.row.hasQuotaRow) return true;
  // mailcow does not rename what is off.
  if (fact.row.active === 0 && (!person.enabled || fact.offBy === 'hand' || fact.vague)) return true;
  if (isTakenByAlias(person, judged)) return true;
  const inTheWay = final.books.mailboxes.get(address);
  if (inTheWay === undefined) return false;
  if (path.includes(address)) return true;
  return mayStand(inTheWay, { judged, path: [...path, address] });
}

/** Why a mailbox may stand at an address that its owner (any more) does not have. */
function mayStand(fact: MailboxFact, way: Way): boolean {
  const { judged } = way;
  const { all, final } = judged;
  if (fact.owner === undefined) return true;
  if (!final.tree.people.has(fact.owner)) return true;
  const person = all.people.get(fact.owner);
  if (person === undefined) return true;
  if (judged.byOwner.get(fact.owner)?.some((other) => other.row.username === person.address) === true)
    return true;
  return mayStay(fact, person, way);
}

function judgeOccupied(person: Entitled, fact: MailboxFact, judged: Judged): readonly string[] {
  const { final } = judged;
  if (isKept(fact, final) || !fact.row.hasQuotaRow || isForeign(fact.row)) return [];
  if (fact.owner === undefined) {
    const elsewhere = judged.byOwner.get(person.person.id) ?? [];
    return elsewhere.length > 0 ? [] : ['is not managed although its person is in the directory'];
  }
  if (!final.tree.people.has(fact.owner)) {
    const former = final.lastKnown.get(fact.owner)?.person;
    const hasNone = (judged.byOwner.get(person.person.id) ?? []).length === 0;
    const isHeir = former !== undefined && isSamePerson(former, person.person);
    return isHeir && hasNone && !final.isVague ? ['still belongs to the former id of its person'] : [];
  }
  return mayStand(fact, { judged, path: [] }) ? [] : [`belongs to ${fact.owner}, who could have moved away`];
}

function judgeMissing(person: Entitled, judged: Judged): readonly string[] {
  const { final } = judged;
  if (isProtected(person.address, final.protectedAddresses)) return [];
  if (isTakenByAlias(person, judged)) return [];
  const elsewhere = judged.byOwner.get(person.person.id) ?? [];
  if (
    elsewhere.some(
      (fact) =>
        domainOf(fact.row.username) === domainOf(person.address) &&
        mayStay(fact, person, { judged, path: [] }),
    )
  )
    return [];
  return ['is missing although its person is in the directory'];
}

function judgePerson(person: Entitled, judged: Judged): readonly string[] {
  const fact = judged.final.books.mailboxes.get(person.address);
  if (fact === undefined) return judgeMissing(person, judged);
  return fact.owner === person.person.id
    ? judgeHad(person, fact, judged)
    : judgeOccupied(person, fact, judged);
}

/** Mailboxes of people who are gone: off, unless a rule keeps our hands from them. */
function judgeOrphan(fact: MailboxFact, { all, final }: Judged): readonly string[] {
  const { row, owner } = fact;
  if (owner === undefined || final.tree.people.has(owner) || !isOn(row.active)) return [];
  if (isKept(fact, final) || !row.hasQuotaRow || all.asMailbox.has(row.username)) return [];
  return final.isVague ? [] : ['is on although its person is gone'];
}

function ownersOf(books: Books): ReadonlyMap<string, readonly MailboxFact[]> {
  const byOwner = new Map<string, MailboxFact[]>();
  for (const fact of books.mailboxes.values()) {
    if (fact.owner !== undefined) byOwner.set(fact.owner, [...(byOwner.get(fact.owner) ?? []), fact]);
  }
  return byOwner;
}

/** One sentence for everything in mailcow that is not as the rules say. */
export function judgeFinal(final: Final): readonly string[] {
  const judged: Judged = { final, all: claims(final.tree), byOwner: ownersOf(final.books) };
  const people = [...judged.all.people.values()].flatMap((person) =>
    judgePerson(person, judged).map((why) => `mailbox ${person.address} (${person.person.uid}) ${why}`),
  );
  const orphans = [...final.books.mailboxes.values()].flatMap((fact) =>
    judgeOrphan(fact, judged).map((why) => `mailbox ${fact.row.username} ${why}`),
  );
  return [...people, ...orphans, ...judgeAliases(judged), ...judgeLists(judged)];
}
