/** What a list is besides an address that reaches its members. */

/** All false: a list that anybody may write to. */
export type GroupPolicy = {
  /** The group is treated as if it had no address; its members still count where it is nested in a list. */
  readonly ignore: boolean;
  /** Only senders of the own mail system reach it. */
  readonly internal: boolean;
  /** Its members may send with its address. */
  readonly sendAs: boolean;
  /** It is made as a mailbox whose sieve filter leads to its members. */
  readonly mailbox?: true;
};

/** The policy of the lists whose address the pattern matches. */
export type GroupPolicyRule = { readonly pattern: string; readonly policy: GroupPolicy };

const knownWords: readonly string[] = ['list', 'internal', 'send-as', 'mailbox', 'ignore'];

/** What stands alone: mailcow restricts senders and senders' addresses for aliases only. */
const aloneWords: readonly string[] = ['ignore', 'mailbox'];

/**
 * The policy that `list`, `internal`, `send-as`, `mailbox` or `ignore` name, in any case and several joined by `+`;
 * undefined when there is another word, none at all, or something beside `mailbox` or `ignore`.
 */
export function parseGroupPolicyWords(text: string): GroupPolicy | undefined {
  const words = text.split('+').map((word) => word.trim().toLowerCase());
  if (!words.every((word) => knownWords.includes(word))) return undefined;
  if (words.length > 1 && words.some((word) => aloneWords.includes(word))) return undefined;
  return {
    ignore: words.includes('ignore'),
    internal: words.includes('internal'),
    sendAs: words.includes('send-as'),
    ...(words.includes('mailbox') && { mailbox: true }),
  };
}

/** Compares without recursion and without a regular expression: no pattern can make it slow. */
function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/**
 * Whether a pattern, in which `*` stands for any characters, matches all of an address; one without `@` is compared
 * with the local part. Case does not matter.
 */
export function matchesPattern(pattern: string, address: string): boolean {
  const whole = address.toLowerCase();
  const at = whole.lastIndexOf('@');
  const text = pattern.includes('@') || at < 0 ? whole : whole.slice(0, at);
  return matchesGlob(pattern.toLowerCase(), text);
}
