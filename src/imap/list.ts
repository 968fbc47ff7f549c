/** What ns8's list-tasks and get-facts print. */
import type { SyncJob } from '../core/sync-job.ts';
import type { TaskRecord } from '../ports-imap.ts';
import { taskOf, type JobTask } from './job.ts';
import { lastRunOf, secondsOf } from './last-run.ts';
import type { TaskOptions } from './task.ts';

/** A job of ours with its task. */
export type Found = JobTask & { readonly job: SyncJob };

/** Those of the jobs that are ours. */
export function tasksAmong(jobs: readonly SyncJob[]): readonly Found[] {
  return jobs.flatMap((job) => {
    const found = taskOf(job);
    return found === undefined ? [] : [{ job, ...found }];
  });
}

/**
 * One entry of `user_properties`, with ns8's names and types: the port is a text, the password never there. The time of
 * the last run is that of its start where it is remembered, else of its end.
 */
export function userProperties(found: Found, record?: TaskRecord): Readonly<Record<string, unknown>> {
  const { job, task } = found;
  const last = lastRunOf(found, record);
  return {
    task_id: task.taskId,
    localuser: job.mailbox,
    remoteusername: task.remoteUsername,
    remotehostname: task.remoteHostname,
    remoteport: String(task.remotePort),
    remotepassword: '',
    security: task.security,
    delete_local: task.deleteLocal,
    deletefolder: task.deleteLocal ? '--delete2folders' : '',
    exclude: task.exclude.map((item) => `,${item}`).join(''),
    delete_remote: task.deleteRemote,
    delete_remote_older: task.older,
    sieve_enabled: task.sieve,
    expunge_remote: task.deleteRemote ? '--noexpungeaftereach' : '',
    cron: task.cron,
    folder_inbox: task.mode === 'inbox' ? "--folder\\ 'INBOX'" : '',
    foldersynchronization: task.mode,
    service_running: job.isRunning,
    last_sync_timestamp: last?.startedAt ?? last?.endedAt ?? lastEndOf(job) ?? null,
    last_sync_exit_code: last?.exit ?? null,
    has_log: job.lastRun !== undefined || last !== undefined,
  };
}

/** While a run is under way, of the one before. */
function lastEndOf({ lastRun }: SyncJob): number | undefined {
  return lastRun === undefined ? undefined : secondsOf(lastRun);
}

/** The seven counters. */
export function factsOf(found: readonly Found[]): Readonly<Record<string, number>> {
  const count = (is: (task: TaskOptions) => boolean): number => found.filter(({ task }) => is(task)).length;
  return {
    tasks_total_count: found.length,
    tasks_delete_count: count((task) => task.deleteRemote),
    tasks_delete_older_count: count((task) => task.older > 0),
    tasks_inbox_count: count((task) => task.mode === 'inbox'),
    tasks_inbox_and_delete_count: count((task) => task.mode === 'inbox' && task.deleteRemote),
    tasks_cron_enabled_count: count((task) => task.cron !== ''),
    tasks_sieve_enabled_count: count((task) => task.sieve),
  };
}
