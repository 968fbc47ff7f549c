/** Takes the files for logins out of mailcow's folders again, byte for byte (facts/auth.md section 6). */
import { rmdirSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { hasBegin, withoutBlock } from './block.ts';
import { explained, LoginFilesError } from './errors.ts';
import type { FilesChanged } from '../ports-logins.ts';
import { digestOf, isOurs, type Backup, type Entry } from './manifest.ts';
import { bytesAt, dropTemporary, writeWhole } from './write-file.ts';

/** What names a file goes before the file; else last first. */
const order: Readonly<Record<Entry['kind'], number>> = { block: 0, replace: 1, own: 2 };

/** Paths of what we left, in the order in which they must be taken out. */
export function removalOrder(backup: Backup): readonly string[] {
  return [...backup.entries()]
    .reverse()
    .sort(([, a], [, b]) => order[a.kind] - order[b.kind])
    .map(([path]) => path);
}

/** Somebody broke our block: what is left would name a file that is about to go, and then nobody can log in. */
function refuseHalf(path: string, text: string, backup: Backup): void {
  const owned = [...backup.entries()].filter(([, { kind }]) => kind === 'own').map(([own]) => basename(own));
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const isNamed = lines.some((line) => owned.some((name) => line.includes(name)));
  if (!isNamed && !hasBegin(text)) return;
  throw new LoginFilesError(
    `${path}: the block of ldap-mailcow in it was changed, so where it ends is not known: take it out by hand, with every line that names ldap-mailcow, and do this again`,
  );
}

/** The user's part of a file that we wrote a block into; to the last byte what it was, if nobody changed it. */
function restoredBlock(
  path: string,
  { entry, now, original }: Found,
  backup: Backup,
): Uint8Array | undefined {
  const text = withoutBlock(Buffer.from(now).toString('latin1'));
  const rest = Buffer.from(text, 'latin1');
  const isUntouched = entry.rest === undefined ? digestOf(now) === entry.left : digestOf(rest) === entry.rest;
  const bytes = isUntouched || (rest.length === 0 && original === undefined) ? original : rest;
  if (bytes !== undefined) refuseHalf(path, Buffer.from(bytes).toString('latin1'), backup);
  return bytes;
}

type Found = { readonly entry: Entry; readonly now: Uint8Array; readonly original: Uint8Array | undefined };

function restore(path: string, found: Found, backup: Backup): void {
  const { entry, now, original } = found;
  // What somebody put in the place of our file since is theirs.
  if (entry.kind !== 'block' && !isOurs(entry, now)) return;
  const bytes = entry.kind === 'block' ? restoredBlock(path, found, backup) : original;
  if (bytes !== undefined) {
    writeWhole(path, bytes, entry.permissions ?? { mode: 0o644 });
    return;
  }
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw explained(path, error);
  }
}

/** Takes one file out; says what read it. Throws LoginFilesError. */
export function removeFile(path: string, backup: Backup): Entry['service'] | undefined {
  const entry = backup.entries().get(path);
  if (entry === undefined) return undefined;
  const now = bytesAt(path);
  if (now !== undefined) restore(path, { entry, now, original: backup.original(entry) }, backup);
  dropTemporary(path);
  backup.forget(path);
  return entry.service;
}

/** Takes everything out again; the folders are byte for byte what they were. Throws LoginFilesError. */
export function removeFiles(backup: Backup): FilesChanged {
  const changed = removalOrder(backup);
  const services = changed.map((path) => removeFile(path, backup));
  for (const folder of [...backup.folders()].reverse()) {
    try {
      rmdirSync(folder);
    } catch {
      // Somebody has put something there: it stays.
    }
    backup.forgetFolder(folder);
  }
  return {
    paths: changed,
    services: new Set(services.filter((service) => service !== undefined)),
    problems: [],
  };
}
