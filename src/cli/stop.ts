/** SIGTERM and SIGINT: a sync finishes the write in flight, begins no other, and is gone within ten seconds. */
import { constants } from 'node:os';

export type Stop = {
  readonly signal: AbortSignal;
  readonly requested: () => boolean;
  /** 128 and the number of the signal that came, as shells have it. */
  readonly exitCode: () => number;
  /**
   * From now on a signal lets the command end in order, and ends the program with this code when that takes more
   * than eight seconds. Without this call a signal ends the program at once.
   */
  readonly endInOrder: (code: () => number) => void;
  /** Runs `work`; `lastWords` are said when patience ends before it does. Nothing runs after them. */
  readonly withLastWords: <T>(lastWords: () => void, work: () => Promise<T>) => Promise<T>;
};

type StopSignal = 'SIGTERM' | 'SIGINT';

const PATIENCE_MS = 8000;

/** Listens for the signals. A write that takes longer stays an open intent, which the next start reads. */
export function listenForStop(): Stop {
  const controller = new AbortController();
  const silent = (): void => undefined;
  let came: StopSignal = 'SIGTERM';
  let codeOfPatience: (() => number) | undefined;
  let sayLast = silent;
  const exitCode = (): number => 128 + constants.signals[came];
  const stop = (signal: StopSignal): void => {
    if (controller.signal.aborted) return;
    came = signal;
    const code = codeOfPatience;
    // Process 1 of a container would not end at all if nobody listened.
    if (code === undefined) process.exit(exitCode());
    controller.abort();
    setTimeout(() => {
      sayLast();
      process.exit(code());
    }, PATIENCE_MS).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return {
    signal: controller.signal,
    requested: () => controller.signal.aborted,
    exitCode,
    endInOrder: (code) => {
      codeOfPatience = code;
    },
    withLastWords: async (lastWords, work) => {
      sayLast = lastWords;
      try {
        return await work();
      } finally {
        sayLast = silent;
      }
    },
  };
}
