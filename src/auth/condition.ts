/** Conditions on an entry: parsed from an LDAP filter (RFC 4515), and written as one again. */
import {
  AndFilter,
  ApproximateFilter,
  EqualityFilter,
  ExtensibleFilter,
  FilterParser,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
  SubstringFilter,
  type Filter,
} from 'ldapts';
import { plainFilter } from '../core/filter-text.ts';
import { RenderError } from './render-error.ts';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare';
      readonly attribute: string;
      readonly operator: '=' | '>=' | '<=' | '~=';
      /** What stands between the wildcards; one piece: no wildcard; two empty ones: the attribute is there. */
      readonly pieces: readonly string[];
    }
  | {
      readonly kind: 'rule';
      /** Empty: any attribute. */
      readonly attribute: string;
      readonly rule: string;
      readonly ofDn: boolean;
      readonly value: string;
    }
  /** What somebody typed at the login: a variable that Dovecot fills in, and escapes. */
  | { readonly kind: 'typed'; readonly attribute: string; readonly variable: string };

/** An attribute equal to a value. */
export const equals = (attribute: string, value: string): Condition => ({
  kind: 'compare',
  attribute,
  operator: '=',
  pieces: [value],
});

/** An attribute that is there, whatever its value. */
export const present = (attribute: string): Condition => ({
  kind: 'compare',
  attribute,
  operator: '=',
  pieces: ['', ''],
});

const compare = (
  filter: { readonly attribute: string; readonly value: Buffer | string },
  operator: '=' | '>=' | '<=' | '~=',
): Condition => ({
  kind: 'compare',
  attribute: filter.attribute,
  operator,
  pieces: [filter.value.toString()],
});

function fromItem(filter: Filter): Condition {
  if (filter instanceof PresenceFilter) return present(filter.attribute);
  if (filter instanceof EqualityFilter) return compare(filter, '=');
  if (filter instanceof GreaterThanEqualsFilter) return compare(filter, '>=');
  if (filter instanceof LessThanEqualsFilter) return compare(filter, '<=');
  if (filter instanceof ApproximateFilter) return compare(filter, '~=');
  if (filter instanceof SubstringFilter) {
    const { attribute, initial, any, final } = filter;
    return { kind: 'compare', attribute, operator: '=', pieces: [initial, ...any, final] };
  }
  if (filter instanceof ExtensibleFilter) {
    const { matchType, rule, dnAttributes, value } = filter;
    return { kind: 'rule', attribute: matchType, rule, ofDn: dnAttributes, value };
  }
  throw new RenderError('the LDAP filter has a part of an unknown kind');
}

function fromLdapts(filter: Filter): Condition {
  if (filter instanceof AndFilter) return { kind: 'and', parts: filter.filters.map(fromLdapts) };
  if (filter instanceof OrFilter) return { kind: 'or', parts: filter.filters.map(fromLdapts) };
  if (filter instanceof NotFilter) return { kind: 'not', part: fromLdapts(filter.filter) };
  return fromItem(filter);
}

/** What an LDAP filter says. Throws RenderError with the name of its setting when it is none. */
export function parseCondition(text: string, setting: string): Condition {
  try {
    return fromLdapts(FilterParser.parseString(plainFilter(text)));
  } catch (error) {
    if (error instanceof RenderError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new RenderError(`${setting} is no LDAP filter: ${why}`, { cause: error });
  }
}

const hexOf = (text: string): string =>
  [...Buffer.from(text, 'utf8')].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');

/**
 * A value with everything but the plainest characters as `\xx`: neither an LDAP filter, nor SOGo's parser, nor a variable
 * of Dovecot finds anything of its own in it (facts/auth.md section 5).
 */
export function filterValue(text: string): string {
  return text.replaceAll(/^ +| +$|[^A-Za-z0-9 ,=._@:+/-]/gu, hexOf);
}

const attributePattern = /^(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)+)$/i;

const attributeOf = (name: string): string => {
  if (attributePattern.test(name)) return name;
  throw new RenderError(`${JSON.stringify(name)} is not the name of an LDAP attribute`);
};

const rulePrefix = (condition: Extract<Condition, { kind: 'rule' }>): string => {
  const { attribute, rule, ofDn } = condition;
  const head = attribute === '' ? '' : attributeOf(attribute);
  return `${head}${ofDn ? ':dn' : ''}${rule === '' ? '' : `:${attributeOf(rule)}`}:=`;
};

/** An LDAP filter that says the same as the condition, in ASCII. */
export function renderFilter(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
      return `(&${condition.parts.map(renderFilter).join('')})`;
    case 'or':
      return `(|${condition.parts.map(renderFilter).join('')})`;
    case 'not':
      return `(!${renderFilter(condition.part)})`;
    case 'compare': {
      const value = condition.pieces.map(filterValue).join('*');
      return `(${attributeOf(condition.attribute)}${condition.operator}${value})`;
    }
    case 'rule':
      return `(${rulePrefix(condition)}${filterValue(condition.value)})`;
    case 'typed':
      return `(${attributeOf(condition.attribute)}=${condition.variable})`;
  }
}
