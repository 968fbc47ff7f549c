/** Writes whose answer was lost and that have happened all the same: memory and ledger catch up. */
import type { Change } from '../core/change.ts';
import { isActive } from '../core/current.ts';
import type { AppliedFields } from '../core/ledger.ts';
import { renderMark } from '../core/mark.ts';
import type { State } from '../ports-state.ts';
import { activityBefore, ownedBy, type PerformContext } from './perform-context.ts';
import { followTasks } from './follow-tasks.ts';
import { recordDomainDeletion } from './perform-domain-deletion.ts';
import { recordFilter } from './perform-filter.ts';
import { finishWayBack } from './perform-login.ts';
import { leaveBehind, recordDelete } from './perform-mailbox.ts';
import { recordRename } from './perform-rename.ts';
import { recordSyncJob } from './perform-sync-job.ts';
import { isFirstOfStray, strayRow } from './perform-stray.ts';
import { hasHappened, settle } from './settle.ts';

const asAdopted = (change: Change, found: { readonly active: number } | undefined): boolean | undefined =>
  change.kind === 'adopt' ? activityBefore(change, found) : undefined;

/** The fields that the ledger takes down of a write. */
function appliedBy({ kind, after }: Change): AppliedFields {
  const { name, quotaMiB, goto, internal, senderAllowed, authSource } = after;
  return {
    ...(name !== undefined && { name }),
    ...(quotaMiB !== undefined && { quotaMiB }),
    ...(goto !== undefined && { goto }),
    ...(internal !== undefined && { internal }),
    ...(senderAllowed !== undefined && { senderAllowed }),
    ...(authSource !== undefined && { authSource }),
    ...(kind === 'create' && after.password === 'random' && { loginWaits: true }),
  };
}

/** What has no row in the ledger. */
function recordOther(change: Change, context: PerformContext): void {
  if (change.resource === 'filter') recordFilter(change, context);
  if (change.resource === 'syncjob') recordSyncJob(change, context);
  // The mark of a domain is all that is remembered of it.
  if (change.resource === 'domain' && change.kind === 'delete') recordDomainDeletion(change, context.memory);
}

/** Ledger entries for a write that turned out to have happened although its answer was lost. */
export async function recordLate(change: Change, context: PerformContext): Promise<void> {
  const { memory } = context;
  if (change.resource !== 'mailbox' && change.resource !== 'alias') {
    recordOther(change, context);
    return;
  }
  if (change.kind === 'rename') {
    await recordRename(change, context);
    return;
  }
  if (change.kind === 'delete') {
    recordDelete(change, context);
    return;
  }
  if (change.kind === 'remove' || change.kind === 'release') {
    memory.disown(change.resource, change.key);
    return;
  }
  const found =
    change.resource === 'mailbox'
      ? memory.current.mailboxes.get(change.key)
      : memory.current.aliases.get(change.key);
  if (isFirstOfStray(change, context)) {
    memory.own(strayRow(change, context.now()));
    return;
  }
  const origin = change.kind === 'adopt' ? 'adopted' : 'created';
  const rows = change.resource === 'mailbox' ? memory.ledger.mailboxes : memory.ledger.aliases;
  // Only what this write said about activity is ours.
  const said = change.after.active === undefined ? undefined : isActive(change.after.active);
  const lastActive = said ?? rows.get(change.key)?.lastActive ?? asAdopted(change, found);
  memory.own(ownedBy(change, context, { key: change.key, origin, lastActive, applied: appliedBy(change) }));
  leaveBehind(change, context);
  await finishWayBack(change, context);
}

/**
 * A take-over is several writes. Once the mailbox bears the new mark it is the new id's, with everything that was
 * known of it; the next plan does the rest.
 */
function recordBegunTakeover(
  { kind, formerId, key, directoryId }: Change,
  { memory, owner }: PerformContext,
): void {
  if (kind !== 'adopt' || formerId === undefined) return;
  const row = memory.ledger.mailboxes.get(key);
  const tags = memory.current.mailboxes.get(key)?.tags ?? [];
  if (row?.directoryId !== formerId || !tags.includes(renderMark({ owner, directoryId }))) return;
  memory.own({ ...row, directoryId });
}

/** By the mark it can be told for sure whether it has happened. */
const isPlainCreation = ({ kind, resource }: Change): boolean =>
  kind === 'create' && (resource === 'mailbox' || resource === 'alias');

/**
 * Writes that a crash cut short: read until mailcow is at rest, before anything else (DESIGN.md 4.15). Returns
 * how many there were; memory is to be saved together with their end.
 */
export async function settleOpenIntents(
  context: PerformContext & { readonly state: State; readonly delay: (ms: number) => Promise<void> },
): Promise<number> {
  const { state, memory, log, now } = context;
  const open = state.openIntents();
  if (open.length === 0) return 0;
  log.warn(`${open.length} writes may have been cut short last time: reading what became of them`);
  await settle(
    open.map((intent) => intent.change),
    context,
  );
  const happened = new Set<Change>();
  for (const { change } of open) {
    if (hasHappened(change, memory)) {
      await recordLate(change, context);
      happened.add(change);
    } else recordBegunTakeover(change, context);
  }
  state.transaction(() => {
    state.save(memory.takeChanges());
    for (const change of happened) followTasks(change, context);
    for (const { seq, change } of open) {
      // Whoever follows renames must not follow one that did not happen.
      const isPlain = change.kind === 'rename' || isPlainCreation(change);
      const end = happened.has(change) || !isPlain ? 'settled' : 'failed';
      const detail = end === 'failed' && { detail: 'it was cut short, and it has not happened' };
      state.endIntent({ seq, end, at: now().toISOString(), ...detail });
    }
  });
  return open.length;
}
