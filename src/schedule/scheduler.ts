/** Runs one thing again and again, never two at once, and sooner after a failure. */

export type Scheduler = {
  /** Ends after the run in progress. */
  readonly stop: () => void;
  /** Do not wait for the next turn. */
  readonly trigger: () => void;
  /** Resolves when the loop has ended. */
  readonly ended: Promise<void>;
};

/** `refused`: the other side does not want us; asking again soon could get us banned (DESIGN.md 4.18). */
export type Turn = 'good' | 'failed' | 'refused';

export type SchedulerOptions = {
  /** From the end of a good run to the start of the next. */
  readonly intervalMs: number | (() => number);
  /** One run; tells how it went. Must not throw. `nextMs` tells the pause that an outcome would be followed by. */
  readonly run: (nextMs: (turn: Turn) => number) => Promise<Turn>;
};

const FIRST_RETRY_MS = 30_000;
const LONGEST_REFUSAL_MS = 60 * 60_000;

/**
 * After a failure 30 s, doubling, never longer than the interval; after a refusal the interval, doubling, up to
 * an hour (or the interval, if that is longer).
 */
export function pauseAfter(turn: Turn, failures: number, intervalMs: number): number {
  const factor = 2 ** Math.min(Math.max(failures - 1, 0), 20);
  switch (turn) {
    case 'good':
      return intervalMs;
    case 'failed':
      return Math.min(intervalMs, FIRST_RETRY_MS * factor);
    case 'refused':
      return Math.max(intervalMs, Math.min(LONGEST_REFUSAL_MS, intervalMs * factor));
  }
}

/** A pause that can be cut short. */
function interruptible(): { readonly wait: (ms: number) => Promise<void>; readonly wake: () => void } {
  let wake: () => void = () => undefined;
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        // A timer of more than 24.8 days would fire at once.
        const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
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

/** Starts at once, then pauses from the end of one run to the start of the next. */
export function startInterval({ intervalMs, run }: SchedulerOptions): Scheduler {
  const pause = interruptible();
  const regular = typeof intervalMs === 'number' ? (): number => intervalMs : intervalMs;
  let stopped = false;
  let triggered = false;
  let failures = 0;
  // Read through functions: both change while the loop awaits.
  const isStopped = (): boolean => stopped;
  const isTriggered = (): boolean => triggered;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      triggered = false;
      const turn = await run((next) => pauseAfter(next, failures + 1, regular()));
      failures = turn === 'good' ? 0 : failures + 1;
      if (isStopped() || isTriggered()) continue;
      await pause.wait(pauseAfter(turn, failures, regular()));
    }
  };
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
