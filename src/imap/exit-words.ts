/** How a run ended, in words. */

const words: Readonly<Record<string, string>> = {
  EX_OK: 'it went well',
  EXIT_BY_SIGNAL: 'it was stopped',
  EXIT_BY_FILE: 'it was stopped',
  EXIT_PID_FILE_ERROR: "mailcow's Dovecot does not have the folder LDAP_MAILCOW_IMAPSYNC_RUN_FOLDER",
  EXIT_CONNECTION_FAILURE: 'a server could not be reached',
  EXIT_CONNECTION_FAILURE_HOST1: 'the other server could not be reached',
  EXIT_CONNECTION_FAILURE_HOST2: "mailcow's own server could not be reached",
  EXIT_TLS_FAILURE: 'the other server does not do TLS that way',
  EXIT_AUTHENTICATION_FAILURE: 'a login was refused',
  EXIT_AUTHENTICATION_FAILURE_USER1: 'the other server refused the login',
  EXIT_AUTHENTICATION_FAILURE_USER2: 'mailcow refused the login of its own engine',
  EXIT_SUBFOLDER1_NO_EXISTS: 'the folder is not there',
  EXIT_WITH_ERRORS: 'some messages met errors, the log says which',
  EXIT_WITH_ERRORS_MAX: 'it gave up after too many errors',
  EXIT_OVERQUOTA: 'the mailbox here is full',
  EXIT_ERR_APPEND: 'some messages could not be stored here',
  EXIT_ERR_FETCH: 'some messages could not be read there',
  EXIT_ERR_CREATE: 'some folders could not be made here',
  EXIT_ERR_SELECT: 'some folders could not be opened',
  EXIT_TRANSFER_EXCEEDED: 'it reached the most that it may transfer',
  EXIT_ERR_APPEND_VIRUS: 'messages with a virus were not stored here',
  EXIT_ERR_FLAGS: 'some flags could not be set here',
};

type Exit = { readonly exit: number; readonly exitName?: string };

/** A sentence without a full stop. */
export function exitWords({ exit, exitName }: Exit): string {
  if (exitName === undefined && exit !== 0)
    return "imapsync did not start or did not come to an end: mailcow's log of the job says more";
  return words[exitName ?? 'EX_OK'] ?? 'it went wrong, the log says why';
}

/** The same with number and name. */
export function sayExit(run: Exit): string {
  const name = run.exitName === undefined ? '' : `, ${run.exitName}`;
  return `${exitWords(run)} (exit code ${run.exit}${name})`;
}
