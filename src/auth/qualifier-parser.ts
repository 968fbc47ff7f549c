/**
 * Conditions in the words of SOGo, as operators have them from the older tools: `objectClass='user' AND
 * objectCategory='person'`. A small part of the language, read strictly: whatever else SOGo would make of the text, it is
 * written anew from what was understood here, or refused.
 */
import type { Condition } from './condition.ts';
import { RenderError } from './render-error.ts';

const SETTING = 'LDAP_MAILCOW_SOGO_LDAP_FILTER';

type Cursor = { readonly text: string; at: number };

const refuse = (cursor: Cursor, what: string): RenderError => {
  const rest = cursor.text.slice(cursor.at).trim();
  return new RenderError(`${SETTING}: ${what} ${rest === '' ? 'at the end' : `before “${rest}”`}`);
};

/** Takes what stands at the cursor, blanks before it included, when it matches. */
function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  const sticky = new RegExp(String.raw`\s*${pattern.source}`, 'iy');
  sticky.lastIndex = cursor.at;
  const match = sticky.exec(cursor.text);
  if (match === null) return undefined;
  cursor.at = sticky.lastIndex;
  return match;
}

const decode = (run: string, cursor: Cursor): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(run.replaceAll('\\', ''), 'hex'));
  } catch {
    throw refuse(cursor, `“${run}” is not UTF-8: wrong`);
  }
};

const unescaped = (piece: string, cursor: Cursor): string => {
  if (/\\(?![0-9a-f]{2})|[()]/i.test(piece)) {
    throw refuse(cursor, String.raw`write \28, \29 and \5c for ( ) and \ in a value: wrong`);
  }
  return piece.replaceAll(/(?:\\[0-9a-f]{2})+/gi, (run) => decode(run, cursor));
};

const operators: Readonly<Record<string, '=' | '>=' | '<=' | '!='>> = {
  '=': '=',
  like: '=',
  caseinsensitivelike: '=',
  '>=': '>=',
  '<=': '<=',
  '!=': '!=',
};

/** `caption` is what is missing when nothing is found. */
function need(cursor: Cursor, pattern: RegExp, caption: string): string {
  const groups = take(cursor, pattern)?.slice(1) ?? [];
  const found = groups.find((group) => (group as string | undefined) !== undefined);
  if (found === undefined) throw refuse(cursor, `${caption} is missing`);
  return found;
}

function parseComparison(cursor: Cursor): Condition {
  const attribute = need(cursor, /(?:"([a-z][a-z0-9-]*)"|([a-z][a-z0-9-]*))/, 'an attribute');
  const rule = /^:([a-z0-9.-]+):/i.exec(cursor.text.slice(cursor.at))?.[1];
  if (rule !== undefined) cursor.at += rule.length + 2;
  const word = need(cursor, /(=|>=|<=|!=|like\b|caseInsensitiveLike\b)/, 'one of = != >= <=');
  const value = need(cursor, /(?:'([^']*)'|"([^"]*)"|(\d+))/, "a value in quotes, like 'person',");
  return asCondition({ attribute, rule, operator: operators[word.toLowerCase()] ?? '=', value, cursor });
}

type Compared = {
  readonly attribute: string;
  readonly rule: string | undefined;
  readonly operator: '=' | '>=' | '<=' | '!=';
  readonly value: string;
  readonly cursor: Cursor;
};

function asCondition({ attribute, rule, operator, value, cursor }: Compared): Condition {
  const pieces = value.split('*').map((piece) => unescaped(piece, cursor));
  const isEqual = operator === '=' || operator === '!=';
  if (pieces.length > 1 && !isEqual) throw refuse(cursor, 'a wildcard needs “=”: wrong');
  if (rule === undefined) {
    const same: Condition = { kind: 'compare', attribute, operator: isEqual ? '=' : operator, pieces };
    return operator === '!=' ? { kind: 'not', part: same } : same;
  }
  const [only = '', ...more] = pieces;
  if (operator !== '=' || more.length > 0)
    throw refuse(cursor, 'a matching rule needs “=” and a plain value: wrong');
  return { kind: 'rule', attribute, rule, ofDn: false, value: only };
}

function parseOne(cursor: Cursor): Condition {
  if (take(cursor, /not(?![a-z0-9-])/)) return { kind: 'not', part: parseOne(cursor) };
  if (!take(cursor, /\(/)) return parseComparison(cursor);
  const inner = parseMany(cursor);
  if (!take(cursor, /\)/)) throw refuse(cursor, 'a closing parenthesis is missing');
  return inner;
}

/** All AND or all OR: which of both counts first is not left to anybody. */
function parseMany(cursor: Cursor): Condition {
  const parts = [parseOne(cursor)];
  let joined: 'and' | 'or' | undefined;
  for (;;) {
    const word = take(cursor, /(and|or)(?![a-z0-9-])/)?.[1]?.toLowerCase();
    if (word !== 'and' && word !== 'or') break;
    if (joined !== undefined && word !== joined)
      throw refuse(cursor, 'put AND and OR into parentheses of their own: wrong');
    joined = word;
    parts.push(parseOne(cursor));
  }
  const [only] = parts;
  return joined === undefined && only !== undefined ? only : { kind: joined ?? 'and', parts };
}

/** What a condition in the words of SOGo says. Throws RenderError when it is not understood to its last character. */
export function parseQualifier(text: string): Condition {
  const cursor: Cursor = { text, at: 0 };
  const condition = parseMany(cursor);
  if (text.slice(cursor.at).trim() !== '') throw refuse(cursor, 'AND, OR or the end is missing');
  return condition;
}
