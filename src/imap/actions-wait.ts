/** Waiting for the end of a run: `--wait`. */
import { keyOf } from './actions-find.ts';
import type { TaskRecord } from '../ports-imap.ts';
import type { ActionResult, How, ImapsyncParts } from './actions-parts.ts';
import { knownRecord } from './actions-records.ts';
import { sayExit } from './exit-words.ts';
import { lastRunOf } from './last-run.ts';
import { tasksAmong, type Found } from './list.ts';
import { isAttended } from './task.ts';

type Wait = NonNullable<How['wait']>;

/** What one look saw: it goes on, or that is the end of waiting. */
type Look = { readonly state: string } | { readonly end: string; readonly code: 0 | 1 };

/** Often at first; of a run of hours nobody needs the second in which it ended. */
const pauseAfter = (elapsedMs: number): number => Math.min(10_000, Math.max(1000, elapsedMs / 20));

/** Waits for the run that was just started: 0 when it ended with imapsync's 0. Changes are said. Throws MailcowError. */
export function waitForRun(parts: ImapsyncParts, started: Found, wait: Wait): Promise<ActionResult> {
  const since = knownRecord(parts, started)?.seen;
  return waitUntil(parts, { task: started, wait }, (found) =>
    isAttended(found.task) ? lookAtAttended(parts, found, since) : lookAtJob(found),
  );
}

/** Waits until no run is under way, however the last one ended. Changes are said. Throws MailcowError. */
export function waitForRest(parts: ImapsyncParts, task: Found, wait: Wait): Promise<ActionResult> {
  return waitUntil(parts, { task, wait }, ({ job }) =>
    job.isRunning ? { state: 'the run is under way' } : { end: 'no run is under way', code: 0 },
  );
}

function lookAtJob(found: Found): Look {
  const { job } = found;
  if (job.isRunning) return { state: 'the run is under way' };
  const last = lastRunOf(found, undefined);
  if (last !== undefined)
    return { end: `the run has ended: ${sayExit(last)}`, code: last.exit === 0 ? 0 : 1 };
  return job.active
    ? { state: 'waits for its turn in mailcow' }
    : { end: 'it was stopped before it ran', code: 1 };
}

/** Such a run has ended when the daemon has done what follows it; it may have begun the next one by then. */
function lookAtAttended(parts: ImapsyncParts, found: Found, since: string | undefined): Look {
  const { job } = found;
  const record = knownRecord(parts, found);
  if (record !== undefined && record.seen !== since) return endOf(record);
  if (job.isRunning) return { state: 'the run is under way' };
  const isOver = job.lastRun !== undefined && job.lastRun !== since;
  if (record === undefined || record.wanted || record.phase === 'finishing' || isOver)
    return { state: 'waits for the daemon (ldap-mailcow run)' };
  if (record.phase === 'armed') return { state: 'waits for its turn in mailcow' };
  return { end: 'it was stopped before it ran', code: 1 };
}

/** A run that was stopped leaves what was said of the one before. */
function endOf({ last, seen }: TaskRecord): Look {
  if (last === undefined || last.lastRun !== seen) return { end: 'the run was stopped', code: 1 };
  return { end: `the run has ended: ${sayExit(last)}`, code: last.exit === 0 ? 0 : 1 };
}

async function waitUntil(
  parts: ImapsyncParts,
  { task, wait }: { readonly task: Found; readonly wait: Wait },
  lookAt: (found: Found) => Look,
): Promise<ActionResult> {
  const begun = parts.now().getTime();
  let said: string | undefined;
  for (;;) {
    const look = await lookOnce(parts, task, lookAt);
    if ('end' in look) return { code: look.code, notes: [`${keyOf(task)}: ${look.end}`] };
    if (look.state !== said) parts.say(`${keyOf(task)}: ${look.state}`);
    said = look.state;
    const elapsed = parts.now().getTime() - begun;
    if (elapsed >= (wait.timeoutMs ?? Infinity))
      return { code: 1, notes: [`${keyOf(task)}: not ended in time; it goes on`] };
    await parts.delay(pauseAfter(elapsed));
  }
}

async function lookOnce(parts: ImapsyncParts, task: Found, lookAt: (found: Found) => Look): Promise<Look> {
  try {
    const found = await readAgain(parts, task);
    return found === undefined ? { end: 'the task is gone', code: 1 } : lookAt(found);
  } catch (error) {
    // A run of hours should not be lost sight of because mailcow was started anew.
    if (!(error instanceof Error) || error.name !== 'MailcowUnreachable') throw error;
    return { state: `mailcow does not answer: ${error.message}` };
  }
}

async function readAgain({ jobs }: ImapsyncParts, { job }: Found): Promise<Found | undefined> {
  return tasksAmong(await jobs.listSyncJobs(job.mailbox)).find((found) => found.job.id === job.id);
}
