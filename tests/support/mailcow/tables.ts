/** In-memory tables with the indexes that keep 10,000 mailboxes and 20,000 aliases from being slow. */
import type { AliasRow, MailboxRow } from './rows.ts';
import { fold } from './php.ts';

/** A table by one key that ignores case; `all()` is in the key's order. */
export type Table<Row> = {
  readonly get: (key: string) => Row | undefined;
  readonly put: (row: Row) => void;
  readonly remove: (key: string) => void;
  readonly all: () => Row[];
};

/** Creates a table whose key is what `keyOf` says of a row. */
export function createTable<Row>(keyOf: (row: Row) => string): Table<Row> {
  const rows = new Map<string, Row>();
  return {
    get: (key) => rows.get(fold(key)),
    put: (row) => void rows.set(fold(keyOf(row)), row),
    remove: (key) => void rows.delete(fold(key)),
    all: () => present([...rows.keys()].sort().map((key) => rows.get(key))),
  };
}

function present<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter((item) => item !== undefined);
}

type Index<Key> = {
  readonly add: (at: string, key: Key) => void;
  readonly remove: (at: string, key: Key) => void;
  readonly at: (at: string) => ReadonlySet<Key>;
};

function createIndex<Key>(): Index<Key> {
  const sets = new Map<string, Set<Key>>();
  const nothing = new Set<Key>();
  return {
    add: (at, key) => {
      const set = sets.get(fold(at)) ?? new Set<Key>();
      sets.set(fold(at), set.add(key));
    },
    remove: (at, key) => void sets.get(fold(at))?.delete(key),
    at: (at) => sets.get(fold(at)) ?? nothing,
  };
}

export type MailboxTable = Table<MailboxRow> & {
  /** Rows of one domain in the order of their names, resources included. */
  readonly inDomain: (domain: string) => MailboxRow[];
  /** Mailboxes (no resources) of one domain and the bytes that their quotas take. */
  readonly usage: (domain: string) => Usage;
};

type Usage = { readonly count: number; readonly bytes: number };

/** Creates the table of mailboxes and resources; the usage of a domain is kept up with every change. */
export function createMailboxTable(): MailboxTable {
  const table = createTable<MailboxRow>((row) => row.username);
  const byDomain = createIndex<string>();
  const usage = new Map<string, Usage>();
  const none: Usage = { count: 0, bytes: 0 };

  function weigh(row: MailboxRow, sign: 1 | -1): void {
    if (row.kind !== '') return;
    const was = usage.get(fold(row.domain)) ?? none;
    usage.set(fold(row.domain), { count: was.count + sign, bytes: was.bytes + sign * row.quota });
  }

  function remove(key: string): void {
    const old = table.get(key);
    if (!old) return;
    weigh(old, -1);
    byDomain.remove(old.domain, fold(key));
    table.remove(key);
  }

  function put(row: MailboxRow): void {
    remove(row.username);
    weigh(row, 1);
    byDomain.add(row.domain, fold(row.username));
    table.put(row);
  }

  return {
    ...table,
    put,
    remove,
    inDomain: (domain) => present([...byDomain.at(domain)].sort().map((key) => table.get(key))),
    usage: (domain) => usage.get(fold(domain)) ?? none,
  };
}

export type AliasTable = {
  readonly byId: (id: number) => AliasRow | undefined;
  readonly byAddress: (address: string) => AliasRow | undefined;
  readonly put: (row: AliasRow) => void;
  readonly remove: (id: number) => void;
  /** Rows of one domain in the order of their ids, without the own rows of mailboxes. */
  readonly inDomain: (domain: string) => AliasRow[];
  readonly countIn: (domain: string) => number;
  /** Rows, own ones included, whose goto names the address, alone or among others. */
  readonly towards: (address: string) => AliasRow[];
  readonly all: () => AliasRow[];
};

/** True for the row that each mailbox has for its own address; the API hides it. */
export function isOwnRow(row: AliasRow): boolean {
  return fold(row.address) === fold(row.goto);
}

/** Creates the table of aliases, indexed by address, domain and every address in a goto. */
export function createAliasTable(): AliasTable {
  const rows = new Map<number, AliasRow>();
  const idOf = new Map<string, number>();
  const byDomain = createIndex<number>();
  const byGoto = createIndex<number>();
  const rowsOf = (ids: Iterable<number>): AliasRow[] =>
    present([...ids].sort((a, b) => a - b).map((id) => rows.get(id)));

  function remove(id: number): void {
    const old = rows.get(id);
    if (!old) return;
    rows.delete(id);
    idOf.delete(fold(old.address));
    byDomain.remove(old.domain, id);
    for (const address of old.goto.split(',')) byGoto.remove(address, id);
  }

  function put(row: AliasRow): void {
    remove(row.id);
    rows.set(row.id, row);
    idOf.set(fold(row.address), row.id);
    if (!isOwnRow(row)) byDomain.add(row.domain, row.id);
    for (const address of row.goto.split(',')) byGoto.add(address, row.id);
  }

  return {
    byId: (id) => rows.get(id),
    byAddress: (address) => rows.get(idOf.get(fold(address)) ?? -1),
    put,
    remove,
    inDomain: (domain) => rowsOf(byDomain.at(domain)),
    countIn: (domain) => byDomain.at(domain).size,
    towards: (address) => rowsOf(byGoto.at(address)),
    all: () => rowsOf(rows.keys()),
  };
}
