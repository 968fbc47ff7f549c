/** What mailcow should hold, derived from the directory alone (RULES.md 1 to 8; the group rules are part C). */
import { domainOf } from './address.ts';
import {
  aliasOf,
  claimsOfFrozen,
  claimsOfGroups,
  claimsOfPeople,
  deniedClaims,
  settleClaims,
} from './claims.ts';
import type { DeriveInput, DesiredAlias, DesiredMailbox, DesiredState } from './desired-types.ts';
import type { Finding } from './model.ts';
import type { Person } from './person.ts';
import { resolvePeople, type Resolved } from './resolve-people.ts';

/** Addresses that no alias may take: mailboxes that are, stay, or that several entries quarrel about. */
function mailboxAddresses(resolved: Resolved, input: DeriveInput): ReadonlySet<string> {
  const kept = [...resolved.frozen].map((id) => input.holdings.get(id)?.mailbox);
  return new Set([
    ...resolved.people.map((person) => person.address),
    ...kept.filter((address) => address !== undefined),
    ...resolved.contested,
  ]);
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
  const taken = new Set([...mailboxes, ...rivals.map((claim) => claim.address)]);
  for (const address of settled.contested) taken.add(address);
  keepFormerAddresses(aliases, people, { input, taken });
  return {
    mailboxes: new Map(people.map((person) => [person.id, withoutAliases(person)])),
    aliases,
    frozen,
    partial: partialIds(input),
    contestedMailboxes: resolved.contested,
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
