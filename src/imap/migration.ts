/** The sync job of a person's migration, in the form that all tasks have: its mark says whose it is, and when it has ended. */
import type { JobForm, MailSource } from '../core/migration.ts';
import { migrationTaskId } from '../core/migration.ts';
import { jobOf } from './job.ts';
import { parseMarker } from './marker.ts';
import type { TaskOptions } from './task.ts';

const securities: Readonly<Record<MailSource['security'], TaskOptions['security']>> = {
  ssl: 'ssl',
  tls: 'tls',
  none: '',
};

/** The task that a migration is; it deletes nothing, neither there nor here. */
function taskOfMigration(source: MailSource, owner: string): TaskOptions {
  const { host, port, login, security, exclude, intervalMinutes } = source;
  return {
    taskId: migrationTaskId(owner),
    remoteUsername: login,
    remoteHostname: host,
    remotePort: port,
    security: securities[security],
    deleteLocal: false,
    deleteRemote: false,
    older: 0,
    mode: exclude.length > 0 ? 'exclusion' : 'all',
    exclude,
    cron: `${intervalMinutes}m`,
    sieve: false,
  };
}

/** How the jobs of a migration look in mailcow. */
export const migrationForm: JobForm = {
  render: (source, { owner, isDone }) => jobOf(taskOfMigration(source, owner), { done: isDone }),
  read: (customParams) => {
    const mark = parseMarker(customParams);
    return mark && { taskId: mark.taskId, isDone: mark.done };
  },
};
