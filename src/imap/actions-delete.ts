/** delete-task: the job goes; the mail that it brought stays. */
import { answerRefusal, failed, refusal, verdictProblem } from './actions-answers.ts';
import { findTask } from './actions-find.ts';
import type { Action, ActionResult, How, ImapsyncParts } from './actions-parts.ts';
import { forget } from './actions-records.ts';
import { endIfRunning } from './actions-stop.ts';
import { waitForRest } from './actions-wait.ts';
import type { Found } from './list.ts';
import { isMigrationTask } from './migration.ts';
import { complain } from './task.ts';

/** delete-task; a run that is under way is ended where that is possible. */
export const deleteTask: Action = async (parts, input, how = {}) => {
  const found = await findTask(parts, input);
  if ('complaints' in found) return answerRefusal(found);
  if (parts.isMigrating && isMigrationTask(found.task.taskId)) return answerRefusal(refusal(remade(found)));
  return deleteFound(parts, found, how);
};

async function deleteFound(parts: ImapsyncParts, found: Found, { wait }: How): Promise<ActionResult> {
  const { job } = found;
  const notes = endIfRunning(parts, found);
  if (wait !== undefined) {
    for (const note of notes) parts.say(note);
    const off = verdictProblem(await parts.jobs.editSyncJob(job.id, { active: false }));
    if (off !== undefined) return answerRefusal(refusal(failed(off)));
    const rest = await waitForRest(parts, found, wait);
    if (rest.code !== 0) return rest;
  }
  const [verdict] = await parts.jobs.deleteSyncJobs([job.id]);
  const problem = verdictProblem(verdict);
  if (problem !== undefined) return answerRefusal(refusal(failed(problem)));
  forget(parts, found);
  return { code: 0, notes: wait === undefined ? notes : [] };
}

function remade({ task }: Found) {
  const message =
    'belongs to the migration of the directory, which would make it again: unset LDAP_MAILCOW_IMAPSYNC_HOST first, or use stop-task';
  return complain('task_id', { value: task.taskId, error: 'reserved', message });
}
