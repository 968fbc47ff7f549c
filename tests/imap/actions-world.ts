/** mailcow, mail servers and the run folder in memory, for the actions; every write is written down. */
import type { SyncJob } from '../../src/core/sync-job.ts';
import type { ActionResult, Action, How, ImapsyncParts } from '../../src/imap/actions-parts.ts';
import type { Mail } from '../../src/ports-mail.ts';
import type { SyncJobs, WriteResult } from '../../src/ports-mailcow.ts';
import { pidFileOf } from '../../src/imap/pid-file.ts';
import type { State } from '../../src/ports-state.ts';
import { openState } from '../../src/state/state.ts';
import { mailbox } from '../support/builders.ts';
import { taskInput } from './builders.ts';

export type Script = { [K in keyof Mail]?: Mail[K] };

export type ActionsWorld = {
  readonly parts: ImapsyncParts;
  readonly state: State;
  readonly jobs: Map<number, SyncJob>;
  readonly passwords: Map<number, string>;
  readonly logs: Map<number, string>;
  /** Names of the calls that change something, in mailcow, in the state or in the run folder. */
  readonly writes: string[];
  readonly said: string[];
  /** Processes by the file that they wrote themselves into. */
  readonly pids: Map<string, number>;
  /** What mailcow answers to the next writes, in the place of doing them. */
  readonly verdicts: WriteResult[];
  /** Called at each pause of whoever waits. */
  readonly pauses: (() => void)[];
  /** The one job. */
  readonly job: () => SyncJob;
  set(id: number, fields: Partial<SyncJob>): void;
  run(action: Action, input?: object, how?: How): Promise<ActionResult>;
};

type Options = {
  readonly mail?: Script;
  readonly runFolder?: string;
  readonly isMigrating?: boolean;
  readonly localLogin?: ImapsyncParts['localLogin'];
};

const people = ['anna@example.test', 'anna_b@example.test', 'bert@example.test', 'bert@other.test'];

export const start = Date.parse('2026-11-21T10:00:00Z');

const usualMail: Mail = {
  tryLogin: () => Promise.resolve({ kind: 'ok' }),
  measure: () => Promise.resolve({ folders: 1, messages: 2, bytes: 3 }),
  inboxValidity: () => Promise.resolve('11'),
  markSeen: () => Promise.resolve({ kind: 'done', absent: 0 }),
  markCopied: () => Promise.resolve({ kind: 'done', absent: 0 }),
  deleteCopied: () => Promise.resolve(0),
  sieveWay: () => Promise.resolve('filter'),
  runSieve: () => Promise.resolve({ kind: 'done', absent: 0 }),
};

export function actionsWorld(options: Options = {}): ActionsWorld {
  const { runFolder, isMigrating = false } = options;
  const state = openState(':memory:');
  const jobs = new Map<number, SyncJob>();
  const passwords = new Map<number, string>();
  const logs = new Map<number, string>();
  const writes: string[] = [];
  const said: string[] = [];
  const pids = new Map<string, number>();
  const verdicts: WriteResult[] = [];
  const pauses: (() => void)[] = [];
  const clock = { ms: start };
  const ids = { next: 7 };
  const write = (name: string, act: () => void): WriteResult => {
    writes.push(name);
    const verdict = verdicts.shift() ?? { kind: 'done' };
    if (verdict.kind === 'done') act();
    return verdict;
  };
  const syncJobs: SyncJobs = {
    listSyncJobs: (mailbox) =>
      Promise.resolve([...jobs.values()].filter((job) => mailbox === undefined || job.mailbox === mailbox)),
    readSyncLog: ({ id }) => Promise.resolve(logs.get(id)),
    readSyncPassword: ({ id }) => Promise.resolve(passwords.get(id)),
    createSyncJob: ({ password, ...job }) => {
      const id = ids.next;
      const verdict = write('create', () => {
        ids.next += 1;
        jobs.set(id, { ...job, id, isRunning: false });
        passwords.set(id, password);
      });
      return Promise.resolve(verdict.kind === 'done' ? { kind: 'done', id } : verdict);
    },
    editSyncJob: (id, { password, runNow, ...settings }) => {
      const verdict = write('edit', () => {
        const { lastRun, succeeded, ...rest } = world.job(id);
        const kept = {
          ...rest,
          ...(lastRun !== undefined && { lastRun }),
          ...(succeeded !== undefined && { succeeded }),
        };
        jobs.set(id, { ...(runNow === true ? rest : kept), ...settings });
        if (password !== undefined) passwords.set(id, password);
      });
      return Promise.resolve(verdict);
    },
    deleteSyncJobs: (wanted) =>
      Promise.resolve(wanted.map((id) => write('delete', () => void jobs.delete(id)))),
  };
  const parts: ImapsyncParts = {
    jobs: syncJobs,
    mailboxes: {
      listMailboxes: () =>
        Promise.resolve({ mailboxes: people.map((address) => mailbox(address)), halfDeleted: 0 }),
      readMailbox: (address) => Promise.resolve(people.includes(address) ? mailbox(address) : undefined),
    },
    mail: { ...usualMail, ...options.mail },
    records: {
      tasks: () => state.tasks(),
      task: (mailbox, taskId) => state.task(mailbox, taskId),
      saveTask: (record) => {
        writes.push('remember');
        state.saveTask(record);
      },
      patchTask: (key, patch) => {
        writes.push('remember');
        state.patchTask(key, patch);
      },
      dropTask: (mailbox, taskId) => {
        writes.push('forget');
        state.dropTask(mailbox, taskId);
      },
    },
    runFiles: {
      readPid: (file) => pids.get(file),
      requestAbort: (file, pid) => {
        writes.push(`abort ${file} ${pid}`);
      },
    },
    localLogin:
      options.localLogin ??
      ((mailbox) => ({
        host: 'dovecot',
        port: 993,
        security: 'ssl',
        user: `${mailbox}*master@mailcow.local`,
        password: 'master-secret',
      })),
    pidFile: (task) => (runFolder === undefined ? undefined : pidFileOf(runFolder, task)),
    isMigrating,
    newId: () => 'new123',
    isSchedule: (expression) => !expression.includes('99'),
    nextRun: () => new Date(start + 3_600_000),
    now: () => new Date(clock.ms),
    log: { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined },
    say: (sentence) => said.push(sentence),
    delay: (ms) => {
      clock.ms += ms;
      pauses.shift()?.();
      return Promise.resolve();
    },
  };
  const world = {
    job: (id?: number): SyncJob => {
      const found = id === undefined ? jobs.values().next().value : jobs.get(id);
      if (found === undefined) throw new Error('no such job');
      return found;
    },
  };
  return {
    parts,
    state,
    jobs,
    passwords,
    logs,
    writes,
    said,
    pids,
    verdicts,
    pauses,
    job: world.job,
    set: (id, fields) => {
      jobs.set(id, { ...world.job(id), ...fields });
    },
    run: (action, input = {}, how = {}) => action(parts, { ...input }, how),
  };
}

export const taskWith = (fields: object = {}): object => ({ ...taskInput, ...fields });

export const which = { localuser: 'anna@example.test', task_id: 'a0241w' };

/** What a result says altogether, to look for passwords. */
export const allOf = (world: ActionsWorld, result: ActionResult): string =>
  JSON.stringify([result, world.said]);
