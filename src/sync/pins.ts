/** What the directory says of the owner of a pinned object: then, and now. */
import { createHash } from 'node:crypto';
import { DOMAIN_ID } from '../core/domain-settings.ts';
import type { GraceResult, SnapshotEntry } from '../core/grace.ts';
import type { DirectoryEntry } from '../core/model.ts';
import { indexPins, liftedPins, type Pin, type Pins } from '../core/pins.ts';
import { isWatchId } from '../core/watch.ts';

const GONE = 'gone';

/** Servers keep no order of values; where an entry stands in the tree changes nothing of its objects. */
function digestOf({ attributes }: DirectoryEntry): string {
  const sorted = Object.entries(attributes)
    .map(([name, values]) => [name, [...values].sort()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 32);
}

const isNobody = (id: string): boolean => id === DOMAIN_ID || isWatchId(id);

/** To keep with a pin; undefined: no entry will ever lift it. `readings`: how many without somebody make him gone. */
export function entryThen(
  id: string,
  {
    snapshot,
    readings,
  }: { readonly snapshot: ReadonlyMap<string, SnapshotEntry>; readonly readings: number },
): string | undefined {
  if (isNobody(id)) return undefined;
  const seen = snapshot.get(id);
  return seen === undefined || seen.missing >= readings ? GONE : digestOf(seen.entry);
}

/** Pins that a reading leaves, and those that it lifts; only a complete one, with all its attributes, lifts any. */
export function judgePins(
  pins: readonly Pin[],
  { grace, proves }: { readonly grace: GraceResult; readonly proves: boolean },
): { readonly pins: Pins; readonly lifted: readonly Pin[] } {
  const all = indexPins(pins);
  if (all.size === 0 || !proves) return { pins: all, lifted: [] };
  const lifted = liftedPins(all, (id) => {
    const seen = grace.snapshot.get(id);
    return seen === undefined || grace.gone.has(id) ? GONE : digestOf(seen.entry);
  });
  const gone = new Set(lifted);
  return { pins: indexPins(pins.filter((pin) => !gone.has(pin))), lifted };
}
