/** IMAP sync tasks: what has been seen of their runs. */
export const sql = `
CREATE TABLE imap_tasks (
  mailbox TEXT NOT NULL,
  task_id TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (mailbox, task_id)
) WITHOUT ROWID;
CREATE TABLE sync_jobs (
  key TEXT PRIMARY KEY,
  body TEXT NOT NULL
) WITHOUT ROWID;
`;
