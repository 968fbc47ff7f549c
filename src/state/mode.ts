/** File modes. */
import { chmodSync } from 'node:fs';

/** Readable and writable by us alone; a file that belongs to somebody else keeps the mode it has. */
export function ownerOnly(path: string): void {
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error;
  }
}
