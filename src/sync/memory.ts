/** The working copy of what we remember: changed in memory, written to the state in one go. */
import type { ObjectResource } from '../core/change.ts';
import type { CurrentState } from '../core/current.ts';
import type { SnapshotEntry } from '../core/grace.ts';
import type { ListFilter } from '../core/list-filter.ts';
import type { Ledger, LedgerEntry } from '../core/ledger.ts';
import type { MailboxJobs } from '../core/migration.ts';
import type { Alias, Domain, Mailbox } from '../core/model.ts';
import type { Remembered, Rows, StateChanges } from '../ports-state.ts';

type Tracked<T> = {
  readonly map: ReadonlyMap<string, T>;
  readonly put: (key: string, value: T) => void;
  readonly drop: (key: string) => void;
  /** Replaces everything; what is equal is not written again. */
  readonly replace: (next: ReadonlyMap<string, T>) => void;
  /** What changed since the last call. */
  readonly take: () => Rows<T>;
  /** Something changed since it was opened. */
  readonly hasNews: () => boolean;
};

const isSame = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

function track<T>(map: Map<string, T>, isNews: (value: T) => boolean = () => true): Tracked<T> {
  const dirty = new Set<string>();
  let news = false;
  const put = (key: string, value: T): void => {
    if (map.has(key) && isSame(map.get(key), value)) return;
    map.set(key, value);
    dirty.add(key);
    news ||= isNews(value);
  };
  const drop = (key: string): void => {
    if (!map.delete(key)) return;
    dirty.add(key);
    news = true;
  };
  return {
    map,
    put,
    drop,
    replace: (next) => {
      for (const key of [...map.keys()]) if (!next.has(key)) drop(key);
      for (const [key, value] of next) put(key, value);
    },
    take: () => {
      const rows: { put: T[]; drop: string[] } = { put: [], drop: [] };
      for (const key of dirty) {
        const value = map.get(key);
        if (value === undefined) rows.drop.push(key);
        else rows.put.push(value);
      }
      dirty.clear();
      return rows;
    },
    hasNews: () => news,
  };
}

export type Memory = {
  readonly snapshot: ReadonlyMap<string, SnapshotEntry>;
  readonly current: CurrentState;
  readonly ledger: Ledger;
  /** A mailbox that mailcow shows as a row of nulls, or not any more. */
  setHalfDeleted(address: string, isSo: boolean): void;
  replaceSnapshot(next: ReadonlyMap<string, SnapshotEntry>): void;
  replaceMirror(lists: {
    readonly domains: readonly Domain[];
    readonly mailboxes: readonly Mailbox[];
    readonly aliases: readonly Alias[];
  }): void;
  /** `undefined`: mailcow does not have it. */
  setDomain(name: string, domain: Domain | undefined): void;
  setMailbox(address: string, mailbox: Mailbox | undefined): void;
  setAlias(address: string, alias: Alias | undefined): void;
  /** `undefined`: not read; of a mailbox that is a list. */
  setFilter(address: string, filter: ListFilter | undefined): void;
  /** `undefined`: nothing is known of the sync jobs of a mailbox. */
  setSyncJobs(mailbox: string, jobs: MailboxJobs | undefined): void;
  replaceSyncJobs(all: readonly MailboxJobs[]): void;
  /** Replaces the mirror by a state derived from it (what mailcow does along with a rename). */
  setCurrent(next: CurrentState): void;
  own(entry: LedgerEntry): void;
  disown(resource: ObjectResource, key: string): void;
  /** What is not yet in the state. */
  takeChanges(): StateChanges;
  /** Something is remembered that was not when it was opened; how long who is missing has been missing is no news. */
  hasNews(): boolean;
};

const isThere = ({ missing }: SnapshotEntry): boolean => missing === 0;

const byKey = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T> =>
  new Map(items.map((item) => [keyOf(item), item]));

/** A working copy over what the state remembers. */
export function openMemory(remembered: Remembered): Memory {
  const snapshot = track(remembered.snapshot, isThere);
  const domains = track(remembered.domains);
  const mailboxes = track(remembered.mailboxes);
  const aliases = track(remembered.aliases);
  const filters = track(remembered.filters);
  const syncJobs = track(remembered.syncJobs);
  const ledger = {
    mailbox: track(remembered.ledgerMailboxes),
    alias: track(remembered.ledgerAliases),
  };
  const tables = [snapshot, domains, mailboxes, aliases, filters, ledger.mailbox, ledger.alias];
  const halfDeleted = new Set<string>();
  const set = <T>(table: Tracked<T>, key: string, value: T | undefined): void => {
    if (value === undefined) table.drop(key);
    else table.put(key, value);
  };
  return {
    snapshot: snapshot.map,
    current: {
      domains: domains.map,
      mailboxes: mailboxes.map,
      aliases: aliases.map,
      filters: filters.map,
      syncJobs: syncJobs.map,
      halfDeleted,
    },
    ledger: { mailboxes: ledger.mailbox.map, aliases: ledger.alias.map },
    setHalfDeleted: (address, isSo) => {
      if (isSo) halfDeleted.add(address);
      else halfDeleted.delete(address);
    },
    replaceSnapshot: (next) => {
      snapshot.replace(next);
    },
    replaceMirror: (lists) => {
      domains.replace(byKey(lists.domains, (domain) => domain.name));
      mailboxes.replace(byKey(lists.mailboxes, (mailbox) => mailbox.address));
      aliases.replace(byKey(lists.aliases, (alias) => alias.address));
    },
    setDomain: (name, domain) => {
      set(domains, name, domain);
    },
    setMailbox: (address, mailbox) => {
      set(mailboxes, address, mailbox);
    },
    setAlias: (address, alias) => {
      set(aliases, address, alias);
    },
    setFilter: (address, filter) => {
      set(filters, address, filter);
    },
    setSyncJobs: (mailbox, jobs) => {
      set(syncJobs, mailbox, jobs);
    },
    replaceSyncJobs: (all) => {
      syncJobs.replace(byKey(all, ({ mailbox }) => mailbox));
    },
    setCurrent: (next) => {
      mailboxes.replace(next.mailboxes);
      aliases.replace(next.aliases);
    },
    own: (entry) => {
      ledger[entry.resource].put(entry.key, entry);
    },
    disown: (resource, key) => {
      ledger[resource].drop(key);
    },
    takeChanges: () => ({
      snapshot: snapshot.take(),
      domains: domains.take(),
      mailboxes: mailboxes.take(),
      aliases: aliases.take(),
      filters: filters.take(),
      syncJobs: syncJobs.take(),
      ledgerMailboxes: ledger.mailbox.take(),
      ledgerAliases: ledger.alias.take(),
    }),
    hasNews: () => tables.some((table) => table.hasNews()),
  };
}
