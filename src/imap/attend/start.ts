/** Starting one run of a task that mailcow's engine cannot do alone. */
import type { TaskRecord } from '../../ports-imap.ts';
import type { WriteResult } from '../../ports-mailcow.ts';
import { jobOf } from '../job.ts';
import type { Found } from '../list.ts';
import { refusals } from '../refusals.ts';
import { isAttended } from '../task.ts';
import { leavesMail, newRecord, remoteLogin, type AttendParts } from './parts.ts';

/** The record of a task; made where there is none. */
export function recordOf({ records }: Pick<AttendParts, 'records'>, found: Found): TaskRecord {
  const { job, task } = found;
  const known = records.task(job.mailbox, task.taskId);
  if (known?.jobId === job.id) return known;
  const made = newRecord(found, { isAttended: isAttended(task) });
  records.saveTask(made);
  return made;
}

/**
 * Arms one run: remembered first, then switched on, first in the queue of mailcow's engine. `purge` is the pass that
 * deletes there what is old. Throws MailcowError, MailError, and an Error for what would lose mail; then, and when mailcow refuses, nothing was started.
 */
export async function startRun(
  parts: AttendParts,
  found: Found,
  pass: TaskRecord['pass'] = 'copy',
): Promise<WriteResult> {
  const { job, task } = found;
  // Such a combination can only have been made in mailcow itself; to start it would be to delete by our own hand.
  const [loss] = refusals(task);
  if (loss !== undefined) throw new Error(`not started: ${loss.field}: ${loss.message}`);
  const key = recordOf(parts, found);
  const validity = pass === 'copy' ? await validityOf(parts, found) : undefined;
  parts.records.patchTask(key, {
    phase: 'armed',
    pass,
    validity,
    wanted: false,
    stopped: false,
    remoteDone: undefined,
    armedAt: parts.now().toISOString(),
  });
  const pidFile = parts.pidFile({ mailbox: job.mailbox, taskId: task.taskId });
  const phase = { purging: pass === 'purge', ...(pidFile !== undefined && { pidFile }) };
  const { customParams, deleteThere, deleteHere } = jobOf(task, phase);
  const verdict = await parts.jobs.editSyncJob(job.id, {
    customParams,
    deleteThere,
    deleteHere,
    active: true,
    runNow: true,
  });
  if (verdict.kind === 'refused') parts.records.patchTask(key, { phase: 'idle', pass: 'copy' });
  return verdict;
}

/** UIDs of a log count only while both folders are the same ones as before the run (RFC 9051 section 2.3.1.1). */
async function validityOf(parts: AttendParts, found: Found): Promise<TaskRecord['validity']> {
  const { task, job } = found;
  if (!leavesMail(task) && !task.sieve) return undefined;
  const there = leavesMail(task) ? await parts.mail.inboxValidity(await remoteLogin(parts, found)) : '';
  const here = task.sieve ? await parts.mail.inboxValidity(parts.localLogin(job.mailbox)) : '';
  return { there, here };
}
