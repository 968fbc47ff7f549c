/** Writes a plan, one change at a time: intent first, verdict judged, unclear ones read again (DESIGN.md 4.12-4.15). */
import { setImmediate as immediately } from 'node:timers/promises';
import { changeId, fallTogether, sortForApply, type Change } from '../core/change.ts';
import { describeChange } from '../core/describe.ts';
import { withoutFailed } from '../core/list-change.ts';
import type { MailcowWord, WriteResult } from '../ports-mailcow.ts';
import type { BeforeImage, IntentEnd, State } from '../ports-state.ts';
import { isBatchable, performBatch } from './perform-batch.ts';
import { followTasks } from './follow-tasks.ts';
import { recordLate } from './late.ts';
import type { Memory } from './memory.ts';
import { aliasesIn } from './perform-domain-deletion.ts';
import type { PerformContext } from './perform-context.ts';
import { performChange } from './perform.ts';
import { createProgress } from './progress.ts';
import { openQueue, type Queue } from './queue.ts';
import { hasHappened, readAgain, settle } from './settle.ts';

export type Failure = {
  readonly change: Change;
  readonly why: string;
  readonly words: readonly MailcowWord[];
};

export type Applied = {
  readonly done: readonly Change[];
  readonly failed: readonly Failure[];
  /** Not begun: the program was asked to end. */
  readonly left: readonly Change[];
};

export type ApplyContext = PerformContext & {
  readonly state: State;
  readonly run: string;
  readonly delay: (ms: number) => Promise<void>;
  readonly stopping: () => boolean;
  readonly onWritten?: (change: Change) => void;
};

type Verdict = { readonly end: IntentEnd; readonly why?: string; readonly words?: readonly MailcowWord[] };

const spoken = (words: readonly MailcowWord[]): string =>
  words.map(({ word, args }) => [word, ...args].join(' ')).join('; ');

async function judge(change: Change, result: WriteResult, context: ApplyContext): Promise<Verdict> {
  if (result.kind === 'done') return { end: 'done' };
  if (result.kind === 'refused') {
    // A refusal means that mailcow is not as we remembered it.
    await readAgain(change, context);
    return { end: 'refused', why: `mailcow refused it: ${spoken(result.words)}`, words: result.words };
  }
  context.log.warn(`no clear answer, reading again: ${describeChange(change)}`, { why: result.why });
  await settle([change], context);
  if (!hasHappened(change, context.memory)) {
    return { end: 'failed', why: `no clear answer (${result.why}), and it has not happened` };
  }
  await recordLate(change, context);
  return { end: 'done', why: `no clear answer (${result.why}), but it has happened` };
}

/** A domain is remembered with what goes with it. */
function imageOf({ resource, kind, key }: Change, { current }: Memory): BeforeImage {
  if (resource === 'domain') {
    const domain = current.domains.get(key);
    const aliases = kind === 'delete' ? aliasesIn(key, current) : [];
    return { ...(domain && { domain }), ...(aliases.length > 0 && { aliases }) };
  }
  const mailbox = current.mailboxes.get(key);
  const alias = current.aliases.get(key);
  const filter = resource === 'filter' ? current.filters?.get(key) : undefined;
  if (filter !== undefined) return { filter };
  const syncJobs = resource === 'syncjob' ? current.syncJobs?.get(key) : undefined;
  if (syncJobs !== undefined) return { syncJobs };
  return { ...(mailbox && { mailbox }), ...(alias && { alias }) };
}

/** What was written and is not in the state yet: it goes there along with the next intent, in one transaction. */
type Closing = {
  readonly change: Change;
  readonly seq: number;
  readonly verdict: Verdict;
  readonly at: string;
};

/** Intents that were opened while the write before them was under way. */
type Ahead = { readonly changes: readonly Change[]; readonly seqs: readonly number[] };

type Applying = ApplyContext & {
  readonly tally: Tally;
  readonly closings: Closing[];
  readonly ahead: { intents?: Ahead };
};

function saveClosings({ state, memory, closings, owner }: Applying): void {
  if (closings.length === 0) return;
  state.save(memory.takeChanges());
  for (const { change, seq, verdict, at } of closings.splice(0)) {
    if (verdict.end === 'done') followTasks(change, { state, owner });
    const detail = verdict.why;
    state.endIntent({ seq, end: verdict.end, at, ...(detail !== undefined && { detail }) });
  }
}

function openIntents(changes: readonly Change[], context: Applying): readonly number[] {
  const { state, memory, run, now } = context;
  const at = now().toISOString();
  return state.transaction(() => {
    saveClosings(context);
    return changes.map((change) => state.openIntent({ run, change, image: imageOf(change, memory), at }));
  });
}

async function perform(changes: readonly Change[], context: ApplyContext): Promise<readonly WriteResult[]> {
  const [first] = changes;
  if (first === undefined) return [];
  return isBatchable(first) ? performBatch(changes, context) : [await performChange(first, context)];
}

type Tally = { readonly done: Change[]; readonly failed: Failure[] };

function close(
  change: Change,
  outcome: { readonly seq: number; readonly verdict: Verdict },
  context: Applying,
): void {
  const { verdict } = outcome;
  const { log, tally, now, closings } = context;
  closings.push({ ...outcome, change, at: now().toISOString() });
  if (verdict.end === 'done') {
    tally.done.push(change);
    context.onWritten?.(change);
    log.info(describeChange(change));
    return;
  }
  const why = verdict.why ?? verdict.end;
  tally.failed.push({ change, why, words: verdict.words ?? [] });
  log.error(`failed: ${describeChange(change)}`, { why });
}

const areSame = (a: readonly Change[], b: readonly Change[]): boolean =>
  a.length === b.length && a.every((change, index) => change === b[index]);

/** The numbers of intents that were opened ahead; those of changes whose turn does not come are withdrawn. */
function takeAhead(changes: readonly Change[], { ahead, state }: Applying): readonly number[] | undefined {
  const { intents } = ahead;
  delete ahead.intents;
  if (intents === undefined || areSame(intents.changes, changes)) return intents?.seqs;
  state.withdrawIntents(intents.seqs);
  return undefined;
}

/** Creations stand alone: what is under way changes nothing of what they find, unless they need it. */
function isIndependent(change: Change, current: readonly Change[]): boolean {
  const ids = current.map(changeId);
  return change.kind === 'create' && !change.needs.some((need) => ids.includes(need));
}

/** The disk is written while mailcow works: what is done until now, and the intents of what comes next. */
function openAhead(current: readonly Change[], queue: Queue, context: Applying): void {
  const next = queue.next();
  if (next === undefined || dependsOnFailure(next, context.tally.failed)) return;
  const changes = queue.batchOf(next);
  if (!changes.every((change) => isIndependent(change, current))) return;
  context.ahead.intents = { changes, seqs: openIntents(changes, context) };
}

async function applyTogether(changes: readonly Change[], queue: Queue, context: Applying): Promise<void> {
  const seqs = takeAhead(changes, context) ?? openIntents(changes, context);
  const answers = perform(changes, context);
  // Awaited below; until then nobody listens.
  answers.catch(() => undefined);
  // The request leaves before the disk keeps us.
  await immediately();
  try {
    openAhead(changes, queue, context);
  } catch (error) {
    // Whoever gets the lock next must not meet this write.
    await answers.catch(() => undefined);
    throw error;
  }
  const results = await answers;
  for (const [index, change] of changes.entries()) {
    const seq = seqs[index];
    if (seq === undefined) continue;
    const result = results[index] ?? { kind: 'unclear', why: 'no answer' };
    close(change, { seq, verdict: await judge(change, result, context) }, context);
  }
}

/** What needs a failed change is not begun. */
function dependsOnFailure(change: Change, failed: readonly Failure[]): Change | undefined {
  return failed.find((failure) => change.needs.includes(changeId(failure.change)))?.change;
}

/**
 * Lists lead to the mailboxes that are there; what is left of nothing is planned again next time, and with it whatever
 * needs it.
 */
function buildingOnWhatIs(queue: readonly Change[], failed: readonly Failure[]): readonly Change[] {
  const changes = failed.map(({ change }) => change);
  const nothing = new Set<string>();
  const rest: Change[] = [];
  for (const change of queue) {
    const built = withoutFailed(change, changes);
    if (built === undefined) nothing.add(changeId(change));
    else rest.push(built);
  }
  if (nothing.size === 0) return rest;
  const fallen = fallTogether(rest, nothing);
  return rest.filter((change) => !fallen.has(changeId(change)));
}

async function applyQueue(changes: readonly Change[], context: Applying): Promise<readonly Change[]> {
  const { tally, log, now } = context;
  let queue = openQueue(sortForApply(changes));
  const progress = createProgress({ total: changes.length, log, now });
  while (!context.stopping()) {
    const next = queue.next();
    if (next === undefined) break;
    const failures = tally.failed.length;
    const cause = dependsOnFailure(next, tally.failed);
    const together = cause === undefined ? queue.batchOf(next) : [next];
    queue.drop(together);
    if (cause === undefined) await applyTogether(together, queue, context);
    else tally.failed.push({ change: next, why: `needs what failed: ${describeChange(cause)}`, words: [] });
    if (tally.failed.length > failures) queue = openQueue(buildingOnWhatIs(queue.rest(), tally.failed));
    progress.tick(tally.done.length + tally.failed.length);
  }
  return queue.rest();
}

/**
 * Writes the changes in their order. Refusals and unclear answers are counted and the others go on; throws
 * only when mailcow cannot be reached or refuses us altogether (401, 403): the open intent is read next time.
 */
export async function applyPlan(changes: readonly Change[], context: ApplyContext): Promise<Applied> {
  const applying: Applying = { ...context, tally: { done: [], failed: [] }, closings: [], ahead: {} };
  try {
    const left = await applyQueue(changes, applying);
    return { ...applying.tally, left };
  } finally {
    context.state.transaction(() => {
      takeAhead([], applying);
      saveClosings(applying);
    });
  }
}
