/** IMAP sync tasks in the state file. */
import type { TaskRecord, TaskRecords } from '../ports-imap.ts';
import type { Connection } from './database.ts';

type Row = { readonly mailbox: string; readonly task_id: string; readonly body: string };

const parse = ({ body }: Row): TaskRecord => JSON.parse(body) as TaskRecord;

/** Opens the part of the state file that holds tasks. */
export function openTasks(db: Connection): TaskRecords {
  const all = db.prepare<[], Row>('SELECT * FROM imap_tasks ORDER BY mailbox, task_id');
  const one = db.prepare<[string, string], Row>('SELECT * FROM imap_tasks WHERE mailbox = ? AND task_id = ?');
  const put = db.prepare<Row>(
    'INSERT OR REPLACE INTO imap_tasks (mailbox, task_id, body) VALUES (@mailbox, @task_id, @body)',
  );
  const drop = db.prepare<[string, string]>('DELETE FROM imap_tasks WHERE mailbox = ? AND task_id = ?');
  return {
    tasks: () => all.all().map(parse),
    task: (mailbox, taskId) => {
      const row = one.get(mailbox, taskId);
      return row === undefined ? undefined : parse(row);
    },
    saveTask: (record) => {
      put.run({ mailbox: record.mailbox, task_id: record.taskId, body: JSON.stringify(record) });
    },
    patchTask: ({ mailbox, taskId }, patch) => {
      db.transaction(() => {
        const row = one.get(mailbox, taskId);
        if (row === undefined) return;
        const body = JSON.stringify({ ...parse(row), ...patch });
        put.run({ ...row, body });
      }).immediate();
    },
    dropTask: (mailbox, taskId) => {
      drop.run(mailbox, taskId);
    },
  };
}
