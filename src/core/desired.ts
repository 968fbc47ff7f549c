/** What mailcow should hold, derived from the directory alone (RULES.md). */
import { domainOf } from './address.ts';
import {
  aliasOf,
  claimsOfFrozen,
  claimsOfGroups,
  claimsOfHomeless,
  claimsOfPeople,
  deniedClaims,
  settleClaims,
  type Settled,
} from './claims.ts';
import type { DeriveInput, DesiredAlias, DesiredMailbox, DesiredState } from './desired-types.ts';
import { listsOf, type MadeLists } from './lists.ts';
import { openMembership } from './membership.ts';
import type { Finding } from './model.ts';
import type { Person } from './person.ts';
import { resolveGroups, type Group } from './resolve-groups.ts';
import { resolvePeople, type Resolved } from './resolve-people.ts';

/** Addresses that no alias may take: mailboxes that are, stay, or that several entries quarrel about. */
function mailboxAddresses(
  resolved: Resolved,
  frozenGroups: ReadonlySet<string>,
  input: DeriveInput,
): ReadonlySet<string> {
  const kept = [...resolved.frozen, ...frozenGroups].map((id) => input.holdings.get(id)?.mailbox);
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
  people: readonly DesiredMailbox[],
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

/** Of addresses without a home and of the further ones of who has one. */
function unknownDomainsOf(
  homeless: readonly string[],
  owners: readonly (Person | Group)[],
  input: DeriveInput,
): ReadonlySet<string> {
  const further = owners.flatMap(({ aliases }) => aliases.map(({ address }) => address));
  const domains = [...homeless, ...further]
    .filter((address) => address !== undefined)
    .map((address) => domainOf(address));
  return new Set(domains.filter((domain) => !input.domains.has(domain)));
}

const partialIds = ({ people, groups, mapping }: DeriveInput): ReadonlySet<string> =>
  new Set(
    [...people, ...groups]
      .filter(({ partial }) => partial?.some((name) => mapping.aliases.includes(name)) === true)
      .map(({ id }) => id),
  );

const withoutAliases = ({ aliases: _aliases, ...mailbox }: Person): DesiredMailbox => mailbox;

/** What each group's addresses become. */
function listsOfGroups(
  groups: readonly Group[],
  settled: Settled,
  context: Omit<Parameters<typeof listsOf>[2], 'membership'>,
): MadeLists {
  const membership = openMembership(context.input);
  const made = groups.map((group) =>
    listsOf(group, settled.ofGroups.get(group.id) ?? [], { ...context, membership }),
  );
  return {
    lists: made.flatMap((one) => one.lists),
    mailboxes: made.flatMap((one) => one.mailboxes),
    aliases: made.flatMap((one) => one.aliases),
    findings: made.flatMap((one) => one.findings),
  };
}

/** The desired state: same input, same result, in the order of the input. */
export function deriveDesired(input: DeriveInput): DesiredState {
  const resolved = resolvePeople(input);
  const { groups, ...ofGroups } = resolveGroups(input);
  const people = withMailboxOnly(resolved.people, input);
  const mailboxes = mailboxAddresses(resolved, ofGroups.frozen, input);
  const context = { mailboxes, domains: input.domains };
  const peopleClaims = claimsOfPeople(people, context);
  const groupClaims = claimsOfGroups(groups, context);
  const notUnderstood = new Set([...resolved.frozen, ...ofGroups.frozen]);
  const rivals = [
    ...groupClaims.claims,
    ...claimsOfHomeless(ofGroups.homeless, context),
    ...claimsOfFrozen(notUnderstood, input),
  ];
  const settled = settleClaims([...peopleClaims.claims, ...rivals], input);
  const byId = new Map(people.map((person) => [person.id, person]));
  const made = listsOfGroups(groups, settled, { input, people: byId, frozen: notUnderstood });
  const owners = [...people.map(withoutAliases), ...made.mailboxes];
  const aliases = new Map(settled.aliases);
  for (const alias of made.aliases) aliases.set(alias.address, alias);
  const taken = new Set([...mailboxes, ...rivals.map((claim) => claim.address)]);
  for (const address of settled.contested) taken.add(address);
  keepFormerAddresses(aliases, owners, { input, taken });
  return {
    mailboxes: new Map(owners.map((owner) => [owner.id, owner])),
    aliases,
    lists: new Map(made.lists.map((list) => [list.address, list])),
    // Aliases only: who has no mailbox in mailcow now keeps the aliases it has.
    frozen: new Set([...notUnderstood, ...withoutMailbox(resolved.people, input)]),
    unlisted: ofGroups.unlisted,
    partial: partialIds(input),
    contestedMailboxes: resolved.contested,
    contested: new Set([...resolved.contested, ...settled.contested]),
    deniedClaims: deniedClaims(people, groups, mailboxes),
    domains: input.managedDomains ?? new Set(),
    outside: resolved.outside,
    unknownDomains: unknownDomainsOf(
      [...resolved.homeless, ...ofGroups.homeless.map(({ address }) => address)],
      [...people, ...groups],
      input,
    ),
    findings: [
      ...resolved.findings,
      ...ofGroups.findings,
      ...noMailboxFindings(resolved.people, input),
      ...peopleClaims.findings,
      ...groupClaims.findings,
      ...settled.findings,
      ...made.findings,
    ],
  };
}
