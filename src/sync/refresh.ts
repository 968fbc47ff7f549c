/** Brings memory up to date with mailcow: everything (an audit), or just what a plan is about to touch. */
import { domainOf } from '../core/address.ts';
import type { Change } from '../core/change.ts';
import { sameGoto, UNKNOWN_ID } from '../core/current.ts';
import { readListFilter } from '../core/list-filter.ts';
import { isListMailbox } from '../core/list-mailbox.ts';
import { readMailboxJobs, type MailboxJobs } from '../core/migration.ts';
import { recoverFromMarks, type LedgerEntry } from '../core/ledger.ts';
import type { Alias, Mailbox } from '../core/model.ts';
import type { Lookups } from '../core/plan-context.ts';
import type { SyncJob } from '../core/sync-job.ts';
import { isStrayId } from '../core/watch.ts';
import type { Mailcow, MailcowWithJobs, SyncJobs } from '../ports-mailcow.ts';
import { followMarks } from './follow-marks.ts';
import type { Memory } from './memory.ts';

export type AuditResult = {
  /** mailcow's mailboxes have the field `authsource`; undefined: there is none to look at. */
  readonly hasAuthSource?: boolean;
  /** Mailboxes whose deletion stopped half-way; mailcow does not say which. */
  readonly halfDeleted: number;
  /** Objects known to be ours only by their mark. */
  readonly recovered: number;
};

const isOlderMailbox = ({ applied = {} }: LedgerEntry, mailbox: Mailbox): boolean =>
  (applied.address !== undefined && applied.address !== mailbox.address) ||
  // Quotas are often set by hand, which is respected (4.9): they tell nothing.
  (applied.name !== undefined && applied.name !== mailbox.name);

const isOlderAlias = ({ applied = {} }: LedgerEntry, alias: Alias): boolean =>
  applied.goto !== undefined && !sameGoto(applied.goto, alias.goto);

/** Managed objects that are not there, or not as we left them: many of them at once mean a restored backup. */
export function countMissing({ ledger, current }: Memory): number {
  let count = 0;
  for (const row of ledger.mailboxes.values()) {
    const mailbox = current.mailboxes.get(row.key);
    if (mailbox === undefined || isOlderMailbox(row, mailbox)) count += 1;
  }
  for (const row of ledger.aliases.values()) {
    const alias = current.aliases.get(row.key);
    if (alias === undefined || isOlderAlias(row, alias)) count += 1;
  }
  return count;
}

/** One at a time: of all mailboxes at once mailcow would make one query each (facts/mailcow-api.md section 9). */
async function readListFilters(
  mailcow: Mailcow,
  memory: Memory,
  { owner, isGroup }: { readonly owner: string; readonly isGroup: (id: string) => boolean },
): Promise<void> {
  const { mailboxes, filters } = memory.current;
  // Also where the entry is no group any more: who has the mailbox now must not lose mail by its filter.
  const lists = [...memory.ledger.mailboxes.values()]
    .filter(({ key, directoryId }) => {
      const mailbox = mailboxes.get(key);
      return mailbox !== undefined && (isGroup(directoryId) || isListMailbox(mailbox, filters?.get(key)));
    })
    .map(({ key }) => key);
  const isList = new Set(lists);
  for (const address of [...(memory.current.filters?.keys() ?? [])]) {
    if (!isList.has(address)) memory.setFilter(address, undefined);
  }
  for (const address of lists) await refreshFilter(mailcow, memory, { address, owner });
}

/** Reads the filters of one list into memory. */
export async function refreshFilter(
  mailcow: Mailcow,
  memory: Memory,
  { address, owner }: { readonly address: string; readonly owner: string },
): Promise<void> {
  memory.setFilter(address, readListFilter(address, await mailcow.listFilters(address), owner));
}

/** Whether a sync job is one of our migration. */
export type IsOwnJob = (job: SyncJob) => boolean;

/** Reads the sync jobs of one mailbox into memory. */
export async function refreshSyncJobs(
  mailcow: SyncJobs,
  memory: Memory,
  { mailbox, isOwnJob: isOwn }: { readonly mailbox: string; readonly isOwnJob: IsOwnJob },
): Promise<void> {
  const before = memory.current.syncJobs?.get(mailbox);
  const jobs = await mailcow.listSyncJobs(mailbox);
  memory.setSyncJobs(mailbox, readMailboxJobs(mailbox, jobs, { isOwn, before }));
}

/** Reads all sync jobs; of mailboxes that are not there any more nothing is remembered. */
async function readAllSyncJobs(mailcow: SyncJobs, memory: Memory, isOwn: IsOwnJob): Promise<void> {
  const byMailbox = new Map<string, SyncJob[]>();
  for (const job of await mailcow.listSyncJobs()) {
    const known = byMailbox.get(job.mailbox);
    if (known === undefined) byMailbox.set(job.mailbox, [job]);
    else known.push(job);
  }
  const { syncJobs = new Map<string, MailboxJobs>(), mailboxes } = memory.current;
  const names = new Set([...syncJobs.keys(), ...byMailbox.keys()]);
  const all = [...names]
    .filter((name) => mailboxes.has(name))
    .map((name) => readMailboxJobs(name, byMailbox.get(name) ?? [], { isOwn, before: syncJobs.get(name) }));
  memory.replaceSyncJobs(all.filter((jobs) => jobs !== undefined));
}

/** Reads all lists and rebuilds the ledger from the marks where it does not know them. */
export async function audit(
  mailcow: MailcowWithJobs,
  memory: Memory,
  context: {
    readonly owner: string;
    readonly now: Date;
    /** Whether a directory id is a group's: its mailbox is a list. */
    readonly isGroup: (id: string) => boolean;
    /** Undefined: sync jobs are none of our business. */
    readonly isOwnJob: IsOwnJob | undefined;
  },
): Promise<AuditResult> {
  const domains = await mailcow.listDomains();
  const { mailboxes, halfDeleted } = await mailcow.listMailboxes();
  const aliases = await mailcow.listAliases();
  memory.replaceMirror({ domains, mailboxes, aliases });
  followMarks(memory, context.owner);
  const recovered = recoverFromMarks({
    mailboxes,
    aliases,
    ledger: memory.ledger,
    owner: context.owner,
    now: context.now.toISOString(),
  });
  for (const entry of recovered) memory.own(entry);
  await readListFilters(mailcow, memory, context);
  if (context.isOwnJob !== undefined) await readAllSyncJobs(mailcow, memory, context.isOwnJob);
  const [first] = mailboxes;
  const hasAuthSource = first === undefined ? {} : { hasAuthSource: first.authSource !== '' };
  return { halfDeleted, recovered: recovered.length, ...hasAuthSource };
}

export type Touched = {
  readonly mailboxes: ReadonlySet<string>;
  readonly aliases: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
  /** Mailboxes whose filters count. */
  readonly filters: ReadonlySet<string>;
  /** Mailboxes whose sync jobs count. */
  readonly syncJobs: ReadonlySet<string>;
};

const newTargets = ({ before, after }: Change): readonly string[] => {
  const known = new Set(before.goto);
  return (after.goto ?? []).filter((target) => !known.has(target));
};

/**
 * The roles of an address that decide over a change: a new object finds its address free in both, and the mailbox of a
 * filter or a sync job may have been taken from us, or put out of our hands.
 */
const rolesOf = ({ resource, kind }: Change): { readonly mailbox: boolean; readonly alias: boolean } => ({
  mailbox: resource !== 'alias' || kind === 'create',
  alias: resource === 'alias' || (resource === 'mailbox' && (kind === 'create' || kind === 'rename')),
});

/** A sync job takes no room of a domain. */
const isNewHere = ({ kind, resource }: Change): boolean => kind === 'create' && resource !== 'syncjob';

/** Everything in mailcow that decides over these changes: the addresses in question under both of their roles. */
export function touchedBy(changes: readonly Change[]): Touched {
  const mailboxes = new Set<string>();
  const aliases = new Set<string>();
  const domains = new Set<string>();
  const filters = new Set<string>();
  const syncJobs = new Set<string>();
  for (const change of changes) {
    if (change.resource === 'domain') {
      domains.add(change.key);
      continue;
    }
    if (change.resource === 'filter') filters.add(change.key);
    if (change.resource === 'syncjob') syncJobs.add(change.key);
    const addresses = [change.key, ...(change.after.address === undefined ? [] : [change.after.address])];
    const roles = rolesOf(change);
    for (const address of addresses) {
      if (roles.mailbox) mailboxes.add(address);
      if (roles.alias) aliases.add(address);
    }
    // Nobody's mail is led to a mailbox that is not there: mailcow would take the alias all the same.
    for (const target of newTargets(change)) mailboxes.add(target);
    if (isNewHere(change) || change.after.quotaMiB !== undefined) domains.add(domainOf(change.key));
    // Whether the domain is still ours: it decides over what the directory does not know.
    if (isStrayId(change.directoryId)) domains.add(domainOf(change.key));
  }
  return { mailboxes, aliases, domains, filters, syncJobs };
}

/** Objects that a finding is about, read again to see whether mailcow still stands in the way. */
export function touchedByLookups(lookups: Lookups): Touched {
  const { addresses, domains } = lookups;
  return { mailboxes: addresses, aliases: addresses, domains, filters: new Set(), syncJobs: new Set() };
}

/** How many single reads a refresh would take. */
export function countReads(touched: Touched, fresh: Touched): number {
  const open = (a: ReadonlySet<string>, b: ReadonlySet<string>): number =>
    [...a].filter((key) => !b.has(key)).length;
  return (
    open(touched.mailboxes, fresh.mailboxes) +
    open(touched.aliases, fresh.aliases) +
    open(touched.domains, fresh.domains) +
    open(touched.filters, fresh.filters) +
    open(touched.syncJobs, fresh.syncJobs)
  );
}

/** Reads one mailbox into memory. A half-deleted one is neither there nor gone. */
export async function refreshMailbox(mailcow: Mailcow, memory: Memory, address: string): Promise<void> {
  const found = await mailcow.readMailbox(address);
  memory.setHalfDeleted(address, found === 'half-deleted');
  memory.setMailbox(address, found === 'half-deleted' ? undefined : found);
}

/** Reads one alias into memory: by its id where that is known, else by its address. */
export async function refreshAlias(mailcow: Mailcow, memory: Memory, address: string): Promise<void> {
  const known = memory.current.aliases.get(address);
  const byId = known !== undefined && known.id !== UNKNOWN_ID;
  const found = await mailcow.readAlias(byId ? { id: known.id } : { address });
  // The id may have gone to nobody, or its alias to another address, behind our back.
  const same = found?.address === address ? found : byId ? await mailcow.readAlias({ address }) : undefined;
  memory.setAlias(address, same);
}

/** Reads what is touched and not yet fresh, one object at a time. */
export async function refreshTouched(
  mailcow: MailcowWithJobs,
  memory: Memory,
  which: {
    readonly touched: Touched;
    readonly fresh: Touched;
    readonly owner: string;
    readonly isOwnJob: IsOwnJob | undefined;
  },
): Promise<void> {
  const { touched, fresh, owner, isOwnJob } = which;
  for (const name of touched.domains) {
    if (!fresh.domains.has(name)) memory.setDomain(name, await mailcow.readDomain(name));
  }
  for (const address of touched.mailboxes) {
    if (!fresh.mailboxes.has(address)) await refreshMailbox(mailcow, memory, address);
  }
  for (const address of touched.aliases) {
    if (!fresh.aliases.has(address)) await refreshAlias(mailcow, memory, address);
  }
  for (const address of touched.filters) {
    if (!fresh.filters.has(address)) await refreshFilter(mailcow, memory, { address, owner });
  }
  if (isOwnJob === undefined) return;
  for (const mailbox of touched.syncJobs) {
    if (!fresh.syncJobs.has(mailbox)) await refreshSyncJobs(mailcow, memory, { mailbox, isOwnJob });
  }
}
