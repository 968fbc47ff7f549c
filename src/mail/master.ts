/**
 * Who may open every mailbox of mailcow's Dovecot: `anna@example.org*abc@mailcow.local`.
 *
 * mailcow makes such a login anew at each start of its Dovecot and writes it for SOGo to `data/conf/sogo/sieve.creds`,
 * as one line `user:password` (its data/Dockerfiles/dovecot/docker-entrypoint.sh; imapsync_runner.pl reads it the same
 * way). With DOVECOT_MASTER_USER and DOVECOT_MASTER_PASS it is always the same, USER@mailcow.local.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { MailError } from './errors.ts';
import { traitsOf } from './failure.ts';

export type MasterSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'fixed'; readonly user: string; readonly password: string };

export type Master = {
  /** The name to log in with for a mailbox. Throws a MailError for one with a `*`, which no address of mailcow has. */
  readonly userFor: (mailbox: string) => string;
  readonly password: string;
};

const mostBytes = 4096;

function readStart(path: string): string {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(mostBytes);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, mostBytes, 0));
  } finally {
    closeSync(file);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; mount data/conf/sogo/sieve.creds of mailcow there',
  EISDIR: 'it is a folder, which Docker makes when the file to mount is missing',
  EACCES: 'this process may not read it',
};

function readText(path: string): string {
  try {
    return readStart(path);
  } catch (error) {
    const { code, message } = traitsOf(error);
    throw new MailError(`no master login from ${path}: ${reasons[code] ?? message}`, { transient: false });
  }
}

/** A name of a login: nothing that Dovecot splits at, no blanks. */
const goodUser = /^[^\s:*\p{Cc}]+$/u;
const goodPassword = /^\P{Cc}+$/u;

function parse(path: string, text: string): Omit<Extract<MasterSource, { kind: 'fixed' }>, 'kind'> {
  const lines = text.split('\n').map((line) => line.trim());
  if (lines.every((line) => line === '')) {
    // mailcow empties the file in the moment before it writes it.
    throw new MailError(`no master login from ${path}: the file is empty`, { transient: true });
  }
  const [line = '', ...more] = lines;
  const colon = line.indexOf(':');
  const [user, password] = [line.slice(0, Math.max(colon, 0)), line.slice(colon + 1)];
  // What stands in the file is not repeated: it may be a password.
  if (!goodUser.test(user) || !goodPassword.test(password) || more.some((rest) => rest !== '')) {
    throw new MailError(`no master login from ${path}: it is not one line “user:password”`, {
      transient: false,
    });
  }
  return { user, password };
}

function checkFixed(source: Extract<MasterSource, { kind: 'fixed' }>): typeof source {
  if (goodUser.test(source.user) && goodPassword.test(source.password)) return source;
  throw new MailError('the master login needs a user without blanks, “:” and “*”, and a password', {
    transient: false,
  });
}

function nameFor(mailbox: string, master: string): string {
  if (mailbox === '' || mailbox.includes('*')) {
    throw new MailError(`“${mailbox}” is no mailbox that a master could open`, { transient: false });
  }
  return `${mailbox}*${master}`;
}

/**
 * The login as it is now: a file is read at every call, because it changes with each start of mailcow's Dovecot. A user
 * without `@` is one of mailcow.local. Throws a MailError, with a sentence that repeats nothing of the file, when it is
 * missing, unreadable or not of its form; only an empty file is transient.
 */
export function readMaster(source: MasterSource): Master {
  const { user, password } =
    source.kind === 'file' ? parse(source.path, readText(source.path)) : checkFixed(source);
  const master = user.includes('@') ? user : `${user}@mailcow.local`;
  return { userFor: (mailbox) => nameFor(mailbox, master), password };
}
