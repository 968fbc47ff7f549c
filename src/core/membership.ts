/**
 * Who is a member of a group, through any depth of nesting (facts/ldap.md section 6): resolved in memory from what
 * was read, never by another search.
 */
import { domainOf } from './address.ts';
import { dnKey } from './dn.ts';
import { isEnabled, parseEntryAddress } from './person.ts';
import type { Mapping } from './mapping.ts';
import type { DirectoryEntry, MemberEntries } from './model.ts';

export type GroupMembers = {
  /** Directory ids of people; in the order in which they were met, each once. */
  readonly people: readonly string[];
  /** Addresses of entries that are no people of the user filter. */
  readonly others: readonly string[];
  /** Some group's members could not be read to their end: who is not here may be one all the same. */
  readonly partial: boolean;
  /** Account names that several people have: none of them is a member by it. */
  readonly ambiguous: readonly string[];
};

export type MembershipInput = {
  readonly people: readonly DirectoryEntry[];
  readonly groups: readonly DirectoryEntry[];
  readonly members?: MemberEntries;
  readonly mapping: Mapping;
  /** Ids of entries that this reading did not see. */
  readonly absent?: ReadonlySet<string>;
};

/** The members of a group, of the groups in it, and so on; circles do no harm. */
export type Membership = (group: DirectoryEntry) => GroupMembers;

type Found =
  | { readonly kind: 'group'; readonly group: DirectoryEntry }
  | { readonly kind: 'person'; readonly id: string }
  | { readonly kind: 'other'; readonly address: string }
  | { readonly kind: 'ambiguous'; readonly account: string };

const valuesOf = (entry: DirectoryEntry, names: readonly string[]): readonly string[] =>
  names.flatMap((name) => entry.attributes[name] ?? []);

const lower = (text: string): string => text.trim().toLowerCase();

/** Many groups name the same people, and parsing a DN is the dearest part. */
function keyCache(): (dn: string) => string {
  const keys = new Map<string, string>();
  return (dn) => {
    const known = keys.get(dn);
    if (known !== undefined) return known;
    const key = dnKey(dn);
    keys.set(dn, key);
    return key;
  };
}

/** Entries beside the people, by what a group calls them. */
function otherEntries(
  input: MembershipInput,
  keyOf: (dn: string) => string,
): ReadonlyMap<string, DirectoryEntry> {
  const { members } = input;
  if (members === undefined) return new Map();
  const { key } = members;
  return new Map(
    members.entries.flatMap((entry) =>
      key === undefined
        ? [[keyOf(entry.dn), entry] as const]
        : (entry.attributes[key] ?? []).map((value) => [keyOf(value), entry] as const),
    ),
  );
}

/**
 * An entry that is no person of the user filter counts with its own address, unless it is not active. mailcow takes no
 * goto without a dot in its domain, and refuses all the others with it.
 */
function otherOf(entry: DirectoryEntry, mapping: Mapping): Found | undefined {
  const parsed = parseEntryAddress(entry, mapping.mail);
  if (parsed.kind === 'unresolved' || !isEnabled(entry, mapping)) return undefined;
  if (!domainOf(parsed.address).includes('.')) return undefined;
  return { kind: 'other', address: parsed.address };
}

const byAccountName = (
  entries: readonly DirectoryEntry[],
  { account }: Mapping,
): ReadonlyMap<string, readonly DirectoryEntry[]> => {
  const byName = new Map<string, DirectoryEntry[]>();
  for (const entry of entries) {
    for (const name of new Set(valuesOf(entry, [account]).map(lower))) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [entry]);
      else known.push(entry);
    }
  }
  return byName;
};

/** An account that was created anew has the name of the former one, which is in its grace: who is there counts. */
const absentFirst = (
  entries: readonly DirectoryEntry[],
  absent: ReadonlySet<string>,
): readonly DirectoryEntry[] =>
  absent.size === 0
    ? entries
    : [...entries.filter(({ id }) => absent.has(id)), ...entries.filter(({ id }) => !absent.has(id))];

type Index = {
  readonly byDn: (dn: string) => Found | undefined;
  readonly byAccount: (account: string) => Found | undefined;
  readonly byPrimaryGroup: (group: DirectoryEntry) => readonly Found[];
};

function indexOf(input: MembershipInput): Index {
  const { people, groups, members, mapping, absent = new Set<string>() } = input;
  const keyOf = keyCache();
  const groupsByDn = new Map(absentFirst(groups, absent).map((group) => [keyOf(group.dn), group]));
  const peopleByDn = new Map(absentFirst(people, absent).map((person) => [keyOf(person.dn), person]));
  const byId = new Map(people.map((person) => [person.id, person]));
  const others = otherEntries(input, keyOf);
  const admitted = members?.decides === true ? new Set(members.entries.map(({ id }) => id)) : undefined;
  const person = (entry: DirectoryEntry | undefined): Found | undefined =>
    entry === undefined || (admitted !== undefined && !admitted.has(entry.id))
      ? undefined
      : { kind: 'person', id: entry.id };
  const accounts = byAccountName(people, mapping);
  const otherAccounts = byAccountName(members?.entries ?? [], mapping);
  /** One of the people, or with its own address who is none of them. */
  const foundFrom = (
    known: DirectoryEntry | undefined,
    other: DirectoryEntry | undefined,
  ): Found | undefined => {
    const entry = known ?? (other && byId.get(other.id));
    return entry === undefined ? other && otherOf(other, mapping) : person(entry);
  };
  const byName = (name: string): Found | undefined => {
    const named = accounts.get(name) ?? [];
    const there = named.filter(({ id }) => !absent.has(id));
    const [first, second] = there.length > 0 ? there : named;
    if (second !== undefined) return { kind: 'ambiguous', account: name };
    return foundFrom(first, otherAccounts.get(name)?.[0]);
  };
  return {
    byDn: (dn) => {
      const key = keyOf(dn);
      const group = groupsByDn.get(key);
      if (group !== undefined) return { kind: 'group', group };
      return foundFrom(peopleByDn.get(key), others.get(key));
    },
    byAccount: (account) => byName(lower(account)),
    byPrimaryGroup: primaryMembers(people, mapping, person),
  };
}

/** AD: nobody's primary group lists them; they name it by number. */
function primaryMembers(
  people: readonly DirectoryEntry[],
  { primaryGroup }: Mapping,
  person: (entry: DirectoryEntry) => Found | undefined,
): Index['byPrimaryGroup'] {
  if (primaryGroup === undefined) return () => [];
  const byNumber = new Map<string, Found[]>();
  for (const entry of people) {
    const found = person(entry);
    if (found === undefined) continue;
    for (const number of valuesOf(entry, [primaryGroup.ofPerson])) {
      const known = byNumber.get(number);
      if (known === undefined) byNumber.set(number, [found]);
      else known.push(found);
    }
  }
  return (group) => valuesOf(group, [primaryGroup.ofGroup]).flatMap((number) => byNumber.get(number) ?? []);
}

function directMembers(group: DirectoryEntry, mapping: Mapping, index: Index): readonly Found[] {
  const named = [
    ...valuesOf(group, mapping.memberDn).map(index.byDn),
    ...valuesOf(group, mapping.memberAccount).map(index.byAccount),
    ...index.byPrimaryGroup(group),
  ];
  return named.filter((found) => found !== undefined);
}

/** Indexes the entries once; asking is then a walk over the groups below one. */
export function openMembership(input: MembershipInput): Membership {
  const index = indexOf(input);
  const { mapping } = input;
  const memberNames = new Set([...mapping.memberDn, ...mapping.memberAccount]);
  const direct = new Map<DirectoryEntry, readonly Found[]>();
  const membersOf = (group: DirectoryEntry): readonly Found[] => {
    const known = direct.get(group) ?? directMembers(group, mapping, index);
    direct.set(group, known);
    return known;
  };
  return (top) => {
    const people = new Set<string>();
    const others = new Set<string>();
    const ambiguous = new Set<string>();
    const seen = new Set([top]);
    const open = [top];
    for (let group = open.pop(); group !== undefined; group = open.pop()) {
      for (const found of membersOf(group)) {
        if (found.kind === 'person') people.add(found.id);
        else if (found.kind === 'other') others.add(found.address);
        else if (found.kind === 'ambiguous') ambiguous.add(found.account);
        else if (!seen.has(found.group)) {
          seen.add(found.group);
          open.push(found.group);
        }
      }
    }
    const partial = [...seen].some((group) => group.partial?.some((name) => memberNames.has(name)) === true);
    return { people: [...people], others: [...others], partial, ambiguous: [...ambiguous] };
  };
}
