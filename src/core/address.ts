/**
 * Mail addresses as mailcow accepts them: an ASCII dot-atom of RFC 5322 with a local part of at most 64
 * characters and a host name as domain (RULES.md 1). Quoted local parts and non-ASCII are refused there.
 */

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const localPattern = new RegExp(`^${atom}(?:\\.${atom})*$`);
const labelPattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const hostCache = new Map<string, boolean>();

const isHostName = (text: string): boolean =>
  text.length <= 253 && text.split('.').every((label) => labelPattern.test(label));

/** A directory has few domains and many addresses: each distinct one is judged once. */
const isKnownHostName = (text: string): boolean => {
  const known = hostCache.get(text);
  if (known !== undefined) return known;
  const verdict = isHostName(text);
  if (hostCache.size < 1000) hostCache.set(text, verdict);
  return verdict;
};

/** The canonical (trimmed, lower-case) form of an address, or undefined when mailcow would not take it. */
export function parseAddress(text: string): string | undefined {
  const trimmed = text.trim();
  const at = trimmed.lastIndexOf('@');
  if (at < 1 || at > 64) return undefined;
  // Judged before lower-casing: U+212A (Kelvin sign) lower-cases to an ASCII k.
  if (!localPattern.test(trimmed.slice(0, at)) || !isKnownHostName(trimmed.slice(at + 1))) return undefined;
  return trimmed.toLowerCase();
}

/** The part after the `@` of a canonical address. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** The part before the `@` of a canonical address. */
export function localPartOf(address: string): string {
  return address.slice(0, address.lastIndexOf('@'));
}
