/** Changes, holds and skips in words, for logs and for `plan`. */
import type { Change, Fields } from './change.ts';

const SHOWN = 3;

const shown = (value: Fields[keyof Fields]): string => {
  if (Array.isArray(value)) {
    const list: readonly string[] = value;
    return list.length > SHOWN
      ? `${list.slice(0, SHOWN).join(', ')} and ${list.length - SHOWN} more`
      : list.join(', ');
  }
  return typeof value === 'string' ? `"${value}"` : String(value);
};

const some = (sign: string, addresses: readonly string[]): readonly string[] => {
  const more = addresses.length - SHOWN;
  const named = addresses.slice(0, SHOWN).map((address) => `${sign}${address}`);
  return more > 0 ? [...named, `${sign}${more} more`] : named;
};

type Goto = readonly string[];

/** Who comes and who goes: of a long list the first addresses would tell nothing. */
function describeLongGoto(before: Goto, after: Goto): string {
  const old = new Set(before);
  const kept = new Set(after);
  const come = after.filter((address) => !old.has(address));
  const go = before.filter((address) => !kept.has(address));
  return `goto ${[...some('+', come), ...some('-', go)].join(' ')} (${before.length} -> ${after.length})`;
}

function describeField(name: keyof Fields, before: Fields, after: Fields): string {
  if (before[name] === undefined) return `${name} ${shown(after[name])}`;
  const isLong = Math.max(before.goto?.length ?? 0, after.goto?.length ?? 0) > SHOWN;
  if (name === 'goto' && isLong) return describeLongGoto(before.goto ?? [], after.goto ?? []);
  return `${name} ${shown(before[name])} -> ${shown(after[name])}`;
}

/** `name "A" -> "B", quotaMiB 1 -> 2`; a creation shows only what comes. */
function describeFields(before: Fields, after: Fields): string {
  const names = (Object.keys(after) as (keyof Fields)[]).sort();
  return names.map((name) => describeField(name, before, after)).join(', ');
}

/** One line: what happens to which object, and why. */
export function describeChange(change: Change): string {
  const fields = describeFields(change.before, change.after);
  const what = `${change.kind} ${change.resource} ${change.key}`;
  return `${what}${fields === '' ? '' : `: ${fields}`} (${change.reason})`;
}
