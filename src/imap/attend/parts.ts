/** What looking after tasks needs of the outside. */
import type { MailLogin, Mail } from '../../ports-mail.ts';
import type { TaskRecord, TaskRecords } from '../../ports-imap.ts';
import type { SyncJobs } from '../../ports-mailcow.ts';
import type { Log } from '../../ports.ts';
import type { TaskOptions } from '../task.ts';
import type { Found } from '../list.ts';

export type AttendParts = {
  readonly jobs: SyncJobs;
  readonly mail: Mail;
  readonly records: TaskRecords;
  readonly log: Log;
  readonly now: () => Date;
  /** The next time of a cron expression. */
  readonly nextRun: (expression: string) => Date;
  /** A mailbox of mailcow by its master user. Throws an Error that says what to do when there is none. */
  readonly localLogin: (mailbox: string) => MailLogin;
  /** Of the file by which a run can be stopped; undefined: there is no folder for it. */
  readonly pidFile: (task: { readonly mailbox: string; readonly taskId: string }) => string | undefined;
  /** The id of tasks of this program's migration. */
  readonly migration?: string;
};

/** Whether a run leaves mail at the other server that must not come again: what was copied is marked there. */
export function leavesMail(task: TaskOptions): boolean {
  return task.mode === 'inbox' && (!task.deleteRemote || task.older > 0);
}

/** The other server, with the password that mailcow keeps. Throws MailcowError, and an Error when the job is gone. */
export async function remoteLogin(
  { jobs }: Pick<AttendParts, 'jobs'>,
  { job, task }: Found,
): Promise<MailLogin> {
  const password = await jobs.readSyncPassword(job);
  if (password === undefined) throw new Error('mailcow has this job no longer');
  return {
    host: task.remoteHostname,
    port: task.remotePort,
    security: task.security,
    user: task.remoteUsername,
    password,
  };
}

/** The record of a task that was not known: as much as mailcow tells. */
export function newRecord(
  { job, task, purging }: Found,
  { isAttended }: { isAttended: boolean },
): TaskRecord {
  // Of a task whose runs are started one by one, a job that is on has been started by somebody.
  const isArmed = isAttended && (job.active || purging);
  return {
    mailbox: job.mailbox,
    taskId: task.taskId,
    jobId: job.id,
    phase: isArmed ? 'armed' : 'idle',
    pass: purging ? 'purge' : 'copy',
    stopped: false,
    wanted: false,
    ...(job.lastRun !== undefined && !isArmed && { seen: job.lastRun }),
    copied: { messages: 0, bytes: 0, runs: 0 },
    clean: 0,
  };
}
