/** status: how a task stands. */
import type { TaskRecord } from '../ports-imap.ts';
import { answerRefusal } from './actions-answers.ts';
import { findTask } from './actions-find.ts';
import type { Action, ImapsyncParts } from './actions-parts.ts';
import { isInRun, knownRecord } from './actions-records.ts';
import { cronMinutes } from './cron.ts';
import { exitWords } from './exit-words.ts';
import { lastRunOf, secondsOf } from './last-run.ts';
import { tasksAmong, type Found } from './list.ts';
import { isAttended } from './task.ts';

/**
 * `running`; `finishing`: the daemon does what follows a run; `queued`: mailcow runs it as soon as it comes to it;
 * `waiting` for its time; `idle`: by hand, and nobody asked; `stopped`; `done`: its migration has come to its end.
 */
type Phase = 'running' | 'finishing' | 'queued' | 'waiting' | 'idle' | 'stopped' | 'done';

/** status: of one task, or without `localuser` of all, a list. */
export const status: Action = async (parts, input) => {
  if (input['localuser'] === undefined && input['task_id'] === undefined) {
    const all = tasksAmong(await parts.jobs.listSyncJobs());
    return { code: 0, output: all.map((found) => statusOf(parts, found)), notes: [] };
  }
  const found = await findTask(parts, input);
  return 'complaints' in found
    ? answerRefusal(found)
    : { code: 0, output: statusOf(parts, found), notes: [] };
};

function statusOf(parts: ImapsyncParts, found: Found): Readonly<Record<string, unknown>> {
  const { job, task } = found;
  const record = knownRecord(parts, found);
  const next = nextRunOf(parts, found, record);
  const last = lastRunOf(found, record);
  return {
    localuser: job.mailbox,
    task_id: task.taskId,
    phase: phaseOfTask(parts, found, record),
    running: job.isRunning,
    next_run: next?.toISOString() ?? null,
    last_run:
      last === undefined
        ? null
        : {
            started: isoOf(last.startedAt),
            ended: isoOf(last.endedAt),
            exit_code: last.exit,
            exit_status: last.exitName ?? null,
            message: exitWords(last),
          },
  };
}

function phaseOfTask(parts: ImapsyncParts, found: Found, record: TaskRecord | undefined): Phase {
  const { job, task, done } = found;
  if (job.isRunning) return 'running';
  if (done) return 'done';
  if (isAttended(task)) return attendedPhase(found, record);
  if (!job.active) return 'stopped';
  const next = nextRunOf(parts, found, record);
  return next === undefined || next.getTime() <= parts.now().getTime() ? 'queued' : 'waiting';
}

function attendedPhase(found: Found, record: TaskRecord | undefined): Phase {
  if (isInRun(record, found)) return 'finishing';
  if (record?.phase === 'armed' || record?.wanted === true) return 'queued';
  if (record?.stopped === true) return 'stopped';
  return found.task.cron === '' ? 'idle' : 'waiting';
}

/** Undefined: there is none to come, or at once. An interval counts from the end of a run. */
function nextRunOf(parts: ImapsyncParts, found: Found, record: TaskRecord | undefined): Date | undefined {
  const { job, task, done } = found;
  const isOff = isAttended(task) ? record?.stopped === true : !job.active;
  if (done || isOff || task.cron === '') return undefined;
  const minutes = cronMinutes(task.cron);
  if (minutes === undefined) return parts.nextRun(task.cron);
  const ended = endOf(found, record);
  return ended === undefined ? undefined : new Date(ended + minutes * 60_000);
}

/** By our own clock where its end was seen, else by mailcow's. In milliseconds. */
function endOf({ job }: Found, record: TaskRecord | undefined): number | undefined {
  if (record?.lastAt !== undefined && record.seen === job.lastRun) return Date.parse(record.lastAt);
  const seconds = job.lastRun === undefined ? undefined : secondsOf(job.lastRun);
  return seconds === undefined ? undefined : seconds * 1000;
}

function isoOf(seconds: number | undefined): string | null {
  return seconds === undefined ? null : new Date(seconds * 1000).toISOString();
}
