/** The habits of PHP that show through the API. */
import { domainToASCII } from 'node:url';
import { isList, isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';

type Value = Json | undefined;

/** `isset()`: null counts as not set. */
export function isSet(value: Value): value is Exclude<Json, null> {
  return value !== undefined && value !== null;
}

/** `empty()`: also true for 0, "0" and the empty list. */
export function isEmpty(value: Value): boolean {
  if (isList(value)) return value.length === 0;
  return !isSet(value) || value === false || value === 0 || value === '' || value === '0';
}

/** `intval()`: the number that a text begins with, 0 when it begins with none. */
export function intval(value: Value): number {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') return leadingNumber(value) ?? 0;
  return isEmpty(value) ? 0 : 1;
}

function leadingNumber(text: string): number | undefined {
  const number = Math.trunc(Number.parseFloat(text));
  return Number.isFinite(number) ? number : undefined;
}

/** `strval()` for scalars; a list or object where PHP wants a text is a TypeError there, and so it is here. */
export function text(value: Value): string {
  if (isList(value) || isObject(value)) throw new TypeError('PHP: Argument must be of type string');
  if (!isSet(value) || value === false) return '';
  return value === true ? '1' : String(value);
}

/** The first value that is set and not empty, as text. */
export function textOr(value: Value, fallback: string): string {
  return isEmpty(value) ? fallback : text(value);
}

/** `isset(x) ? intval(x) : fallback`. */
export function intOr(value: Value, fallback: number): number {
  return isSet(value) ? intval(value) : fallback;
}

/** `(array)$x`: a scalar becomes a list of one, null none; an object its values. */
export function asArray(value: Value): readonly Json[] {
  if (!isSet(value)) return [];
  if (isList(value)) return value;
  return isObject(value) ? valuesOf(value) : [value];
}

function valuesOf(value: JsonObject): readonly Json[] {
  return Object.values(value).map((item) => item ?? null);
}

/** `preg_split("/( |,|;|\n)/")` and trim: the way address lists are written on the wire. */
export function splitList(value: Value): string[] {
  return text(value)
    .split(/[ ,;\n]/)
    .map((part) => part.trim());
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '"': '&quot;',
  "'": '&#039;',
  '<': '&lt;',
  '>': '&gt;',
};

/** `htmlspecialchars()`, which most arguments of a message have gone through. */
export function escapeHtml(value: string): string {
  return value.replace(/[&"'<>]/g, (char) => entities[char] ?? char);
}

/** `idn_to_ascii()`: lower case, punycode. */
export function toAscii(domain: string): string {
  // eslint-disable-next-line no-control-regex -- the question is exactly whether it is ASCII
  if (/^[\x00-\x7f]*$/.test(domain)) return domain.toLowerCase();
  return domainToASCII(domain) || domain;
}

const localPart = /^[a-z\d!#-'*+\-/=?^-~]+(?:\.[a-z\d!#-'*+\-/=?^-~]+)*$/i;
const label = /^(?:xn--)?[a-z\d]+(?:-+[a-z\d]+)*$/i;

/** `FILTER_VALIDATE_EMAIL`: a dot in the domain is needed, unicode and underscores in the domain are not allowed. */
export function isMailAddress(value: Value): value is string {
  if (typeof value !== 'string' || value.length > 254) return false;
  const at = value.lastIndexOf('@');
  const local = value.slice(0, Math.max(at, 0));
  const labels = value.slice(at + 1).split('.');
  if (local.length > 64 || !localPart.test(local) || labels.length < 2) return false;
  return labels.every((part) => part.length <= 63 && label.test(part)) && /^[a-z]/i.test(labels.at(-1) ?? '');
}

/** mailcow's `is_valid_domain_name()`: single labels pass. */
export function isDomainName(value: Value): value is string {
  const domain = toAscii(text(value));
  if (domain.length === 0 || domain.length > 253) return false;
  return domain.split('.').every((part) => part.length <= 63 && /^[a-z\d](-*[a-z\d])*$/i.test(part));
}

/** The part before and after the first `@`, as `strstr()` cuts it; both empty without one. */
export function splitAddress(address: string): { readonly local: string; readonly domain: string } {
  const at = address.indexOf('@');
  if (at < 0) return { local: '', domain: '' };
  return { local: address.slice(0, at), domain: toAscii(address.slice(at + 1)) };
}

/** MySQL's number in a text compared with an INT column: "50zzz@x" is 50. */
export function sqlNumber(value: Value): number {
  const number = typeof value === 'number' ? value : Number.parseFloat(text(value));
  return Number.isFinite(number) ? number : 0;
}

/** Equality and order of mailcow's collation (utf8mb4_general_ci): without case. */
export function fold(value: string): string {
  return value.toUpperCase();
}

/** `2026-11-20 11:03:28`: a moment as MariaDB prints it (UTC here). */
export function sqlTime(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ');
}
