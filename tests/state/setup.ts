/** A private directory for SQLite files, gone after each test. */
import { afterEach, beforeEach } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateError } from '../../src/state/errors.ts';

/** Returns a function that names a file in the directory of the running test. */
export function temporaryFiles(): (name?: string) => string {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ldap-mailcow-state-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return (name = 'state.sqlite3') => join(directory, name);
}

/** A digest of a file's bytes. */
export const digestOf = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

/** The names of what lies beside a file, itself included. */
export const neighboursOf = (path: string): readonly string[] => readdirSync(join(path, '..')).sort();

/** The StateError that `open` must throw. */
export function stateErrorOf(open: () => unknown): StateError {
  try {
    open();
  } catch (error) {
    if (error instanceof StateError) return error;
    throw error;
  }
  throw new Error('it opened');
}
