/** The SQLite files of the older tools, told by their tables and read for what their rows are worth. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseAddress } from '../core/address.ts';
import { importedId, type HeritageEntry } from '../core/heritage.ts';
import type { Older, OlderTool } from '../ports-state.ts';
import type { Connection } from './database.ts';

/** Without SQLite's own, sorted. */
export const tableNames = (db: Connection): readonly string[] =>
  db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .all()
    .map((row) => row.name)
    .filter((name) => !name.startsWith('sqlite_'));

const columnsOf = (db: Connection, table: string): readonly string[] =>
  db
    .prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map((row) => row.name);

const has = (db: Connection, table: string, columns: readonly string[]): boolean => {
  const found = columnsOf(db, table);
  return columns.every((column) => found.includes(column));
};

/** Which older tool made the file; undefined for every other file, ours included. */
export function olderToolOf(db: Connection): OlderTool | undefined {
  if (db.pragma('application_id', { simple: true }) !== 0) return undefined;
  if (has(db, 'users', ['email', 'active', 'last_seen'])) {
    return has(db, 'aliases', ['address', 'goto', 'active']) ? 'users-and-aliases' : 'users';
  }
  return has(db, 'user', ['uid', 'active', 'mail', 'password']) ? 'mailcow-ldap-sync' : undefined;
}

/** 1 works; 0 and rinkp's 2 do not. One tool keeps what stood in the directory, as text. */
const activity = z
  .union([z.number(), z.string()])
  .transform((value) => ['1', 'true', 'yes', 'on'].includes(String(value).trim().toLowerCase()));

const address = z.string().transform((text, context) => {
  const parsed = parseAddress(text);
  if (parsed !== undefined) return parsed;
  context.addIssue('no address');
  return z.NEVER;
});

const userRow = z.object({ key: address, active: activity, dn: z.string().optional() });
const aliasRow = z.object({ key: address, active: activity, goto: z.string() });

const idOf = (key: string): string => importedId(createHash('sha256').update(key).digest('hex').slice(0, 16));

const gotoOf = (text: string): readonly string[] =>
  [...new Set(text.split(',').map((one) => one.trim().toLowerCase()))].filter((one) => one !== '').sort();

function readMailbox(row: unknown): HeritageEntry | undefined {
  const { data } = userRow.safeParse(row);
  if (data === undefined) return undefined;
  const { key, active, dn } = data;
  return { resource: 'mailbox', key, id: idOf(key), active, ...(dn !== undefined && { dn }) };
}

/** The alias of one person goes along with the mailbox that it leads to. */
function readAlias(row: unknown): HeritageEntry | undefined {
  const { data } = aliasRow.safeParse(row);
  if (data === undefined) return undefined;
  const { key, active } = data;
  const goto = gotoOf(data.goto);
  const [only, second] = goto;
  const id = idOf(only !== undefined && second === undefined ? only : key);
  return { resource: 'alias', key, id, active, goto };
}

/** Names of columns only: the passwords in one of these files are not read. */
const queries: Readonly<Record<OlderTool, { readonly users: string; readonly aliases?: string }>> = {
  users: { users: 'SELECT email AS key, active FROM users' },
  'users-and-aliases': {
    users: 'SELECT email AS key, active FROM users',
    aliases: 'SELECT address AS key, active, goto FROM aliases',
  },
  'mailcow-ldap-sync': { users: 'SELECT mail AS key, active, uid AS dn FROM user' },
};

/** What an older tool's file says; its rows are nobody's identity. */
export function readOlder(db: Connection, tool: OlderTool): Older {
  const { users, aliases } = queries[tool];
  const read = [
    ...db.prepare<[]>(users).all().map(readMailbox),
    ...(aliases === undefined ? [] : db.prepare<[]>(aliases).all().map(readAlias)),
  ];
  const entries = read.filter((entry) => entry !== undefined);
  return { tool, entries, unreadable: read.length - entries.length };
}
