/**
 * The end of a run: said, remembered, and for what the engine cannot do carried on. A crash at any point costs nothing: the
 * log stays in mailcow until the next run, and that one is not started before all is done (facts/imapsync.md 4.2, 4.3).
 */
import type { TaskRecord, TaskRun } from '../../ports-imap.ts';
import type { WriteResult } from '../../ports-mailcow.ts';
import { exitNumber } from '../exit-status.ts';
import { jobOf } from '../job.ts';
import { tasksAmong, type Found } from '../list.ts';
import { readRunLog, type RunLog } from '../run-log.ts';
import { isAttended, type TaskOptions } from '../task.ts';
import { carryOn, isLoginOf, type Ended } from './carry-on.ts';
import type { AttendParts } from './parts.ts';

/** So many runs in a row that bring nothing are the end of a migration. */
const lastCleanRuns = 2;

/** Does all that follows a run whose end has just been seen. Throws MailcowError and MailError: to be tried again. */
export async function finishRun(parts: AttendParts, { found, record }: Ended): Promise<void> {
  const { job, task } = found;
  const log = readRunLog((await parts.jobs.readSyncLog(job)) ?? '');
  const run = runOf(found, log);
  if (record.phase !== 'finishing') report(parts, { found, record }, run);
  if (isAttended(task)) {
    parts.records.patchTask(record, { phase: 'finishing' });
    await switchOff(parts, { found, record });
    if (record.pass === 'copy') await carryOn(parts, { found, record }, log);
  }
  // A sync may have begun another migration, or another look have counted, since the record was read.
  const { copied, clean } = parts.records.task(record.mailbox, record.taskId) ?? record;
  const isClean = run.exit === 0 && log.isComplete && run.transferred === 0;
  const next: TaskRecord['clean'] = isClean ? clean + 1 : 0;
  const now = parts.now().toISOString();
  parts.records.patchTask(record, {
    phase: 'idle',
    pass: 'copy',
    validity: undefined,
    remoteDone: undefined,
    seen: run.lastRun,
    lastAt: now,
    // Who stops a run does not make it a failure: ns8 keeps what it said before.
    ...(run.exitName !== 'EXIT_BY_FILE' && { last: run }),
    ...(record.pass === 'purge' && { purgedAt: now }),
    copied: {
      messages: copied.messages + run.transferred,
      bytes: copied.bytes + run.bytes,
      runs: copied.runs + 1,
    },
    clean: next,
  });
  if (task.taskId === parts.migration && next >= lastCleanRuns && !found.done)
    await endMigration(parts, found);
}

function runOf({ job }: Found, log: RunLog): TaskRun {
  const { exit, exitName = job.exitStatus, startedAt, transferred, bytes, present } = log;
  return {
    lastRun: job.lastRun ?? '',
    ...(startedAt !== undefined && { startedAt }),
    exit: exit ?? exitNumber(job) ?? 1,
    ...(exitName !== undefined && { exitName }),
    transferred,
    bytes,
    ...(present && { present }),
  };
}

/** One line, as ns8 wrote one to the journal. */
function report({ log }: AttendParts, { found, record }: Ended, run: TaskRun): void {
  const what = record.pass === 'purge' ? 'the pass that deletes there what is old' : 'a run';
  const end = run.exitName ?? 'imapsync did not say why';
  const line = `imapsync ${found.job.mailbox} ${found.task.taskId}: ${what} ended, ${run.transferred} transferred (${run.bytes} bytes), exit code ${run.exit} (${end})`;
  if (run.exit === 0 || run.exitName === 'EXIT_BY_FILE') log.info(line);
  else log.warn(line);
}

function requireDone(verdict: WriteResult): void {
  if (verdict.kind === 'done') return;
  const words = verdict.kind === 'refused' ? verdict.words.map(({ word }) => word).join(', ') : verdict.why;
  throw new Error(`mailcow did not take the change of the sync job: ${words}`);
}

/** No second run may write over the log; after a pass that deletes, the job is what it was. */
async function switchOff(parts: AttendParts, { found, record }: Ended): Promise<void> {
  const { job, task, purging } = found;
  if (!job.active && !purging) return;
  const { mailbox, taskId } = record;
  const pidFile = parts.pidFile({ mailbox, taskId });
  const { customParams, deleteThere, deleteHere } = jobOf(task, pidFile === undefined ? {} : { pidFile });
  const back = purging ? { customParams, deleteThere, deleteHere } : {};
  requireDone(await parts.jobs.editSyncJob(job.id, { ...back, active: false }));
}

/** A sync may have begun another migration meanwhile: then the end is that of the former one. */
async function endMigration(parts: AttendParts, { job, task }: Found): Promise<void> {
  const [now] = tasksAmong((await parts.jobs.listSyncJobs(job.mailbox)).filter(({ id }) => id === job.id));
  if (now === undefined || now.job.lastRun !== job.lastRun || !isSameLogin(now.task, task)) return;
  const pidFile = parts.pidFile({ mailbox: job.mailbox, taskId: task.taskId });
  const { customParams } = jobOf(now.task, { done: true, ...(pidFile !== undefined && { pidFile }) });
  requireDone(await parts.jobs.editSyncJob(job.id, { customParams, active: false }));
  parts.log.info(`imapsync ${job.mailbox}: all mail is here, the migration of this mailbox is done`);
}

const isSameLogin = (a: TaskOptions, b: TaskOptions): boolean =>
  isLoginOf(a, { host: b.remoteHostname, port: b.remotePort, user: b.remoteUsername });
