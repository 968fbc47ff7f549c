/** Tells a webhook what has changed, and a heartbeat that there was a good sync; no sync ever waits for either. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../ports.ts';
import { callUrl, CallError, type Call } from './call.ts';
import { newsOf, type News, type Situation, type Told } from './events.ts';
import { openLatest } from './latest.ts';

/** Who speaks. */
export type Identity = { readonly program: string; readonly version: string; readonly host: string };

export type NotifierOptions = {
  readonly notifyUrl: string | undefined;
  readonly heartbeatUrl: string | undefined;
  readonly identity: Identity;
  readonly told: () => Told;
  /** Keeps what has been delivered, also over a restart. */
  readonly save: (told: Partial<Told>) => void;
  readonly log: Log;
  readonly now: () => Date;
};

export type Notifier = {
  /** Returns at once. When the one before is still being delivered, only the newest waits. */
  readonly tell: (situation: Situation) => void;
  readonly beat: () => void;
  /** Waits for what is on its way, but not for long, and ends it. */
  readonly close: (waitMs: number) => Promise<void>;
};

/** What a webhook is sent. */
function payloadOf({ event, message, holds, failures, run }: News, identity: Identity, at: Date) {
  return { event, at: at.toISOString(), ...identity, run, message, holds, failures };
}

type Line = (call: Omit<Call, 'signal'>) => Promise<boolean>;

/** Says once that calls fail, and once that they are answered again. */
function openLine(name: string, { log, signal }: { readonly log: Log; readonly signal: AbortSignal }): Line {
  let failing = false;
  return async (call) => {
    const { origin } = new URL(call.url);
    try {
      await callUrl({ ...call, signal });
      if (failing) log.info(`${name}: ${origin} answers again`);
      failing = false;
      return true;
    } catch (error) {
      const why = error instanceof CallError ? error.message : 'cannot be called';
      if (!failing && !signal.aborted)
        log.warn(`${name}: ${origin} ${why}; syncs go on, and each of them tries again`);
      failing = true;
      return false;
    }
  };
}

/** Nothing is opened before the first call. */
export function openNotifier(options: NotifierOptions): Notifier {
  const { notifyUrl, heartbeatUrl, identity, told, save, log, now } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const notify = openLine('LDAP_MAILCOW_NOTIFY_URL', { log, signal });
  const heartbeat = openLine('LDAP_MAILCOW_HEARTBEAT_URL', { log, signal });
  const deliver = async (url: string, situation: Situation): Promise<void> => {
    for (const news of newsOf(situation, told())) {
      const delivered = await notify({ url, body: payloadOf(news, identity, now()) });
      if (!delivered || signal.aborted) return;
      save(news.told);
    }
  };
  const situations = openLatest<Situation>(async (situation) => {
    if (notifyUrl === undefined) return;
    try {
      await deliver(notifyUrl, situation);
    } catch (error) {
      // The state file: a daemon must not end over what it has told.
      log.warn(`what was told cannot be kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  const beats = openLatest<true>(async () => {
    if (heartbeatUrl !== undefined) await heartbeat({ url: heartbeatUrl });
  });
  return {
    tell: situations.put,
    beat: () => {
      beats.put(true);
    },
    close: async (waitMs) => {
      const patience = new AbortController();
      const settled = Promise.all([situations.settled(), beats.settled()]);
      await Promise.race([
        settled,
        sleep(waitMs, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      patience.abort();
      ending.abort();
      // What was cut off says so at once; nothing is saved after this.
      await settled;
    },
  };
}
