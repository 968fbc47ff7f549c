/** What the daemon is at, for those who watch it, and their way to have it sync at once. */
import type { SyncMeasure } from '../http/meter.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { OnceEnd, OnceResult } from './sync-once.ts';

export type Watched = {
  readonly syncingSince: () => Date | undefined;
  /** Has a sync begin. */
  readonly demand: (options: { readonly audit: boolean }) => void;
  /** The same for programs; the sentence says why none will. */
  readonly syncNow: (options: { readonly audit: boolean }) => string | undefined;
  /** Whether somebody wants the sync that begins now to read everything. */
  readonly takeAudit: () => boolean;
  readonly during: (sync: () => Promise<OnceResult>) => Promise<OnceResult>;
  /** Until then, who wants a sync gets the first one. */
  readonly attach: (scheduler: Pick<Scheduler, 'trigger'>) => void;
};

/** Opens it before there is a scheduler: the first sync waits for mailcow. */
export function openWatched(): Watched {
  let since: Date | undefined;
  let audit = false;
  let last: OnceResult | undefined;
  let scheduler: Pick<Scheduler, 'trigger'> | undefined;
  const demand: Watched['demand'] = (options) => {
    audit ||= options.audit;
    scheduler?.trigger();
  };
  return {
    syncingSince: () => since,
    demand,
    syncNow: (options) => {
      // Whoever calls by every change of the directory must not get this address banned (DESIGN.md 4.18).
      if (last === 'refused') {
        return 'mailcow refuses the key or the address: the next regular sync tries again, or SIGUSR1';
      }
      demand(options);
      return undefined;
    },
    takeAudit: () => {
      const taken = audit;
      audit = false;
      return taken;
    },
    during: async (sync) => {
      since = new Date();
      try {
        last = await sync();
        return last;
      } finally {
        since = undefined;
      }
    },
    attach: (attached) => {
      scheduler = attached;
    },
  };
}

/** What the figures need of a sync. */
export function measureOf(end: OnceEnd, asked: { readonly audit: boolean }): SyncMeasure {
  const { result: outcome, report } = end;
  if (report === undefined) {
    return { kind: asked.audit ? 'audit' : 'sync', outcome, seconds: undefined, done: [], failed: [] };
  }
  return {
    kind: report.audited ? 'audit' : 'sync',
    outcome,
    seconds: report.durationMs / 1000,
    done: report.done,
    failed: report.failed.map(({ change }) => change),
  };
}
