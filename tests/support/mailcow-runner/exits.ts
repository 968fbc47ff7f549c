/** How imapsync ends: its names and numbers (facts/imapsync.md section 6). */

const numbers = {
  EX_OK: 0,
  EXIT_BY_FILE: 7,
  EXIT_PID_FILE_ERROR: 8,
  EXIT_CONNECTION_FAILURE: 10,
  EXIT_TLS_FAILURE: 12,
  EXIT_CONNECTION_FAILURE_HOST1: 101,
  EXIT_CONNECTION_FAILURE_HOST2: 102,
  EXIT_WITH_ERRORS: 111,
  EXIT_OVERQUOTA: 113,
  EXIT_ERR_APPEND: 114,
  EXIT_ERR_FETCH: 115,
  EXIT_ERR_CREATE: 116,
  EXIT_ERR_SELECT: 117,
  EXIT_ERR_FLAGS: 120,
  EXIT_AUTHENTICATION_FAILURE_USER1: 161,
  EXIT_AUTHENTICATION_FAILURE_USER2: 162,
} as const;

export type ExitName = keyof typeof numbers;

export type ErrorKind =
  | 'ERR_AUTHENTICATION_FAILURE_USER1'
  | 'ERR_AUTHENTICATION_FAILURE_USER2'
  | 'ERR_CONNECTION_FAILURE_HOST1'
  | 'ERR_CONNECTION_FAILURE_HOST2'
  | 'ERR_EXIT_TLS_FAILURE'
  | 'ERR_OVERQUOTA'
  | 'ERR_APPEND'
  | 'ERR_FETCH'
  | 'ERR_CREATE'
  | 'ERR_SELECT'
  | 'ERR_FLAGS'
  | 'ERR_NOTHING_REPORTED';

/** One line of the log about something that went wrong. */
export type SyncError = { readonly kind: ErrorKind; readonly text: string };

const exits: Readonly<Record<ErrorKind, ExitName>> = {
  ERR_AUTHENTICATION_FAILURE_USER1: 'EXIT_AUTHENTICATION_FAILURE_USER1',
  ERR_AUTHENTICATION_FAILURE_USER2: 'EXIT_AUTHENTICATION_FAILURE_USER2',
  ERR_CONNECTION_FAILURE_HOST1: 'EXIT_CONNECTION_FAILURE_HOST1',
  ERR_CONNECTION_FAILURE_HOST2: 'EXIT_CONNECTION_FAILURE_HOST2',
  ERR_EXIT_TLS_FAILURE: 'EXIT_TLS_FAILURE',
  ERR_OVERQUOTA: 'EXIT_OVERQUOTA',
  ERR_APPEND: 'EXIT_ERR_APPEND',
  ERR_FETCH: 'EXIT_ERR_FETCH',
  ERR_CREATE: 'EXIT_ERR_CREATE',
  ERR_SELECT: 'EXIT_ERR_SELECT',
  ERR_FLAGS: 'EXIT_ERR_FLAGS',
  ERR_NOTHING_REPORTED: 'EXIT_WITH_ERRORS',
};

/** The end of a run that cannot go on. */
export class Ending extends Error {
  readonly exit: ExitName;

  constructor(exit: ExitName) {
    super(exit);
    this.exit = exit;
  }
}

/** imapsync's own limit: with that many it gives up. */
export const mostErrors = 50;

/** The kind that there is most of, of equals the first. */
export function mostFrequent(errors: readonly SyncError[]): ErrorKind | undefined {
  const counts = new Map<ErrorKind, number>();
  for (const { kind } of errors) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

/** How a run with these errors ends. */
export function exitOf(errors: readonly SyncError[]): ExitName {
  const kind = mostFrequent(errors);
  return kind === undefined ? 'EX_OK' : exits[kind];
}

type Last = { readonly exit: ExitName; readonly errors: number; readonly pid: number };

/** The last but few lines of every run that got as far as having options. */
export function renderExit({ exit, errors, pid }: Last): string {
  const name = exit === 'EX_OK' ? 'EX_OK: successful termination' : exit;
  return `Exiting with return value ${numbers[exit]} (${name}) ${errors}/${mostErrors} nb_errors/max_errors PID ${pid}`;
}

/** What mailcow's runner reads out of the log; no exit line, no status. */
export function readExit(log: string): { readonly success: number; readonly exitStatus: string | null } {
  const [, code, status] = /Exiting\swith\sreturn\svalue\s(\d+)\s\(([^:)]+)/.exec(log) ?? [];
  return { success: code === '0' ? 1 : 0, exitStatus: status ?? null };
}
