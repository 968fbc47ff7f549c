/** Whether a file is a state file that this version can use; looked at without writing to it. */
import Database from 'better-sqlite3';
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { StateError } from './errors.ts';
import { migrations } from './migrations/index.ts';
import { olderToolOf, tableNames } from './older.ts';

export type Connection = Database.Database;

/** "LMCW": tells our files from any other SQLite file. */
export const APPLICATION_ID = 0x4c4d4357;
const MAGIC = 'SQLite format 3\0';
/** Where the head of an SQLite file says whether it is kept with a write-ahead log (2) or not (1). */
const FORMAT_BYTES = [18, 19] as const;

/** An error in its own words. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Throws a StateError for what is no SQLite file; one without a byte in it may become one. */
export function checkMagic(path: string): void {
  const head = Buffer.alloc(MAGIC.length);
  const file = openSync(path, 'r');
  const length = readSync(file, head, 0, head.length, 0);
  closeSync(file);
  if (length === 0 || head.toString('latin1') === MAGIC) return;
  throw new StateError(
    `${path} is not an SQLite file; it was left as it is. Move it away and start again: what is managed is found by the marks in mailcow`,
  );
}

/** Where the head of an SQLite file has its `application_id` (https://sqlite.org/fileformat2.html, 1.3). */
const APPLICATION_ID_AT = 68;

/** Whether the head of a file names a program, ours or another: then it is no older tool's. Reads four bytes. */
export function namesProgram(path: string): boolean {
  const id = Buffer.alloc(4);
  const file = openSync(path, 'r');
  readSync(file, id, 0, id.length, APPLICATION_ID_AT);
  closeSync(file);
  return id.readUInt32BE() !== 0;
}

/** Refuses a file that is somebody else's before anything is written to it. */
function checkOwnership(db: Connection, path: string): void {
  const id = db.pragma('application_id', { simple: true });
  if (id === APPLICATION_ID) return;
  const tables = tableNames(db);
  if (tables.length === 0) return;
  throw new StateError(
    `${path} belongs to another program (tables ${tables.join(', ')}); it was left as it is. Set LDAP_MAILCOW_DB to another path`,
  );
}

/** How many migrations made the file. */
export const versionOf = (db: Connection): number => Number(db.pragma('user_version', { simple: true }));

function checkVersion(db: Connection, path: string): void {
  const version = versionOf(db);
  if (version <= migrations.length) return;
  throw new StateError(
    `${path} was written by a newer ldap-mailcow (schema ${version}, this one knows ${migrations.length}); it was left as it is. Use the newer version, or put back the copy it made: ${path}.before-*`,
  );
}

function checkIntegrity(db: Connection, path: string): void {
  const verdict = db.pragma('quick_check(1)', { simple: true });
  if (verdict === 'ok') return;
  const where = String(verdict).replace('*** in database main ***', '').replace(/\s+/g, ' ').trim();
  throw new StateError(
    `${path} is damaged (${where}); it was left as it is. Put back a copy, or move it away: what is managed is found by the marks in mailcow`,
  );
}

/** Throws a StateError for a file that is somebody else's, or a newer version's; its content is not looked at. */
export function judgeOwnership(db: Connection, path: string): void {
  checkOwnership(db, path);
  checkVersion(db, path);
}

function judge(db: Connection, path: string): void {
  judgeOwnership(db, path);
  checkIntegrity(db, path);
}

/**
 * Looks before the file is opened for writing: even closing one that was may change it. Throws, and then the file
 * is as it was found.
 */
export function inspect(path: string): void {
  if (statSync(path).size === 0) return;
  const beside = [`${path}-wal`, `${path}-shm`].filter((name) => !existsSync(name));
  const db = new Database(path, { readonly: true });
  try {
    judge(db, path);
    db.close();
  } catch (error) {
    db.close();
    // Reading a file with a write-ahead log makes these; a refused file is left as it was found.
    for (const name of beside) rmSync(name, { force: true });
    throw error;
  }
}

/** Whatever went wrong with the file, as a sentence that says what to do. */
export const explained = (path: string, error: unknown): StateError => {
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

/** No write-ahead log beside it: nobody has the file open, and it is whole by itself. */
export const isAtRest = (path: string): boolean => !existsSync(`${path}-wal`);

/** The bytes of a whole file, saying of themselves that there is no write-ahead log. */
export function atRest(bytes: Buffer): Buffer {
  for (const at of FORMAT_BYTES) bytes[at] = 1;
  return bytes;
}

/**
 * Opens a file to read it and nothing else. SQLite cannot even read a file with a write-ahead log without making
 * that log, so one at rest is read from a copy in memory, which says of itself that it has none.
 */
export function openUntouched(path: string): Connection {
  if (!isAtRest(path)) return new Database(path, { readonly: true });
  return new Database(atRest(readFileSync(path)));
}

/**
 * Why the file cannot be used, as a sentence that says what to do, or undefined when it can. Writes nothing, makes
 * nothing beside it, and works while a daemon has the file open. Reads the whole file.
 */
export function stateProblem(path: string): string | undefined {
  const wasAtRest = isAtRest(path);
  let db: Connection | undefined;
  try {
    checkMagic(path);
    if (statSync(path).size === 0) return undefined;
    db = openUntouched(path);
    // That of an older tool is as good as none: the first sync imports it.
    if (olderToolOf(db) === undefined) judge(db, path);
    else checkIntegrity(db, path);
    return undefined;
  } catch (error) {
    // A daemon that starts meanwhile writes while we read: that looks like damage.
    return wasAtRest && !isAtRest(path) ? stateProblem(path) : explained(path, error).message;
  } finally {
    db?.close();
  }
}
