/** Whether what the directory asks for fits into mailcow's domains: which exist, and how much room they have. */
import { domainOf } from '../core/address.ts';
import type { DesiredMailbox, DesiredState } from '../core/desired-types.ts';
import type { Domain, Mailbox } from '../core/model.ts';
import type { MailcowLists } from '../app.ts';
import type { MailDomain } from './check-people.ts';
import { counted } from './check-report.ts';

export type DomainsInput = {
  readonly lists: MailcowLists;
  /** The mail domains of people. */
  readonly wanted: readonly MailDomain[];
  /** The domains that a sync makes where mailcow lacks them. */
  readonly made: ReadonlySet<string>;
  readonly desired: DesiredState;
  readonly syncMailboxes: boolean;
  readonly syncAliases: boolean;
  /** MiB for new mailboxes whose entry gives none. */
  readonly newQuotaMiB: number | undefined;
};

export type DomainsReport = { readonly lines: readonly string[]; readonly problems: readonly string[] };

type Need = {
  readonly mailboxes: number;
  readonly quotaMiB: number;
  readonly aliases: number;
  /** Mailboxes whose quota is more than the domain allows one of them. */
  readonly tooLarge: readonly string[];
};

const where = 'in mailcow (E-Mail → Configuration → Domains)';

type DomainNeed = {
  readonly domain: Domain;
  readonly input: DomainsInput;
  /** Mailboxes of mailcow by address. */
  readonly existing: ReadonlyMap<string, Mailbox>;
  /** Addresses of mailcow's aliases. */
  readonly present: ReadonlySet<string>;
};

const quotaFor = (person: DesiredMailbox, { domain, input }: DomainNeed): number =>
  person.quotaMiB ?? input.newQuotaMiB ?? domain.defaultQuotaMiB;

/** MiB that a mailbox takes from its domain beyond what it has; an existing one without a quota stays. */
function moreQuota(person: DesiredMailbox, existing: Mailbox | undefined, context: DomainNeed): number {
  if (existing === undefined) return quotaFor(person, context);
  return person.quotaMiB === undefined ? 0 : person.quotaMiB - existing.quotaMiB;
}

function needOf(context: DomainNeed): Need {
  const { domain, input, existing, present } = context;
  const isHere = (address: string): boolean => domainOf(address) === domain.name;
  const people = input.syncMailboxes
    ? [...input.desired.mailboxes.values()].filter((person) => isHere(person.address))
    : [];
  const aliases = input.syncAliases
    ? [...input.desired.aliases.keys()].filter((address) => isHere(address) && !present.has(address))
    : [];
  const wants = people.map((person) => ({ person, mailbox: existing.get(person.address) }));
  return {
    mailboxes: wants.filter(({ mailbox }) => mailbox === undefined).length,
    quotaMiB: wants.reduce((sum, { person, mailbox }) => sum + moreQuota(person, mailbox, context), 0),
    aliases: aliases.length,
    tooLarge: wants
      .filter(({ mailbox, person }) => mailbox === undefined || person.quotaMiB !== undefined)
      .filter(({ person }) => quotaFor(person, context) > domain.maxMailboxQuotaMiB)
      .map(({ person }) => person.address),
  };
}

const domainLine = ({ domain }: DomainNeed, need: Need): string =>
  [
    `${domain.name}: mailboxes ${domain.mailboxes} of ${domain.maxMailboxes}, ${need.mailboxes} more needed`,
    `quota ${domain.quotaUsedMiB} of ${domain.quotaMiB} MiB, ${need.quotaMiB} MiB more needed`,
    `aliases ${domain.aliases} of ${domain.maxAliases}, ${need.aliases} more needed`,
  ].join('; ');

function roomProblems({ domain }: DomainNeed, need: Need): readonly string[] {
  const { name } = domain;
  const [largest] = need.tooLarge;
  return [
    need.mailboxes > domain.maxMailboxes - domain.mailboxes &&
      `${name} has room for ${domain.maxMailboxes - domain.mailboxes} more mailboxes, ${need.mailboxes} are needed: raise its number of mailboxes to ${domain.mailboxes + need.mailboxes} ${where}`,
    need.quotaMiB > domain.quotaMiB - domain.quotaUsedMiB &&
      `${name} has ${domain.quotaMiB - domain.quotaUsedMiB} MiB left, ${need.quotaMiB} MiB are needed: raise its quota to ${domain.quotaUsedMiB + need.quotaMiB} MiB ${where}, or lower LDAP_MAILCOW_API_QUOTA`,
    largest !== undefined &&
      `${name} allows ${domain.maxMailboxQuotaMiB} MiB a mailbox, ${counted(need.tooLarge.length, 'person needs', 'people need')} more (${largest}): raise its maximum quota per mailbox ${where}, or lower the quota`,
    need.aliases > domain.maxAliases - domain.aliases &&
      `${name} has room for ${domain.maxAliases - domain.aliases} more aliases, ${need.aliases} are needed: raise its number of aliases to ${domain.aliases + need.aliases} ${where}`,
    domain.active !== 1 && `${name} is deactivated: activate it ${where}`,
  ].filter((sentence) => sentence !== false);
}

const missingProblem = ({ name, people }: MailDomain): string =>
  `mailcow has no domain ${name} (${counted(people.length, 'person', 'people')}, ${people[0]?.address ?? ''}): create it ${where}, or exclude these entries by LDAP_MAILCOW_LDAP_FILTER`;

const madeLine = (name: string): string => `${name}: not there yet; the first sync makes it`;

/** Existence and room of every mail domain that the directory mentions. */
export function judgeDomains(input: DomainsInput): DomainsReport {
  const known = new Map(input.lists.domains.map((domain) => [domain.name, domain]));
  const aliasDomains = [...input.desired.aliases.keys()].map(domainOf);
  const names = [...new Set([...input.wanted.map(({ name }) => name), ...aliasDomains])].sort();
  const existing = new Map(input.lists.mailboxes.map((mailbox) => [mailbox.address, mailbox]));
  const present = new Set(input.lists.aliases.map((alias) => alias.address));
  const needs = names
    .map((name) => known.get(name))
    .filter((domain) => domain !== undefined)
    .map((domain) => ({ domain, input, existing, present }))
    .map((context) => ({ context, need: needOf(context) }));
  const isMissing = (name: string): boolean => !known.has(name);
  return {
    lines: [
      ...needs.map(({ context, need }) => domainLine(context, need)),
      ...[...input.made].filter(isMissing).sort().map(madeLine),
    ],
    problems: [
      ...input.wanted.filter(({ name }) => isMissing(name) && !input.made.has(name)).map(missingProblem),
      ...needs.flatMap(({ context, need }) => roomProblems(context, need)),
    ],
  };
}
