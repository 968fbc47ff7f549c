/** What mailcow should hold, derived from the directory alone (RULES.md 1 to 8; the group rules are part C). */
import { domainOf } from './address.ts';
import type { Mapping } from './mapping.ts';
import type { DirectoryEntry, Finding } from './model.ts';
import {
  aliasValuesOf,
  attributeFindings,
  parseEntryAddress,
  readPerson,
  type AliasValue,
  type Person,
} from './person.ts';

export type DesiredMailbox = Omit<Person, 'aliases'>;

export type DesiredAlias = {
  readonly address: string;
  readonly directoryId: string;
  /** Sorted, each once. */
  readonly goto: readonly string[];
  readonly active: boolean;
};

/** What an id holds already, from the ledger: what an entry that cannot be understood keeps. */
export type Holding = {
  readonly mailbox: string | undefined;
  readonly aliases: readonly string[];
  /** Former addresses that a rename left behind: kept while nobody else claims them. */
  readonly formerAddresses: readonly string[];
};

export type DesiredState = {
  /** By directory id. */
  readonly mailboxes: ReadonlyMap<string, DesiredMailbox>;
  /** By address. */
  readonly aliases: ReadonlyMap<string, DesiredAlias>;
  /** Ids whose objects are left alone: unresolved entries and those with a contested address. */
  readonly frozen: ReadonlySet<string>;
  /** Ids with an address attribute that could not be read to its end: they give nothing up. */
  readonly partial: ReadonlySet<string>;
  /** Addresses that more than one entry claims: whatever is there stays as it is. */
  readonly contested: ReadonlySet<string>;
  /** Ids that claim an address as an alias which is somebody's mailbox in the directory. */
  readonly deniedClaims: ReadonlyMap<string, ReadonlySet<string>>;
  /** Mail domains that entries name and mailcow does not have. */
  readonly unknownDomains: ReadonlySet<string>;
  readonly findings: readonly Finding[];
};

export type DeriveInput = {
  /** Present entries and those in grace. */
  readonly people: readonly DirectoryEntry[];
  readonly groups: readonly DirectoryEntry[];
  readonly mapping: Mapping;
  readonly domains: ReadonlySet<string>;
  readonly holdings: ReadonlyMap<string, Holding>;
  /** Aliases-only operation: who gets aliases is who has a mailbox in mailcow. */
  readonly hasMailbox?: (address: string) => boolean;
  /** Ids known only by the marks they left in mailcow: what they hold stays as it is. */
  readonly strangers?: ReadonlySet<string>;
  /** Ids that keep their claims although this reading did not see them. */
  readonly absent?: ReadonlySet<string>;
  /** With `active` 2 a deactivated mailbox still receives, and so do its aliases. */
  readonly inactiveReceives: boolean;
};

type Resolved = {
  readonly people: readonly Person[];
  readonly frozen: ReadonlySet<string>;
  /** Addresses claimed by several people. */
  readonly contested: ReadonlySet<string>;
  /** Addresses whose domain mailcow does not have. */
  readonly homeless: readonly string[];
  readonly findings: readonly Finding[];
};

const unknownDomain = (dn: string, address: string): Finding => ({
  code: 'unknown-domain',
  subject: dn,
  message: `${address}: mailcow has no domain ${domainOf(address)}; create it there, or exclude the entry by the filter`,
});

type Candidate = { readonly entry: DirectoryEntry; readonly address: string };

const duplicateFinding = (address: string, claimants: readonly Candidate[]): Finding => ({
  code: 'duplicate-address',
  subject: address,
  message: `claimed by ${claimants
    .map((claimant) => claimant.entry.dn)
    .sort()
    .join(' and ')}: nothing is created or changed for them until one gives it up`,
});

/** Exactly one claimant is there, the others are missing: nobody's mail is handed on by itself (DESIGN.md 4.6). */
const formerOwnerFinding = (address: string, claimants: readonly Candidate[]): Finding => ({
  code: 'address-has-former-owner',
  subject: address,
  message: `claimed by ${claimants
    .map((claimant) => claimant.entry.dn)
    .sort()
    .join(
      ' and ',
    )}, of which only one is in the directory now: the newcomer does not get the other's mail by itself`,
});

function contestedFinding(
  address: string,
  claimants: readonly Candidate[],
  { absent, holdings }: DeriveInput,
): Finding {
  const missing = claimants.filter((claimant) => absent?.has(claimant.entry.id) === true);
  const hadIt = missing.some((claimant) => holdings.get(claimant.entry.id)?.mailbox === address);
  const onePresent = claimants.length - missing.length === 1;
  return hadIt && onePresent ? formerOwnerFinding(address, claimants) : duplicateFinding(address, claimants);
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Rules 1 to 3: who has an address of its own, and who does not. */
function resolvePeople(input: DeriveInput): Resolved {
  const findings: Finding[] = [];
  const frozen = new Set<string>(input.strangers);
  const candidates: Candidate[] = [];
  const homeless: string[] = [];
  for (const entry of input.people) {
    const parsed = parseEntryAddress(entry, input.mapping.mail);
    if (parsed.kind === 'unresolved') {
      findings.push(parsed.finding);
      frozen.add(entry.id);
    } else if (!input.domains.has(domainOf(parsed.address))) {
      findings.push(unknownDomain(entry.dn, parsed.address));
      homeless.push(parsed.address);
      frozen.add(entry.id);
    } else candidates.push({ entry, address: parsed.address });
  }
  const contested = new Set<string>();
  const people: Person[] = [];
  for (const [address, claimants] of groupBy(candidates, (candidate) => candidate.address)) {
    const [first, second] = claimants;
    if (first !== undefined && second === undefined) {
      people.push(readPerson(first.entry, input.mapping, address));
      findings.push(...attributeFindings(first.entry, input.mapping));
      continue;
    }
    contested.add(address);
    findings.push(contestedFinding(address, claimants, input));
    for (const claimant of claimants) frozen.add(claimant.entry.id);
  }
  return { people, frozen, contested, homeless, findings };
}

type Claim = {
  readonly value: AliasValue;
  readonly address: string;
  readonly claimantId: string;
  readonly claimantDn: string;
  /** Undefined for a group: it contests an address, its list is another matter. */
  readonly person: Person | undefined;
};

/** Addresses that no alias may take: mailboxes that are or stay. */
function mailboxAddresses(resolved: Resolved, input: DeriveInput): ReadonlySet<string> {
  const kept = [...resolved.frozen].map((id) => input.holdings.get(id)?.mailbox);
  return new Set([
    ...resolved.people.map((person) => person.address),
    ...kept.filter((address) => address !== undefined),
  ]);
}

type Classified = { readonly claims: readonly Claim[]; readonly findings: readonly Finding[] };

const isClaim = (item: Claim | Finding): item is Claim => 'claimantId' in item;

type ClaimContext = {
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

function claimsOfPeople(people: readonly Person[], context: ClaimContext): Classified {
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
function claimsOfGroups(input: DeriveInput, context: ClaimContext): readonly Claim[] {
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
function settleClaims(claims: readonly Claim[], input: DeriveInput): AliasesOfPeople {
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

const aliasOf = (person: Person, address: string, input: DeriveInput): DesiredAlias => ({
  address,
  directoryId: person.id,
  goto: [person.address],
  active: person.enabled || input.inactiveReceives,
});

/** Frozen entries keep the aliases they hold: others may not claim them. */
function claimsOfFrozen(resolved: Resolved, input: DeriveInput): readonly Claim[] {
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

/**
 * The old address of a renamed mailbox stays an alias of the new one for as long as nobody else claims it:
 * the weakest of claims.
 */
function keepFormerAddresses(
  aliases: Map<string, DesiredAlias>,
  people: readonly Person[],
  context: { readonly input: DeriveInput; readonly taken: ReadonlySet<string> },
): void {
  for (const person of people) {
    const holding = context.input.holdings.get(person.id);
    if (holding === undefined) continue;
    const leaving = isRename(holding.mailbox, person.address) ? [holding.mailbox] : [];
    for (const address of [...holding.formerAddresses, ...leaving]) {
      if (aliases.has(address) || context.taken.has(address)) continue;
      aliases.set(address, aliasOf(person, address, context.input));
    }
  }
}

const isRename = (from: string | undefined, to: string): from is string =>
  from !== undefined && from !== to && domainOf(from) === domainOf(to);

const withMailboxOnly = (people: readonly Person[], input: DeriveInput): Resolved['people'] => {
  const { hasMailbox } = input;
  return hasMailbox === undefined ? people : people.filter((person) => hasMailbox(person.address));
};

const withoutMailbox = (people: readonly Person[], { hasMailbox }: DeriveInput): readonly string[] =>
  hasMailbox === undefined ? [] : people.filter((person) => !hasMailbox(person.address)).map(({ id }) => id);

const noMailboxFindings = (people: readonly Person[], input: DeriveInput): readonly Finding[] => {
  const { hasMailbox } = input;
  if (hasMailbox === undefined) return [];
  return people
    .filter((person) => person.aliases.length > 0 && !hasMailbox(person.address))
    .map((person) => ({
      code: 'no-mailbox',
      subject: person.address,
      message: `${person.dn} has no mailbox in mailcow, and mailboxes are not synced: its aliases are left out`,
    }));
};

/** Of the addresses of all people and of the aliases of those who have a mailbox. */
function unknownDomainsOf(resolved: Resolved, input: DeriveInput): ReadonlySet<string> {
  const unknown = new Set<string>();
  const add = (address: string | undefined): void => {
    const domain = address === undefined ? undefined : domainOf(address);
    if (domain !== undefined && !input.domains.has(domain)) unknown.add(domain);
  };
  for (const address of resolved.homeless) add(address);
  for (const person of resolved.people) for (const value of person.aliases) add(value.address);
  return unknown;
}

const partialIds = ({ people, groups, mapping }: DeriveInput): ReadonlySet<string> =>
  new Set(
    [...people, ...groups]
      .filter(({ partial }) => partial?.some((name) => mapping.aliases.includes(name)) === true)
      .map(({ id }) => id),
  );

/** Alias claims of people and groups on addresses that are mailboxes. */
function deniedClaims(
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

const withoutAliases = ({ aliases: _aliases, ...mailbox }: Person): DesiredMailbox => mailbox;

/** The desired state: same input, same result, in the order of the input. */
export function deriveDesired(input: DeriveInput): DesiredState {
  const resolved = resolvePeople(input);
  const people = withMailboxOnly(resolved.people, input);
  const mailboxes = mailboxAddresses(resolved, input);
  const context = { mailboxes, domains: input.domains };
  const ofPeople = claimsOfPeople(people, context);
  const rivals = [...claimsOfGroups(input, context), ...claimsOfFrozen(resolved, input)];
  // Aliases only: who has no mailbox in mailcow now keeps the aliases it has.
  const frozen = new Set([...resolved.frozen, ...withoutMailbox(resolved.people, input)]);
  const settled = settleClaims([...ofPeople.claims, ...rivals], input);
  const aliases = new Map(settled.aliases);
  const taken = new Set([...mailboxes, ...resolved.contested, ...rivals.map((claim) => claim.address)]);
  for (const address of settled.contested) taken.add(address);
  keepFormerAddresses(aliases, people, { input, taken });
  return {
    mailboxes: new Map(people.map((person) => [person.id, withoutAliases(person)])),
    aliases,
    frozen,
    partial: partialIds(input),
    contested: new Set([...resolved.contested, ...settled.contested]),
    deniedClaims: deniedClaims(people, input, mailboxes),
    unknownDomains: unknownDomainsOf(resolved, input),
    findings: [
      ...resolved.findings,
      ...noMailboxFindings(resolved.people, input),
      ...ofPeople.findings,
      ...settled.findings,
    ],
  };
}
