/** Changes, holds and skips in words, for logs and for `plan`. */
import type { Change, Fields } from './change.ts';

const shown = (value: Fields[keyof Fields]): string => {
  if (Array.isArray(value)) {
    const list: readonly string[] = value;
    return list.length > 3 ? `${list.slice(0, 3).join(', ')} and ${list.length - 3} more` : list.join(', ');
  }
  return typeof value === 'string' ? `"${value}"` : String(value);
};

/** `name "A" -> "B", quotaMiB 1 -> 2`; a creation shows only what comes. */
function describeFields(before: Fields, after: Fields): string {
  const names = (Object.keys(after) as (keyof Fields)[]).sort();
  return names
    .map((name) =>
      before[name] === undefined
        ? `${name} ${shown(after[name])}`
        : `${name} ${shown(before[name])} -> ${shown(after[name])}`,
    )
    .join(', ');
}

/** One line: what happens to which object, and why. */
export function describeChange(change: Change): string {
  const fields = describeFields(change.before, change.after);
  const what = `${change.kind} ${change.resource} ${change.key}`;
  return `${what}${fields === '' ? '' : `: ${fields}`} (${change.reason})`;
}
