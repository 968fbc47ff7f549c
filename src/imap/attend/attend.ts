/** Looking after tasks: each look at mailcow's sync jobs sees ends of runs, does what follows, and starts what is due. */
import { isDeepStrictEqual } from 'node:util';
import type { SyncJob } from '../../core/sync-job.ts';
import type { TaskRecord } from '../../ports-imap.ts';
import { cronMinutes } from '../cron.ts';
import { tasksAmong, type Found } from '../list.ts';
import { isMigrationTask } from '../migration.ts';
import { isAttended } from '../task.ts';
import { hasPassed } from './clock.ts';
import { isPurgeDue } from './carry-on.ts';
import { finishRun } from './finish.ts';
import type { AttendParts } from './parts.ts';
import { recordOf, startRun } from './start.ts';

/** More mailboxes than this are read by one list of all. */
const fewMailboxes = 10;

/** So long a task may be missing in mailcow before it is forgotten. */
const goneMs = 24 * 60 * 60_000;

const firstRetryMs = 60_000;
const longestRetryMs = 60 * 60_000;

type Trouble = { readonly times: number; readonly notBefore: number; readonly why: string };

/** What lasts from look to look and need not outlive the process. */
type Memory = {
  /** By task and cron expression, its next time. */
  readonly planned: Map<string, Date>;
  readonly troubles: Map<string, Trouble>;
};

export type Attendant = {
  /**
   * One look. `all` lists the jobs of everybody, which also finds tasks that nothing is remembered of. How many tasks
   * there are. Throws MailcowError when the jobs cannot be listed; what one task meets is logged and tried again.
   */
  readonly look: (options: { readonly all: boolean }) => Promise<number>;
};

/** Makes somebody who looks after tasks; two for one mailcow would be in each other's way. */
export function makeAttendant(parts: AttendParts): Attendant {
  const memory: Memory = { planned: new Map(), troubles: new Map() };
  return { look: ({ all }) => look(parts, memory, all) };
}

const keyOf = ({ mailbox, taskId }: Pick<TaskRecord, 'mailbox' | 'taskId'>): string => `${taskId} ${mailbox}`;

async function look(parts: AttendParts, memory: Memory, all: boolean): Promise<number> {
  const records = parts.records.tasks();
  const mailboxes = [...new Set(records.map(({ mailbox }) => mailbox))];
  if (!all && mailboxes.length === 0) return 0;
  const isAll = all || mailboxes.length > fewMailboxes;
  const jobs = isAll ? await parts.jobs.listSyncJobs() : await listOf(parts, mailboxes);
  const found = firstOfEach(tasksAmong(jobs)).filter(
    ({ task }) => !isMigrationTask(task.taskId) || task.taskId === parts.migration,
  );
  forgetGone(parts, records, found);
  for (const one of found) await tend(parts, memory, one);
  return found.length;
}

/** Who copies the options of a job in mailcow copies its mark: the older one is the task, the other is left alone. */
function firstOfEach(found: readonly Found[]): readonly Found[] {
  const byAge = found.toSorted((a, b) => b.job.id - a.job.id);
  const keys = new Map(
    byAge.map((one) => [keyOf({ mailbox: one.job.mailbox, taskId: one.task.taskId }), one]),
  );
  return [...keys.values()].reverse();
}

async function listOf({ jobs }: AttendParts, mailboxes: readonly string[]): Promise<readonly SyncJob[]> {
  const lists: SyncJob[] = [];
  for (const mailbox of mailboxes) lists.push(...(await jobs.listSyncJobs(mailbox)));
  return lists;
}

/**
 * Records are of jobs: one without is worth nothing after a day. Not at once, because a mailcow that is being restored
 * has no jobs for a while, and only the record knows that a task was stopped. `records` are those of before the list:
 * others may have been made meanwhile.
 */
function forgetGone(parts: AttendParts, records: readonly TaskRecord[], found: readonly Found[]): void {
  const there = new Set(found.map(({ job, task }) => keyOf({ mailbox: job.mailbox, taskId: task.taskId })));
  const now = parts.now();
  for (const record of records) {
    const { mailbox, taskId, goneAt } = record;
    if (there.has(keyOf(record))) {
      if (goneAt !== undefined) parts.records.patchTask(record, { goneAt: undefined });
    } else if (goneAt === undefined) parts.records.patchTask(record, { goneAt: now.toISOString() });
    else if (now.getTime() - Date.parse(goneAt) >= goneMs) parts.records.dropTask(mailbox, taskId);
  }
}

async function tend(parts: AttendParts, memory: Memory, found: Found): Promise<void> {
  const record = recordOf(parts, found);
  const key = keyOf(record);
  const now = parts.now().getTime();
  const trouble = memory.troubles.get(key);
  if (trouble !== undefined && isBetween(trouble.notBefore - now, longestRetryMs)) return;
  try {
    await step(parts, memory, { found, record });
    memory.troubles.delete(key);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const times = (trouble?.times ?? 0) + 1;
    const pauseMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(times - 1, 10));
    memory.troubles.set(key, { times, why, notBefore: now + pauseMs });
    if (trouble?.why !== why)
      parts.log.warn(
        `imapsync ${record.mailbox} ${record.taskId}: ${why}; tried again in ${pauseMs / 1000} s`,
      );
  }
}

/** A moment that is further off than it ever could be is of a clock that was set back since. */
const isBetween = (leftMs: number, mostMs: number): boolean => leftMs > 0 && leftMs <= mostMs;

type Step = { readonly found: Found; readonly record: TaskRecord };

async function step(parts: AttendParts, memory: Memory, { found, record }: Step): Promise<void> {
  const { job, task } = found;
  if (job.isRunning) return;
  const hasEnded = job.lastRun !== undefined && job.lastRun !== record.seen;
  if (hasEnded || record.phase === 'finishing') {
    if (await isStill(parts, found)) await finishRun(parts, { found, record });
    return;
  }
  if (!isAttended(task)) return;
  if (record.phase === 'armed') {
    // Cut off between remembering and writing: nobody has started it.
    if (!job.active && job.lastRun === record.seen && !record.stopped) await start(parts, { found, record });
    return;
  }
  const purge = nextPurge(parts, { found, record });
  if (purge) await start(parts, { found, record: { ...record, pass: 'purge' } });
  else if (isDue(parts, memory, { found, record })) await start(parts, { found, record });
}

/** The list may be minutes old, and what is written is made of it: what has changed since is left to the next look. */
async function isStill({ jobs }: AttendParts, { job }: Found): Promise<boolean> {
  const now = (await jobs.listSyncJobs(job.mailbox)).find(({ id }) => id === job.id);
  return isDeepStrictEqual(now, job);
}

async function start(parts: AttendParts, { found, record }: Step): Promise<void> {
  if (!(await isStill(parts, found))) return;
  const verdict = await startRun(parts, found, record.pass);
  if (verdict.kind === 'done') return;
  const words = verdict.kind === 'refused' ? verdict.words.map(({ word }) => word).join(', ') : verdict.why;
  throw new Error(`mailcow did not start the run: ${words}`);
}

/** Of whole mailboxes: once a day, right after a run that ended well. An INBOX alone has its own way. */
function nextPurge({ now }: AttendParts, { found: { task }, record }: Step): boolean {
  if (task.mode === 'inbox' || task.older === 0 || record.stopped) return false;
  const { last, lastAt, purgedAt, pass } = record;
  // The last run was the pass itself: a task by hand would delete every day what nobody asked for.
  if (lastAt === purgedAt) return false;
  return last?.exit === 0 && pass === 'copy' && isPurgeDue(record, now());
}

function isDue(parts: AttendParts, { planned }: Memory, { found: { task }, record }: Step): boolean {
  if (record.wanted) return true;
  if (record.stopped || task.cron === '') return false;
  const minutes = cronMinutes(task.cron);
  const now = parts.now();
  if (minutes !== undefined)
    return record.lastAt === undefined || hasPassed(record.lastAt, minutes * 60_000, now);
  // By its expression too: a new one counts at once.
  const key = `${keyOf(record)} ${task.cron}`;
  const next = parts.nextRun(task.cron);
  const before = planned.get(key) ?? next;
  // A clock that was set back must not keep it from running for as long.
  const at = before.getTime() < next.getTime() ? before : next;
  if (at.getTime() > now.getTime()) {
    planned.set(key, at);
    return false;
  }
  planned.delete(key);
  return true;
}
