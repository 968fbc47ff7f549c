/** What a handler of one call works with, and how it reports. */
import type { Json, JsonObject } from './json.ts';
import { isObject } from './json.ts';
import type { Store } from './store.ts';

export type Entry = {
  readonly type: 'success' | 'danger' | 'warning' | 'info';
  readonly log: Json;
  readonly msg: Json;
};

/** One write call inside mailcow: the tables, and the entries of the reply so far. */
export type Context = { readonly store: Store; readonly entries: Entry[] };

/** What arrived: `attr` of add and edit, `items` of edit and delete, and the rest of the path. */
export type Input = {
  readonly attr: JsonObject;
  /** The attributes as they were sent, for the log: a list stays a list. */
  readonly sent: Json;
  readonly items: readonly Json[];
  readonly object: string;
  readonly extra: string;
};

/** Carries out one write; false is PHP's `return false` and only shows when nothing was reported. */
export type Write = (context: Context, input: Input) => boolean;

export type Report = {
  readonly success: (msg: Json) => boolean;
  readonly danger: (msg: Json) => boolean;
  readonly warning: (msg: Json) => boolean;
};

/** Adds entries with one log; `danger` returns false so that a handler can return it. */
export function reporter(context: Context, log: Json): Report {
  const add = (type: Entry['type'], msg: Json): boolean => {
    context.entries.push({ type, log, msg });
    return type !== 'danger';
  };
  return {
    success: (msg) => add('success', msg),
    danger: (msg) => add('danger', msg),
    warning: (msg) => add('warning', msg),
  };
}

const masked = ['password', 'password2', 'app_passwd', 'app_passwd2', 'client_secret', 'access_token'];

/** The request as the log echoes it: these secrets masked, others (password1, bindpass) in clear. */
export function maskSecrets(data: Json): Json {
  if (!isObject(data)) return data;
  const entries = Object.entries(data).map(([key, value]) => [key, masked.includes(key) ? '*' : value]);
  return Object.fromEntries(entries) as JsonObject;
}

/** The log of `mailbox()`, mailcow's biggest function; it has a trailing null that others do not have. */
export function mailboxLog(what: readonly [action: string, type: string], data: Json): Json {
  return ['mailbox', ...what, maskSecrets(data), null];
}

const uncaughtName = 'UncaughtPhpException';

/** An exception that PHP does not catch: the reply is empty, the error waits in the session. */
export function uncaught(errorInfo: readonly [state: string, code: number, message: string]): Error {
  return Object.assign(new Error(errorInfo[2]), { name: uncaughtName, errorInfo });
}

/** The entry that an uncaught exception leaves in the session; undefined for an error of this program. */
export function strandedEntry(error: unknown): Entry | undefined {
  if (error instanceof TypeError && error.message.startsWith('PHP: ')) {
    return { type: 'danger', log: ['exception_handler'], msg: ['mysql_error', error.message.slice(5)] };
  }
  if (!(error instanceof Error) || error.name !== uncaughtName || !('errorInfo' in error)) return undefined;
  const errorInfo = error.errorInfo as Json;
  return { type: 'danger', log: ['exception_handler'], msg: ['mysql_error', { errorInfo }] };
}

/** Refuses what MariaDB refuses in strict mode: a value longer than its column. */
export function requireFits(column: string, fits: boolean): void {
  if (!fits) throw uncaught(['22001', 1406, `Data too long for column '${column}' at row 1`]);
}
