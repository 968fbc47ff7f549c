/** The file of an older tool where ours belongs, or beside it: copied, read, and made into a state file. */
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Older } from '../ports-state.ts';
import { openDatabase, type Connection } from './database.ts';
import { StateError } from './errors.ts';
import { saveHeritage } from './heritage.ts';
import { checkMagic, explained, namesProgram, openUntouched } from './inspect.ts';
import { ownerOnly } from './mode.ts';
import { olderToolOf, readOlder } from './older.ts';

/** That of mailcow-ldap-sync has a name of its own, and may lie where ours is to come. */
const OTHER_NAME = 'mailcow.sqlite3';

export type Found = {
  /** Of the older tool's file. */
  readonly path: string;
  readonly older: Older;
  /** Where the older tool's file is kept for the way back; itself, when nothing is to be put in its place. */
  readonly copy: string;
};

function look<T>(path: string, read: (db: Connection) => T): T | undefined {
  if (!existsSync(path)) return undefined;
  let db: Connection | undefined;
  try {
    checkMagic(path);
    if (statSync(path).size === 0) return undefined;
    db = openUntouched(path);
    return read(db);
  } catch (error) {
    throw explained(path, error);
  } finally {
    db?.close();
  }
}

/** What such a journal holds is not in the file yet, or should not be in it any more. */
function refuseUnfinished(path: string): void {
  if ((statSync(`${path}-journal`, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  throw new StateError(
    `the older tool was cut short while it wrote ${path} (there is a ${path}-journal); both were left as they are. Start it once more and stop it, or move both away: existing mailboxes and aliases are adopted without them`,
  );
}

function olderIn(path: string): Older | undefined {
  // The file of a hundred thousand people is half a gigabyte: it is not read to see that it is ours.
  if (existsSync(path) && namesProgram(path)) return undefined;
  return look(path, (db) => {
    const tool = olderToolOf(db);
    if (tool === undefined) return undefined;
    refuseUnfinished(path);
    return readOlder(db, tool);
  });
}

/** The first name that is free, or that holds the same already (a start that was cut short). */
function copyName(path: string, count = 1): string {
  const name = `${path}.before-import${count === 1 ? '' : `-${count}`}`;
  if (!existsSync(name) || readFileSync(name).equals(readFileSync(path))) return name;
  return copyName(path, count + 1);
}

/**
 * The file of an older tool at `path`, or, while there is none of ours, one with another name beside it. Nothing is
 * changed. Throws a StateError for a file that cannot be read.
 */
export function findOlder(path: string): Found | undefined {
  const older = olderIn(path);
  if (older !== undefined) return { path, older, copy: copyName(path) };
  const beside = join(dirname(path), OTHER_NAME);
  if (existsSync(path) || beside === path) return undefined;
  const other = olderIn(beside);
  return other === undefined ? undefined : { path: beside, older: other, copy: beside };
}

/** From which older tool a state file of ours was made. */
export function importedFrom(path: string): string | undefined {
  return look(path, (db) => {
    if (olderToolOf(db) !== undefined) return undefined;
    const row = db.prepare<[], { value: string }>("SELECT value FROM facts WHERE key = 'importedFrom'").get();
    const value: unknown = row === undefined ? undefined : JSON.parse(row.value);
    return typeof value === 'string' ? value : undefined;
  });
}

function copyAside({ path, copy }: Found): void {
  if (copy === path || existsSync(copy)) return;
  const unfinished = `${copy}.unfinished`;
  copyFileSync(path, unfinished);
  ownerOnly(unfinished);
  renameSync(unfinished, copy);
}

/**
 * Makes the state file from what was found; the older tool's file is kept as `copy`. Cut short at any moment, the
 * next start does it again.
 */
export function importOlder(found: Found, path: string): void {
  const making = `${path}.importing`;
  try {
    copyAside(found);
    for (const name of [making, `${making}-wal`, `${making}-shm`]) rmSync(name, { force: true });
    const db = openDatabase(making);
    try {
      saveHeritage(db, found.older);
      db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      db.close();
    }
    renameSync(making, path);
  } catch (error) {
    throw explained(path, error);
  }
}
