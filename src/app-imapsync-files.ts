/** The folder that is shared with mailcow's Dovecot, by which a run is asked to end (facts/imapsync.md 2.5). */
import { closeSync, constants, openSync, readdirSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RunFiles } from './imap/actions-parts.ts';

/** imapsync ends before its next message when a file stands beside its own that is named after its process. */
export const runFiles: RunFiles = {
  readPid: (pidFile) => {
    const pid = /^\d+/.exec(readIfThere(pidFile))?.[0];
    return pid === undefined ? undefined : Number(pid);
  },
  requestAbort: (pidFile, pid) => {
    const folder = dirname(pidFile);
    const prefix = `${basename(pidFile)}abort`;
    // One that a run left behind would end a later one that happens to have the same number.
    for (const name of readdirSync(folder)) if (name.startsWith(prefix)) rmSync(join(folder, name));
    // Only a new file: a link that somebody puts there meanwhile is not written through.
    writeFileSync(join(folder, `${prefix}${pid}`), '', { flag: 'wx' });
  },
};

const mostDigits = 32;

/** The start of what is there. Everybody in the Dovecot container can put files, links and pipes into this folder. */
function readIfThere(path: string): string {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const buffer = Buffer.alloc(mostDigits);
      return buffer.toString('latin1', 0, readSync(file, buffer, 0, mostDigits, null));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
