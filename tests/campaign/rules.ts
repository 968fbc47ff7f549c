/**
 * Who may have what, by tests/fixtures/ldif/RULES.md, written anew from that page: nothing of src/core is used
 * here. Who is reached by a list is in `rules-lists.ts`.
 */
import type { Group, Person, Tree } from './tree.ts';

export const knownDomains: readonly string[] = ['example.test', 'other.test'];

export type Entitled = {
  readonly person: Person;
  readonly address: string;
  readonly name: string;
  readonly quotaMiB: number | undefined;
  readonly enabled: boolean;
  /** Further addresses that could become aliases, rule 6 not yet applied. */
  readonly wanted: ReadonlySet<string>;
};

export type Claims = {
  /** By id: people with an address that nobody else has as well. */
  readonly people: ReadonlyMap<string, Entitled>;
  /** Present ids that are not among them: what they have stays as it is. */
  readonly frozen: ReadonlySet<string>;
  /** Who has the address in `mail`, valid ones in known domains only. */
  readonly asMailbox: ReadonlyMap<string, readonly string[]>;
  /** Who of `people` and the groups asks for the address as an alias. */
  readonly asAlias: ReadonlyMap<string, readonly string[]>;
  /** By id: the addresses that a group claims; groups that are not among them keep what they have. */
  readonly lists: ReadonlyMap<string, ReadonlySet<string>>;
};

const atom = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const valid = new RegExp(`^(?=[^@]{1,64}@)${atom}(?:\\.${atom})*@${label}(?:\\.${label})*$`, 'i');

/** The part after the `@`. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

const normal = (text: string): string | undefined =>
  valid.test(text.trim()) ? text.trim().toLowerCase() : undefined;

const isKnown = (address: string): boolean => knownDomains.includes(domainOf(address));

/** Rules 1 and 2; undefined for whom they leave without a mailbox. */
function ownAddress(mail: readonly string[]): string | undefined {
  const values = new Set(mail.map((value) => value.trim().toLowerCase()));
  const [only] = values;
  const address = values.size === 1 && only !== undefined ? normal(only) : undefined;
  return address !== undefined && isKnown(address) ? address : undefined;
}

/** Rule 5, and of rule 6 what concerns one entry alone. */
/** The aliases that an entry asks for, as mailcow would spell them. */
export function aliasesAskedFor(proxies: readonly string[]): readonly string[] {
  return proxies.flatMap((value) => {
    const [, prefix, rest] = /^([a-z0-9-]+):(.*)$/i.exec(value.trim()) ?? [];
    if (prefix !== undefined && prefix.toLowerCase() !== 'smtp') return [];
    const address = normal(rest ?? value);
    return address !== undefined && isKnown(address) ? [address] : [];
  });
}

/** Rule 4. */
function nameOf(person: Person, address: string): string {
  const { displayName, givenName, sn, cn } = person;
  if (displayName !== undefined) return displayName;
  if (givenName !== undefined) return `${givenName} ${sn}`;
  return cn === '' ? address.slice(0, address.lastIndexOf('@')) : cn;
}

/** What a person with this address is entitled to. */
export function entitledAs(person: Person, address: string): Entitled {
  const asked = aliasesAskedFor(person.proxies).filter((alias) => alias !== address);
  return {
    person,
    address,
    name: nameOf(person, address),
    quotaMiB: person.quotaMiB,
    enabled: !person.disabled,
    wanted: new Set(asked),
  };
}

/** The address of a group, in whatever domain; undefined when it has none that counts. */
const ownOfGroup = ({ mail }: Group): string | undefined => (mail === undefined ? undefined : normal(mail));

/** Rules 9 and 11: what a group claims; its further addresses also where it gets no list itself. */
export function groupAddresses(group: Group): ReadonlySet<string> {
  const own = ownOfGroup(group);
  if (own === undefined) return new Set();
  return new Set([...(isKnown(own) ? [own] : []), ...aliasesAskedFor(group.proxies)]);
}

const push = (lists: Map<string, string[]>, key: string, id: string): void => {
  const list = lists.get(key) ?? [];
  if (!list.includes(id)) list.push(id);
  lists.set(key, list);
};

/** Reads a tree by the rules. */
function claimsOf(tree: Tree): Claims {
  const asMailbox = new Map<string, string[]>();
  for (const person of tree.people.values()) {
    const address = ownAddress(person.mail);
    if (address !== undefined) push(asMailbox, address, person.id);
  }
  const people = new Map<string, Entitled>();
  const frozen = new Set<string>();
  for (const person of tree.people.values()) {
    const address = ownAddress(person.mail);
    if (address === undefined || asMailbox.get(address)?.length !== 1) frozen.add(person.id);
    else people.set(person.id, entitledAs(person, address));
  }
  const asAlias = new Map<string, string[]>();
  for (const [id, { wanted }] of people) for (const address of wanted) push(asAlias, address, id);
  const lists = new Map<string, ReadonlySet<string>>();
  for (const group of tree.groups.values()) {
    const own = ownOfGroup(group);
    const asked = groupAddresses(group);
    if (own !== undefined && isKnown(own)) lists.set(group.id, asked);
    for (const address of asked) push(asAlias, address, group.id);
  }
  return { people, frozen, asMailbox, asAlias, lists };
}

const claimsCache = new WeakMap<Tree, Claims>();

/** The claims of a tree, read once. */
export function claims(tree: Tree): Claims {
  const known = claimsCache.get(tree);
  if (known !== undefined) return known;
  const fresh = claimsOf(tree);
  claimsCache.set(tree, fresh);
  return fresh;
}

/** The one person who asks for the address as an alias, when no one else has or wants it. */
export function onlyClaimant(all: Claims, address: string): Entitled | undefined {
  if (all.asMailbox.has(address)) return undefined;
  const [only, second] = all.asAlias.get(address) ?? [];
  return only === undefined || second !== undefined ? undefined : all.people.get(only);
}

/** The one group that asks for the address, when no one else has or wants it. */
export function onlyGroup(all: Claims, address: string): string | undefined {
  if (all.asMailbox.has(address)) return undefined;
  const [only, second] = all.asAlias.get(address) ?? [];
  return only !== undefined && second === undefined && all.lists.has(only) ? only : undefined;
}

/** Whether two or more present entries claim the address. */
export function isContested(all: Claims, address: string): boolean {
  return (all.asMailbox.get(address)?.length ?? 0) > 1 || (all.asAlias.get(address)?.length ?? 0) > 1;
}

/** RFC 2142's addresses, and those of the setting. */
export function isProtected(address: string, list: readonly string[]): boolean {
  return /^(postmaster|abuse)@/.test(address) || list.includes(address);
}
