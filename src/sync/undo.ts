/** Takes a run back: planned on what mailcow holds now, guarded, journalled as a run of its own, and pinned. */
import { changeId, stages, type Change, type Held, type Skip } from '../core/change.ts';
import type { WrittenChange } from '../core/before-image.ts';
import { isOurDomain } from '../core/domain-settings.ts';
import { guardPlan } from '../core/guard.ts';
import { trustedLedger } from '../core/ledger.ts';
import { pinKey } from '../core/pins.ts';
import { planUndo, type Undo } from '../core/undo.ts';
import type { RunRecord } from '../ports-state.ts';
import type { Alias } from '../core/model.ts';
import type { Applied } from './apply.ts';
import { ownJobsOf, union } from './ground.ts';
import { settleOpenIntents } from './late.ts';
import { openMemory, type Memory } from './memory.ts';
import { ownerOf } from './owner.ts';
import { entryThen } from './pins.ts';
import { audit, countMissing, countReads, refreshTouched, touchedBy, type IsOwnJob } from './refresh.ts';
import { runChanges, type OrderedRun } from './run-changes.ts';
import type { SyncContext } from './settings.ts';

export type UndoOptions = {
  readonly run: string;
  readonly deleteEmpty: boolean;
};

/** Why a run cannot be taken back, in a sentence. */
export type Refusal = { readonly kind: 'refused'; readonly why: string };

export type UndoPlan = Undo & {
  readonly kind: 'plan';
  readonly run: RunRecord;
  /** What the guard would hold back of it, with its numbers. */
  readonly held: readonly Held[];
  readonly apply: () => Promise<OrderedRun>;
};

/** Runs that can be taken back, the last first. */
export function undoableRuns({ state }: SyncContext, count: number): readonly RunRecord[] {
  return state.lastWritingRuns(count);
}

/** Why this run is none to take back; undefined: it is one. */
function whyNotUndoable({ state }: SyncContext, id: string): string | undefined {
  const run = state.run(id);
  if (run === undefined) return `there is no run "${id}": "ldap-mailcow undo" lists the last ones`;
  const isOpen = state.openIntents().some((intent) => intent.run === id);
  const isLast = state.lastRuns(1)[0]?.id === id;
  if (isOpen || (run.endedAt === undefined && isLast)) {
    return `run ${id} has not ended: wait for it; if it was killed, the next sync reads what became of its writes`;
  }
  return state.writtenBy(id).length === 0 ? `run ${id} wrote nothing` : undefined;
}

type Work = {
  readonly context: SyncContext;
  readonly options: UndoOptions;
  readonly memory: Memory;
  readonly owner: string;
  readonly written: readonly WrittenChange[];
  readonly isOwnJob: IsOwnJob | undefined;
};

const groupsOf = ({ snapshot }: Memory): ReadonlySet<string> =>
  new Set([...snapshot].filter(([, { kind }]) => kind === 'group').map(([id]) => id));

function planned(work: Work, messages: ReadonlyMap<string, number>): Undo {
  const { context, options, memory, owner, written, isOwnJob } = work;
  const { inactiveState, protectedAddresses } = context.settings.plan;
  return planUndo({
    run: options.run,
    written,
    renamedSince: context.state.renamesAfter(written.at(-1)?.seq ?? 0),
    current: memory.current,
    ledger: trustedLedger(memory.ledger, memory.current, owner),
    settings: { owner, inactiveState, protectedAddresses },
    deleteEmpty: options.deleteEmpty,
    messages,
    hasMigration: isOwnJob !== undefined,
  });
}

const NOTHING = touchedBy([]);
const MAX_ROUNDS = 6;

/** Where a rename after the run has brought the mailboxes of its writes. */
function withLaterPlaces(work: Work): readonly Change[] {
  const changes = work.written.map(({ change }) => change);
  const renames = work.context.state.renamesAfter(work.written.at(-1)?.seq ?? 0);
  return [
    ...changes,
    ...renames.filter(({ key }) => changes.some((one) => one.key === key || one.after.address === key)),
  ];
}

async function readAll({ context, memory, owner, isOwnJob }: Work): Promise<void> {
  const groups = groupsOf(memory);
  const isGroup = (id: string): boolean => groups.has(id);
  await audit(context.mailcow, memory, { owner, now: context.now(), isGroup, isOwnJob });
}

/** Everything that the way back touches is read before it counts. */
async function onFreshGround(work: Work, messages: ReadonlyMap<string, number>): Promise<Undo> {
  const { context, memory, owner, isOwnJob } = work;
  if (work.options.deleteEmpty) {
    // Whose aliases lead to a mailbox that goes, no reading of single objects says.
    await readAll(work);
    return planned(work, messages);
  }
  let touched = touchedBy(withLaterPlaces(work));
  let fresh = NOTHING;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const reads = countReads(touched, fresh);
    if (reads === 0) return planned(work, messages);
    if (reads > 50 + (memory.current.mailboxes.size + memory.current.aliases.size) / 10) break;
    await refreshTouched(context.mailcow, memory, { touched, fresh, owner, isOwnJob });
    fresh = touched;
    touched = union(touched, touchedBy(planned(work, messages).changes));
  }
  await readAll(work);
  return planned(work, messages);
}

/** Of the mailboxes that would be deleted if there were no mail in them. */
async function countMails(work: Work): Promise<ReadonlyMap<string, number>> {
  const messages = new Map<string, number>();
  if (!work.options.deleteEmpty) return messages;
  const created = planned(work, messages).changes.filter(
    ({ kind, resource }) => kind === 'deactivate' && resource === 'mailbox',
  );
  const offAlready = work.written.filter(
    ({ change }) => change.kind === 'create' && change.resource === 'mailbox',
  );
  const keys = new Set([...created.map(({ key }) => key), ...offAlready.map(({ change }) => change.key)]);
  for (const key of keys) {
    const count = await work.context.mailcow.countMessages(key);
    if (count !== undefined) messages.set(key, count);
  }
  return messages;
}

function guardOf(changes: readonly Change[], { memory, owner }: Work): readonly Held[] {
  const domains = [...memory.current.domains.values()];
  return guardPlan({
    changes,
    ledger: memory.ledger,
    current: memory.current,
    missingByScope: new Set(),
    arrivedByScope: new Set(),
    lostFields: new Set(),
    membersInDoubt: false,
    groupIds: groupsOf(memory),
    missingInMailcow: countMissing(memory),
    managedDomains: domains.filter((domain) => isOurDomain(domain, owner)).length,
  }).held;
}

/** Where the object of a change is afterwards. */
const placeAfter = ({ resource, key, after }: Change): Pick<Skip, 'resource' | 'key'> => ({
  resource,
  key: resource === 'mailbox' ? (after.address ?? key) : key,
});

/** An undo pins what it touched; that of an undo, or of a release, lets it go. Before the first write: a crash must not undo the undo. */
function pinAll(
  changes: readonly Change[],
  { context, memory }: Work,
  { run, pinsNothing }: { readonly run: string; readonly pinsNothing: boolean },
): void {
  const { state, now, settings } = context;
  if (pinsNothing) {
    state.dropPins(
      changes.flatMap((change) => [placeAfter(change), { resource: change.resource, key: change.key }]),
    );
    return;
  }
  const since = now().toISOString();
  const known = { snapshot: memory.snapshot, readings: settings.graceReadings };
  state.putPins(
    changes.map((change) => ({
      ...placeAfter(change),
      directoryId: change.directoryId,
      run,
      since,
      entry: entryThen(change.directoryId, known),
    })),
  );
}

/** Aliases that were removed for a rename back that did not happen come again: mail to them must not bounce. */
function freedInVain({ done, failed, left }: Applied, former: ReadonlyMap<string, Alias>): readonly Change[] {
  const renames = [...failed.map(({ change }) => change), ...left].filter(({ kind }) => kind === 'rename');
  const needed = new Set(renames.flatMap(({ needs }) => needs));
  return done.flatMap((change) => {
    const alias = former.get(change.key);
    if (alias === undefined || change.kind !== 'remove' || !needed.has(changeId(change))) return [];
    const { goto, active, internal, senderAllowed, privateComment: comment } = alias;
    const after = { goto, active, internal, senderAllowed, comment };
    const reason = 'the rename for which it was removed did not happen';
    return [{ ...change, kind: 'create', before: {}, after, reason, needs: [], stage: stages.alias }];
  });
}

function applyUndo(changes: readonly Change[], work: Work, run: RunRecord): Promise<OrderedRun> {
  const { context, memory, owner, isOwnJob } = work;
  const isRedo = run.kind === 'undo';
  // What comes back then is what the directory says.
  const pinsNothing = isRedo || run.kind === 'release';
  const former = new Map(memory.current.aliases);
  return runChanges(changes, context, {
    mend: (applied) => freedInVain(applied, former),
    memory,
    owner,
    kind: isRedo ? 'redo' : 'undo',
    message: `undo of ${run.id}`,
    isOwnJob,
    begin: (id) => {
      pinAll(changes, work, { run: id, pinsNothing });
    },
    end: (id, applied) => {
      if (pinsNothing) return;
      const { failed, left } = applied;
      const undone = [...failed.map(({ change }) => change), ...left, ...freedInVain(applied, former)].map(
        placeAfter,
      );
      const ours = new Set(context.state.pins().flatMap((pin) => (pin.run === id ? [pinKey(pin)] : [])));
      context.state.dropPins(undone.filter((place) => ours.has(pinKey(place))));
    },
  });
}

/**
 * What taking a run back would write now. Needs the lock of a sync unless `isDry`, when nothing is written anywhere.
 * Throws as a sync does when mailcow cannot be reached or refuses us.
 */
export async function prepareUndo(
  context: SyncContext,
  options: UndoOptions & { readonly isDry: boolean },
): Promise<UndoPlan | Refusal> {
  const { state, settings } = context;
  const owner = ownerOf(settings, state.facts());
  const memory = openMemory(state.remembered());
  const isOwnJob = ownJobsOf({ settings: { ...settings.plan, owner } });
  const { mailboxTemplate } = settings;
  const early = whyNotUndoable(context, options.run);
  if (early !== undefined) return { kind: 'refused', why: early };
  if (!options.isDry && settings.policy === 'observe') {
    return { kind: 'refused', why: 'LDAP_MAILCOW_POLICY=observe: nothing is written' };
  }
  if (!options.isDry) {
    await settleOpenIntents({ ...context, memory, owner, mailboxTemplate, ...(isOwnJob && { isOwnJob }) });
  }
  const run = state.run(options.run);
  if (run === undefined) return { kind: 'refused', why: `there is no run "${options.run}"` };
  const work = { context, options, memory, owner, written: state.writtenBy(options.run), isOwnJob };
  const undo = await onFreshGround(work, await countMails(work));
  return {
    ...undo,
    kind: 'plan',
    run,
    held: guardOf(undo.changes, work),
    apply: () => applyUndo(undo.changes, work, run),
  };
}
