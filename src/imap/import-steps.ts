/** Many tasks at once, from a table or a folder: each is made, changed, left or refused with a reason. */
import type { SyncJob } from '../core/sync-job.ts';
import type { Input } from './input-fields.ts';
import { tasksAmong, type Found } from './list.ts';
import { readTask, type TaskInput } from './task-input.ts';
import type { TaskOptions } from './task.ts';

/** One task that is wanted: where it stands and whose it is, as it is told to people; then create-task's input. */
export type Wanted = { readonly where: string; readonly account: string } & (
  | { readonly kind: 'input'; readonly input: Input; readonly remarks?: readonly string[] }
  | { readonly kind: 'unusable'; readonly why: string }
);

/** What becomes of it. `why` never holds a password. */
export type Step = { readonly where: string; readonly account: string } & (
  | { readonly kind: 'create' | 'update'; readonly input: Input; readonly remarks: readonly string[] }
  | { readonly kind: 'refuse' | 'skip'; readonly why: string }
);

/** What mailcow has before the first of them. */
export type Ground = {
  readonly mailboxes: readonly { readonly address: string }[];
  readonly jobs: readonly SyncJob[];
  /** Whether five fields are a cron expression with a next time. */
  readonly isSchedule: (expression: string) => boolean;
  /** The domain of short names. */
  readonly domain?: string;
};

/** A mailbox, or why it is none. */
type Resolved = { readonly address: string } | { readonly why: string };

/** The mailbox of an address or of a short name, which must be that of one mailbox alone unless a domain is given. */
function resolveUser(localUser: string, { mailboxes, domain }: Ground): Resolved {
  const name = localUser.toLowerCase();
  const isShort = !name.includes('@');
  const wanted = isShort && domain !== undefined ? `${name}@${domain.toLowerCase()}` : name;
  const fitting = mailboxes.filter(({ address }) =>
    wanted.includes('@') ? address === wanted : address.startsWith(`${wanted}@`),
  );
  const [first, second] = fitting;
  if (first === undefined) return { why: `there is no mailbox ${wanted} in mailcow` };
  if (second === undefined) return { address: first.address };
  return { why: `${name} is the name of several mailboxes: ${first.address}, ${second.address}, …` };
}

/** A wanted task that create-task would take, and what mailcow has that is like it. */
export type Checked = {
  readonly address: string;
  readonly input: TaskInput;
  /** The job of this mailbox for the same login, and its task if it is ours. */
  readonly sameLogin?: { readonly job: SyncJob; readonly found: Found | undefined };
  /** The task of this mailbox with the same id. */
  readonly sameId?: Found;
};

/** Checks an input as create-task does, without a login and without a write. */
export function checkWanted(input: Input, ground: Ground): Checked | { readonly why: string } {
  // The id that is made here is never used: create-task makes its own.
  const read = readTask(input, { newId: 'unused', isSchedule: ground.isSchedule });
  if (read.kind === 'refused')
    return { why: read.complaints.map(({ field, message }) => `${field} ${message}`).join('; ') };
  const resolved = resolveUser(read.input.localUser, ground);
  if ('why' in resolved) return resolved;
  const { address } = resolved;
  const own = ground.jobs.filter(({ mailbox }) => mailbox === address);
  const job = own.find((each) => isSameLogin(each, read.input.task));
  const sameId =
    input['task_id'] === undefined
      ? undefined
      : tasksAmong(own).find(({ task }) => task.taskId === read.input.task.taskId);
  return {
    address,
    input: read.input,
    ...(job !== undefined && { sameLogin: { job, found: tasksAmong([job])[0] } }),
    ...(sameId !== undefined && { sameId }),
  };
}

/** mailcow takes one job for one login into a mailbox; its database does not tell capitals from small letters. */
export function isSameLogin(
  job: Pick<SyncJob, 'host' | 'user'>,
  task: Pick<TaskOptions, 'remoteHostname' | 'remoteUsername'>,
): boolean {
  return (
    job.host.toLowerCase() === task.remoteHostname.toLowerCase() &&
    job.user.toLowerCase() === task.remoteUsername.toLowerCase()
  );
}

/** The key of an account: of one table, only its first row counts. */
export function accountKey(address: string, task: TaskOptions): string {
  return JSON.stringify([address, task.remoteUsername, task.remoteHostname]).toLowerCase();
}

/** What create-task takes for a task as it is; the password stays the stored one. */
export function inputOf({ task, job }: Found): Input {
  return {
    task_id: task.taskId,
    localuser: job.mailbox,
    remoteusername: task.remoteUsername,
    remotehostname: task.remoteHostname,
    remotepassword: '',
    remoteport: task.remotePort,
    security: task.security,
    delete_local: task.deleteLocal,
    delete_remote: task.deleteRemote,
    delete_remote_older: task.older,
    exclude: task.exclude.join(','),
    cron: task.cron,
    foldersynchronization: task.mode,
    sieve_enabled: task.sieve,
  };
}
