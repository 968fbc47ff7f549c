/** What a sync with LDAP_MAILCOW_ADOPT=true would adopt, and nothing else. */
import { changeId, type Change, type Held, type Skip } from '../core/change.ts';
import { settleOpenIntents } from './late.ts';
import { openMemory } from './memory.ts';
import { ownerFacts, ownerOf } from './owner.ts';
import { ownJobsOf } from './ground.ts';
import { prepareSync } from './prepare.ts';
import { runChanges, type OrderedRun } from './run-changes.ts';
import type { SyncContext } from './settings.ts';

export type AdoptOptions = {
  /** Only these addresses; undefined: all. */
  readonly only: ReadonlySet<string> | undefined;
  readonly isDry: boolean;
};

export type AdoptPlan = {
  readonly changes: readonly Change[];
  readonly held: readonly Held[];
  readonly skips: readonly Skip[];
  /** Why the reading of the directory proves no absence. */
  readonly problems: readonly string[];
  readonly apply: () => Promise<OrderedRun>;
};

/** An adoption that needs another kind of change waits for a sync. */
function adoptionsOf(changes: readonly Change[], only: ReadonlySet<string> | undefined): readonly Change[] {
  const wanted = changes.filter(({ kind, key }) => kind === 'adopt' && (only === undefined || only.has(key)));
  const ids = new Set(wanted.map(changeId));
  return wanted.filter(({ needs }) => needs.every((id) => ids.has(id)));
}

/** Reads both sides whole. Needs the lock of a sync unless it is a dry run. Throws as a sync does. */
export async function prepareAdopt(context: SyncContext, { only, isDry }: AdoptOptions): Promise<AdoptPlan> {
  const { state, settings } = context;
  const facts = state.facts();
  const owner = ownerOf(settings, facts);
  const memory = openMemory(state.remembered());
  const isOwnJob = ownJobsOf({ settings: { ...settings.plan, owner } });
  const { mailboxTemplate } = settings;
  if (!isDry) {
    await settleOpenIntents({ ...context, memory, owner, mailboxTemplate, ...(isOwnJob && { isOwnJob }) });
  }
  const adopting = { ...context, settings: { ...settings, plan: { ...settings.plan, adopt: true } } };
  const prepared = await prepareSync(adopting, {
    memory,
    facts,
    owner,
    now: context.now(),
    audit: true,
    isPlan: true,
  });
  const { plan, judgement } = prepared;
  const changes = adoptionsOf(plan.changes, only);
  return {
    changes,
    held: plan.held.filter(({ change }) => change.kind === 'adopt'),
    skips: plan.forbidden
      .filter(({ change }) => change.kind === 'adopt')
      .map(({ change, why }) => ({ resource: change.resource, key: change.key, reason: why })),
    problems: judgement.problems,
    apply: () =>
      runChanges(changes, context, {
        memory,
        owner,
        kind: 'adopt',
        message: 'adopt',
        isOwnJob,
        begin: () => {
          state.saveFacts({ ...ownerFacts(settings, facts), released: '', lastSyncGood: false });
        },
      }),
  };
}
