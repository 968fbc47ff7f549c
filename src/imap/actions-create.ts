/** create-task: a new task, or an edit of the one with this id. Nothing is written before the login was tried. */
import type { SyncJob } from '../core/sync-job.ts';
import { answerRefusal, failed, refusal, verdictProblem, type Refusal } from './actions-answers.ts';
import { findMailbox } from './actions-find.ts';
import { loginProblem, sieveProblem } from './actions-login.ts';
import type { Action, ImapsyncParts } from './actions-parts.ts';
import { forget, isInRun, knownRecord, patchKnown } from './actions-records.ts';
import { phaseOf, startFound } from './actions-start.ts';
import { waitForRun } from './actions-wait.ts';
import { leavesMail } from './attend/parts.ts';
import { recordOf } from './attend/start.ts';
import { jobOf } from './job.ts';
import { tasksAmong, type Found } from './list.ts';
import { isMigrationTask } from './migration.ts';
import { complain, isAttended, type Complaint } from './task.ts';
import { readTask, type TaskInput } from './task-input.ts';

/** What is to be written, after all that can be told without the other server. */
type Draft = {
  readonly input: TaskInput;
  readonly address: string;
  readonly before: Found | undefined;
  /** The one given, else the one that mailcow has. */
  readonly password: string;
};

/** create-task; mailcow runs it within a minute or so. */
export const createTask: Action = async (parts, raw, how = {}) => {
  const read = readTask(raw, { newId: parts.newId(), isSchedule: parts.isSchedule });
  if (read.kind === 'refused') return answerRefusal(refusal(...read.complaints));
  const draft = await draftOf(parts, read.input);
  if ('complaints' in draft) return answerRefusal(draft);
  const problem = await outsideProblem(parts, draft);
  if (problem !== undefined) return answerRefusal(problem);
  const written = await write(parts, draft);
  if ('complaints' in written) return answerRefusal(written);
  // ns8 prints nothing; an id that we made has to be told.
  const { localuser, task_id } = { localuser: draft.address, task_id: read.input.task.taskId };
  const told = raw['task_id'] === undefined ? { output: { localuser, task_id } } : {};
  if (how.wait === undefined) return { code: 0, ...told, notes: [...read.warnings, ...written.notes] };
  for (const note of [...read.warnings, ...written.notes]) parts.say(note);
  return { ...(await waitForRun(parts, written.found, how.wait)), ...told };
};

async function draftOf(parts: ImapsyncParts, input: TaskInput): Promise<Draft | Refusal> {
  const { taskId } = input.task;
  if (isMigrationTask(taskId)) return refusal(reserved(taskId));
  const mailbox = await findMailbox(parts, input.localUser);
  if ('error' in mailbox) return refusal(mailbox);
  const { address } = mailbox;
  const all = await parts.jobs.listSyncJobs(address);
  const before = tasksAmong(all).find(({ task }) => task.taskId === taskId);
  const taken = all.find((job) => job.id !== before?.job.id && isSameLogin(job, input));
  if (taken !== undefined) return refusal(takenBy(tasksAmong([taken])[0], input));
  const busy = before && busyProblem(parts, before, input);
  if (busy !== undefined) return refusal(failed(busy));
  const password = input.password === '' ? await storedPassword(parts, before) : input.password;
  if (password === undefined || password === '') return refusal(failed('a new task needs a remotepassword'));
  return { input, address, before, password };
}

async function storedPassword(
  { jobs }: ImapsyncParts,
  before: Found | undefined,
): Promise<string | undefined> {
  return before === undefined ? undefined : jobs.readSyncPassword(before.job);
}

/**
 * Why a task cannot be edited now: what follows a run is done at the server that the task names then. mailcow's engine
 * may have a job on its list with the values from before for as long as a round of it takes (facts/imapsync.md 2.3).
 */
function busyProblem(parts: ImapsyncParts, before: Found, input: TaskInput): string | undefined {
  const { task } = before;
  if (!leavesMail(task) && !task.sieve) return undefined;
  const record = knownRecord(parts, before);
  if (isInRun(record, before))
    return 'a run of this task is under way, or the daemon has not yet finished with it, and what it copied would be mistaken: try again after it (see status), or delete the task first';
  if (record?.phase !== 'armed' || isSameLogin(before.job, input)) return undefined;
  return 'a run of this task is about to begin, and what it copies would be looked for at the new login: try again after it (see status), or delete the task first';
}

async function outsideProblem(
  parts: ImapsyncParts,
  { input: { task }, address, password }: Draft,
): Promise<Refusal | undefined> {
  const { remoteHostname: host, remotePort: port, remoteUsername: user, security } = task;
  return (
    (await loginProblem(parts, { host, port, user, security, password })) ??
    (await sieveProblem(parts, task, address))
  );
}

type Written = { readonly found: Found; readonly notes: readonly string[] };

async function write(parts: ImapsyncParts, draft: Draft): Promise<Written | Refusal> {
  const { input, address, before } = draft;
  const { task } = input;
  const settings = jobOf(task, phaseOf(parts, { task, job: { mailbox: address } }));
  const done = (job: SyncJob): Found => ({ job, task, done: false, purging: false });
  if (before === undefined) {
    const verdict = await parts.jobs.createSyncJob({
      ...settings,
      mailbox: address,
      password: input.password,
    });
    if (verdict.kind !== 'done') return refusal(failed(verdictProblem(verdict) ?? ''));
    return begin(parts, done({ ...settings, id: verdict.id, mailbox: address, isRunning: false }));
  }
  unqueue(parts, before);
  const problem = verdictProblem(
    await parts.jobs.editSyncJob(before.job.id, {
      ...settings,
      ...(input.password !== '' && { password: input.password }),
      runNow: !isAttended(task),
    }),
  );
  if (problem !== undefined) return refusal(failed(problem));
  return begin(parts, done({ ...before.job, ...settings }));
}

/** An edit takes the job off the queue; should no new run be begun after it, the daemon would wait for the old one. */
function unqueue(parts: ImapsyncParts, before: Found): void {
  const record = knownRecord(parts, before);
  if (record?.phase === 'armed' && !isInRun(record, before))
    patchKnown(parts, before, { phase: 'idle', pass: 'copy', wanted: true });
}

const oldRun =
  'A run with the settings from before is under way and counts as this one: the new ones are used by the run after it.';

/** mailcow begins with the others by itself. */
async function begin(parts: ImapsyncParts, found: Found): Promise<Written | Refusal> {
  if (knownRecord(parts, found) === undefined) forget(parts, found);
  if (!isAttended(found.task)) {
    // Then the daemon reports its runs, and not only from its next look at everybody on.
    if (parts.hasState()) recordOf(parts, found);
    patchKnown(parts, found, { phase: 'idle', pass: 'copy', stopped: false, wanted: false, clean: 0 });
    return { found, notes: found.job.isRunning ? [oldRun] : [] };
  }
  const { problem, notes } = await startFound(parts, found);
  return problem === undefined
    ? { found, notes }
    : refusal(failed(`the task is there, but was not started: ${problem}`));
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

function reserved(taskId: string): Complaint {
  const message =
    'begins with "ldap.", as those of the migration of the directory do, which would take it for one of its own: choose another';
  return complain('task_id', { value: taskId, error: 'reserved', message });
}
