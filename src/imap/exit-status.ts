/** How a run ended: imapsync's names, which mailcow keeps, and its numbers, which ns8 shows. */

const numbers: Readonly<Record<string, number>> = {
  EX_OK: 0,
  EXIT_CATCH_ALL: 1,
  EXIT_BY_SIGNAL: 6,
  EXIT_BY_FILE: 7,
  EXIT_PID_FILE_ERROR: 8,
  EXIT_CONNECTION_FAILURE: 10,
  EXIT_TLS_FAILURE: 12,
  EXIT_AUTHENTICATION_FAILURE: 16,
  EXIT_SUBFOLDER1_NO_EXISTS: 21,
  EX_USAGE: 64,
  EX_NOINPUT: 66,
  EX_UNAVAILABLE: 69,
  EX_SOFTWARE: 70,
  EXIT_CONNECTION_FAILURE_HOST1: 101,
  EXIT_CONNECTION_FAILURE_HOST2: 102,
  EXIT_WITH_ERRORS: 111,
  EXIT_WITH_ERRORS_MAX: 112,
  EXIT_OVERQUOTA: 113,
  EXIT_ERR_APPEND: 114,
  EXIT_ERR_FETCH: 115,
  EXIT_ERR_CREATE: 116,
  EXIT_ERR_SELECT: 117,
  EXIT_TRANSFER_EXCEEDED: 118,
  EXIT_ERR_APPEND_VIRUS: 119,
  EXIT_ERR_FLAGS: 120,
  EXIT_AUTHENTICATION_FAILURE_USER1: 161,
  EXIT_AUTHENTICATION_FAILURE_USER2: 162,
};

/** The number of a finished run; null: none has finished. A run that ended without a name, or by one unknown, is 1. */
export function exitNumber(run: {
  readonly lastRun?: string;
  readonly succeeded?: boolean;
  readonly exitStatus?: string;
}): number | null {
  if (run.lastRun === undefined) return null;
  return numbers[run.exitStatus ?? ''] ?? (run.succeeded === true ? 0 : 1);
}
