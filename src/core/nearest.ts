/** What somebody may have meant: by how many letters two texts differ. */

/** Insertions, deletions and replacements from one text to the other; more than `most` are not counted to their end. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const cost = Math.min(replaced, (before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return most + 1;
    before = row;
  }
  return before[b.length] ?? 0;
}

/** The items with a name nearest to the text, nearest first; none that differs in more than two fifths of it. */
export function nearest<T>(
  text: string,
  items: Iterable<T>,
  { namesOf, count }: { readonly namesOf: (item: T) => readonly string[]; readonly count: number },
): readonly T[] {
  const wanted = text.toLowerCase();
  const most = Math.max(2, Math.floor(wanted.length * 0.4));
  const found: { readonly item: T; readonly distance: number }[] = [];
  for (const item of items) {
    const distances = namesOf(item).map((name) => editDistance(wanted, name.toLowerCase(), most));
    const distance = Math.min(...distances, most + 1);
    if (distance <= most) found.push({ item, distance });
  }
  return found
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ item }) => item);
}
