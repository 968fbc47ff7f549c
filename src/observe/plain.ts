/** Any value as plain data that can be printed: no cycles, no secrets, no surprises from getters. */
import { isSecretKey, mask, type Redactor } from './redact.ts';

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

const deepest = 6;
const longestList = 200;

export type PlainOptions = {
  readonly redactor: Redactor;
  /** Stacks are for developers. */
  readonly stacks: boolean;
};

type Walk = PlainOptions & { readonly above: readonly unknown[] };

const below = (walk: Walk, value: unknown): Walk => ({ ...walk, above: [...walk.above, value] });

const plainError = (error: Error, walk: Walk): Plain => {
  const { redactor, stacks } = walk;
  const code = 'code' in error ? plainOf(error.code, below(walk, error)) : null;
  return {
    name: redactor.text(error.name),
    message: redactor.text(error.message),
    ...(code === null ? {} : { code }),
    // A refused connection to a name with several addresses has no message of its own.
    ...(error instanceof AggregateError ? { errors: plainOf(error.errors, below(walk, error)) } : {}),
    ...(error.cause === undefined ? {} : { cause: plainOf(error.cause, below(walk, error)) }),
    ...(stacks && error.stack !== undefined ? { stack: redactor.text(error.stack) } : {}),
  };
};

const plainEntries = (entries: Iterable<readonly [unknown, unknown]>, walk: Walk): Plain => {
  const result: Record<string, Plain> = {};
  for (const [key, value] of entries) {
    if (value === undefined || typeof value === 'function') continue;
    const name = String(key);
    const masked = isSecretKey(name) && typeof value !== 'boolean' && value !== null;
    result[walk.redactor.text(name)] = masked ? mask : plainOf(value, walk);
  }
  return result;
};

const plainList = (items: readonly unknown[], walk: Walk): Plain => {
  const shown = items.slice(0, longestList).map((item) => plainOf(item, walk));
  return items.length > longestList ? [...shown, `… ${items.length - longestList} more`] : shown;
};

const plainObject = (value: object, walk: Walk): Plain => {
  if (walk.above.includes(value)) return '[circular]';
  if (walk.above.length >= deepest) return '[deep]';
  if (value instanceof Error) return plainError(value, walk);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  if (value instanceof URL) return walk.redactor.text(value.href);
  if (value instanceof Uint8Array) return `[${value.length} octets]`;
  const inner = below(walk, value);
  if (Array.isArray(value)) return plainList(value, inner);
  if (value instanceof Map) return plainEntries(value, inner);
  if (value instanceof Set) return plainList([...value], inner);
  return plainEntries(Object.entries(value), inner);
};

const plainOf = (value: unknown, walk: Walk): Plain => {
  switch (typeof value) {
    case 'string':
      return walk.redactor.value(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? null : plainObject(value, walk);
    case 'undefined':
    case 'function':
    case 'symbol':
      return null;
  }
};

/** The fields of one message, redacted. Never throws: a log line must not end a sync. */
export function plainFields(
  fields: Readonly<Record<string, unknown>>,
  options: PlainOptions,
): Readonly<Record<string, Plain>> {
  try {
    const plain = plainOf(fields, { ...options, above: [] });
    return plain as Readonly<Record<string, Plain>>;
  } catch {
    return { fields: '[unreadable]' };
  }
}
