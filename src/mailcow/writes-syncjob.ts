/** mailcow's sync jobs: list, add, edit, delete. Its replies echo the password; what we make of them never does. */
import type { NewSyncJob, SyncJob, SyncJobEdit } from '../core/sync-job.ts';
import type { SyncJobResult, SyncJobs, WriteResult } from '../ports-mailcow.ts';
import type { Client } from './client.ts';
import { isMailcowError } from './errors.ts';
import { parseObject, parseRows } from './parse.ts';
import { isNameable } from './route.ts';
import type { Route } from './route.ts';
import { syncJobDetailSchema, syncJobSchema } from './schema-syncjob.ts';
import { syncJobProblem } from './syncjob-problem.ts';
import { judgeDeletions } from './verdict-deletions.ts';
import { sender } from './write.ts';

/** The sync jobs behind their port. */
export function syncJobsOf(client: Client): SyncJobs {
  return {
    listSyncJobs: (mailbox) => listSyncJobs(client, mailbox),
    readSyncLog: async (job) => {
      const row = await readRow(client, job, undefined);
      return row?.log === undefined || row.log === '' ? undefined : row.log;
    },
    readSyncPassword: async (job) => (await readRow(client, job, 'with_password,no_log'))?.password1,
    createSyncJob: (job) => createSyncJob(client, job),
    editSyncJob: (id, edit) => editSyncJob(client, id, edit),
    deleteSyncJobs: async (ids) => {
      if (ids.length === 0) return [];
      const reply = await client.write({ name: 'delete/syncjob' }, ids);
      if (reply.kind !== 'text') return ids.map(() => reply);
      return judgeDeletions(reply.text, { ids, word: 'deleted_syncjob' });
    },
  };
}

async function listSyncJobs(client: Client, mailbox?: string): Promise<readonly SyncJob[]> {
  const wanted = mailbox?.toLowerCase();
  // Logs are megabytes, and nobody here reads them.
  const detail = 'no_log';
  const object = wanted !== undefined && isNameable(wanted) ? wanted : 'all';
  const route: Route = { name: 'get/syncjobs', object, detail };
  const rows = parseRows(route, await client.readJson(route));
  const jobs = rows.map((json, index) => parseObject(route, { schema: syncJobSchema, json, index }));
  return wanted === undefined ? jobs : jobs.filter((job) => job.mailbox === wanted);
}

type OneJob = Pick<SyncJob, 'id' | 'mailbox'>;

async function readRow(client: Client, { id, mailbox }: OneJob, detail: string | undefined) {
  const object = isNameable(mailbox) ? mailbox : 'all';
  const route: Route = { name: 'get/syncjobs', object, ...(detail !== undefined && { detail }) };
  const rows = parseRows(route, await client.readJson(route));
  return rows
    .map((json, index) => parseObject(route, { schema: syncJobDetailSchema, json, index }))
    .find((row) => row.id === id);
}

async function createSyncJob(client: Client, job: NewSyncJob): Promise<SyncJobResult> {
  const problem = syncJobProblem(job);
  if (problem !== undefined) return problem;
  const verdict = await sender(client)({
    route: { name: 'add/syncjob' },
    body: { username: job.mailbox, ...fieldsOf(job) },
    expected: { word: 'mailbox_modified' },
  });
  return verdict.kind === 'done' ? findCreated(client, job) : verdict;
}

/** An edit may have put a second job on the same login there; ids only grow, the newest is the one just made. */
async function findCreated(client: Client, job: NewSyncJob): Promise<SyncJobResult> {
  const created = 'the sync job was created, but';
  try {
    const equal = (await listSyncJobs(client, job.mailbox)).filter(
      ({ host, user, customParams }) =>
        host === job.host.toLowerCase() && user === job.user && customParams === job.customParams,
    );
    if (equal.length === 0) return { kind: 'unclear', why: `${created} none reads like it` };
    return { kind: 'done', id: Math.max(...equal.map(({ id }) => id)) };
  } catch (error) {
    if (!isMailcowError(error)) throw error;
    return { kind: 'unclear', why: `${created} its id could not be read: ${error.message}` };
  }
}

async function editSyncJob(client: Client, id: number, edit: SyncJobEdit): Promise<WriteResult> {
  const problem = syncJobProblem(edit);
  if (problem !== undefined) return problem;
  const attr = { ...fieldsOf(edit), ...(edit.runNow === true && { last_run: '', success: '' }) };
  if (Object.keys(attr).length === 0) return { kind: 'done' };
  return sender(client)({
    route: { name: 'edit/syncjob' },
    body: { items: [id], attr },
    expected: { word: 'mailbox_modified' },
  });
}

/** By mailcow's names. An add without `exclude` dies, and takes every flag that is missing for 0. */
function fieldsOf(edit: SyncJobEdit): Readonly<Record<string, string | number>> {
  const all = {
    host1: edit.host?.toLowerCase(),
    port1: edit.port,
    user1: edit.user,
    password1: edit.password,
    enc1: edit.security,
    exclude: edit.exclude,
    custom_params: edit.customParams,
    mins_interval: edit.intervalMinutes,
    active: asNumber(edit.active),
    delete1: asNumber(edit.deleteThere),
    delete2: asNumber(edit.deleteHere),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

function asNumber(flag: boolean | undefined): number | undefined {
  return flag === undefined ? undefined : Number(flag);
}
