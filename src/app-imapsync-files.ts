/** The folder that is shared with mailcow's Dovecot, by which a run is asked to end (facts/imapsync.md 2.5). */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    writeFileSync(join(folder, `${prefix}${pid}`), '');
  },
};

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
