/** The sync job of a person's migration, in the form that all tasks have: its mark says whose it is, and when it has ended. */
import type { JobForm, MailSource } from '../core/migration.ts';
import { migrationTaskId } from '../core/migration.ts';
import { jobOf } from './job.ts';
import { parseMarker } from './marker.ts';
import type { TaskOptions } from './task.ts';

export { isMigrationTask, migrationTaskId } from '../core/migration.ts';

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

type FileOf = (task: { readonly mailbox: string; readonly taskId: string }) => string | undefined;

/** How the jobs of a migration look in mailcow. `fileOf`: the file by which a run can be stopped, where there is one. */
export function migrationForm(fileOf: FileOf): JobForm {
  return {
    render: (source, { owner, mailbox, isDone }) => {
      const task = taskOfMigration(source, owner);
      const pidFile = fileOf({ mailbox, taskId: task.taskId });
      return jobOf(task, { done: isDone, ...(pidFile !== undefined && { pidFile }) });
    },
    read: (customParams) => {
      const mark = parseMarker(customParams);
      return mark && { taskId: mark.taskId, isDone: mark.done };
    },
  };
}
