/** Reads that retry and writes that never do, on top of single exchanges. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteResult } from '../ports-mailcow.ts';
import { MailcowUnreachable } from './errors.ts';
import { openHttp } from './http.ts';
import type { Exchange } from './http.ts';
import type { MailcowOptions } from './options.ts';
import { apiError, isPassing, lostError, replyError, unreadable } from './refusal.ts';
import type { Reply } from './refusal.ts';
import { routeText } from './route.ts';
import type { Route } from './route.ts';

/** The reply to a write: its text to judge, or the verdict where there is none to judge. */
type WriteReply = { readonly kind: 'text'; readonly text: string } | Unproved;
type Unproved = Exclude<WriteResult, { readonly kind: 'done' }>;

export type Client = {
  /** The parsed JSON of a GET. Throws a MailcowError when it cannot be trusted. */
  readonly readJson: (route: Route) => Promise<unknown>;
  /**
   * Sends one POST exactly once. Throws MailcowUnreachable when nothing can have been sent, MailcowRefused for
   * what refuses every call (401, 403, no mailcow there).
   */
  readonly write: (route: Route, body: unknown) => Promise<WriteReply>;
  readonly close: () => void;
};

/** A client that waits, retries and tells errors apart as mailcow needs it. */
export function openClient(options: MailcowOptions): Client {
  const { exchange, close } = openHttp(options);
  const retries = options.readRetries ?? 2;
  const delay = options.delay ?? ((ms: number) => sleep(ms, undefined, optional(options.signal)));

  const readOnce = async (route: Route): Promise<Read> => judgeRead(route, await exchange({ route }));

  return {
    readJson: async (route) => {
      for (let attempt = 0; ; attempt += 1) {
        throwIfStopped(`GET ${routeText(route)}`, options.signal);
        const read = await readOnce(route);
        if (read.kind === 'json') return read.value;
        if (!read.retry || attempt >= retries || options.signal?.aborted === true) throw read.error;
        await delay(retryDelayMs * 2 ** attempt).catch(() => undefined);
      }
    },
    write: async (route, body) => {
      const what = `POST ${routeText(route)}`;
      throwIfStopped(what, options.signal);
      return judgeDelivery(what, await exchange({ route, body }));
    },
    close,
  };
}

const retryDelayMs = 500;

type Read =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: Error; readonly retry: boolean };

function judgeRead(route: Route, exchange: Exchange): Read {
  const what = `GET ${routeText(route)}`;
  if (exchange.kind === 'lost') {
    // Not after a timeout: PHP goes on with the first one, and another would hold a second worker.
    return { kind: 'failed', error: lostError(what, exchange), retry: !exchange.timedOut };
  }
  const error = replyError(what, exchange);
  if (error !== undefined) return { kind: 'failed', error, retry: isPassing(exchange.status) };
  try {
    return { kind: 'json', value: JSON.parse(exchange.text) };
  } catch {
    const empty = exchange.text.trim() === '';
    return { kind: 'failed', error: unreadable(what, exchange.text), retry: empty };
  }
}

function judgeDelivery(what: string, exchange: Exchange): WriteReply {
  if (exchange.kind === 'lost') {
    if (!exchange.sent) throw lostError(what, exchange);
    return { kind: 'unclear', why: `the connection was lost: ${exchange.cause.message}` };
  }
  if (isPassing(exchange.status)) return { kind: 'unclear', why: `mailcow answers ${exchange.status}` };
  const error = replyError(what, exchange);
  if (error === undefined) return { kind: 'text', text: exchange.text };
  const said = refusalOfThisCall(exchange);
  if (said === undefined) throw error;
  return { kind: 'refused', words: [{ word: said, args: [] }] };
}

/** What mailcow itself says against this one call (an unknown route, a broken body), others may go on. */
function refusalOfThisCall({ status, text }: Reply): string | undefined {
  return status === 400 || status === 404 || status === 405 ? apiError(text) : undefined;
}

function throwIfStopped(what: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new MailcowUnreachable(`${what}: not sent, we are stopping`);
}

function optional(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
