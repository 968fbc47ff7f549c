/** How far everybody's migration has come: a row for each person, and totals. */
import type { SyncJob } from '../core/sync-job.ts';
import type { TaskRecord } from '../ports-imap.ts';
import { exitNumber } from './exit-status.ts';
import { exitWords } from './exit-words.ts';
import { tasksAmong } from './list.ts';

/**
 * `waiting`: no run has ended yet; `copying`: runs have ended well, and the end has not come; `failed`: the last run did not
 * end well; `off`: somebody switched it off, or its mailbox is off.
 */
export type ProgressState = 'waiting' | 'running' | 'copying' | 'done' | 'failed' | 'off';

export type ProgressRow = {
  readonly mailbox: string;
  readonly state: ProgressState;
  /** Of those there, what was here at the end of the last run; where its log did not say it, what was copied until now. */
  readonly messages: number;
  readonly bytes: number;
  readonly runs: number;
  /** The end of the last run, on the clock of mailcow. */
  readonly lastRun?: string;
  /** Why the last run did not end well. */
  readonly error?: string;
};

export type ProgressTotals = {
  readonly people: number;
  readonly done: number;
  readonly counts: Readonly<Record<ProgressState, number>>;
  readonly messages: number;
  readonly bytes: number;
  /** Of the people whose jobs are not off: 0 to 100. */
  readonly percent: number;
  /** Undefined: nobody is done yet, or nobody is left. */
  readonly secondsLeft?: number;
};

export type Progress = { readonly rows: readonly ProgressRow[]; readonly totals: ProgressTotals };

export type ProgressInput = {
  readonly jobs: readonly SyncJob[];
  readonly records: readonly TaskRecord[];
  /** The id of the tasks of our migration. */
  readonly taskId: string;
  /** Milliseconds since 1970: when the first job was made, as far as that is known. */
  readonly beganAt?: number;
  readonly now: Date;
};

const numbers = { waiting: 0, running: 0, copying: 0, done: 0, failed: 0, off: 0 };

type Facts = { readonly job: SyncJob; readonly isDone: boolean; readonly record: TaskRecord | undefined };

/** mailcow forgets the end of a run when another one begins, and when one is asked for. */
const isFailure = ({ job, record }: Facts): boolean =>
  job.lastRun === undefined ? false : (exitNumber(job) ?? record?.last?.exit ?? 0) !== 0;

function stateOf(facts: Facts): ProgressState {
  const { job, isDone, record } = facts;
  if (job.isRunning) return 'running';
  if (isDone) return 'done';
  if (!job.active) return 'off';
  if (isFailure(facts)) return 'failed';
  return job.lastRun === undefined && (record?.copied.runs ?? 0) === 0 ? 'waiting' : 'copying';
}

function errorOf({ exitStatus, ...job }: SyncJob): string {
  const exit = exitNumber({ ...job, ...(exitStatus !== undefined && { exitStatus }) }) ?? 1;
  return exitWords({ exit, ...(exitStatus !== undefined && { exitName: exitStatus }) });
}

function rowOf(facts: Facts): ProgressRow {
  const { job, record } = facts;
  const state = stateOf(facts);
  const { copied = { messages: 0, bytes: 0, runs: 0 }, last } = record ?? {};
  const { messages, bytes } = last?.present ?? copied;
  const lastRun = job.lastRun ?? last?.lastRun;
  return {
    mailbox: job.mailbox,
    state,
    messages,
    bytes,
    runs: copied.runs,
    ...(lastRun !== undefined && { lastRun }),
    ...(state === 'failed' && { error: errorOf(job) }),
  };
}

/** The first sign of life that is known: a run's own start, or the making of the first job. */
function beginningOf({ records, taskId, beganAt }: ProgressInput): number | undefined {
  const starts = records
    .filter((record) => record.taskId === taskId)
    .map(({ last, lastAt }) => startOf(last?.startedAt, lastAt))
    .filter((time) => time !== undefined);
  const all = beganAt === undefined ? starts : [...starts, beganAt];
  return all.length === 0 ? undefined : all.reduce((first, time) => Math.min(first, time));
}

const startOf = (seconds: number | undefined, ended: string | undefined): number | undefined =>
  seconds === undefined ? (ended === undefined ? undefined : Date.parse(ended)) : seconds * 1000;

/**
 * As long for each person that is left as for each that is done: time since the beginning, times those left, by those done.
 * mailcow's engine takes one mailbox after the other, so this holds as far as mailboxes are alike.
 */
function secondsLeft(
  { people, done }: { readonly people: number; readonly done: number },
  input: ProgressInput,
): number | undefined {
  const began = beginningOf(input);
  const left = people - done;
  if (began === undefined || done === 0 || left === 0) return undefined;
  const elapsed = Math.max(0, input.now.getTime() - began) / 1000;
  return Math.round((elapsed * left) / done);
}

const sum = (rows: readonly ProgressRow[], of: (row: ProgressRow) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

/** Everybody by address, and all of them together. */
export function progressOf(input: ProgressInput): Progress {
  const { jobs, records, taskId } = input;
  const byMailbox = new Map(
    records.filter((record) => record.taskId === taskId).map((record) => [record.mailbox, record]),
  );
  const rows = tasksAmong(jobs)
    .filter(({ task }) => task.taskId === taskId)
    .map(({ job, done }) => rowOf({ job, isDone: done, record: byMailbox.get(job.mailbox) }))
    .sort((a, b) => (a.mailbox < b.mailbox ? -1 : 1));
  const counts: Record<ProgressState, number> = { ...numbers };
  for (const { state } of rows) counts[state] += 1;
  const people = rows.length - counts.off;
  const left = secondsLeft({ people, done: counts.done }, input);
  return {
    rows,
    totals: {
      people: rows.length,
      done: counts.done,
      counts,
      messages: sum(rows, ({ messages }) => messages),
      bytes: sum(rows, ({ bytes }) => bytes),
      percent: people === 0 ? 0 : Math.floor((counts.done * 100) / people),
      ...(left !== undefined && { secondsLeft: left }),
    },
  };
}
