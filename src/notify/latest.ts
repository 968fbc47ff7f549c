/** Work on the newest of what comes, one at a time: who comes too late for the one before takes its place. */

export type Latest<T> = {
  readonly put: (item: T) => void;
  /** Resolves when there is nothing left to do. */
  readonly settled: () => Promise<void>;
};

/** `work` must not reject. */
export function openLatest<T>(work: (item: T) => Promise<void>): Latest<T> {
  const waiting: T[] = [];
  let loop: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
    loop = undefined;
  };
  return {
    put: (item) => {
      waiting.length = 0;
      waiting.push(item);
      loop ??= run();
    },
    settled: async () => {
      await loop;
    },
  };
}
