/** ns8's actions on mailcow's sync jobs: JSON in, JSON and an exit code out. */
import type { MailboxList, MailboxLookup, SyncJobs, WriteResult } from '../ports-mailcow.ts';
import { readText, type Input, type Reader } from './input-fields.ts';
import { jobOf } from './job.ts';
import { factsOf, tasksAmong, userProperties, type Found } from './list.ts';
import { readTask, type TaskInput } from './task-input.ts';
import { complain, type Complaint } from './task.ts';

/** What the actions need of the outside. */
export type ImapsyncParts = {
  readonly jobs: SyncJobs;
  readonly mailboxes: {
    listMailboxes(): Promise<MailboxList>;
    readMailbox(address: string): Promise<MailboxLookup>;
  };
  /** Six letters and digits, as ns8 makes them. */
  readonly newId: () => string;
  /** Whether five fields are a cron expression with a next time. */
  readonly isSchedule: (expression: string) => boolean;
};

/** `notes` are sentences for people. `output` is ns8's; complaints have the exit code 1, as its `validation_failed`. */
export type ActionResult = {
  readonly code: 0 | 1;
  readonly output?: unknown;
  readonly notes: readonly string[];
};

/** Each action by its name. Throws MailcowError. */
export type Action = (parts: ImapsyncParts, input: Input) => Promise<ActionResult>;

/** list-tasks: every marked job, and the mailboxes that a task may have. */
export const listTasks: Action = async ({ jobs, mailboxes }) => {
  const found = tasksAmong(await jobs.listSyncJobs());
  const { mailboxes: all } = await mailboxes.listMailboxes();
  const enabled = all.filter(({ active }) => active === 1);
  const output = {
    enabled_mailboxes: enabled.map(({ address, name }) => ({ name: address, label: name, value: address })),
    user_properties: found.map(userProperties),
  };
  return { code: 0, output, notes: [] };
};

/** get-facts: how many tasks of which kind. */
export const getFacts: Action = async ({ jobs }) => ({
  code: 0,
  output: factsOf(tasksAmong(await jobs.listSyncJobs())),
  notes: [],
});

/** create-task: a new task, or an edit of the one with this id; mailcow runs it within a minute or so. */
export const createTask: Action = async (parts, raw) => {
  const read = readTask(raw, { newId: parts.newId(), isSchedule: parts.isSchedule });
  if (read.kind === 'refused') return refusedBy(read.complaints);
  const { input } = read;
  const mailbox = await findMailbox(parts, input.localUser);
  if ('error' in mailbox) return refusedBy([mailbox]);
  const { address } = mailbox;
  const all = await parts.jobs.listSyncJobs(address);
  const before = tasksAmong(all).find(({ task }) => task.taskId === input.task.taskId);
  const taken = all.find((job) => job.id !== before?.job.id && isSameLogin(job, input));
  if (taken !== undefined) return refusedBy([takenBy(tasksAmong([taken])[0], input)]);
  const settings = jobOf(input.task);
  if (before === undefined && input.password === '')
    return refusedBy([failed('a new task needs a remotepassword')]);
  const verdict =
    before === undefined
      ? await parts.jobs.createSyncJob({ ...settings, mailbox: address, password: input.password })
      : await parts.jobs.editSyncJob(before.job.id, {
          ...settings,
          ...(input.password !== '' && { password: input.password }),
          runNow: true,
        });
  if (verdict.kind !== 'done') return refusedBy([failed(sayVerdict(verdict))]);
  const notes = [...read.warnings, ...sayOnce(input.task.cron)];
  // ns8 prints nothing; an id that we made has to be told.
  return raw['task_id'] === undefined
    ? { code: 0, output: { localuser: address, task_id: input.task.taskId }, notes }
    : { code: 0, notes };
};

/** delete-task: its job goes; the mail that it brought stays. */
export const deleteTask: Action = (parts, input) =>
  onTask(parts, input, async ({ job }) => {
    const [verdict] = await parts.jobs.deleteSyncJobs([job.id]);
    return { verdict, notes: job.isRunning ? [runGoesOn] : [] };
  });

/** start-task: switched on, and first in the queue of mailcow's engine. */
export const startTask: Action = (parts, input) =>
  onTask(parts, input, async ({ job, task }) => ({
    verdict: await parts.jobs.editSyncJob(job.id, { active: true, runNow: true }),
    notes: sayOnce(task.cron),
  }));

/** stop-task: no further runs until it is started again. Of a stopped task it is no mistake. */
export const stopTask: Action = (parts, input) =>
  onTask(parts, input, async ({ job }) => ({
    verdict: await parts.jobs.editSyncJob(job.id, { active: false }),
    notes: job.isRunning ? [runGoesOn] : [],
  }));

const runGoesOn = "The run that is under way goes on to its end: mailcow's API cannot stop it.";

function sayOnce(cron: string): readonly string[] {
  if (cron !== '') return [];
  return [
    'The task runs as soon as mailcow gets to it. Nothing switches it off after that yet: without stop-task it runs again in 30 days.',
  ];
}

type Done = { readonly verdict: WriteResult | undefined; readonly notes: readonly string[] };

async function onTask(
  parts: ImapsyncParts,
  input: Input,
  act: (found: Found) => Promise<Done>,
): Promise<ActionResult> {
  const reader: Reader = { input, complaints: [] };
  const localUser = readText(reader, 'localuser', { least: 1 });
  const id = input['task_id'] === undefined ? undefined : readText(reader, 'task_id', { least: 1 });
  if (reader.complaints.length > 0) return refusedBy(reader.complaints);
  const mailbox = await findMailbox(parts, localUser);
  if ('error' in mailbox) return refusedBy([mailbox]);
  const found = chooseTask(tasksAmong(await parts.jobs.listSyncJobs(mailbox.address)), id);
  if ('error' in found) return refusedBy([found]);
  const { verdict, notes } = await act(found);
  if (verdict?.kind === 'done') return { code: 0, notes };
  return refusedBy([failed(verdict === undefined ? 'mailcow said nothing' : sayVerdict(verdict))]);
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

/** A full address, or the local part of one mailbox alone. */
async function findMailbox(
  { mailboxes }: ImapsyncParts,
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

function isSameLogin(job: { host: string; user: string }, { task }: TaskInput): boolean {
  return job.host === task.remoteHostname && job.user.toLowerCase() === task.remoteUsername.toLowerCase();
}

function takenBy(found: Found | undefined, { task }: TaskInput): Complaint {
  const login = `${task.remoteUsername} at ${task.remoteHostname}`;
  const owner = found === undefined ? 'a sync job that is not ours' : `the task ${found.task.taskId}`;
  return complain('task_id', {
    value: task.taskId,
    error: 'task_exists',
    message: `mailcow takes one sync job for one login into a mailbox, and ${owner} is for ${login} already`,
  });
}

function sayVerdict(verdict: Exclude<WriteResult, { readonly kind: 'done' }>): string {
  if (verdict.kind === 'unclear')
    return `whether mailcow did it is not known (${verdict.why}): see list-tasks before you try again`;
  const words = verdict.words.map(({ word, args }) => [word, ...args].join(' '));
  return `mailcow refuses it: ${words.join(', ')}`;
}

function failed(message: string): Complaint {
  const error = 'validation_failed';
  return { field: 'createTask', parameter: 'createTask', value: error, error, message };
}

function refusedBy(complaints: readonly Complaint[]): ActionResult {
  return {
    code: 1,
    output: complaints.map(({ message: _message, ...complaint }) => complaint),
    notes: complaints.map(({ field, message }) => `${field}: ${message}`),
  };
}
