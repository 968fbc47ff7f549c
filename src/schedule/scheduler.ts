/** Runs one thing again and again, never two at once, and sooner after a failure. */

export type Scheduler = {
  /** Ends after the run in progress. */
  readonly stop: () => void;
  /** Do not wait for the next turn. */
  readonly trigger: () => void;
  /** Resolves when the loop has ended. */
  readonly ended: Promise<void>;
};

export type SchedulerOptions = {
  readonly intervalMs: number;
  /** One run; tells whether it went well. Must not throw. `nextMs` is called with the outcome to learn the pause. */
  readonly run: (nextMs: (good: boolean) => number) => Promise<boolean>;
};

const FIRST_RETRY_MS = 30_000;

/** 30 s after the first failure, doubling, never longer than the interval. */
export function pauseAfter(failures: number, intervalMs: number): number {
  if (failures === 0) return intervalMs;
  return Math.min(intervalMs, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20));
}

/** A pause that can be cut short. */
function interruptible(): { readonly wait: (ms: number) => Promise<void>; readonly wake: () => void } {
  let wake: () => void = () => undefined;
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    wake: () => {
      wake();
    },
  };
}

/** Starts at once, then pauses `intervalMs` from the end of one run to the start of the next. */
export function startInterval({ intervalMs, run }: SchedulerOptions): Scheduler {
  const pause = interruptible();
  let stopped = false;
  let triggered = false;
  let failures = 0;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      triggered = false;
      const next = (good: boolean): number => pauseAfter(good ? 0 : failures + 1, intervalMs);
      const good = await run(next);
      failures = good ? 0 : failures + 1;
      if (isStopped() || isTriggered()) continue;
      await pause.wait(pauseAfter(failures, intervalMs));
    }
  };
  // Read through functions: both change while the loop awaits.
  const isStopped = (): boolean => stopped;
  const isTriggered = (): boolean => triggered;
  return {
    stop: () => {
      stopped = true;
      pause.wake();
    },
    trigger: () => {
      triggered = true;
      pause.wake();
    },
    ended: loop(),
  };
}
