/** SIGTERM and SIGINT: finish the write in flight, begin no other, and be gone within ten seconds. */

export type Stop = {
  readonly signal: AbortSignal;
  readonly requested: () => boolean;
};

const PATIENCE_MS = 8000;

/** Listens for the signals. A write that takes longer stays an open intent, which the next start reads. */
export function listenForStop(): Stop {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(() => process.exit(0), PATIENCE_MS).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return { signal: controller.signal, requested: () => controller.signal.aborted };
}
