/** What is remembered of the runs of sync jobs goes along with what a sync does to the jobs and their mailboxes. */
import type { Change } from '../core/change.ts';
import { migrationTaskId } from '../core/migration.ts';
import type { State } from '../ports-state.ts';

type Tasks = Pick<State, 'tasks' | 'saveTask' | 'patchTask' | 'dropTask'>;

function moveTasks(state: Tasks, from: string, to: string): void {
  for (const record of state.tasks().filter(({ mailbox }) => mailbox === from)) {
    state.dropTask(from, record.taskId);
    state.saveTask({ ...record, mailbox: to });
  }
}

function dropTasks(state: Tasks, mailbox: string): void {
  for (const record of state.tasks().filter((one) => one.mailbox === mailbox)) {
    state.dropTask(mailbox, record.taskId);
  }
}

/** Another server, login or password: what ran well until now says nothing of the end. */
function beginAnew({ key }: Change, state: Tasks, owner: string): void {
  state.patchTask({ mailbox: key, taskId: migrationTaskId(owner) }, { clean: 0 });
}

/** Follows one change that was made. */
export function followTasks(
  change: Change,
  { state, owner }: { readonly state: Tasks; readonly owner: string },
): void {
  const { resource, kind, key, after, runNow } = change;
  if (resource === 'syncjob' && (kind === 'create' || runNow === true)) beginAnew(change, state, owner);
  if (resource !== 'mailbox') return;
  if (kind === 'rename' && after.address !== undefined) moveTasks(state, key, after.address);
  if (kind === 'delete') dropTasks(state, key);
}
