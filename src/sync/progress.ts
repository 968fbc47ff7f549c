/** A line every few seconds of a long sync: done, total, rate, remaining. */
import type { Log } from '../ports.ts';

const EVERY_MS = 5000;

/** Says how far a write is; short ones say nothing. */
export function createProgress(options: {
  readonly total: number;
  readonly log: Log;
  readonly now: () => Date;
}): { readonly tick: (done: number) => void } {
  const start = options.now().getTime();
  let last = start;
  return {
    tick: (done) => {
      const now = options.now().getTime();
      if (now - last < EVERY_MS || done >= options.total) return;
      last = now;
      const rate = done / ((now - start) / 1000);
      const remaining = Math.ceil((options.total - done) / rate);
      options.log.info(
        `${done} of ${options.total} changes written, ${rate.toFixed(1)} a second, about ${remaining} s to go`,
      );
    },
  };
}
