/** list-informations: how much there is at both sides, by IMAP. */
import type { Measured, MeasureProgress } from '../ports-mail.ts';
import { answerRefusal, whyOf } from './actions-answers.ts';
import { findTask } from './actions-find.ts';
import type { Action, ActionResult, ImapsyncParts } from './actions-parts.ts';
import { remoteLogin } from './attend/parts.ts';
import type { Found } from './list.ts';

/** Progress is said only of what takes long, and not of every folder. */
const quietMs = 2000;

const nothing = { status: false };

/** list-informations: `{status: true, host1Folders, …}`; `{status: false}` and the reason as a note when either side cannot be read. */
export const listInformations: Action = async (parts, input) => {
  const found = await findTask(parts, input);
  if ('complaints' in found) return { code: 0, output: nothing, notes: answerRefusal(found).notes };
  try {
    return await measureBoth(parts, found);
  } catch (error) {
    return { code: 0, output: nothing, notes: [whyOf(error)] };
  }
};

async function measureBoth(parts: ImapsyncParts, found: Found): Promise<ActionResult> {
  const { task, job } = found;
  const choice = { inboxOnly: task.mode === 'inbox', exclude: task.exclude };
  const here = parts.localLogin(job.mailbox);
  const there = await remoteLogin(parts, found);
  const sides = await Promise.allSettled([
    parts.mail.measure(there, choice, progress(parts, `at ${there.host}`)),
    parts.mail.measure(here, choice, progress(parts, 'here')),
  ]);
  const [one, two] = sides;
  if (one.status === 'fulfilled' && two.status === 'fulfilled')
    return { code: 0, output: outputOf(one.value, two.value), notes: [] };
  const names = [`at ${there.host}`, 'here'];
  const notes = sides.flatMap((side, at) =>
    side.status === 'rejected' ? [`${names[at] ?? ''}: ${whyOf(side.reason)}`] : [],
  );
  return { code: 0, output: nothing, notes };
}

function outputOf(there: Measured, here: Measured): Readonly<Record<string, unknown>> {
  return {
    status: true,
    host1Folders: there.folders,
    host1Messages: there.messages,
    host1Sizes: there.bytes,
    host2Folders: here.folders,
    host2Messages: here.messages,
    host2Sizes: here.bytes,
  };
}

function progress({ now, say }: ImapsyncParts, where: string): (step: MeasureProgress) => void {
  let last = now().getTime();
  return ({ folder, done, total }) => {
    const at = now().getTime();
    if (at - last < quietMs) return;
    last = at;
    say(`${where}: ${done} of ${total} folders, last ${folder}`);
  };
}
