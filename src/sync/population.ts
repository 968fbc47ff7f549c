/** Who is remembered: owners that only their marks know of, and those that nothing refers to any more. */
import type { Change } from '../core/change.ts';
import type { GraceResult, SnapshotEntry } from '../core/grace.ts';
import { isStrayId, isWatchId } from '../core/watch.ts';
import type { Memory } from './memory.ts';
import type { Prepared } from './prepare.ts';

/** Owners known only by their marks are missing from now on, with all the delays of everybody else (DESIGN.md 4.5). */
export function withPlaceholders(
  snapshot: ReadonlyMap<string, SnapshotEntry>,
  { ledger }: Memory,
): ReadonlyMap<string, SnapshotEntry> {
  const result = new Map(snapshot);
  // Whoever has a mailbox is a person; who has nothing but aliases is taken for a group until it is seen.
  const unknown = [
    ...[...ledger.mailboxes.values()].map((row) => ({ id: row.directoryId, kind: 'person' as const })),
    ...[...ledger.aliases.values()].map((row) => ({ id: row.directoryId, kind: 'group' as const })),
  ];
  for (const { id, kind } of unknown) {
    if (result.has(id) || isStrayId(id)) continue;
    result.set(id, {
      kind,
      entry: { id, dn: '', attributes: {} },
      missing: 0,
      missingSince: undefined,
      countedAt: undefined,
      scopeChanged: false,
      arrivedByScope: false,
    });
  }
  return result;
}

/** The snapshot with those whom this reading shows; who is absent from it is not missing any longer than before. */
export function withPresent(
  snapshot: ReadonlyMap<string, SnapshotEntry>,
  grace: GraceResult,
): ReadonlyMap<string, SnapshotEntry> {
  const present = [...grace.snapshot].filter(([id]) => !grace.absent.has(id));
  return new Map([...snapshot, ...present]);
}

/** What nobody asked for and is not there any more, until it comes again. */
const endedWatch = ({ kind, directoryId }: Change): readonly string[] =>
  (kind === 'remove' || kind === 'delete') && isWatchId(directoryId) ? [directoryId] : [];

/** A former id whose mailbox was taken over has nothing left to claim. */
function forgetFormerIds(memory: Memory, done: readonly Change[]): void {
  const former = new Set([
    ...done.map((change) => change.formerId).filter((id) => id !== undefined),
    ...done.flatMap(endedWatch),
  ]);
  if (former.size === 0) return;
  memory.replaceSnapshot(new Map([...memory.snapshot].filter(([id]) => !former.has(id))));
}

/** Ledger rows and snapshot entries that nothing refers to any more. */
export function forget(memory: Memory, prepared: Prepared, done: readonly Change[]): void {
  forgetFormerIds(memory, done);
  const { ledger, current } = memory;
  const { gone } = prepared.grace;
  const { snapshot } = memory;
  for (const [resource, rows, objects] of [
    ['mailbox', ledger.mailboxes, current.mailboxes],
    ['alias', ledger.aliases, current.aliases],
  ] as const) {
    for (const row of [...rows.values()]) {
      const isOver = gone.has(row.directoryId) || isStrayId(row.directoryId);
      if (isOver && !objects.has(row.key)) memory.disown(resource, row.key);
    }
  }
  // While departures are held, those who vanished along with them keep their claims too.
  if (prepared.plan.held.length > 0) return;
  const owners = new Set(
    [...ledger.mailboxes.values(), ...ledger.aliases.values()].map((row) => row.directoryId),
  );
  const kept = [...snapshot].filter(([id]) => !gone.has(id) || owners.has(id) || isWatchId(id));
  if (kept.length < snapshot.size) memory.replaceSnapshot(new Map(kept));
}
