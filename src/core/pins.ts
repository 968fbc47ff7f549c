/** What an administrator took back stays so until its directory entry changes, or until it is unpinned. */
import { changeId, fallTogether, type Change, type Resource, type Skip } from './change.ts';

/** One object that the planner leaves alone; no other object is concerned. */
export type Pin = {
  readonly resource: Resource;
  /** The address, or the domain. */
  readonly key: string;
  readonly directoryId: string;
  /** The run that pinned it: an undo, or a release. */
  readonly run: string;
  /** ISO time. */
  readonly since: string;
  /** What the directory said of its owner then: a digest, or that it was gone; undefined: it has no entry. */
  readonly entry: string | undefined;
};

/** Names an object: `mailbox anna@example.test`. */
export const pinKey = ({ resource, key }: Pick<Pin, 'resource' | 'key'>): string => `${resource} ${key}`;

/** Pins by what they name. */
export type Pins = ReadonlyMap<string, Pin>;

/** Pins by what they name; of several for one object the last counts. */
export function indexPins(pins: Iterable<Pin>): Pins {
  return new Map([...pins].map((pin) => [pinKey(pin), pin]));
}

/** Whether a change would touch what is pinned, or bring something to its place. */
export function isPinned({ resource, key, after }: Change, pins: Pins): boolean {
  if (pins.size === 0) return false;
  if (pins.has(pinKey({ resource, key }))) return true;
  return after.address !== undefined && pins.has(pinKey({ resource, key: after.address }));
}

/** What an administrator reads of a pin. */
export const whyPinned = ({ run, key }: Pin): string =>
  `pinned by run ${run}, until its directory entry changes or "ldap-mailcow unpin ${key}"`;

/** The changes that touch nothing pinned and need nothing that does; with a skip for each pin. */
export function withoutPinned(
  changes: readonly Change[],
  pins: Pins,
): { readonly changes: readonly Change[]; readonly skips: readonly Skip[] } {
  if (pins.size === 0) return { changes, skips: [] };
  const pinned = new Set(changes.filter((change) => isPinned(change, pins)).map(changeId));
  const fallen = fallTogether(changes, pinned);
  const dependents = changes.filter(
    (change) => fallen.has(changeId(change)) && !pinned.has(changeId(change)),
  );
  return {
    changes: changes.filter((change) => !fallen.has(changeId(change))),
    skips: [
      ...[...pins.values()].map((pin) => ({ resource: pin.resource, key: pin.key, reason: whyPinned(pin) })),
      ...dependents.map((change) => ({
        resource: change.resource,
        key: change.key,
        reason: `${change.kind}: goes with what is pinned (${fallen.get(changeId(change)) ?? ''})`,
      })),
    ],
  };
}

/** Pins whose reason has gone: `now` says what the directory says of an owner in a complete reading. */
export function liftedPins(pins: Pins, now: (directoryId: string) => string): readonly Pin[] {
  return [...pins.values()].filter(
    ({ entry, directoryId }) => entry !== undefined && now(directoryId) !== entry,
  );
}
