/** The part of the oracle that is about lists: RULES.md 9 to 11. */
import { gotoOf, isOn, type AliasFact } from './books.ts';
import type { Judged } from './oracle.ts';
import { isProtected } from './rules.ts';
import { membersOf } from './rules-lists.ts';

/** Who must, and who may, be led to. */
type Reach = {
  readonly must: readonly string[];
  readonly may: ReadonlySet<string>;
};

/** Whoever is in doubt keeps a place that was there, and gets none. */
function reachOf(id: string, judged: Judged): Reach {
  const { final, all } = judged;
  const { people, contacts } = membersOf(final.tree, id);
  const must: string[] = final.externalMembers ? [...contacts] : [];
  const may = new Set(must);
  for (const member of people) {
    const person = all.people.get(member);
    const places = (judged.byOwner.get(member) ?? []).map(({ row }) => row.username);
    if (person === undefined) {
      for (const address of places) may.add(address);
      continue;
    }
    if (!person.enabled) continue;
    const fact = final.books.mailboxes.get(person.address);
    for (const address of [person.address, ...places]) may.add(address);
    if (fact?.owner === member && fact.row.hasQuotaRow) must.push(person.address);
  }
  return { must, may };
}

function judgeGoto(fact: AliasFact, reach: Reach): readonly string[] {
  const goto = gotoOf(fact.row);
  const missing = reach.must.filter((address) => !goto.includes(address));
  const surplus = goto.filter((address) => !reach.may.has(address));
  return [
    ...(missing.length > 0 ? [`does not lead to ${missing.join(', ')}`] : []),
    ...(surplus.length > 0 ? [`leads to ${surplus.join(', ')}, which it should not`] : []),
  ];
}

/** It is ours, and the group is the only one that asks for it. */
function judgeOurs(fact: AliasFact, reach: Reach): readonly string[] {
  const { row } = fact;
  if (reach.must.length === 0) {
    // Its last goto stays.
    if (!isOn(row.active)) return [];
    return reach.may.size === 0 ? ['is on although nobody is left'] : judgeGoto(fact, reach);
  }
  const mayBeOff = fact.offBy === 'hand' || fact.vague;
  if (!isOn(row.active) && mayBeOff && !reach.must.every((address) => gotoOf(row).includes(address)))
    return judgeGoto(fact, reach);
  return [
    ...(isOn(row.active) || mayBeOff ? [] : ['is off although somebody can be reached']),
    ...judgeGoto(fact, reach),
  ];
}

function judgeAsked(address: string, id: string, judged: Judged): readonly string[] {
  const { final } = judged;
  const fact = final.books.aliases.get(address);
  const reach = reachOf(id, judged);
  if (fact === undefined) {
    if (reach.must.length === 0 || final.books.mailboxes.has(address)) return [];
    return [`is missing although ${reach.must.length} members can be reached`];
  }
  if (fact.owner === id) return judgeOurs(fact, reach);
  // Nobody left: whoever had it keeps it.
  if (fact.vague || reach.must.length === 0) return [];
  if (fact.owner !== undefined) return [`belongs to ${fact.owner} instead of the group`];
  const isForeign = fact.row.privateComment?.includes('ldap-mailcow:') === true;
  const goto = gotoOf(fact.row);
  const isEqual = goto.length === reach.must.length && reach.must.every((one) => goto.includes(one));
  return isEqual && !isForeign ? ['is not managed although it leads where the directory says'] : [];
}

/** Somebody else asks for the address as well, or keeps it while in doubt. */
function isDisputed(address: string, id: string, { all, final }: Judged): boolean {
  const others = (ids: readonly string[] | undefined): boolean => (ids ?? []).some((one) => one !== id);
  if (others(all.asMailbox.get(address)) || others(all.asAlias.get(address))) return true;
  const owner = final.books.aliases.get(address)?.owner;
  if (owner === undefined || owner === id) return false;
  const isUnclearGroup = final.tree.groups.has(owner) && !all.lists.has(owner);
  return all.frozen.has(owner) || isUnclearGroup;
}

/** A list at an address that its group does not ask for (any more). */
function judgeGivenUp(fact: AliasFact, id: string, { all, final }: Judged): readonly string[] {
  const { address, active } = fact.row;
  if (!final.tree.groups.has(id)) {
    const isClaimed = all.asMailbox.has(address) || all.asAlias.has(address);
    return isOn(active) && !isClaimed && !final.isVague ? ['is on although its group is gone'] : [];
  }
  const asked = all.lists.get(id);
  const isClaimed = all.asMailbox.has(address) || all.asAlias.has(address);
  if (asked === undefined || asked.has(address) || isClaimed || final.isVague) return [];
  return ['is still there although its group gave it up'];
}

/** One sentence for every list that is not as the rules say. */
export function judgeLists(judged: Judged): readonly string[] {
  const { all, final } = judged;
  const isKept = (address: string): boolean => isProtected(address, final.protectedAddresses);
  const asked = [...all.lists].flatMap(([id, addresses]) =>
    [...addresses]
      .filter((address) => !isKept(address) && !isDisputed(address, id, judged))
      .flatMap((address) => judgeAsked(address, id, judged).map((why) => `list ${address} ${why}`)),
  );
  const managed = [...final.books.aliases.values()].flatMap((fact) => {
    const { owner, row } = fact;
    if (owner === undefined || !final.isGroup(owner) || isKept(row.address)) return [];
    return judgeGivenUp(fact, owner, judged).map((why) => `list ${row.address} ${why}`);
  });
  return [...asked, ...managed];
}
