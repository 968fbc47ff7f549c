/** A task as ns8's user interface sends it, and a job as mailcow shows it. */
import type { SyncJob } from '../../src/core/sync-job.ts';

export const taskInput: Readonly<Record<string, unknown>> = {
  task_id: 'a0241w',
  localuser: 'anna@example.test',
  remoteusername: 'anna',
  remotehostname: 'imap.old.test',
  remotepassword: 'never-shown-4711',
  remoteport: 993,
  security: 'ssl',
  delete_local: false,
  delete_remote: false,
  delete_remote_older: 0,
  exclude: '',
  cron: '5m',
  foldersynchronization: 'all',
  sieve_enabled: false,
};

export const shared = '^Shared(\\/.*)?$|^Public(\\/.*)?$';

/** The job of `taskInput`, before its first run. */
export function job(fields: Partial<SyncJob> = {}): SyncJob {
  return {
    id: 7,
    mailbox: 'anna@example.test',
    host: 'imap.old.test',
    port: 993,
    user: 'anna',
    security: 'SSL',
    exclude: shared,
    customParams: '--domain1=lm.a0241w.a.c5m',
    intervalMinutes: 5,
    active: true,
    deleteThere: false,
    deleteHere: false,
    isRunning: false,
    ...fields,
  };
}

/** What reading a task needs beside the input; five fields are a schedule unless they say 99. */
export const reading = {
  newId: 'new123',
  isSchedule: (expression: string): boolean => !expression.includes('99'),
};
