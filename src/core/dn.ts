/** Distinguished names compared as RFC 4514 means them, not as text (facts/ldap.md section 3). */

type Rdn = readonly (readonly [type: string, value: string])[];

const hexPair = /^[0-9a-fA-F]{2}/;

/** Decodes `\2C`, `\"` and runs of hex pairs that are UTF-8 octets. */
function unescapeValue(text: string): string {
  if (!text.includes('\\')) return text.trim();
  const parts: string[] = [];
  let octets: number[] = [];
  const flush = (): void => {
    if (octets.length > 0) parts.push(Buffer.from(octets).toString('utf8'));
    octets = [];
  };
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char !== '\\') {
      flush();
      parts.push(char);
      continue;
    }
    const hex = hexPair.exec(text.slice(i + 1, i + 3));
    if (hex) {
      octets.push(Number.parseInt(hex[0], 16));
      i += 2;
      continue;
    }
    flush();
    i += 1;
    parts.push(text.charAt(i));
  }
  flush();
  return trimUnescaped(parts.join(''), text);
}

/** Blanks around a value are insignificant unless they were escaped. */
function trimUnescaped(value: string, source: string): string {
  const start = value.trimStart();
  return /\\ $|\\20$/.test(source.trimStart()) ? start : start.trimEnd();
}

/** Splits at `separator` where it is neither escaped nor inside quotes. */
function splitUnescaped(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\') i += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

const unquote = (text: string): string => {
  const trimmed = text.trim();
  return trimmed.length >= 2 && trimmed.startsWith('"') && trimmed.endsWith('"')
    ? trimmed.slice(1, -1)
    : text;
};

const parseRdn = (text: string): Rdn =>
  splitUnescaped(text, '+').map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at).trim().toLowerCase(), unescapeValue(unquote(pair.slice(at + 1)))];
  });

const canonicalValue = (value: string): string =>
  value
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/[\\,+="<>#;]/g, '\\$&');

const canonicalRdn = (rdn: Rdn): string =>
  rdn
    .map(([type, value]) => `${type}=${canonicalValue(value)}`)
    .sort()
    .join('+');

const plain = /^[A-Za-z]+=[A-Za-z0-9._@-][A-Za-z0-9 ._@-]*(?:,[A-Za-z]+=[A-Za-z0-9._@-]*)*$/;

/**
 * A key that is equal for two spellings of the same DN: types and values case-folded, escapes undone,
 * white space folded, multi-valued RDNs sorted. Not meant to be shown or sent.
 */
export function dnKey(dn: string): string {
  // Most DNs of a directory need no parsing at all, and there are a hundred thousand of them.
  if (plain.test(dn) && !dn.includes('  ') && !dn.includes(' ,')) return dn.toLowerCase();
  return splitUnescaped(dn, ',')
    .map((rdn) => canonicalRdn(parseRdn(rdn)))
    .join(',');
}
