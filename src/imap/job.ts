/** From a task to the sync job that carries it out, and back. */
import type { SyncJob, SyncJobSecurity, SyncJobSettings } from '../core/sync-job.ts';
import { cronMinutes, longestInterval } from './cron.ts';
import { parseExclude, renderExclude } from './exclude.ts';
import { parseMarker, renderMarker } from './marker.ts';
import type { TaskOptions } from './task.ts';

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

/** The job that does what the task says, switched on. */
export function jobOf(task: TaskOptions): SyncJobSettings {
  const options = [
    renderMarker(task),
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
    intervalMinutes: cronMinutes(task.cron) ?? longestInterval,
    active: true,
    deleteThere: task.deleteRemote,
    deleteHere: task.deleteLocal,
  };
}

/** The task that a job carries out; undefined: the job has no mark of ours. */
export function taskOf(job: SyncJob): TaskOptions | undefined {
  const marker = parseMarker(job.customParams);
  if (marker === undefined) return undefined;
  return {
    taskId: marker.taskId,
    remoteUsername: job.user,
    remoteHostname: job.host,
    remotePort: job.port,
    security: securityWords[job.security],
    deleteLocal: job.deleteHere,
    deleteRemote: job.deleteThere,
    mode: marker.mode,
    exclude: marker.mode === 'exclusion' ? parseExclude(job.exclude) : [],
    cron: cronNow(marker.cron, job.intervalMinutes),
  };
}

/** Whoever changed the interval in mailcow meant it. */
function cronNow(cron: string, minutes: number): string {
  return cronMinutes(cron) === minutes ? cron : `${minutes}m`;
}
