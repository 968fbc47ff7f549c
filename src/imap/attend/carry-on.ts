/**
 * What follows a run that copied: the other server is told what is here, what came goes through sieve, and what is old is
 * deleted there (facts/imapsync.md 4.1 to 4.3).
 */
import type { TaskRecord } from '../../ports-imap.ts';
import type { InboxMessages, InboxResult, MailLogin } from '../../ports-mail.ts';
import type { Found } from '../list.ts';
import type { RunLog } from '../run-log.ts';
import type { TaskOptions } from '../task.ts';
import { hasPassed } from './clock.ts';
import { leavesMail, remoteLogin, type AttendParts } from './parts.ts';

/** A run whose end was seen. */
export type Ended = { readonly found: Found; readonly record: TaskRecord };

const dayMs = 24 * 60 * 60_000;

/**
 * First the other server, then sieve: what sieve moves or delivers anew could not be told from new mail any more. Throws
 * MailcowError and MailError: to be tried again.
 */
export async function carryOn(parts: AttendParts, ended: Ended, log: RunLog): Promise<void> {
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

/** Whether a task logs in so. */
export const isLoginOf = (task: TaskOptions, { host, port, user }: NonNullable<RunLog['login']>): boolean =>
  task.remoteHostname === host.toLowerCase() && task.remotePort === port && task.remoteUsername === user;
