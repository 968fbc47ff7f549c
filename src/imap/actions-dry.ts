/** `--dry-run`: the outside as it is for whoever reads; what would be written is said and not done. */
import type { NewSyncJob, SyncJob, SyncJobEdit } from '../core/sync-job.ts';
import type { TaskRecord, TaskRecords } from '../ports-imap.ts';
import type { SyncJobs } from '../ports-mailcow.ts';
import type { ImapsyncParts } from './actions-parts.ts';

type Say = (sentence: string) => void;

/** The same parts, of which none writes: each change is a sentence, field by field, without passwords. */
export function withoutWriting(parts: ImapsyncParts): ImapsyncParts {
  const { say } = parts;
  return {
    ...parts,
    jobs: dryJobs(parts.jobs, say),
    records: dryRecords(parts.records),
    runFiles: {
      ...parts.runFiles,
      requestAbort: (pidFile, pid) => {
        say(`would ask the process ${pid} of ${pidFile} to end`);
      },
    },
  };
}

/** mailcow counts from 1. */
const idOfNew = 0;

/** What would have been written is read back, so that the rest of the action goes as it would. */
function dryJobs(jobs: SyncJobs, say: Say): SyncJobs {
  const passwords = new Map<number, string>();
  const written = new Map<number, SyncJob>();
  const read = async (id: number): Promise<SyncJob | undefined> =>
    written.get(id) ?? (await jobs.listSyncJobs()).find((job) => job.id === id);
  return {
    ...jobs,
    readSyncPassword: async (job) => passwords.get(job.id) ?? jobs.readSyncPassword(job),
    createSyncJob: ({ password, ...job }) => {
      passwords.set(idOfNew, password);
      written.set(idOfNew, { ...job, id: idOfNew, isRunning: false });
      sayNew(say, job);
      return Promise.resolve({ kind: 'done', id: idOfNew });
    },
    editSyncJob: async (id, edit) => {
      const job = await read(id);
      if (edit.password !== undefined) passwords.set(id, edit.password);
      sayEdit(say, edit, { id, job });
      const { password: _password, runNow: _runNow, ...settings } = edit;
      if (job !== undefined) written.set(id, { ...job, ...settings });
      return { kind: 'done' };
    },
    deleteSyncJobs: (ids) => {
      for (const id of ids) say(`would delete the sync job ${id}`);
      return Promise.resolve(ids.map(() => ({ kind: 'done' }) as const));
    },
  };
}

function sayNew(say: Say, { mailbox, ...fields }: Omit<NewSyncJob, 'password'>): void {
  say(`would create a sync job of ${mailbox}:`);
  for (const [name, value] of Object.entries(fields)) say(`  ${name}: ${JSON.stringify(value)}`);
  say('  password: the one given');
}

type Target = { readonly id: number; readonly job: SyncJob | undefined };

function sayEdit(say: Say, { password, runNow, ...fields }: SyncJobEdit, { id, job }: Target): void {
  const old: Readonly<Record<string, unknown>> = { ...job };
  const changes = Object.entries(fields)
    .filter(([name, value]) => old[name] !== value)
    .map(([name, value]) => `  ${name}: ${JSON.stringify(old[name] ?? null)} -> ${JSON.stringify(value)}`);
  const lines = [
    ...changes,
    ...(password === undefined ? [] : ['  password: the one given']),
    ...(runNow === true ? ['  and run it now'] : []),
  ];
  const what = id === idOfNew ? 'the new sync job' : `the sync job ${id}`;
  if (lines.length === 0) say(`would change nothing of ${what}`);
  else for (const line of [`would change ${what}:`, ...lines]) say(line);
}

/** What would be remembered is seen by the rest of the action, and then forgotten. */
function dryRecords(records: TaskRecords): TaskRecords {
  const changed = new Map<string, TaskRecord | undefined>();
  const keyOf = (mailbox: string, taskId: string): string => JSON.stringify([mailbox, taskId]);
  const read = (mailbox: string, taskId: string): TaskRecord | undefined => {
    const key = keyOf(mailbox, taskId);
    return changed.has(key) ? changed.get(key) : records.task(mailbox, taskId);
  };
  return {
    tasks: () => records.tasks(),
    task: read,
    saveTask: (record) => {
      changed.set(keyOf(record.mailbox, record.taskId), record);
    },
    patchTask: ({ mailbox, taskId }, patch) => {
      const record = read(mailbox, taskId);
      // The fields that are taken away are those that may be missing.
      if (record !== undefined) changed.set(keyOf(mailbox, taskId), { ...record, ...patch } as TaskRecord);
    },
    dropTask: (mailbox, taskId) => {
      changed.set(keyOf(mailbox, taskId), undefined);
    },
  };
}
