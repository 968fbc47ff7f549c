/** Files that another program reads at any moment: there whole or not at all (facts/auth.md section 6). */
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { explained, LoginFilesError } from './errors.ts';

/** Who may read a file, and whose it is. */
export type Permissions = {
  readonly mode: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
};

/** What stands at a path; undefined: nothing. Throws LoginFilesError for what a rename would take away for good. */
export function bytesAt(path: string): Uint8Array | undefined {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (found.isFile()) return readFileSync(path);
  } catch (error) {
    throw explained(path, error);
  }
  throw new LoginFilesError(
    `${path} is a link or a folder, and is left as it is: put a file there, or nothing`,
  );
}

/** Permissions of a file that is there. */
export function permissionsOf(path: string): Permissions | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
}

/** Only root may give files away; to anybody else they stay, and root reads them all the same. */
function giveTo(path: string, { uid, gid }: Permissions): void {
  if (uid === undefined || gid === undefined || process.getuid?.() !== 0) return;
  chownSync(path, uid, gid);
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** What could not be written cannot always be removed; the first error is the one that tells. */
function dropQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Named by the caller.
  }
}

const temporaryOf = (path: string): string => `${path}.ldap-mailcow-new`;

/** What a kill in the middle of a write left beside the file; it may hold a password. */
export function dropTemporary(path: string): void {
  dropQuietly(temporaryOf(path));
}

/** Sets the mode of a file that is as it should be; false where the file system keeps none. */
export function setMode(path: string, mode: number): boolean {
  try {
    chmodSync(path, mode);
  } catch (error) {
    throw explained(path, error);
  }
  return permissionsOf(path)?.mode === mode;
}

/** Writes beside the file, then renames: never a moment with half of it. Throws LoginFilesError. */
export function writeWhole(path: string, bytes: Uint8Array, permissions: Permissions): void {
  const temporary = temporaryOf(path);
  try {
    rmSync(temporary, { force: true });
    // Exclusive and closed to all others from its first moment: it may hold a password.
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    giveTo(temporary, permissions);
    chmodSync(temporary, permissions.mode);
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    dropQuietly(temporary);
    throw explained(path, error);
  }
}
