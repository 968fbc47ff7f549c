/** The tables that hold whole objects: snapshot, mirror of mailcow, ledger. */
import type { ObjectResource } from '../core/change.ts';
import type { EntryKind, SnapshotEntry, Uptime } from '../core/grace.ts';
import type { ListFilter } from '../core/list-filter.ts';
import type { MailboxJobs } from '../core/migration.ts';
import type { AppliedFields, LedgerEntry, Origin } from '../core/ledger.ts';
import type { Alias, DirectoryEntry, Domain, Mailbox } from '../core/model.ts';
import type { Rows } from '../ports-state.ts';
import type { Connection } from './database.ts';

export type Table<T> = { readonly all: () => Map<string, T>; readonly save: (rows: Rows<T>) => void };

type Statements<Row> = { readonly put: (row: Row) => unknown; readonly drop: (key: string) => unknown };

const saver =
  <T, Row>(statements: Statements<Row>, toRow: (value: T) => Row) =>
  (rows: Rows<T>): void => {
    for (const key of rows.drop) statements.drop(key);
    for (const value of rows.put) statements.put(toRow(value));
  };

type BodyRow = { readonly key: string; readonly body: string };

function bodyTable<T>(
  db: Connection,
  name: 'domains' | 'mailboxes' | 'aliases' | 'filters' | 'sync_jobs',
  keyOf: (value: T) => string,
): Table<T> {
  const all = db.prepare<[], BodyRow>(`SELECT key, body FROM ${name}`);
  const put = db.prepare<BodyRow>(`INSERT OR REPLACE INTO ${name} (key, body) VALUES (@key, @body)`);
  const drop = db.prepare<[string]>(`DELETE FROM ${name} WHERE key = ?`);
  return {
    all: () => new Map(all.all().map((row) => [row.key, JSON.parse(row.body) as T])),
    save: saver({ put: (row: BodyRow) => put.run(row), drop: (key) => drop.run(key) }, (value: T) => ({
      key: keyOf(value),
      body: JSON.stringify(value),
    })),
  };
}

type SnapshotRow = {
  readonly id: string;
  readonly kind: string;
  readonly entry: string;
  readonly missing: number;
  readonly missing_since: string | null;
  readonly counted_at: string | null;
  readonly counted_uptime: string | null;
  readonly missing_days: number;
  readonly missing_day: string | null;
  readonly scope_changed: number;
  readonly arrived_by_scope: number;
};

const toSnapshot = (row: SnapshotRow): SnapshotEntry => ({
  kind: row.kind as EntryKind,
  entry: JSON.parse(row.entry) as DirectoryEntry,
  missing: row.missing,
  missingSince: row.missing_since ?? undefined,
  countedAt: row.counted_at ?? undefined,
  ...(row.counted_uptime !== null && { countedUptime: JSON.parse(row.counted_uptime) as Uptime }),
  ...(row.missing_days > 0 && { missingDays: row.missing_days }),
  ...(row.missing_day !== null && { missingDay: row.missing_day }),
  scopeChanged: row.scope_changed === 1,
  arrivedByScope: row.arrived_by_scope === 1,
});

const fromSnapshot = (value: SnapshotEntry): SnapshotRow => ({
  id: value.entry.id,
  kind: value.kind,
  entry: JSON.stringify(value.entry),
  missing: value.missing,
  missing_since: value.missingSince ?? null,
  counted_at: value.countedAt ?? null,
  counted_uptime: value.countedUptime === undefined ? null : JSON.stringify(value.countedUptime),
  missing_days: value.missingDays ?? 0,
  missing_day: value.missingDay ?? null,
  scope_changed: value.scopeChanged ? 1 : 0,
  arrived_by_scope: value.arrivedByScope ? 1 : 0,
});

/** The last directory reading, by directory id. */
export function snapshotTable(db: Connection): Table<SnapshotEntry> {
  const all = db.prepare<[], SnapshotRow>('SELECT * FROM snapshot');
  const put = db.prepare<SnapshotRow>(
    `INSERT OR REPLACE INTO snapshot
     (id, kind, entry, missing, missing_since, counted_at, counted_uptime, missing_days, missing_day,
      scope_changed, arrived_by_scope)
     VALUES (@id, @kind, @entry, @missing, @missing_since, @counted_at, @counted_uptime, @missing_days,
      @missing_day, @scope_changed, @arrived_by_scope)`,
  );
  const drop = db.prepare<[string]>('DELETE FROM snapshot WHERE id = ?');
  return {
    all: () => new Map(all.all().map((row) => [row.id, toSnapshot(row)])),
    save: saver({ put: (row: SnapshotRow) => put.run(row), drop: (key) => drop.run(key) }, fromSnapshot),
  };
}

type LedgerRow = {
  readonly resource: string;
  readonly key: string;
  readonly directory_id: string;
  readonly origin: string;
  readonly since: string;
  readonly last_active: number | null;
  readonly moved_to: string | null;
  readonly applied: string | null;
};

const toLedger = (row: LedgerRow): LedgerEntry => ({
  resource: row.resource as ObjectResource,
  key: row.key,
  directoryId: row.directory_id,
  origin: row.origin as Origin,
  since: row.since,
  lastActive: row.last_active === null ? undefined : row.last_active === 1,
  movedTo: row.moved_to ?? undefined,
  ...(row.applied !== null && { applied: JSON.parse(row.applied) as AppliedFields }),
});

const fromLedger = (value: LedgerEntry): LedgerRow => ({
  resource: value.resource,
  key: value.key,
  directory_id: value.directoryId,
  origin: value.origin,
  since: value.since,
  last_active: value.lastActive === undefined ? null : Number(value.lastActive),
  moved_to: value.movedTo ?? null,
  applied: value.applied === undefined ? null : JSON.stringify(value.applied),
});

/** What is managed, by address, for one kind of object. */
export function ledgerTable(db: Connection, resource: ObjectResource): Table<LedgerEntry> {
  const all = db.prepare<[string], LedgerRow>('SELECT * FROM ledger WHERE resource = ?');
  const put = db.prepare<LedgerRow>(
    `INSERT OR REPLACE INTO ledger (resource, key, directory_id, origin, since, last_active, moved_to, applied)
     VALUES (@resource, @key, @directory_id, @origin, @since, @last_active, @moved_to, @applied)`,
  );
  const drop = db.prepare<[string, string]>('DELETE FROM ledger WHERE resource = ? AND key = ?');
  return {
    all: () => new Map(all.all(resource).map((row) => [row.key, toLedger(row)])),
    save: saver(
      { put: (row: LedgerRow) => put.run(row), drop: (key) => drop.run(resource, key) },
      fromLedger,
    ),
  };
}

/** What mailcow held when it was last looked at, whoever it belongs to. */
export function mirrorTables(db: Connection): {
  readonly domains: Table<Domain>;
  readonly mailboxes: Table<Mailbox>;
  readonly aliases: Table<Alias>;
  readonly filters: Table<ListFilter>;
  readonly syncJobs: Table<MailboxJobs>;
} {
  return {
    domains: bodyTable<Domain>(db, 'domains', (domain) => domain.name),
    mailboxes: bodyTable<Mailbox>(db, 'mailboxes', (mailbox) => mailbox.address),
    aliases: bodyTable<Alias>(db, 'aliases', (alias) => alias.address),
    filters: bodyTable<ListFilter>(db, 'filters', (filter) => filter.address),
    syncJobs: bodyTable<MailboxJobs>(db, 'sync_jobs', ({ mailbox }) => mailbox),
  };
}
