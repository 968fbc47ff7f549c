/** stop-task and stop-all-tasks: the run that is under way where it can be ended, else those that would follow. */
import { answerRefusal, failed, refusal, verdictProblem, whyOf } from './actions-answers.ts';
import { onAll, type Outcome } from './actions-all.ts';
import { findTask } from './actions-find.ts';
import type { Action, ImapsyncParts } from './actions-parts.ts';
import { knownRecord, patchKnown } from './actions-records.ts';
import { waitForRest } from './actions-wait.ts';
import { recordOf } from './attend/start.ts';
import type { Found } from './list.ts';
import { pidFileIn } from './pid-file.ts';
import { isAttended } from './task.ts';

const runGoesOn =
  "The run that is under way goes on to its end: mailcow's API cannot stop it, and without LDAP_MAILCOW_IMAPSYNC_RUN_FOLDER nothing else can.";

/** stop-task: of a task that is not running it is no mistake. */
export const stopTask: Action = async (parts, input, how = {}) => {
  const found = await findTask(parts, input);
  if ('complaints' in found) return answerRefusal(found);
  const { problem, notes } = await stopFound(parts, found);
  if (problem !== undefined) return answerRefusal(refusal(failed(problem)));
  if (how.wait === undefined) return { code: 0, notes };
  for (const note of notes) parts.say(note);
  return waitForRest(parts, found, how.wait);
};

/** stop-all-tasks: as many as can be; what of them could not is said. */
export const stopAllTasks: Action = (parts) => onAll(parts, (found) => stopFound(parts, found));

/** With a file of the run as ns8: this run ends, its cron goes on. Without one no run is begun until it is started again. */
function stopFound(parts: ImapsyncParts, found: Found): Promise<Outcome> {
  const file = runFileOf(parts, found);
  return file === undefined ? switchOff(parts, found) : endRun(parts, found, file);
}

/** The file of the run, when the job has one and the folder is shared with us. */
function runFileOf({ pidFile }: ImapsyncParts, { job, task }: Found): string | undefined {
  const own = pidFile({ mailbox: job.mailbox, taskId: task.taskId });
  return own !== undefined && pidFileIn(job.customParams) === own ? own : undefined;
}

async function switchOff(parts: ImapsyncParts, found: Found): Promise<Outcome> {
  const problem = await takeOff(parts, found);
  if (problem !== undefined) return { problem, notes: [] };
  if (isAttended(found.task)) recordOf(parts, found);
  patchKnown(parts, found, { stopped: true, wanted: false });
  return { notes: found.job.isRunning ? [runGoesOn] : [] };
}

async function endRun(parts: ImapsyncParts, found: Found, file: string): Promise<Outcome> {
  const { job, task } = found;
  const later = task.cron === '' ? '' : ` Its cron (${task.cron}) goes on; delete-task ends that.`;
  if (!job.isRunning) {
    const problem = isAttended(task) ? await takeOff(parts, found) : undefined;
    if (problem !== undefined) return { problem, notes: [] };
    patchKnown(parts, found, { wanted: false });
    return { notes: [`No run of it is under way.${later}`] };
  }
  const asked = askToEnd(parts, file);
  if (asked !== undefined) return { problem: asked, notes: [] };
  patchKnown(parts, found, { wanted: false });
  return { notes: [`The run ends before its next message.${later}`] };
}

/** Asks the run to end; the sentence says why that was not possible. */
function askToEnd({ runFiles }: Pick<ImapsyncParts, 'runFiles'>, file: string): string | undefined {
  try {
    const pid = runFiles.readPid(file);
    if (pid === undefined)
      return `there is no process in ${file}: the run has just begun or ended, or mailcow's Dovecot does not have this folder`;
    runFiles.requestAbort(file, pid);
    return undefined;
  } catch (error) {
    return `the run could not be asked to end: ${whyOf(error)}`;
  }
}

/** Asks a run to end where that is possible, and says otherwise. */
export function endIfRunning(parts: ImapsyncParts, found: Found): readonly string[] {
  if (!found.job.isRunning) return [];
  const file = runFileOf(parts, found);
  if (file === undefined) return [runGoesOn];
  const problem = askToEnd(parts, file);
  return problem === undefined ? [] : [problem];
}

/** Takes the job off the queue; of one that stays armed the daemon would wait for an end that never comes. */
async function takeOff(parts: ImapsyncParts, found: Found): Promise<string | undefined> {
  const { job, task } = found;
  const problem = verdictProblem(await parts.jobs.editSyncJob(job.id, { active: false }));
  if (problem !== undefined) return problem;
  const isQueued = !job.isRunning && knownRecord(parts, found)?.phase === 'armed';
  const hasEnded = job.lastRun !== undefined && job.lastRun !== knownRecord(parts, found)?.seen;
  if (isAttended(task) && isQueued && !hasEnded) patchKnown(parts, found, { phase: 'idle' });
  return undefined;
}
