import { MailcowUnreachable } from './errors.ts';

export type ReadyOptions = {
  /** The readiness probe: mailcow's version, or MailcowUnreachable. */
  readonly ping: () => Promise<string>;
  /** Called once, when the first try failed, with the reason. */
  readonly onWaiting: (why: string) => void;
  readonly delay: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal;
};

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Waits until mailcow answers, and gives its version: tries at once, then after 1 s, doubling up to 30 s. Only
 * MailcowUnreachable is worth waiting for; anything else, and the last one after `signal`, is thrown.
 */
export async function waitUntilReady({ ping, onWaiting, delay, signal }: ReadyOptions): Promise<string> {
  const stopped = (): boolean => signal?.aborted === true;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ping();
    } catch (error) {
      if (!(error instanceof MailcowUnreachable) || stopped()) throw error;
      if (attempt === 0) onWaiting(error.message);
      await delay(Math.min(firstPauseMs * 2 ** attempt, longestPauseMs));
      if (stopped()) throw error;
    }
  }
}
