/** Regular expressions of folders, which imapsync reads as Perl's. */

/** Why a text is no regular expression by itself; undefined: it is one. */
export function patternProblem(item: string): string | undefined {
  try {
    toRegExp(item);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Perl's flags in front are foreign to JavaScript; `x`, which only allows blanks, is left out. Throws SyntaxError. */
export function toRegExp(item: string): RegExp {
  const [, flags = '', rest = item] = /^\(\?([imsx]+)\)([^]*)$/.exec(item) ?? [];
  return new RegExp(rest, [...new Set(flags)].filter((flag) => flag !== 'x').join(''));
}
