/** Opens the SQLite file: checked before it is touched, migrated with a copy kept, readable by us alone. */
import Database from 'better-sqlite3';
import { accessSync, closeSync, constants, copyFileSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { StateError } from './errors.ts';
import {
  APPLICATION_ID,
  atRest,
  checkMagic,
  explained,
  inspect,
  isAtRest,
  judgeOwnership,
  openUntouched,
  reason,
  versionOf,
  type Connection,
} from './inspect.ts';
import { migrations } from './migrations/index.ts';
import { ownerOnly } from './mode.ts';

export type { Connection } from './inspect.ts';

const OWNER_ONLY = 0o600;

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

function migrate(db: Connection, path: string): void {
  const found = versionOf(db);
  for (const [index, migration] of migrations.entries()) {
    if (index < found) continue;
    // A new file has nothing to go back to, nor has one in memory.
    if (found > 0 && !db.memory) backUp(db, `${path}.before-${migration.name}`);
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

function prepare(db: Connection, path: string): void {
  ownerOnly(path);
  db.pragma('journal_mode = WAL');
  // An intent must be on disk before the write that it announces is sent, power cut included.
  db.pragma('synchronous = FULL');
  db.pragma('temp_store = MEMORY');
  migrate(db, path);
}

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

/**
 * The file as it is now, for reading alone: nothing is written to it, nor made beside it where nobody has it open. One
 * that an older version left is brought up to date in memory. Throws StateError.
 */
export function openToRead(path: string): Connection {
  const wasAtRest = isAtRest(path);
  let db: Connection | undefined;
  try {
    checkMagic(path);
    db = openUntouched(path);
    judgeOwnership(db, path);
    if (versionOf(db) === migrations.length) return db;
    const bytes = db.serialize();
    db.close();
    db = new Database(bytes.length === 0 ? ':memory:' : atRest(bytes));
    migrate(db, path);
    return db;
  } catch (error) {
    db?.close();
    // A daemon that starts meanwhile writes while we read: that looks like damage.
    if (wasAtRest && !isAtRest(path)) return openToRead(path);
    throw explained(path, error);
  }
}
