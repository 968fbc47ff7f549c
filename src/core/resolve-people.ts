/** Who has an address of its own, and who does not (RULES.md 1 to 3). */
import { domainOf } from './address.ts';
import type { DeriveInput } from './desired-types.ts';
import type { DirectoryEntry, Finding } from './model.ts';
import { attributeFindings, parseEntryAddress, readPerson, type Person } from './person.ts';

export type Resolved = {
  readonly people: readonly Person[];
  readonly frozen: ReadonlySet<string>;
  /** Addresses claimed by several people. */
  readonly contested: ReadonlySet<string>;
  /** Addresses in domains that are left alone. */
  readonly outside: readonly string[];
  /** Addresses whose domain mailcow does not have. */
  readonly homeless: readonly string[];
  readonly findings: readonly Finding[];
};

/** The finding about an address in a domain that mailcow does not have. */
export const unknownDomain = (dn: string, address: string): Finding => ({
  code: 'unknown-domain',
  subject: dn,
  message: `${address}: mailcow has no domain ${domainOf(address)}; create it there, or exclude the entry by the filter`,
});

/** The entry was a group, or its id is a group's too: nobody's mail must go the way of a list. */
const leadsOn = (dn: string, mailbox: string): Finding => ({
  code: 'address-taken',
  subject: mailbox,
  message: `wanted as the mailbox of ${dn}, but it is a list: its filter sends on what comes and keeps nothing; delete the filter, or the mailbox, in mailcow`,
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

/** Items by key, in the order of their first one. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Rules 1 to 3: who has an address of its own, and who does not. */
export function resolvePeople(input: DeriveInput): Resolved {
  const findings: Finding[] = [];
  const frozen = new Set<string>(input.strangers);
  const candidates: Candidate[] = [];
  const homeless: string[] = [];
  const outside: string[] = [];
  for (const entry of input.people) {
    const parsed = parseEntryAddress(entry, input.mapping.mail);
    const { mailbox, leadsOn: isList } = input.holdings.get(entry.id) ?? {};
    if (mailbox !== undefined && isList === true) {
      findings.push(leadsOn(entry.dn, mailbox));
      frozen.add(entry.id);
    } else if (parsed.kind === 'unresolved') {
      findings.push(parsed.finding);
      frozen.add(entry.id);
    } else if (!input.domains.has(domainOf(parsed.address))) {
      findings.push(unknownDomain(entry.dn, parsed.address));
      homeless.push(parsed.address);
      frozen.add(entry.id);
    } else if (input.skippedDomains?.has(domainOf(parsed.address)) === true) {
      outside.push(parsed.address);
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
  return { people, frozen, contested, homeless, outside, findings };
}
