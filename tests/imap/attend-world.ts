/** Sync jobs and mail servers in memory, for what looks after tasks; each call to a mail server is written down. */
import type { NewSyncJob, SyncJob, SyncJobEdit } from '../../src/core/sync-job.ts';
import { makeAttendant, type Attendant } from '../../src/imap/attend/attend.ts';
import type { AttendParts } from '../../src/imap/attend/parts.ts';
import { jobOf } from '../../src/imap/job.ts';
import type { TaskOptions } from '../../src/imap/task.ts';
import type { InboxResult, Mail } from '../../src/ports-mail.ts';
import type { SyncJobs } from '../../src/ports-mailcow.ts';
import { openState } from '../../src/state/state.ts';
import { job as jobLike } from './builders.ts';

export const password = 'never-shown-4711';

const plainTask: TaskOptions = {
  taskId: 'a0241w',
  remoteUsername: 'anna',
  remoteHostname: 'imap.old.test',
  remotePort: 993,
  security: 'ssl',
  deleteLocal: false,
  deleteRemote: false,
  older: 0,
  mode: 'all',
  exclude: [],
  cron: '5m',
  sieve: false,
};

/** The log of a run as imapsync writes it. */
export function logOf(
  copied: readonly (readonly [there: number, here: number])[],
  exit = '0 (EX_OK: successful termination)',
): string {
  return [
    'Host1: IMAP server [imap.old.test] port [993] user [anna]',
    ...copied.map(
      ([there, here]) => `msg INBOX/${there} {100}       copied to INBOX/${here}      1.1 msgs/s`,
    ),
    'msg Old stuff/7 {100}       copied to Old stuff/9      1.1 msgs/s',
    '++++ Statistics',
    'Transfer started on                     : Monday 16 January 2023-01-16 21:13:26 +0100 CET',
    `Messages transferred                    : ${copied.length} `,
    `Total bytes transferred                 : ${copied.length * 100} (1 KiB)`,
    `Exiting with return value ${exit} 0/50 nb_errors/max_errors PID 9937`,
  ].join('\n');
}

export type AttendWorld = {
  readonly jobs: Map<number, SyncJob>;
  readonly records: AttendParts['records'];
  /** What was asked of mail servers, in order. */
  readonly asked: string[];
  readonly lines: string[];
  readonly parts: AttendParts;
  /** Answers or throws for the named method instead of what it does. */
  readonly faults: Map<string, () => unknown>;
  readonly job: () => SyncJob;
  addTask(task: Partial<TaskOptions>): void;
  /** Ends the run of the job, as the engine does. */
  endRun(log: string, exitStatus?: string): void;
  look(): Promise<number>;
  /** Time goes by. */
  pass(minutes: number): void;
  /** As a new process. */
  restart(): void;
};

export function attendWorld(migration?: string): AttendWorld {
  const jobs = new Map<number, SyncJob>();
  const logs = new Map<number, string>();
  const asked: string[] = [];
  const lines: string[] = [];
  const faults = new Map<string, () => unknown>();
  const state = openState(':memory:');
  const clock = { ms: Date.parse('2026-11-21T10:00:00Z'), runs: 0 };
  const answer = <T>(name: string, usual: T): Promise<T> => {
    const fault = faults.get(name);
    return new Promise((done) => {
      done(fault === undefined ? usual : (fault() as T));
    });
  };
  const done: InboxResult = { kind: 'done', absent: 0 };
  const mail: Mail = {
    tryLogin: () => answer('tryLogin', { kind: 'ok' }),
    measure: () => answer('measure', { folders: 0, messages: 0, bytes: 0 }),
    inboxValidity: ({ host }) => answer('inboxValidity', host === 'imap.old.test' ? '11' : '22'),
    markSeen: (login, { uidValidity, uids }) => {
      asked.push(`seen ${login.user} ${uidValidity} ${uids.join(',')}`);
      return answer('markSeen', done);
    },
    markCopied: (login, { uidValidity, uids }) => {
      asked.push(`copied ${login.user} ${uidValidity} ${uids.join(',')}`);
      return answer('markCopied', done);
    },
    deleteCopied: (login, days) => {
      asked.push(`delete ${login.user} ${days}`);
      return answer('deleteCopied', 2);
    },
    sieveWay: () => answer('sieveWay', 'filter'),
    runSieve: (login, address, { uidValidity, uids }) => {
      asked.push(`sieve ${login.user} ${address} ${uidValidity} ${uids.join(',')}`);
      return answer('runSieve', done);
    },
  };
  const edit = (id: number, { password: _password, runNow, ...settings }: SyncJobEdit): void => {
    const was = jobs.get(id);
    if (was === undefined) return;
    const { lastRun: _lastRun, succeeded: _succeeded, ...rest } = was;
    jobs.set(id, { ...(runNow === true ? rest : was), ...settings });
  };
  const port: SyncJobs = {
    listSyncJobs: (mailbox) =>
      answer(
        'listSyncJobs',
        [...jobs.values()].filter((one) => mailbox === undefined || one.mailbox === mailbox),
      ),
    readSyncLog: ({ id }) => Promise.resolve(logs.get(id)),
    readSyncPassword: () => Promise.resolve(password),
    createSyncJob: (_job: NewSyncJob) => Promise.reject(new Error('nobody makes jobs here')),
    editSyncJob: (id, change) => {
      edit(id, change);
      return answer('editSyncJob', { kind: 'done' });
    },
    deleteSyncJobs: () => Promise.reject(new Error('nobody deletes jobs here')),
  };
  const say =
    (level: string) =>
    (message: string): void => {
      lines.push(`${level}: ${message}`);
    };
  const parts: AttendParts = {
    jobs: port,
    mail,
    records: state,
    log: { error: say('error'), warn: say('warn'), info: say('info'), debug: () => undefined },
    now: () => new Date(clock.ms),
    nextRun: () => new Date(Math.ceil((clock.ms + 1) / 3_600_000) * 3_600_000),
    localLogin: (mailbox) => ({
      host: 'dovecot',
      port: 993,
      security: 'ssl',
      user: `${mailbox}*master`,
      password: 'm',
    }),
    pidFile: () => undefined,
    ...(migration !== undefined && { migration }),
  };
  const holder: { attendant: Attendant } = { attendant: makeAttendant(parts) };
  const first = (): SyncJob => {
    const [job] = jobs.values();
    if (job === undefined) throw new Error('no job');
    return job;
  };
  return {
    jobs,
    records: state,
    asked,
    lines,
    parts,
    faults,
    job: first,
    addTask: (task) => {
      const id = jobs.size + 7;
      jobs.set(id, jobLike({ ...jobOf({ ...plainTask, ...task }), id }));
    },
    endRun: (log, exitStatus = 'EX_OK') => {
      clock.runs += 1;
      const { id } = first();
      logs.set(id, log);
      const lastRun = `2026-11-21 10:${String(clock.runs).padStart(2, '0')}:00`;
      jobs.set(id, { ...first(), lastRun, exitStatus, succeeded: exitStatus === 'EX_OK' });
    },
    look: () => holder.attendant.look({ all: true }),
    pass: (minutes) => {
      clock.ms += minutes * 60_000;
    },
    restart: () => {
      holder.attendant = makeAttendant(parts);
    },
  };
}
