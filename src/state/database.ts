/** Opens the SQLite file: checked before it is touched, migrated with a copy kept, readable by us alone. */
import Database from 'better-sqlite3';
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StateError } from './errors.ts';
import { migrations } from './migrations/index.ts';
import { ownerOnly } from './mode.ts';

export type Connection = Database.Database;

/** "LMCW": tells our files from any other SQLite file. */
const APPLICATION_ID = 0x4c4d4357;
const MAGIC = 'SQLite format 3\0';
const OWNER_ONLY = 0o600;

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function createFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a', OWNER_ONLY));
  } catch (error) {
    throw new StateError(
      `cannot create ${path}: ${reason(error)}. Mount a directory there that the program may write, or set LDAP_MAILCOW_DB`,
      { cause: error },
    );
  }
}

function checkMagic(path: string): void {
  const head = Buffer.alloc(MAGIC.length);
  const file = openSync(path, 'r');
  const length = readSync(file, head, 0, head.length, 0);
  closeSync(file);
  if (length === 0 || head.toString('latin1') === MAGIC) return;
  throw new StateError(
    `${path} is not an SQLite file; it was left as it is. Move it away and start again: what is managed is found by the marks in mailcow`,
  );
}

const tableNames = (db: Connection): readonly string[] =>
  db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .all()
    .map((row) => row.name);

/** Refuses a file that is somebody else's before anything is written to it. */
function checkOwnership(db: Connection, path: string): void {
  const id = db.pragma('application_id', { simple: true });
  if (id === APPLICATION_ID) return;
  const tables = tableNames(db).filter((name) => !name.startsWith('sqlite_'));
  if (tables.length === 0) return;
  if (tables.includes('users') || tables.includes('aliases')) {
    throw new StateError(
      `${path} is the file of an older ldap-mailcow (tables ${tables.join(', ')}); it was left as it is. Importing it comes with a later version: for now move it away, existing mailboxes and aliases are adopted`,
    );
  }
  throw new StateError(
    `${path} belongs to another program (tables ${tables.join(', ')}); it was left as it is. Set LDAP_MAILCOW_DB to another path`,
  );
}

const versionOf = (db: Connection): number => Number(db.pragma('user_version', { simple: true }));

function checkVersion(db: Connection, path: string): void {
  const version = versionOf(db);
  if (version <= migrations.length) return;
  throw new StateError(
    `${path} was written by a newer ldap-mailcow (schema ${version}, this one knows ${migrations.length}); it was left as it is. Use the newer version, or put back the copy it made: ${path}.before-*`,
  );
}

function migrate(db: Connection, path: string): void {
  for (const [index, migration] of migrations.entries()) {
    if (index < versionOf(db)) continue;
    if (index > 0) backUp(db, `${path}.before-${migration.name}`);
    db.transaction(() => {
      db.exec(migration.sql);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${index + 1}`);
    })();
  }
}

function backUp(db: Connection, copy: string): void {
  if (existsSync(copy)) return;
  db.pragma('wal_checkpoint(TRUNCATE)');
  copyFileSync(db.name, copy);
  ownerOnly(copy);
}

function checkIntegrity(db: Connection, path: string): void {
  const verdict = db.pragma('quick_check(1)', { simple: true });
  if (verdict === 'ok') return;
  throw new StateError(
    `${path} is damaged (${String(verdict)}); it was left as it is. Put back a copy, or move it away: what is managed is found by the marks in mailcow`,
  );
}

/** Looks without touching: even closing a file that was opened for writing may change it. */
function inspect(path: string): void {
  if (statSync(path).size === 0) return;
  const beside = [`${path}-wal`, `${path}-shm`].filter((name) => !existsSync(name));
  const db = new Database(path, { readonly: true });
  try {
    checkOwnership(db, path);
    checkVersion(db, path);
    checkIntegrity(db, path);
    db.close();
  } catch (error) {
    db.close();
    // Reading a file with a write-ahead log makes these; a refused file is left as it was found.
    for (const name of beside) rmSync(name, { force: true });
    throw error;
  }
}

function prepare(db: Connection, path: string): void {
  ownerOnly(path);
  db.pragma('journal_mode = WAL');
  // An intent must be on disk before the write that it announces is sent, power cut included.
  db.pragma('synchronous = FULL');
  db.pragma('temp_store = MEMORY');
  migrate(db, path);
}

const explained = (path: string, error: unknown): StateError => {
  if (error instanceof StateError) return error;
  const text = reason(error);
  if (/readonly|read-only|EROFS|EACCES|unable to open/i.test(text)) {
    return new StateError(
      `${path} cannot be written (${text}). Give the program's user the right to write the file and its directory`,
      { cause: error },
    );
  }
  if (/not a database|malformed|corrupt/i.test(text)) {
    return new StateError(
      `${path} is damaged (${text}); it was left as it is. Put back a copy, or move it away: what is managed is found by the marks in mailcow`,
      { cause: error },
    );
  }
  return new StateError(`${path}: ${text}`, { cause: error });
};

/** Opens, checks and migrates the file; `:memory:` for a plan without one. Throws StateError, file untouched. */
export function openDatabase(path: string): Connection {
  if (path === ':memory:') {
    const db = new Database(path);
    migrate(db, path);
    return db;
  }
  let db: Connection | undefined;
  try {
    if (!existsSync(path)) createFile(path);
    // SQLite opens a file that it may not write without a word.
    accessSync(path, constants.R_OK | constants.W_OK);
    checkMagic(path);
    inspect(path);
    db = new Database(path);
    prepare(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw explained(path, error);
  }
}
