/** get-log: what imapsync said in the last run. */
import { answerRefusal } from './actions-answers.ts';
import { findTask } from './actions-find.ts';
import type { Action } from './actions-parts.ts';

/** As ns8: so much of the end, from the beginning of a line on. */
const mostBytes = 100 * 1024;

/** get-log: `{log_content, truncated}`. Of a mailbox or a task that there is none of, and before the first run, it is empty. */
export const getLog: Action = async (parts, input) => {
  const found = await findTask(parts, input);
  if ('complaints' in found) {
    const isUnknown = found.complaints.every(({ error }) => absent.includes(error));
    return isUnknown
      ? { code: 0, output: tailOf(''), notes: answerRefusal(found).notes }
      : answerRefusal(found);
  }
  return { code: 0, output: tailOf((await parts.jobs.readSyncLog(found.job)) ?? ''), notes: [] };
};

const absent: readonly string[] = ['user_not_found', 'task_not_found'];

function tailOf(log: string): { readonly log_content: string; readonly truncated: boolean } {
  const bytes = Buffer.from(log);
  if (bytes.length <= mostBytes) return { log_content: log, truncated: false };
  const tail = bytes.subarray(bytes.length - mostBytes);
  // Also a character may have been cut in two there: the line that it is part of goes.
  const start = tail.indexOf('\n') + 1;
  return { log_content: tail.subarray(start).toString(), truncated: true };
}
