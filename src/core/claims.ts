/** Who claims which address as an alias, and who gets it (RULES.md 5 to 7). */
import { domainOf } from './address.ts';
import type { DeriveInput, DesiredAlias, DesiredState } from './desired-types.ts';
import type { Mapping } from './mapping.ts';
import type { DirectoryEntry, Finding } from './model.ts';
import { aliasValuesOf, parseEntryAddress, type AliasValue, type Person } from './person.ts';
import { groupBy, type Resolved } from './resolve-people.ts';

export type Claim = {
  readonly value: AliasValue;
  readonly address: string;
  readonly claimantId: string;
  readonly claimantDn: string;
  /** Undefined for a group: it contests an address, its list is another matter. */
  readonly person: Person | undefined;
};

type Classified = { readonly claims: readonly Claim[]; readonly findings: readonly Finding[] };

const isClaim = (item: Claim | Finding): item is Claim => 'claimantId' in item;

export type ClaimContext = {
  readonly mailboxes: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
};

/** Rule 6 for one value: a claim, a finding, or nothing (the person's own mailbox). */
function classify(person: Person, value: AliasValue, context: ClaimContext): Claim | Finding | undefined {
  const { address, text } = value;
  const subject = address ?? text;
  if (address === undefined) {
    const message = `${person.dn}: not an address that mailcow takes: correct or remove it`;
    return { code: 'invalid-alias', subject, message };
  }
  if (address === person.address) return undefined;
  if (!context.domains.has(domainOf(address))) {
    const message = `${person.dn}: mailcow has no domain ${domainOf(address)}`;
    return { code: 'alias-unknown-domain', subject, message };
  }
  if (context.mailboxes.has(address)) {
    const message = `${person.dn} asks for it as an alias, but it is a mailbox of somebody else`;
    return { code: 'alias-is-mailbox', subject, message };
  }
  return { value, address, claimantId: person.id, claimantDn: person.dn, person };
}

/** The aliases that people ask for. */
export function claimsOfPeople(people: readonly Person[], context: ClaimContext): Classified {
  const claims: Claim[] = [];
  const findings: Finding[] = [];
  for (const person of people) {
    for (const value of person.aliases) {
      const item = classify(person, value, context);
      if (item === undefined) continue;
      if (isClaim(item)) claims.push(item);
      else findings.push(item);
    }
  }
  return { claims, findings };
}

/** The addresses that a group asks for: its own and its further ones; none when it has no understandable one. */
function groupValues(entry: DirectoryEntry, mapping: Mapping): readonly AliasValue[] {
  const own = parseEntryAddress(entry, mapping.mail);
  if (own.kind === 'unresolved') return [];
  const { address } = own;
  return [{ text: address, address, primary: false }, ...aliasValuesOf(entry, mapping.aliases)];
}

/** A group claims its `mail` and its further addresses; until lists are made that only contests them. */
export function claimsOfGroups(input: DeriveInput, context: ClaimContext): readonly Claim[] {
  return input.groups.flatMap((entry) => {
    return groupValues(entry, input.mapping).flatMap((value): readonly Claim[] => {
      const { address } = value;
      if (address === undefined || !context.domains.has(domainOf(address))) return [];
      if (context.mailboxes.has(address)) return [];
      return [{ value, address, claimantId: entry.id, claimantDn: entry.dn, person: undefined }];
    });
  });
}

const claimedTwice = (address: string, claims: readonly Claim[]): Finding => ({
  code: 'alias-claimed-twice',
  subject: address,
  message: `claimed by ${[...new Set(claims.map((claim) => claim.claimantDn))].sort().join(' and ')}: nobody gets it until one gives it up`,
});

const primaryDiffers = (person: Person, address: string): Finding => ({
  code: 'primary-differs',
  subject: address,
  message: `${person.dn}: the directory calls it the primary address (SMTP:), but the mailbox is ${person.address}; it becomes an alias`,
});

type AliasesOfPeople = Pick<DesiredState, 'aliases' | 'contested' | 'findings'>;

/** Rules 6 to 8 over all claims at once. */
export function settleClaims(claims: readonly Claim[], input: DeriveInput): AliasesOfPeople {
  const aliases = new Map<string, DesiredAlias>();
  const contested = new Set<string>();
  const findings: Finding[] = [];
  for (const [address, rivals] of groupBy(claims, (claim) => claim.address)) {
    if (new Set(rivals.map((claim) => claim.claimantId)).size > 1) {
      contested.add(address);
      // What only groups contest is reported with the lists (part C).
      if (rivals.some((claim) => claim.person !== undefined)) findings.push(claimedTwice(address, rivals));
      continue;
    }
    const person = rivals[0]?.person;
    if (person === undefined) continue;
    aliases.set(address, aliasOf(person, address, input));
    if (rivals.some((claim) => claim.value.primary)) findings.push(primaryDiffers(person, address));
  }
  return { aliases, contested, findings };
}

/** An alias that leads to one person, working as the mailbox does. */
export function aliasOf(person: Person, address: string, input: DeriveInput): DesiredAlias {
  const active = person.enabled || input.inactiveReceives;
  return { address, directoryId: person.id, goto: [person.address], active };
}

/** Frozen entries keep the aliases they hold: others may not claim them. */
export function claimsOfFrozen(resolved: Resolved, input: DeriveInput): readonly Claim[] {
  const byId = new Map(input.people.map((entry) => [entry.id, entry.dn]));
  return [...resolved.frozen].flatMap((id) =>
    (input.holdings.get(id)?.aliases ?? []).map((address) => ({
      value: { text: address, address, primary: false },
      address,
      claimantId: id,
      claimantDn: byId.get(id) ?? id,
      person: undefined,
    })),
  );
}

/** Alias claims of people and groups on addresses that are mailboxes. */
export function deniedClaims(
  people: readonly Person[],
  { groups, mapping }: DeriveInput,
  mailboxes: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const denied = new Map<string, Set<string>>();
  const add = (id: string, values: readonly AliasValue[], own?: string): void => {
    for (const { address } of values) {
      if (address === undefined || address === own || !mailboxes.has(address)) continue;
      const ids = denied.get(address);
      if (ids === undefined) denied.set(address, new Set([id]));
      else ids.add(id);
    }
  };
  for (const person of people) add(person.id, person.aliases, person.address);
  for (const group of groups) add(group.id, groupValues(group, mapping));
  return denied;
}
