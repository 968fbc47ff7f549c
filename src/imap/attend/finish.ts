/**
 * What follows the end of a run, in an order in which a crash at any point costs nothing: the log stays in mailcow until
 * the next run, and that one is not started before all is done (facts/imapsync.md 4.2, 4.3).
 */
import type { TaskRecord, TaskRun } from '../../ports-imap.ts';
import type { InboxMessages, InboxResult, MailLogin } from '../../ports-mail.ts';
import type { WriteResult } from '../../ports-mailcow.ts';
import { exitNumber } from '../exit-status.ts';
import { jobOf } from '../job.ts';
import { tasksAmong, type Found } from '../list.ts';
import { readRunLog, type RunLog } from '../run-log.ts';
import { isAttended, type TaskOptions } from '../task.ts';
import { hasPassed } from './clock.ts';
import { leavesMail, remoteLogin, type AttendParts } from './parts.ts';

type Ended = { readonly found: Found; readonly record: TaskRecord };

/** So many runs in a row that bring nothing are the end of a migration. */
const lastCleanRuns = 2;

const dayMs = 24 * 60 * 60_000;

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

/** First the other server, then sieve: what sieve moves or delivers anew could not be told from new mail any more. */
async function carryOn(parts: AttendParts, ended: Ended, log: RunLog): Promise<void> {
  const { found, record } = ended;
  const { task } = found;
  const isOver = !leavesMail(task) && !task.sieve;
  if (isOver || log.inbox.length === 0) {
    await deleteOld(parts, ended);
    return;
  }
  const { validity } = record;
  if (validity === undefined) {
    sayUnknown(parts, found, 'its start was not seen');
    return;
  }
  if (leavesMail(task) && record.remoteDone !== true) {
    const there = { uidValidity: validity.there, uids: log.inbox.map((message) => message.there) };
    // An edit counts for the engine only in its next round; a UID of one server is another message at the next.
    if (log.login === undefined || !isLoginOf(task, log.login))
      sayUnknown(parts, found, 'its log is not of the login that the task has now');
    else if ((await markThere(parts, found, there)).kind === 'validity-changed')
      sayUnknown(parts, found, 'the INBOX there was made anew');
    parts.records.patchTask(record, { remoteDone: true });
  }
  if (task.sieve)
    await sieve(parts, found, { uidValidity: validity.here, uids: log.inbox.map(({ here }) => here) });
  await deleteOld(parts, ended);
}

async function sieve(parts: AttendParts, { job, task }: Found, messages: InboxMessages): Promise<void> {
  const { mailbox } = job;
  const result = await parts.mail.runSieve(parts.localLogin(mailbox), mailbox, messages);
  const warn = (what: string): void => {
    parts.log.warn(`imapsync ${mailbox} ${task.taskId}: ${what}`);
  };
  if (result.kind === 'validity-changed')
    warn('the INBOX here was made anew: sieve was not run on what came');
  else if ((result.refused ?? 0) > 0)
    warn(`${result.refused ?? 0} of what came could not be delivered through sieve and stays in the INBOX`);
}

function sayUnknown({ log }: AttendParts, { job, task }: Found, why: string): void {
  log.warn(
    `imapsync ${job.mailbox} ${task.taskId}: ${why}, so what this run copied could not be marked there: what is unread there comes again if it was moved away here`,
  );
}

async function markThere(parts: AttendParts, found: Found, messages: InboxMessages): Promise<InboxResult> {
  const login = await remoteLogin(parts, found);
  if (found.task.older === 0) return parts.mail.markSeen(login, messages);
  const marked = await parts.mail.markCopied(login, messages);
  if (marked.kind === 'no-keywords') {
    parts.log.warn(
      `imapsync ${found.job.mailbox} ${found.task.taskId}: ${login.host} keeps no keywords, so nothing is ever deleted there: what was copied could not be told from what was not`,
    );
    return parts.mail.markSeen(login, messages);
  }
  return marked.kind === 'validity-changed' ? marked : parts.mail.markSeen(login, messages);
}

/** Whether the daily pass that deletes what is old is due. */
export function isPurgeDue(record: TaskRecord, now: Date): boolean {
  return record.purgedAt === undefined || hasPassed(record.purgedAt, dayMs, now);
}

/** Of an INBOX: only what bears the keyword, so only what a run has copied. */
async function deleteOld(parts: AttendParts, { found, record }: Ended): Promise<void> {
  const { task, job } = found;
  if (task.mode !== 'inbox' || task.older === 0 || !isPurgeDue(record, parts.now())) return;
  const login: MailLogin = await remoteLogin(parts, found);
  const count = await parts.mail.deleteCopied(login, task.older).catch((error: unknown) => {
    // A server that can never do it must not keep new mail from coming; tomorrow it is asked again.
    if (!(error instanceof Error && 'transient' in error && error.transient === false)) throw error;
    parts.log.warn(`imapsync ${job.mailbox} ${task.taskId}: nothing is deleted there: ${error.message}`);
    return 0;
  });
  parts.records.patchTask(record, { purgedAt: parts.now().toISOString() });
  if (count > 0)
    parts.log.info(
      `imapsync ${job.mailbox} ${task.taskId}: ${count} deleted there, copied and older than ${task.older} days`,
    );
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

const isLoginOf = (task: TaskOptions, { host, port, user }: NonNullable<RunLog['login']>): boolean =>
  task.remoteHostname === host.toLowerCase() && task.remotePort === port && task.remoteUsername === user;

const isSameLogin = (a: TaskOptions, b: TaskOptions): boolean =>
  isLoginOf(a, { host: b.remoteHostname, port: b.remotePort, user: b.remoteUsername });
