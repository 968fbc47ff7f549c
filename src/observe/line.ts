/** One message as one line, whatever a directory put into it. */
import type { Plain } from './plain.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export type LogEntry = {
  readonly at: Date;
  readonly level: LogLevel;
  readonly run?: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, Plain>>;
};

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Control characters, line separators, and marks that turn the direction of writing round. */
const unprintable = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const escapeChar = (char: string): string =>
  named[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The text on one line, with what would move a cursor or turn writing round made visible. */
export const printable = (text: string): string => text.toWellFormed().replace(unprintable, escapeChar);

const two = (value: number): string => String(value).padStart(2, '0');

/** In the time zone of the process: `2026-11-21 07:11:00`. */
export const localTime = (at: Date): string => {
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
};

const isObject = (value: Plain): value is Readonly<Record<string, Plain>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An error reads as its message (or its stack) with those of the errors it gathers and of its causes. */
const errorText = (value: Plain): string | undefined => {
  if (!isObject(value) || typeof value['message'] !== 'string' || typeof value['name'] !== 'string') {
    return undefined;
  }
  const { name, message, errors, cause, stack } = value;
  const own = typeof stack === 'string' ? stack : message || name;
  const gathered = Array.isArray(errors) ? errors.map(innerText).join('; ') : '';
  const reason = cause === undefined ? '' : `; cause: ${innerText(cause)}`;
  return `${own}${gathered === '' ? '' : ` (${gathered})`}${reason}`;
};

const innerText = (value: Plain): string =>
  typeof value === 'string' ? value : (errorText(value) ?? JSON.stringify(value));

const bare = /^[^\s"'\\=[\]{}]+$/;

const fieldText = (value: Plain): string => {
  const text = innerText(value);
  const plainScalar = typeof value !== 'object' || value === null;
  if (plainScalar && typeof value !== 'string') return text;
  const safe = printable(text);
  if (bare.test(safe) && safe === text) return safe;
  return typeof value === 'object' && errorText(value) === undefined
    ? safe
    : `"${safe.replaceAll('"', '\\"')}"`;
};

/** `2026-11-21 05:53:01 info  [run 7f3a] message key=value`, in the local time zone. */
export function textLine({ at, level, run, message, fields }: LogEntry): string {
  const parts = [localTime(at), level.padEnd(5)];
  if (run !== undefined) parts.push(`[run ${printable(run)}]`);
  parts.push(printable(message));
  const pairs = Object.entries(fields).map(([key, value]) => `${printable(key)}=${fieldText(value)}`);
  return [...parts, ...pairs].join(' ');
}

/** One JSON object with time (UTC), level, run, message and fields. */
export function jsonLine({ at, level, run, message, fields }: LogEntry): string {
  const entry = {
    time: at.toISOString(),
    level,
    ...(run === undefined ? {} : { run }),
    message,
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
  // JSON leaves some of these as they are; all of them can only stand inside strings.
  return JSON.stringify(entry).replace(unprintable, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
