/** Who claims which address as an alias, and who gets it (RULES.md 5 to 7). */
import { domainOf } from './address.ts';
import type { DeriveInput, DesiredAlias, DesiredState } from './desired-types.ts';
import type { DirectoryEntry, Finding } from './model.ts';
import { aliasValuesOf, type AliasValue, type Person } from './person.ts';
import type { Group } from './resolve-groups.ts';
import { groupBy } from './resolve-people.ts';

export type Claim = {
  readonly value: AliasValue;
  readonly address: string;
  readonly claimantId: string;
  readonly claimantDn: string;
  /** Whom the alias leads to, or whose list it is; neither for an entry that is not understood. */
  readonly person?: Person;
  readonly group?: Group;
};

type Classified = { readonly claims: readonly Claim[]; readonly findings: readonly Finding[] };

const isClaim = (item: Claim | Finding): item is Claim => 'claimantId' in item;

export type ClaimContext = {
  readonly mailboxes: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
};

/** Rule 6 for one value: a claim or a finding. */
function classify(owner: Person | Group, value: AliasValue, context: ClaimContext): Claim | Finding {
  const { address, text } = value;
  const { dn, id } = owner;
  const subject = address ?? text;
  if (address === undefined) {
    const message = `${dn}: not an address that mailcow takes: correct or remove it`;
    return { code: 'invalid-alias', subject, message };
  }
  if (!context.domains.has(domainOf(address))) {
    const message = `${dn}: mailcow has no domain ${domainOf(address)}`;
    return { code: 'alias-unknown-domain', subject, message };
  }
  if (context.mailboxes.has(address)) {
    const message = `${dn} asks for it as an alias, but it is a mailbox of somebody else`;
    return { code: 'alias-is-mailbox', subject, message };
  }
  const whose = 'entry' in owner ? { group: owner } : { person: owner };
  return { value, address, claimantId: id, claimantDn: dn, ...whose };
}

function classifyAll(
  owners: readonly (Person | Group)[],
  valuesOf: (owner: Person | Group) => readonly AliasValue[],
  context: ClaimContext,
): Classified {
  const items = owners.flatMap((owner) => valuesOf(owner).map((value) => classify(owner, value, context)));
  const claims: Claim[] = [];
  const findings: Finding[] = [];
  for (const item of items) {
    if (isClaim(item)) claims.push(item);
    else findings.push(item);
  }
  return { claims, findings };
}

const withoutOwn = ({ aliases, address }: Person | Group): readonly AliasValue[] =>
  aliases.filter((value) => value.address !== address);

/** The aliases that people ask for. */
export function claimsOfPeople(people: readonly Person[], context: ClaimContext): Classified {
  return classifyAll(people, withoutOwn, context);
}

/** The addresses that a group asks for: its own and its further ones. */
const groupValues = (group: Person | Group): readonly AliasValue[] => [
  { text: group.address, address: group.address, primary: false },
  ...withoutOwn(group),
];

/** A group claims its own address and its further ones (rules 9 and 11). */
export function claimsOfGroups(groups: readonly Group[], context: ClaimContext): Classified {
  return classifyAll(groups, groupValues, context);
}

const claimedTwice = (address: string, claims: readonly Claim[]): Finding => ({
  code: 'alias-claimed-twice',
  subject: address,
  message: `claimed by ${[...new Set(claims.map((claim) => claim.claimantDn))].sort().join(' and ')}: nobody gets it until one gives it up`,
});

const primaryDiffers = (owner: Person | Group, address: string): Finding => ({
  code: 'primary-differs',
  subject: address,
  message: `${owner.dn}: the directory calls it the primary address (SMTP:), but ${'entry' in owner ? 'the list' : 'the mailbox'} is ${owner.address}; it becomes an alias`,
});

export type Settled = Pick<DesiredState, 'aliases' | 'contested' | 'findings'> & {
  /** The addresses that each group got, by directory id. */
  readonly ofGroups: ReadonlyMap<string, readonly string[]>;
};

/** Rules 6 to 8, and 9 and 11, over all claims at once. */
export function settleClaims(claims: readonly Claim[], input: DeriveInput): Settled {
  const aliases = new Map<string, DesiredAlias>();
  const contested = new Set<string>();
  const findings: Finding[] = [];
  const ofGroups = new Map<string, string[]>();
  for (const [address, rivals] of groupBy(claims, (claim) => claim.address)) {
    if (new Set(rivals.map((claim) => claim.claimantId)).size > 1) {
      contested.add(address);
      findings.push(claimedTwice(address, rivals));
      continue;
    }
    const { person, group } = rivals[0] ?? {};
    const owner = person ?? group;
    if (owner === undefined) continue;
    if (person !== undefined) aliases.set(address, aliasOf(person, address, input));
    else ofGroups.set(owner.id, [...(ofGroups.get(owner.id) ?? []), address]);
    if (rivals.some((claim) => claim.value.primary)) findings.push(primaryDiffers(owner, address));
  }
  return { aliases, contested, findings, ofGroups };
}

/** An alias that leads to one person, working as the mailbox does. */
export function aliasOf(person: Omit<Person, 'aliases'>, address: string, input: DeriveInput): DesiredAlias {
  const active = person.enabled || input.inactiveReceives;
  return { address, directoryId: person.id, goto: [person.address], active };
}

/** What groups ask for that become no lists: nobody else gets it. */
export function claimsOfHomeless(groups: readonly Group[], context: ClaimContext): readonly Claim[] {
  return claimsOfGroups(groups, context).claims.map(({ group: _group, ...claim }) => claim);
}

/** What a person with a mailbox asks for is asked for also while the entry is not understood. */
const askedFor = (entry: DirectoryEntry | undefined, id: string, input: DeriveInput): readonly string[] =>
  entry === undefined || input.holdings.get(id)?.mailbox === undefined
    ? []
    : aliasValuesOf(entry, input.mapping.aliases)
        .map(({ address }) => address)
        .filter((address) => address !== undefined);

/** Entries that are not understood keep the aliases they hold: others may not claim them. */
export function claimsOfFrozen(frozen: ReadonlySet<string>, input: DeriveInput): readonly Claim[] {
  const entries = new Map([...input.people, ...input.groups].map((entry) => [entry.id, entry]));
  return [...frozen].flatMap((id) => {
    const entry = entries.get(id);
    const held = input.holdings.get(id)?.aliases ?? [];
    return [...new Set([...held, ...askedFor(entry, id, input)])].map((address) => ({
      value: { text: address, address, primary: false },
      address,
      claimantId: id,
      claimantDn: entry?.dn ?? id,
    }));
  });
}

/** Alias claims of people and groups on addresses that are mailboxes. */
export function deniedClaims(
  people: readonly Person[],
  groups: readonly Group[],
  mailboxes: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const denied = new Map<string, Set<string>>();
  const add = (id: string, values: readonly AliasValue[]): void => {
    for (const { address } of values) {
      if (address === undefined || !mailboxes.has(address)) continue;
      const ids = denied.get(address);
      if (ids === undefined) denied.set(address, new Set([id]));
      else ids.add(id);
    }
  };
  for (const person of people) add(person.id, withoutOwn(person));
  for (const group of groups) add(group.id, groupValues(group));
  return denied;
}
