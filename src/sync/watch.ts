/** The snapshot's rows of what none asks for: made when it is found, forgotten when it is not found any more. */
import type { SnapshotEntry } from '../core/grace.ts';

/** The snapshot with a row for each of `watched`, and with no other rows of that kind. */
export function withWatched(
  snapshot: ReadonlyMap<string, SnapshotEntry>,
  watched: ReadonlySet<string>,
  begin: (id: string) => SnapshotEntry,
): ReadonlyMap<string, SnapshotEntry> {
  const kept = [...snapshot].filter(([id, { kind }]) => kind !== 'watch' || watched.has(id));
  const fresh = [...watched].filter((id) => !snapshot.has(id)).map((id) => [id, begin(id)] as const);
  return new Map([...kept, ...fresh]);
}
