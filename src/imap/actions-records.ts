/** What the actions leave for the daemon: which runs are wanted, which task is stopped. */
import type { TaskPatch, TaskRecord } from '../ports-imap.ts';
import type { ImapsyncParts } from './actions-parts.ts';
import type { Found } from './list.ts';

type Records = Pick<ImapsyncParts, 'records'>;

/** What is remembered of a task; undefined: nothing, or of another job of that id. */
export function knownRecord({ records }: Records, { job, task }: Found): TaskRecord | undefined {
  const known = records.task(job.mailbox, task.taskId);
  return known?.jobId === job.id ? known : undefined;
}

/** Changes what is remembered, of a task that something is remembered of; makes no state file. */
export function patchKnown(parts: Records, found: Found, patch: TaskPatch): void {
  const known = knownRecord(parts, found);
  if (known !== undefined) parts.records.patchTask(known, patch);
}

/** Forgets a task; makes no state file. */
export function forget({ records }: Records, { job, task }: Found): void {
  if (records.task(job.mailbox, task.taskId) !== undefined) records.dropTask(job.mailbox, task.taskId);
}

/** Whether a run is under way, or has ended and is not finished with. */
export function isInRun(record: TaskRecord | undefined, { job }: Found): boolean {
  if (job.isRunning || record?.phase === 'finishing') return true;
  return record?.phase === 'armed' && job.lastRun !== undefined && job.lastRun !== record.seen;
}
