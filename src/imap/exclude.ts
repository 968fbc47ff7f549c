/** Folders that are left out: ns8's list with commas, and the one regular expression that mailcow takes. */

/** In every mode: what others share with the mailbox is not its own mail. mailcow refuses a bare slash. */
const always = '^Shared(\\/.*)?$|^Public(\\/.*)?$';

/** The most that mailcow's column holds. */
export const longestExclude = 500;

/** ns8 writes the list with a comma in front; both forms are understood. */
export function splitExclude(list: string): readonly string[] {
  return list.split(',').filter((item) => item !== '');
}

/** The column of the job. */
export function renderExclude(items: readonly string[]): string {
  return [always, ...items.map(escapeSlashes)].join('|');
}

/** The items again; an item with a `|` outside of parentheses comes back as several. */
export function parseExclude(exclude: string): readonly string[] {
  const own = exclude.startsWith(always) ? exclude.slice(always.length) : exclude;
  return splitAlternatives(own)
    .filter((item) => item !== '')
    .map((item) => item.replaceAll('\\/', '/'));
}

/** At each `|` that stands in no parentheses and no brackets. */
function splitAlternatives(pattern: string): readonly string[] {
  const items = [''];
  let depth = 0;
  let isClass = false;
  for (const [part] of pattern.matchAll(/\\[^]|[^]/g)) {
    if (part === '[') isClass = true;
    else if (part === ']') isClass = false;
    else if (!isClass && part === '(') depth += 1;
    else if (!isClass && part === ')') depth -= 1;
    if (part === '|' && depth === 0 && !isClass) items.push('');
    else items.push(`${items.pop() ?? ''}${part}`);
  }
  return items;
}

function escapeSlashes(item: string): string {
  return item.replace(/\\[^]|\//g, (part) => (part === '/' ? '\\/' : part));
}
