/** Which mailbox and which task an action is about. */
import { refusal, type Refusal } from './actions-answers.ts';
import type { ImapsyncParts } from './actions-parts.ts';
import { readText, type Input, type Reader } from './input-fields.ts';
import { tasksAmong, type Found } from './list.ts';
import { complain, type Complaint } from './task.ts';

/** A full address, or the local part of one mailbox alone. */
export async function findMailbox(
  { mailboxes }: Pick<ImapsyncParts, 'mailboxes'>,
  localUser: string,
): Promise<{ readonly address: string } | Complaint> {
  const wanted = localUser.toLowerCase();
  const no = (message: string): Complaint =>
    complain('localuser', { value: localUser, error: 'user_not_found', message });
  if (wanted.includes('@')) {
    const mailbox = await mailboxes.readMailbox(wanted);
    return typeof mailbox === 'object' ? mailbox : no('there is no such mailbox in mailcow');
  }
  const all = (await mailboxes.listMailboxes()).mailboxes;
  const [first, second] = all.filter(({ address }) => address.startsWith(`${wanted}@`));
  if (first === undefined) return no('there is no mailbox of this name in mailcow');
  return second === undefined ? first : no(`is not one mailbox: ${first.address}, ${second.address}, …`);
}

/** The task that `localuser` and `task_id` name; without an id the one that the mailbox has. */
export async function findTask(parts: ImapsyncParts, input: Input): Promise<Found | Refusal> {
  const reader: Reader = { input, complaints: [] };
  const localUser = readText(reader, 'localuser', { least: 1 });
  const id = input['task_id'] === undefined ? undefined : readText(reader, 'task_id', { least: 1 });
  if (reader.complaints.length > 0) return refusal(...reader.complaints);
  const mailbox = await findMailbox(parts, localUser);
  if ('error' in mailbox) return refusal(mailbox);
  const found = chooseTask(tasksAmong(await parts.jobs.listSyncJobs(mailbox.address)), id);
  return 'error' in found ? refusal(found) : found;
}

function chooseTask(found: readonly Found[], id: string | undefined): Found | Complaint {
  const fitting = found.filter(({ task }) => id === undefined || task.taskId === id);
  const [first, second] = fitting;
  if (first !== undefined && (second === undefined || id !== undefined)) return first;
  const ids = found.map(({ task }) => task.taskId).join(', ');
  if (first !== undefined)
    return complain('task_id', {
      value: null,
      error: 'required',
      message: `is needed, there are several: ${ids}`,
    });
  const message = `there is no such task of this mailbox${ids === '' ? '' : `; there are: ${ids}`}`;
  return complain('task_id', { value: id ?? null, error: 'task_not_found', message });
}

/** ns8's key of a task, `<user>_<task id>`; the user as mailcow's address here. */
export function keyOf({ job, task }: Found): string {
  return `${job.mailbox}_${task.taskId}`;
}

/**
 * The `localuser` and `task_id` of a key; of a user alone, of the one task there is. The user may be an address or its
 * local part. Both sides may have a "_", so only the tasks there are say where one ends.
 */
export async function readKey(
  { jobs }: Pick<ImapsyncParts, 'jobs'>,
  key: string,
): Promise<{ readonly localuser: string; readonly task_id: string } | Refusal> {
  const all = tasksAmong(await jobs.listSyncJobs());
  const fitting = all.filter((found) => fitsKey(found, key) || fitsUser(found, key));
  const [first, second] = fitting;
  if (first === undefined)
    return refusal(
      complain('task_id', {
        value: key,
        error: 'task_not_found',
        message: `there is no task of the name or user ${key}; list-tasks shows those that there are`,
      }),
    );
  if (second === undefined) return { localuser: first.job.mailbox, task_id: first.task.taskId };
  const keys = fitting.map(keyOf).toSorted().join(', ');
  return refusal(
    complain('task_id', { value: key, error: 'required', message: `${key} may be one of several: ${keys}` }),
  );
}

function fitsKey(found: Found, key: string): boolean {
  const tail = `_${found.task.taskId}`;
  return key.endsWith(tail) && fitsUser(found, key.slice(0, -tail.length));
}

function fitsUser({ job }: Found, user: string): boolean {
  const wanted = user.toLowerCase();
  return wanted === job.mailbox || wanted === job.mailbox.split('@')[0];
}
