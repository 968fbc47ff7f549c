/** Kinds of values that belong to LDAP. */
import type { DisabledRule, LoginName } from '../core/mapping.ts';
import { kindOf, splitList } from './kinds.ts';
import type { Kind, Parsed } from './setting.ts';

const uriPattern = /^(ldaps?):\/\/([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?\/?$/i;

/** Scheme and host in lower case, no trailing slash: two spellings of one server are one text. */
function normalUri(item: string): string | undefined {
  const [, scheme, host, port] = uriPattern.exec(item) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  return `${scheme}://${host}${port === undefined ? '' : `:${port}`}`.toLowerCase();
}

const uriHint = (item: string): string => {
  if (/^[a-z0-9_.-]+(?::\d+)?$/i.test(item)) return `write ldaps://${item} (or ldap://${item})`;
  if (/^ldaps?:\/\/[^/]*@/i.test(item)) return 'write no user or password into the URI';
  return 'give ldap://HOST or ldaps://HOST, with :PORT where it is not the usual one, several separated by blanks';
};

/** One or several servers, tried in order. */
export const ldapUris: Kind<readonly string[]> = {
  expects: 'one or several URIs like ldaps://dc1.example.org, separated by blanks',
  parse: (text): Parsed<readonly string[]> => {
    const items = splitList(text);
    const wrong = items.find((item) => normalUri(item) === undefined);
    if (wrong !== undefined) return { problem: uriHint(wrong) };
    const uris = items.map(normalUri).filter((uri) => uri !== undefined);
    return uris.length === 0 ? { problem: `give ${ldapUris.expects}` } : { value: uris };
  },
};

/** Only the beginning is judged; the server knows the rest better. */
export const distinguishedName: Kind<string> = kindOf(
  'a distinguished name like dc=example,dc=org',
  (text) => (/^[a-z0-9][a-z0-9.-]*\s*=\s*[^\s,]/i.test(text) ? text : undefined),
);

const openParentheses = (text: string): readonly number[] => {
  let open = 0;
  return [...text].map((char) => {
    if (char === '(') open += 1;
    if (char === ')') open -= 1;
    return open;
  });
};

const filterProblem = (text: string): string | undefined => {
  if (/\\[()]/.test(text)) return String.raw`write a parenthesis inside a value as \28 or \29`;
  if (!text.startsWith('(')) return `put it into parentheses: (${text})`;
  if (/\(\s*\)/.test(text)) return 'there is an empty pair of parentheses in it';
  const open = openParentheses(text);
  const end = open.findIndex((count) => count <= 0);
  if (open.some((count) => count < 0)) return 'it closes more parentheses than it opens';
  if (end === -1) return `${open.at(-1) ?? 0} of its parentheses are not closed`;
  if (end < text.length - 1) return 'put several filters into one: (&(…)(…))';
  return undefined;
};

/** The shape only: the directory adapter judges the grammar. */
export const searchFilter: Kind<string> = {
  expects: 'an LDAP filter like (objectClass=inetOrgPerson)',
  parse: (text): Parsed<string> => {
    const value = text.trim();
    const problem = filterProblem(value);
    return problem === undefined ? { value } : { problem };
  },
};

const attributePattern = /^(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)+)(?:;[a-z0-9-]+)*$/i;

const isAttribute = (text: string): boolean => attributePattern.test(text);

export const attribute: Kind<string> = kindOf('the name of an LDAP attribute', (text) =>
  isAttribute(text) ? text : undefined,
);

/** The attribute alone, with `=%u` (what was typed) or with `=%n` (of it what stands before the `@`). */
export const loginName: Kind<LoginName> = kindOf(
  'the name of an LDAP attribute, or sAMAccountName=%n for the part before the @',
  (text) => {
    const [name = '', part = '%u', ...more] = text.split('=').map((one) => one.trim());
    const usable = isAttribute(name) && (part === '%u' || part === '%n') && more.length === 0;
    return usable ? { attribute: name, localPart: part === '%n' } : undefined;
  },
);

export const attributeList: Kind<readonly string[]> = kindOf(
  'names of LDAP attributes separated by commas',
  (text) => {
    const names = splitList(text);
    return names.length > 0 && names.every(isAttribute) ? names : undefined;
  },
);

/** Each item is one attribute, or several with `+` between them. */
export const nameRules: Kind<readonly string[]> = kindOf(
  'an attribute, or several joined like givenName+sn; alternatives separated by commas',
  (text) => {
    const rules = splitList(text.replace(/\s*\+\s*/g, '+'));
    return rules.length > 0 && rules.every((rule) => rule.split('+').every(isAttribute)) ? rules : undefined;
  },
);

const namedRules: Readonly<Record<string, DisabledRule>> = {
  none: { kind: 'none' },
  useraccountcontrol: { kind: 'user-account-control' },
  nsaccountlock: { kind: 'ns-account-lock' },
  pwdaccountlockedtime: { kind: 'pwd-account-locked-time' },
};

const attributeRule = (text: string): DisabledRule | undefined => {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0)).trim();
  const values = text
    .slice(at + 1)
    .split(',')
    .map((value) => value.trim());
  const usable = at > 0 && isAttribute(name) && values.every((value) => value !== '');
  return usable ? { kind: 'attribute', attribute: name, values } : undefined;
};

/** `undefined` is `auto`: the rule of the dialect. */
export const disabledRule: Kind<DisabledRule | undefined> = {
  expects: 'auto, userAccountControl, nsAccountLock, pwdAccountLockedTime, none, or ATTRIBUTE=VALUE[,VALUE…]',
  parse: (text) => {
    const word = text.trim();
    if (word.toLowerCase() === 'auto') return { value: undefined };
    const rule = namedRules[word.toLowerCase()] ?? attributeRule(word);
    return rule === undefined ? { problem: `give ${disabledRule.expects}` } : { value: rule };
  },
};
