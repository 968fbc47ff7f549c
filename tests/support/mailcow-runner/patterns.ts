/** Perl's regular expressions for names of folders, as far as JavaScript has them. */

/**
 * Whether a name matches, anywhere in it and case-sensitively. `(?i)` at the start of an alternative counts from there to
 * the end, as in Perl; anywhere else it is not imitated and throws.
 */
export function matcherOf(pattern: string): (name: string) => boolean {
  let ignoresCase = false;
  const parts = alternatives(pattern).map((part) => {
    ignoresCase ||= part.startsWith('(?i)');
    return new RegExp(part.replace(/^\(\?i\)/, ''), ignoresCase ? 'i' : '');
  });
  return (name) => parts.some((part) => part.test(name));
}

/** Split at each `|` that is in no group and no class. */
function alternatives(pattern: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const [token] of pattern.matchAll(/\\[^]|\[(?:\\[^]|[^\]])*\]|[^]/g)) {
    if (token === '|' && depth === 0) {
      parts.push('');
      continue;
    }
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    parts.push(`${parts.pop() ?? ''}${token}`);
  }
  return parts;
}
