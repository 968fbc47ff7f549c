/** Files that another program reads at any moment: there whole or not at all (facts/auth.md section 6). */
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { explained } from './errors.ts';

/** Who may read a file, and whose it is. */
export type Permissions = {
  readonly mode: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
};

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

/** Writes beside the file, then renames: never a moment with half of it. Throws LoginFilesError. */
export function writeWhole(path: string, bytes: Uint8Array, permissions: Permissions): void {
  const temporary = `${path}.ldap-mailcow-new`;
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
