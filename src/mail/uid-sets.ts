/** Numbers of messages as IMAP writes them. */

/** RFC 2683 asks clients to keep lines under 8,000 octets; long sets also make long pauses. */
const longestSet = 1000;

const text = (from: number, to: number): string => (from === to ? `${from}` : `${from}:${to}`);

function ranges(uids: readonly number[]): readonly string[] {
  const sorted = [...new Set(uids)].toSorted((a, b) => a - b);
  const found: string[] = [];
  let from: number | undefined;
  for (const [at, uid] of sorted.entries()) {
    from ??= uid;
    if (sorted[at + 1] === uid + 1) continue;
    found.push(text(from, uid));
    from = undefined;
  }
  return found;
}

/** The UIDs, each once and ascending, as sets like `1:4,7`, none longer than 1,000 characters. */
export function uidSets(uids: readonly number[]): readonly string[] {
  const sets: string[] = [];
  for (const range of ranges(uids)) {
    const last = sets.at(-1);
    const joined = last === undefined ? undefined : `${last},${range}`;
    if (joined !== undefined && joined.length <= longestSet) sets[sets.length - 1] = joined;
    else sets.push(range);
  }
  return sets;
}
