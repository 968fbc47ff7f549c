/** The half of the oracle that is about aliases. */
import { isOn, type AliasFact } from './books.ts';
import type { Judged } from './oracle.ts';
import { bereftOwners, formerAddresses, wasRemovedByHand } from './remembered.ts';
import { aliasesAskedFor, domainOf, isProtected, type Entitled } from './rules.ts';

/** Somebody else's claim, as mailbox or alias, present or kept by somebody who is frozen. */
function isDisputed(address: string, person: Entitled, { all, final }: Judged): boolean {
  const others = (ids: readonly string[] | undefined): boolean =>
    (ids ?? []).some((id) => id !== person.person.id);
  if (others(all.asMailbox.get(address)) || others(all.asAlias.get(address))) return true;
  const held = final.books.aliases.get(address);
  if (held?.owner === undefined) return false;
  return all.frozen.has(held.owner) || (final.tree.groups.has(held.owner) && !all.lists.has(held.owner));
}

/** A person whose mailbox stands at the right address and is ours. */
function isAtHome(person: Entitled, { final }: Judged): boolean {
  const fact = final.books.mailboxes.get(person.address);
  return fact?.owner === person.person.id && fact.row.hasQuotaRow;
}

function judgeAlias(fact: AliasFact, person: Entitled): readonly string[] {
  const { row } = fact;
  const wrong: string[] = [];
  if (row.goto !== person.address) wrong.push(`leads to ${row.goto} instead of ${person.address}`);
  const mayBeOff = fact.offBy === 'hand' || fact.vague;
  if (person.enabled && !isOn(row.active) && !mayBeOff) wrong.push('is off although its person is enabled');
  if (!person.enabled && isOn(row.active)) wrong.push('is on although its person is disabled');
  return wrong;
}

/** What a person asks for and nobody else does. */
function judgeWanted(address: string, person: Entitled, judged: Judged): readonly string[] {
  const { final } = judged;
  const fact = final.books.aliases.get(address);
  if (fact === undefined) {
    // What a frozen entry held may be remembered although it is gone with an older mailcow.
    if (final.isVague && judged.all.frozen.size > 0) return [];
    // A frozen entry keeps the address of its mailbox and its aliases, also where an administrator took them away.
    const kept = [...judged.all.frozen].some(
      (id) =>
        bereftOwners(final.books).get(id) === address ||
        wasRemovedByHand(final.books, id, address) ||
        // It goes on asking for what it asks for: nobody else gets that meanwhile.
        aliasesAskedFor(final.tree.people.get(id)?.proxies ?? []).includes(address),
    );
    if (kept) return [];
    // A mailbox there wins, whoever it belongs to.
    return final.books.mailboxes.has(address) ? [] : [`is missing although ${person.person.uid} asks for it`];
  }
  if (fact.owner === person.person.id) return judgeAlias(fact, person);
  if (fact.vague) return [];
  if (fact.owner !== undefined) return [`belongs to ${fact.owner} instead of ${person.person.uid}`];
  const isForeign = fact.row.privateComment?.includes('ldap-mailcow:') === true;
  if (isForeign || fact.row.goto !== person.address) return [];
  return ['is not managed although it leads where the directory says'];
}

/** The owner is gone; an orphan does not act on what a present entry claims. */
function judgeOrphaned({ row }: AliasFact, { all, final }: Judged): readonly string[] {
  const isClaimed = all.asMailbox.has(row.address) || all.asAlias.has(row.address);
  return isOn(row.active) && !isClaimed && !final.isVague ? ['is on although its person is gone'] : [];
}

function judgeManaged(fact: AliasFact, judged: Judged): readonly string[] {
  const { all, final } = judged;
  const { owner, row } = fact;
  const { address } = row;
  if (owner === undefined || isProtected(address, final.protectedAddresses)) return [];
  if (final.isGroup(owner)) return [];
  if (!final.tree.people.has(owner)) return judgeOrphaned(fact, judged);
  const person = all.people.get(owner);
  if (person === undefined || !isAtHome(person, judged) || person.wanted.has(address)) return [];
  if (isDisputed(address, person, judged)) return [];
  const isFormer =
    fact.former || final.hadAddress(owner, address) || formerAddresses(final.books).get(address) === owner;
  if (isFormer) return judgeAlias(fact, person);
  return final.isVague ? [] : ['is still there although its person gave it up'];
}

/** Former addresses stay, for as long as nobody else wants them. */
function judgeFormer(judged: Judged): readonly string[] {
  const { all, final } = judged;
  const { aliases, mailboxes } = final.books;
  return [...formerAddresses(final.books)].flatMap(([address, owner]) => {
    const person = all.people.get(owner);
    if (person === undefined || !isAtHome(person, judged) || address === person.address) return [];
    if (isDisputed(address, person, judged) || isProtected(address, final.protectedAddresses)) return [];
    if (domainOf(address) !== domainOf(person.address) || final.isVague) return [];
    if (bereftOwners(final.books).has(owner)) return [];
    if (aliases.has(address) || mailboxes.has(address)) return [];
    return [`alias ${address}: the former address of ${person.address} is gone`];
  });
}

/** One sentence for every alias that is not as the rules say. */
export function judgeAliases(judged: Judged): readonly string[] {
  const { all, final } = judged;
  const wanted = [...all.people.values()]
    .filter((person) => isAtHome(person, judged))
    .flatMap((person) =>
      [...person.wanted]
        .filter(
          (address) =>
            !isDisputed(address, person, judged) && !isProtected(address, final.protectedAddresses),
        )
        .flatMap((address) => judgeWanted(address, person, judged).map((why) => `alias ${address} ${why}`)),
    );
  const managed = [...final.books.aliases.values()].flatMap((fact) =>
    judgeManaged(fact, judged).map((why) => `alias ${fact.row.address} ${why}`),
  );
  return [...wanted, ...managed, ...judgeFormer(judged)];
}
