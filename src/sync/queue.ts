/** The changes that are still to be written. There may be a hundred thousand: no step goes through all of them. */
import type { Change } from '../core/change.ts';
import { batchWith, isBatchable, MAX_BATCH } from './perform-batch.ts';

export type Queue = {
  /** Undefined: everything is written. */
  readonly next: () => Change | undefined;
  /** What is written together with it, itself first. */
  readonly batchOf: (change: Change) => readonly Change[];
  readonly drop: (changes: readonly Change[]) => void;
  /** In their order. */
  readonly rest: () => readonly Change[];
};

const keyOf = ({ kind, directoryId }: Change): string => `${kind} ${directoryId}`;

/** Changes that may travel with others, by what they have in common. */
function groups(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const found = new Map<string, Change[]>();
  for (const change of changes) {
    if (change.kind === 'remove' || !isBatchable(change)) continue;
    const group = found.get(keyOf(change));
    if (group === undefined) found.set(keyOf(change), [change]);
    else group.push(change);
  }
  return found;
}

/** A queue of sorted changes. */
export function openQueue(changes: readonly Change[]): Queue {
  const alike = groups(changes);
  const dropped = new Set<Change>();
  let head = 0;
  const isLeft = (change: Change): boolean => !dropped.has(change);
  const next = (): Change | undefined => {
    let change = changes[head];
    while (change !== undefined && dropped.has(change)) change = changes[(head += 1)];
    return change;
  };
  /** Changes of one stage lie side by side, whoever they are of. */
  const removals = ({ stage }: Change): readonly Change[] => {
    const found: Change[] = [];
    for (let at = head; found.length < MAX_BATCH; at++) {
      const change = changes[at];
      if (change?.stage !== stage) break;
      if (isLeft(change) && isBatchable(change)) found.push(change);
    }
    return found;
  };
  return {
    next,
    batchOf: (change) => {
      if (!isBatchable(change)) return [change];
      const rest = change.kind === 'remove' ? removals(change) : (alike.get(keyOf(change)) ?? []);
      return batchWith(change, rest.filter(isLeft));
    },
    drop: (written) => {
      for (const change of written) dropped.add(change);
    },
    rest: () => changes.slice(head).filter(isLeft),
  };
}
