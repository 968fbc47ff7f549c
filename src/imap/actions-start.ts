/** start-task and start-all-tasks: first in the queue of mailcow's engine. */
import { answerRefusal, failed, refusal, verdictProblem, whyOf } from './actions-answers.ts';
import { onAll, type Outcome } from './actions-all.ts';
import { findTask } from './actions-find.ts';
import type { Action, ImapsyncParts } from './actions-parts.ts';
import { isInRun, knownRecord, patchKnown } from './actions-records.ts';
import { waitForRun } from './actions-wait.ts';
import { recordOf, startRun } from './attend/start.ts';
import { jobOf } from './job.ts';
import type { Found } from './list.ts';
import { isAttended } from './task.ts';

const needsDaemon =
  'mailcow runs it within a minute or when it comes to it; the daemon (ldap-mailcow run) has to be there at its end, because mailcow alone cannot do all of this task.';

/** start-task: one run now, and those that follow by its cron. */
export const startTask: Action = async (parts, input, how = {}) => {
  const found = await findTask(parts, input);
  if ('complaints' in found) return answerRefusal(found);
  const { problem, notes } = await startFound(parts, found);
  if (problem !== undefined) return answerRefusal(refusal(failed(problem)));
  if (how.wait === undefined) return { code: 0, notes };
  for (const note of notes) parts.say(note);
  return waitForRun(parts, found, how.wait);
};

/** start-all-tasks: as many as can be; what of them could not is said. */
export const startAllTasks: Action = (parts) =>
  onAll(parts, (found) => {
    if (!found.done) return startFound(parts, found);
    return Promise.resolve({ notes: ['has come to its end and is not started with the others'] });
  });

/** Starts one run, and takes back what stop-task did. */
export async function startFound(parts: ImapsyncParts, found: Found): Promise<Outcome> {
  if (isAttended(found.task)) return arm(parts, found);
  const { job, task } = found;
  const problem = verdictProblem(
    await parts.jobs.editSyncJob(job.id, {
      active: true,
      runNow: true,
      ...(found.done && { customParams: jobOf(task, phaseOf(parts, found)).customParams }),
    }),
  );
  if (problem !== undefined) return { problem, notes: [] };
  patchKnown(parts, found, { stopped: false, clean: 0 });
  return { notes: job.isRunning ? ['A run of it is under way: the next one comes by its cron.'] : [] };
}

/** Starts one run of a task that the daemon attends to; when that fails, the daemon goes on trying. */
async function arm(parts: ImapsyncParts, found: Found): Promise<Outcome> {
  if (isInRun(knownRecord(parts, found), found)) {
    // A second run would write over the log of what the first one copied.
    parts.records.patchTask(recordOf(parts, found), { stopped: false });
    return { notes: ['A run of it is under way: it is not started a second time.'] };
  }
  try {
    const problem = verdictProblem(await startRun(parts, found));
    return problem === undefined ? { notes: [needsDaemon] } : { problem, notes: [] };
  } catch (error) {
    parts.records.patchTask(recordOf(parts, found), { wanted: true, stopped: false });
    return { notes: [`It could not be started now, the daemon will try again: ${whyOf(error)}`] };
  }
}

/** What a job of this program says beside its task. */
export function phaseOf(
  { pidFile }: Pick<ImapsyncParts, 'pidFile'>,
  { job, task }: Pick<Found, 'task'> & { readonly job: Pick<Found['job'], 'mailbox'> },
): { readonly pidFile?: string } {
  const file = pidFile({ mailbox: job.mailbox, taskId: task.taskId });
  return file === undefined ? {} : { pidFile: file };
}
