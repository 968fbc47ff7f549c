/** Gives up what is ours, so that the program can go; nothing of it changes what mailcow does. */
import type { Change } from '../core/change.ts';
import { pinKey } from '../core/pins.ts';
import { planRelease } from '../core/plan-release.ts';
import type { Remembered, Rows, StateChanges } from '../ports-state.ts';
import type { Applied } from './apply.ts';
import { ownJobsOf } from './ground.ts';
import { settleOpenIntents } from './late.ts';
import { openMemory } from './memory.ts';
import { ownerOf } from './owner.ts';
import { audit } from './refresh.ts';
import { runChanges, type OrderedRun } from './run-changes.ts';
import type { SyncContext } from './settings.ts';

export type ReleaseOptions = {
  /** Undefined: everything. */
  readonly only: ReadonlySet<string> | undefined;
  readonly isDry: boolean;
};

export type ReleasePlan = {
  readonly changes: readonly Change[];
  readonly apply: () => Promise<OrderedRun>;
};

const MARK = /(?:^|\s+)--domain1=lm\.\S*/;

/** What a sync says that meets a state whose marks were given up; undefined: they were not. */
export function whyReleased({ released }: { readonly released?: string }): string | undefined {
  if (released === undefined || released === '') return undefined;
  return `marks and ledger were given up on ${released} ("ldap-mailcow release"), so nothing is done. To begin again: ldap-mailcow sync --after-release`;
}

/** The next sync begins again, by what it finds. */
export function endRelease({ state }: SyncContext): void {
  state.saveFacts({ released: '' });
}

const dropAll = <T>(table: ReadonlyMap<string, T>): Rows<T> => ({ put: [], drop: [...table.keys()] });

/** Ledger and mirror of everything; the snapshot stays, it is the directory's. */
function forgetAll(all: Remembered): StateChanges {
  return {
    domains: dropAll(all.domains),
    mailboxes: dropAll(all.mailboxes),
    aliases: dropAll(all.aliases),
    filters: dropAll(all.filters),
    syncJobs: dropAll(all.syncJobs),
    ledgerMailboxes: dropAll(all.ledgerMailboxes),
    ledgerAliases: dropAll(all.ledgerAliases),
  };
}

/** What is given up alone is pinned, before the first write: the next sync would adopt it again, also after a crash. */
function pinAll(changes: readonly Change[], run: string, { state, now }: SyncContext): void {
  const since = now().toISOString();
  state.putPins(
    changes.map(({ resource, key, directoryId }) => ({
      resource,
      key,
      directoryId,
      run,
      since,
      entry: undefined,
    })),
  );
}

/** What was not given up after all is ours as before. */
function unpinRest({ failed, left }: Applied, run: string, { state }: SyncContext): void {
  const rest = new Set([...failed.map(({ change }) => change), ...left].map(pinKey));
  state.dropPins(state.pins().filter((pin) => pin.run === run && rest.has(pinKey(pin))));
}

/** Reads all lists of mailcow. Needs the lock of a sync unless it is a dry run. Throws as a sync does. */
export async function prepareRelease(
  context: SyncContext,
  { only, isDry }: ReleaseOptions,
): Promise<ReleasePlan> {
  const { state, settings, mailcow } = context;
  const owner = ownerOf(settings, state.facts());
  const memory = openMemory(state.remembered());
  const isOwnJob = ownJobsOf({ settings: { ...settings.plan, owner } });
  const { mailboxTemplate } = settings;
  if (!isDry) {
    await settleOpenIntents({ ...context, memory, owner, mailboxTemplate, ...(isOwnJob && { isOwnJob }) });
  }
  const isGroup = (id: string): boolean => memory.snapshot.get(id)?.kind === 'group';
  await audit(mailcow, memory, { owner, now: context.now(), isGroup, isOwnJob });
  const changes = planRelease({
    current: memory.current,
    ledger: memory.ledger,
    owner,
    ...(only && { only }),
    ...(isOwnJob && { withoutMark: (params: string) => params.replace(MARK, '').trim() }),
  });
  const apply = (): Promise<OrderedRun> =>
    runChanges(changes, context, {
      memory,
      owner,
      kind: 'release',
      message: only === undefined ? 'release --all' : 'release',
      isOwnJob,
      begin: (run) => {
        // Before the first mark goes: a daemon that comes up now must not adopt what is just given up.
        if (only === undefined)
          state.saveFacts({ released: context.now().toISOString(), lastSyncGood: false });
        else pinAll(changes, run, context);
      },
      end: (run, applied) => {
        if (only !== undefined) {
          unpinRest(applied, run, context);
          return;
        }
        if (applied.failed.length + applied.left.length > 0) return;
        state.save(forgetAll(state.remembered()));
        state.keepHeritage(new Set());
        state.replaceHolds(undefined);
        state.dropPins(state.pins());
      },
    });
  return { changes, apply };
}
