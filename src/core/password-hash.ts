/**
 * Which password hashes of a directory log in on mailcow, and how it wants them called. Measured: facts/mailcow-api.md
 * section 3. What mailcow does not know as a hash it takes for the password itself.
 */

type Rule = {
  /** As mailcow calls it. */
  readonly name: string;
  /** What follows the scheme. */
  readonly form: RegExp;
};

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** By the name that mailcow knows, best first: of several values of a person the first of these counts. */
const accepted: readonly Rule[] = [
  { name: 'ARGON2ID', form: /^\$argon2id\$[!-~]+$/ },
  { name: 'ARGON2I', form: /^\$argon2i\$[!-~]+$/ },
  { name: 'BLF-CRYPT', form: /^\$2[aby]\$[!-~]+$/ },
  { name: 'CRYPT', form: /^\$6\$[!-~]+$/ },
  { name: 'SSHA512', form: base64 },
  { name: 'SSHA', form: base64 },
  { name: 'SMD5', form: base64 },
  { name: 'SHA', form: base64 },
  { name: 'LDAP-MD5', form: base64 },
];

/** What directories call otherwise. `{MD5}` is another scheme to mailcow, `{ARGON2}` none. */
const renamed: Readonly<Record<string, readonly string[]>> = {
  MD5: ['LDAP-MD5'],
  ARGON2: ['ARGON2ID', 'ARGON2I'],
};

/** Schemes that may be named to people; of anything else the braces may be part of a password in clear. */
const refused: readonly string[] = [
  'ARGON2',
  'ARGON2I',
  'ARGON2ID',
  'BLF-CRYPT',
  'CLEAR',
  'CLEARTEXT',
  'CRYPT',
  'KERBEROS',
  'LDAP-MD5',
  'MD5',
  'PBKDF2',
  'PBKDF2-SHA1',
  'PBKDF2-SHA256',
  'PBKDF2-SHA512',
  'PBKDF2_SHA256',
  'PBKDF2_SHA512',
  'PLAIN',
  'SASL',
  'SHA',
  'SHA256',
  'SHA384',
  'SHA512',
  'SMD5',
  'SSHA',
  'SSHA256',
  'SSHA384',
  'SSHA512',
];

type Parts = { readonly scheme: string; readonly rest: string };

function split(value: string): Parts | undefined {
  const [, scheme, rest] = /^\{([A-Za-z0-9_-]{1,20})\}(.*)$/s.exec(value) ?? [];
  return scheme === undefined || rest === undefined ? undefined : { scheme: scheme.toUpperCase(), rest };
}

function ruleFor({ scheme, rest }: Parts): Rule | undefined {
  const names = renamed[scheme] ?? [scheme];
  return accepted.find(({ name, form }) => names.includes(name) && form.test(rest));
}

/** Whether mailcow keeps this text as it is and its owner can log in. */
export function isMailcowHash(text: string): boolean {
  const parts = split(text);
  return (
    parts !== undefined && accepted.some(({ name, form }) => name === parts.scheme && form.test(parts.rest))
  );
}

/** What a value is, in words that give nothing of it away. */
function nameOfScheme(value: string): string {
  const scheme = split(value)?.scheme;
  if (scheme !== undefined && refused.includes(scheme)) return `{${scheme}}`;
  return /^\$(?:2[aby]|1|5|6|y|argon2i?d?)\$/.test(value)
    ? 'a crypt hash without a scheme'
    : 'no known scheme';
}

export type ChosenHash =
  | { readonly kind: 'hash'; readonly hash: string }
  /** Names of schemes, never values; sorted. */
  | { readonly kind: 'unusable'; readonly schemes: readonly string[] };

/** Of the values of one person the best that mailcow can check; equally good ones by their text. */
export function chooseHash(values: readonly string[]): ChosenHash {
  const usable = values.flatMap((value) => {
    const parts = split(value);
    const rule = parts && ruleFor(parts);
    return rule === undefined || parts === undefined
      ? []
      : [{ rank: accepted.indexOf(rule), hash: `{${rule.name}}${parts.rest}` }];
  });
  const [best] = usable.sort((a, b) => a.rank - b.rank || (a.hash < b.hash ? -1 : 1));
  if (best !== undefined) return { kind: 'hash', hash: best.hash };
  return { kind: 'unusable', schemes: [...new Set(values.map(nameOfScheme))].sort() };
}
