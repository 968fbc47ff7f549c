/** From a task to the sync job that carries it out, and back. */
import type { SyncJob, SyncJobSecurity, SyncJobSettings } from '../core/sync-job.ts';
import { cronMinutes, longestInterval } from './cron.ts';
import { parseExclude, renderExclude } from './exclude.ts';
import { parseMarker, renderMarker } from './marker.ts';
import { isAttended, type TaskOptions } from './task.ts';

const securities: Readonly<Record<TaskOptions['security'], SyncJobSecurity>> = {
  tls: 'TLS',
  ssl: 'SSL',
  '': 'PLAIN',
};
const securityWords: Readonly<Record<SyncJobSecurity, TaskOptions['security']>> = {
  TLS: 'tls',
  SSL: 'ssl',
  PLAIN: '',
};

/** Only what is unread there: what was carried over once is not fetched again after it was filed away here. */
const inboxOptions = ['--folder=INBOX', '--search1=UNSEEN', '--noresyncflags'];

/** What a job says of its task beside what the task is. */
export type JobPhase = {
  /** The migration of this person has come to its end. */
  readonly done?: boolean;
  /** The pass that deletes there what is older than the task keeps it, and copies what is missing of that; not of an INBOX alone. */
  readonly purging?: boolean;
  /** Path of the file by which a run can be stopped. */
  readonly pidFile?: string;
};

/** The job that does what the task says, switched on unless its runs are started one by one. */
export function jobOf(task: TaskOptions, phase: JobPhase = {}): SyncJobSettings {
  const { done = false, purging = false, pidFile } = phase;
  const options = [
    renderMarker({ ...task, done, purging }),
    ...(purging ? [`--minage=${task.older}`] : []),
    ...(pidFile === undefined ? [] : [`--pidfile=${pidFile}`]),
    ...(task.mode === 'inbox' ? inboxOptions : []),
    ...(task.remoteHostname === 'imap.gmail.com' ? ['--gmail1'] : []),
  ];
  return {
    host: task.remoteHostname,
    port: task.remotePort,
    user: task.remoteUsername,
    security: securities[task.security],
    exclude: renderExclude(task.mode === 'exclusion' ? task.exclude : []),
    customParams: options.join(' '),
    intervalMinutes: isAttended(task) ? longestInterval : (cronMinutes(task.cron) ?? longestInterval),
    active: !isAttended(task) && !done,
    deleteThere: purging || (task.deleteRemote && task.older === 0),
    // --minage narrows both sides: with delete_local all young mail here would go.
    deleteHere: task.deleteLocal && !purging,
  };
}

/** A job read back: its task, and what its mark says beside it. */
export type JobTask = { readonly task: TaskOptions; readonly done: boolean; readonly purging: boolean };

/** The task that a job carries out; undefined: the job has no mark of ours. */
export function taskOf(job: SyncJob): JobTask | undefined {
  const marker = parseMarker(job.customParams);
  if (marker === undefined) return undefined;
  const { taskId, mode, older, sieve, done, purging } = marker;
  const task: TaskOptions = {
    taskId,
    remoteUsername: job.user,
    remoteHostname: job.host,
    remotePort: job.port,
    security: securityWords[job.security],
    deleteLocal: job.deleteHere,
    deleteRemote: job.deleteThere || older > 0,
    older,
    mode,
    exclude: mode === 'exclusion' ? parseExclude(job.exclude) : [],
    cron: marker.cron,
    sieve,
  };
  return { task: { ...task, cron: cronNow(task, job.intervalMinutes) }, done, purging };
}

/** Whoever changed the interval in mailcow meant it; of what the daemon starts it means nothing. */
function cronNow(task: TaskOptions, minutes: number): string {
  return isAttended(task) || cronMinutes(task.cron) === minutes ? task.cron : `${minutes}m`;
}
