/** One action on every task. */
import { answerRefusal, failed, refusal } from './actions-answers.ts';
import { keyOf } from './actions-find.ts';
import type { ActionResult, ImapsyncParts } from './actions-parts.ts';
import { tasksAmong, type Found } from './list.ts';

/** What came of it for one task. Without a `problem` it is done. */
export type Outcome = { readonly problem?: string; readonly notes: readonly string[] };

/**
 * Acts on each task, one after the other; what goes wrong with one keeps no other, as in ns8. Refused only when there
 * are tasks and it went wrong with each. Throws MailcowError.
 */
export async function onAll(
  { jobs }: Pick<ImapsyncParts, 'jobs'>,
  act: (found: Found) => Promise<Outcome>,
): Promise<ActionResult> {
  const all = tasksAmong(await jobs.listSyncJobs());
  const notes: string[] = [];
  let good = 0;
  for (const found of all) {
    const outcome = await act(found);
    if (outcome.problem === undefined) good += 1;
    const sentences = outcome.problem === undefined ? outcome.notes : [outcome.problem];
    notes.push(...sentences.map((sentence) => `${keyOf(found)}: ${sentence}`));
  }
  const told = [...notes, `${good} of ${all.length} tasks`];
  if (good > 0 || all.length === 0) return { code: 0, notes: told };
  const refused = answerRefusal(refusal(failed('it went wrong with every task')));
  return { ...refused, notes: [...told, ...refused.notes] };
}
