/** Waiting that a shutdown can cut short. */

export type Timers = {
  readonly wait: (ms: number) => Promise<void>;
  /** Ends every wait now, and every later one at once. */
  readonly hurry: () => void;
};

/** Creates the timers of one stand-in. */
export function createTimers(): Timers {
  const pending = new Set<() => void>();
  let hurried = false;
  return {
    wait: (ms) => {
      if (ms <= 0 || hurried) return Promise.resolve();
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          pending.delete(end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        pending.add(end);
      });
    },
    hurry: () => {
      hurried = true;
      for (const end of pending) end();
    },
  };
}
