/** The state of one stand-in: mailcow's tables, counters and settings. */
import { createAliasTable, createMailboxTable, createTable, isOwnRow } from './tables.ts';
import type { AliasTable, MailboxTable, Table } from './tables.ts';
import type {
  AliasDomainRow,
  AliasRow,
  AppPasswordRow,
  DomainRow,
  FilterRow,
  MailboxRow,
  RateLimit,
  SyncJobRow,
  TemplateRow,
} from './rows.ts';
import type { Json, JsonObject } from './json.ts';
import { sqlTime } from './php.ts';
import { defaultTemplates } from './template-defaults.ts';

type Counter = 'alias' | 'filter' | 'syncJob' | 'appPassword' | 'template';

export type Store = {
  readonly hostname: string;
  /** The current moment as MariaDB prints it. */
  readonly now: () => string;
  readonly nextId: (counter: Counter) => number;
  readonly domains: Table<DomainRow>;
  readonly aliasDomains: Table<AliasDomainRow>;
  readonly mailboxes: MailboxTable;
  readonly aliases: AliasTable;
  readonly filters: Map<number, FilterRow>;
  readonly syncJobs: Map<number, SyncJobRow>;
  readonly appPasswords: Map<number, AppPasswordRow>;
  readonly templates: Map<number, TemplateRow>;
  /** By the object's name exactly as it was written: Redis knows no collation. */
  readonly rateLimits: Map<string, RateLimit>;
  readonly dkim: Set<string>;
  /** Time-limited alias to mailbox. */
  readonly spamAliases: Map<string, string>;
  readonly policy: Map<string, string>;
  /** The rows of the one configured identity provider; empty when there is none. */
  readonly identityProvider: Map<string, Json>;
  /** Whether mailcow reaches and binds to the directory of these settings. */
  readonly canBind: (settings: JsonObject) => boolean;
  readonly version: string;
};

/** mailcow has identity providers since 2025-03. */
export const isLegacy = ({ version }: Store): boolean => version < '2025-03';

/** What a test sees of the state. */
export type Snapshot = {
  readonly domains: readonly DomainRow[];
  readonly mailboxes: readonly MailboxRow[];
  /** Without the own row that each mailbox has. */
  readonly aliases: readonly AliasRow[];
  readonly filters: readonly FilterRow[];
};

export type StoreOptions = {
  readonly now: () => Date;
  readonly hostname: string;
  readonly version?: string;
  readonly canBind?: Store['canBind'];
};

const defaultPolicy = { length: '6', chars: '0', special_chars: '0', lowerupper: '0', numbers: '0' };

/** Creates an empty mailcow: no domains, the two default templates, the default password policy. */
export function createStore({
  now,
  hostname,
  version = '2026-07a',
  canBind = () => true,
}: StoreOptions): Store {
  const counters = new Map<Counter, number>([['template', 2]]);
  const time = (): string => sqlTime(now());
  return {
    hostname,
    now: time,
    nextId: (counter) => {
      const next = (counters.get(counter) ?? 0) + 1;
      counters.set(counter, next);
      return next;
    },
    domains: createTable<DomainRow>((row) => row.domain),
    aliasDomains: createTable<AliasDomainRow>((row) => row.aliasDomain),
    mailboxes: createMailboxTable(),
    aliases: createAliasTable(),
    filters: new Map(),
    syncJobs: new Map(),
    appPasswords: new Map(),
    templates: new Map(defaultTemplates(time()).map((row) => [row.id, row])),
    rateLimits: new Map(),
    dkim: new Set(),
    spamAliases: new Map(),
    policy: new Map(Object.entries(defaultPolicy)),
    identityProvider: new Map(),
    canBind,
    version,
  };
}

/** The row with a new `modified` when something in it changed, as `ON UPDATE CURRENT_TIMESTAMP` does. */
export function touched<Row extends { readonly modified: string | null }>(
  store: Store,
  change: { readonly from: Row; readonly to: Row },
): Row {
  const same = JSON.stringify(change.from) === JSON.stringify(change.to);
  return same ? change.from : { ...change.to, modified: store.now() };
}

/** Copies what a test may look at. */
export function snapshotOf(store: Store): Snapshot {
  return {
    domains: store.domains.all(),
    mailboxes: store.mailboxes.all(),
    aliases: store.aliases.all().filter((row) => !isOwnRow(row)),
    filters: [...store.filters.values()],
  };
}
