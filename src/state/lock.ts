/**
 * One sync at a time across daemon and commands: an exclusive transaction on a file beside the state. The
 * operating system gives it back when its holder dies, however it dies (DESIGN.md 4.15).
 */
import Database from 'better-sqlite3';
import { ownerOnly } from './mode.ts';

export type Lock = { readonly release: () => void };

const POLL_MS = 200;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');

function tryLock(path: string): Lock | undefined {
  const db = new Database(path, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
    ownerOnly(path);
  } catch (error) {
    db.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return {
    release: () => {
      db.exec('ROLLBACK');
      db.close();
    },
  };
}

/** Waits for the lock at `path`; undefined when somebody else keeps it for `waitMs`, or until we are to stop. */
export async function takeLock(options: {
  readonly path: string;
  readonly waitMs: number;
  readonly delay: (ms: number) => Promise<void>;
  readonly stopping?: () => boolean;
}): Promise<Lock | undefined> {
  for (let waited = 0; ; waited += POLL_MS) {
    const lock = tryLock(options.path);
    if (lock !== undefined || waited >= options.waitMs || options.stopping?.() === true) return lock;
    await options.delay(POLL_MS);
  }
}
