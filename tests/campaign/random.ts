/** The dice of one seed: the same seed, the same story. */

export type Dice = {
  /** A whole number from 0 to `below` - 1. */
  readonly below: (below: number) => number;
  readonly between: (least: number, most: number) => number;
  readonly chance: (probability: number) => boolean;
  /** Undefined only for an empty list. */
  readonly pick: <T>(items: readonly T[]) => T | undefined;
  /** One of the items by its weight. */
  readonly weighted: <T>(items: readonly (readonly [weight: number, item: T])[]) => T;
  readonly shuffled: <T>(items: readonly T[]) => readonly T[];
  readonly uuid: () => string;
};

/** mulberry32: small, fast, good enough to draw stories from. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The dice of a seed; neighbouring seeds have nothing in common. */
export function createDice(seed: number): Dice {
  const next = mulberry32(Math.imul(seed + 1, 0x9e3779b1));
  const below = (limit: number): number => Math.floor(next() * limit);
  const shuffled = <T>(items: readonly T[]): readonly T[] =>
    items
      .map((item) => ({ item, at: next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => below(16).toString(16)).join('');
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => next() < probability,
    pick: (items) => items[below(items.length)],
    weighted: (items) => {
      let left = next() * items.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, item] of items) {
        left -= weight;
        if (left < 0) return item;
      }
      throw new Error('nothing to choose from');
    },
    shuffled,
    uuid: () => [hex(8), hex(4), `4${hex(3)}`, `8${hex(3)}`, hex(12)].join('-'),
  };
}
