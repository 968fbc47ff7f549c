/**
 * Takes known secrets out of text, in every form in which they travel. A secret of fewer than eight characters
 * may be an ordinary word ("sync"): it is masked only as a whole value and right after a word like `password=`.
 */

export const mask = '[hidden]';

const shortestSubstring = 8;

export type Redactor = {
  /** Any text: messages, errors, bodies, names. */
  readonly text: (text: string) => string;
  /** A whole value of a field: masked too when it is exactly a short secret. */
  readonly value: (text: string) => string;
};

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

const htmlEscape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#039;');

/**
 * Base64 encodes three octets at a time: within a longer text (`user:password`) a secret looks different at
 * each of three offsets. Only the characters that do not depend on the neighbours are kept.
 */
const base64Forms = (secret: string): readonly string[] => {
  const octets = Buffer.from(secret, 'utf8');
  const parts = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), octets])
      .toString('base64')
      .replace(/=+$/, '');
    const whole = Math.floor(((offset + octets.length) * 8) / 6);
    return text.slice(Math.ceil((offset * 8) / 6), whole);
  });
  const alone = octets.toString('base64');
  return [alone, alone.replace(/=+$/, ''), ...parts];
};

const urlEncode = (text: string): string => encodeURIComponent(text.toWellFormed());

const lowerPercents = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase());

const formsOf = (secret: string): readonly string[] => {
  const base64 = base64Forms(secret);
  const url = urlEncode(secret);
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
    htmlEscape(secret),
    url,
    lowerPercents(url),
    urlEncode(url),
    url.replaceAll('%20', '+'),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    Buffer.from(secret, 'utf8').toString('hex'),
  ];
  return forms;
};

const longestFirst = (a: string, b: string): number => b.length - a.length;

const anyOf = (texts: readonly string[]): string =>
  [...new Set(texts)].sort(longestFirst).map(escapePattern).join('|');

/** What introduces a secret in running text: `password=…`, `"api_key": "…`, `X-API-Key: …`. */
const introduction = `((?:password|passwd|passphrase|secret|token|api[_-]?key)["']?\\s*[=:]\\s*["']?)`;

const nothing = (text: string): string => text;

const substringRedactor = (secrets: readonly string[]): ((text: string) => string) => {
  if (secrets.length === 0) return nothing;
  const pattern = new RegExp(anyOf(secrets.flatMap(formsOf)), 'g');
  return (text) => text.replace(pattern, mask);
};

const shortRedactor = (secrets: readonly string[]): ((text: string) => string) => {
  if (secrets.length === 0) return nothing;
  const pattern = new RegExp(`${introduction}(?:${anyOf(secrets)})(?![\\w-])`, 'gi');
  return (text) => text.replace(pattern, `$1${mask}`);
};

/** A redactor for the secrets of the configuration. Empty ones are left out. */
export function openRedactor(secrets: readonly string[]): Redactor {
  const known = secrets.filter((secret) => secret.trim() !== '');
  const short = known.filter((secret) => secret.length < shortestSubstring);
  const redactLong = substringRedactor(known.filter((secret) => secret.length >= shortestSubstring));
  const redactShort = shortRedactor(short);
  const text = (input: string): string => redactShort(redactLong(input));
  return { text, value: (input) => (short.includes(input.trim()) ? mask : text(input)) };
}

const secretKey =
  /passw(?:or)?[dt]|passphrase|^pwd$|secret|token|credential|authorization|cookie|(?:api|access|private)[_-]?key/i;

/**
 * Whether a field of this name is masked whatever it holds. A bare `key` is not: it is our word for what a
 * change is about (an address), and known secrets are found by their value.
 */
export function isSecretKey(name: string): boolean {
  return secretKey.test(name);
}
