/** The sync jobs of the mailcow in memory. Nothing runs them. */
import type { SyncJob, SyncJobEdit } from '../../src/core/sync-job.ts';
import type { SyncJobResult, SyncJobs, WriteResult } from '../../src/ports-mailcow.ts';
import { refused, write, type MemoryWorld, type StoredSyncJob } from './memory-world.ts';

type SyncJobWrites = {
  readonly createSyncJob: (...args: Parameters<SyncJobs['createSyncJob']>) => SyncJobResult;
  readonly editSyncJob: (...args: Parameters<SyncJobs['editSyncJob']>) => WriteResult;
  readonly deleteSyncJobs: (...args: Parameters<SyncJobs['deleteSyncJobs']>) => readonly WriteResult[];
};

/** As mailcow shows a job: without its password. */
export function shownSyncJob({ password: _password, ...job }: StoredSyncJob): SyncJob {
  return job;
}

const triple = ({ mailbox, host, user }: Pick<SyncJob, 'mailbox' | 'host' | 'user'>): string =>
  JSON.stringify([mailbox, host, user]).toLowerCase();

function edited(was: StoredSyncJob, { runNow, ...edit }: SyncJobEdit): StoredSyncJob {
  const { lastRun: _last, succeeded: _succeeded, ...anew } = was;
  return { ...(runNow === true ? anew : was), ...edit };
}

/** The port's writes on sync jobs. */
export function syncJobWrites(world: MemoryWorld): SyncJobWrites {
  return {
    createSyncJob: (job) => {
      if (!world.mailboxes.has(job.mailbox)) return refused('access_denied');
      if ([...world.syncJobs.values()].some((other) => triple(other) === triple(job)))
        return refused('object_exists');
      const id = (world.nextId += 1);
      world.syncJobs.set(id, { ...job, id, isRunning: false });
      write(world, 'create syncjob', { key: job.mailbox, was: undefined });
      return { kind: 'done', id };
    },
    editSyncJob: (id, edit) => {
      const was = world.syncJobs.get(id);
      if (was === undefined) return refused('access_denied');
      const next = edited(was, edit);
      world.syncJobs.set(id, next);
      const what = next.active === was.active ? 'update' : next.active ? 'reactivate' : 'deactivate';
      return write(world, `${what} syncjob`, { key: was.mailbox, was: undefined });
    },
    deleteSyncJobs: (ids) =>
      ids.map((id) => {
        const was = world.syncJobs.get(id);
        if (was === undefined) return refused('access_denied');
        world.syncJobs.delete(id);
        return write(world, 'delete syncjob', { key: was.mailbox, was: undefined });
      }),
  };
}

/** Sync jobs go where their mailbox goes; without `to` they go with it. */
export function moveSyncJobs(world: MemoryWorld, from: string, to?: string): void {
  for (const one of [...world.syncJobs.values()].filter(({ mailbox }) => mailbox === from)) {
    if (to === undefined) world.syncJobs.delete(one.id);
    else world.syncJobs.set(one.id, { ...one, mailbox: to });
  }
}
