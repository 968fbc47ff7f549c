/** Mail domains of the directory: made where mailcow lacks them, and kept large enough where they are ours. */
import { domainOf } from './address.ts';
import { changeId, stages, type Change, type Fields } from './change.ts';
import { DOMAIN_ID, isOurDomain, type DomainSettings } from './domain-settings.ts';
import type { Domain } from './model.ts';
import type { Notes, PlanInput } from './plan-context.ts';

/** mailcow's own default for a domain, in MiB. */
const LEAST_MIB = 10_240;

/** So that not every new mailbox makes an edit of its domain necessary. */
const withRoom = (mib: number): number => Math.ceil(mib * 1.25);

type Need = { readonly sumMiB: number; readonly largestMiB: number };

/** What the mailboxes of each domain sum up to. */
function needsOf(input: PlanInput, { defaultMailboxQuotaMiB }: DomainSettings): ReadonlyMap<string, Need> {
  const needs = new Map<string, Need>();
  for (const { address, quotaMiB } of input.desired.mailboxes.values()) {
    const domain = domainOf(address);
    const mib = quotaMiB ?? input.settings.newQuotaMiB ?? defaultMailboxQuotaMiB;
    const { sumMiB, largestMiB } = needs.get(domain) ?? { sumMiB: 0, largestMiB: 0 };
    needs.set(domain, { sumMiB: sumMiB + mib, largestMiB: Math.max(largestMiB, mib) });
  }
  return needs;
}

const NOTHING: Need = { sumMiB: 0, largestMiB: 0 };

function newFields(need: Need, settings: DomainSettings): Required<DomainFields> {
  const quotaMiB = settings.quotaMiB ?? Math.max(LEAST_MIB, withRoom(need.sumMiB));
  return {
    maxMailboxes: settings.mailboxes,
    maxAliases: settings.aliases,
    quotaMiB,
    maxMailboxQuotaMiB: settings.quotaMiB ?? Math.max(LEAST_MIB, need.largestMiB),
    defaultQuotaMiB: settings.defaultMailboxQuotaMiB,
    gal: settings.gal,
  };
}

type DomainFields = Pick<
  Fields,
  'maxMailboxes' | 'maxAliases' | 'quotaMiB' | 'maxMailboxQuotaMiB' | 'defaultQuotaMiB' | 'gal'
>;

/** What is configured counts, but never less than what is in use: mailcow would refuse it. */
function wantedFields(domain: Domain, need: Need, settings: DomainSettings): Required<DomainFields> {
  const used = Math.max(domain.quotaUsedMiB, need.sumMiB);
  const grown = used > domain.quotaMiB ? withRoom(used) : domain.quotaMiB;
  return {
    maxMailboxes: Math.max(settings.mailboxes, domain.mailboxes),
    maxAliases: Math.max(settings.aliases, domain.aliases),
    quotaMiB: settings.quotaMiB === undefined ? grown : Math.max(settings.quotaMiB, domain.quotaUsedMiB),
    maxMailboxQuotaMiB: settings.quotaMiB ?? Math.max(domain.maxMailboxQuotaMiB, need.largestMiB),
    defaultQuotaMiB: settings.defaultMailboxQuotaMiB,
    gal: settings.gal,
  };
}

const domainChange = (
  kind: 'create' | 'update',
  key: string,
  what: Pick<Change, 'before' | 'after' | 'reason'>,
): Change => ({
  ...what,
  kind,
  resource: 'domain',
  key,
  directoryId: DOMAIN_ID,
  needs: [],
  stage: stages.domain,
});

function planCreate(name: string, need: Need, { settings, notes }: DomainContext): void {
  const after = newFields(need, settings);
  const change = domainChange('create', name, {
    before: {},
    after,
    reason: 'people or lists of the directory have it',
  });
  notes.changes.push(change);
  notes.comingDomains.set(name, changeId(change));
  notes.room.set(name, {
    mailboxes: after.maxMailboxes,
    aliases: after.maxAliases,
    quotaMiB: after.quotaMiB,
    maxMailboxMiB: after.maxMailboxQuotaMiB,
  });
}

function planUpdate(domain: Domain, need: Need, { settings, notes }: DomainContext): void {
  const wanted = wantedFields(domain, need, settings);
  const names = (Object.keys(wanted) as (keyof DomainFields)[]).filter(
    (name) => wanted[name] !== domain[name],
  );
  if (names.length === 0) return;
  const pick = (from: Required<DomainFields>): Fields =>
    Object.fromEntries(names.map((name) => [name, from[name]]));
  notes.changes.push(
    domainChange('update', domain.name, {
      before: pick(domain),
      after: pick(wanted),
      reason: `${names.join(', ')} differ from the settings or do not suffice`,
    }),
  );
  notes.room.set(domain.name, {
    mailboxes: wanted.maxMailboxes - domain.mailboxes,
    aliases: wanted.maxAliases - domain.aliases,
    quotaMiB: wanted.quotaMiB - domain.quotaUsedMiB,
    maxMailboxMiB: wanted.maxMailboxQuotaMiB,
  });
}

type DomainContext = { readonly settings: DomainSettings; readonly notes: Notes };

/** SOGo is restarted once, with the last of them. */
function restartAtEnd(changes: Notes['changes']): void {
  const last = changes.findLastIndex(({ resource, kind }) => resource === 'domain' && kind === 'create');
  const change = changes[last];
  if (change !== undefined) changes[last] = { ...change, restart: true };
}

/** Before everything else: what mailboxes and aliases are planned into must be there, and have room. */
export function planDomains(input: PlanInput, notes: Notes): void {
  const { domains: settings, owner } = input.settings;
  if (settings === undefined) return;
  const needs = needsOf(input, settings);
  for (const name of [...input.desired.domains].sort()) {
    const need = needs.get(name) ?? NOTHING;
    const existing = input.current.domains.get(name);
    if (existing === undefined) planCreate(name, need, { settings, notes });
    else if (isOurDomain(existing, owner)) planUpdate(existing, need, { settings, notes });
  }
  restartAtEnd(notes.changes);
}
