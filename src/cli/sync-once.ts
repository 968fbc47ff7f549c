/** One sync with its lines in the log, for the daemon and for the command `sync`. */
import { randomUUID } from 'node:crypto';
import type { App } from '../app.ts';
import { countChanges, type SyncReport } from '../sync/report.ts';
import { runSync } from '../sync.ts';
import type { Change, Forbidden } from '../core/change.ts';
import type { Stop } from './stop.ts';
import type { Logger } from '../observe/logger.ts';
import type { RunOutcome } from '../ports-state.ts';

const irregular: Readonly<Record<string, string>> = {
  person: 'people',
  mailbox: 'mailboxes',
  alias: 'aliases',
  syncjob: 'sync jobs',
};

const spoken: Readonly<Record<string, string>> = { syncjob: 'sync job' };

const plural = (count: number, noun: string): string =>
  `${count} ${count === 1 ? (spoken[noun] ?? noun) : (irregular[noun] ?? `${noun}s`)}`;

const words: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'updated',
  rename: 'renamed',
  deactivate: 'deactivated',
  reactivate: 'reactivated',
  remove: 'removed',
  delete: 'deleted',
  adopt: 'adopted',
  release: 'released',
};

/** `3 mailboxes created`, one for each kind and resource. */
const countsOf = (done: readonly Change[]): readonly string[] =>
  Object.entries(countChanges(done)).map(([name, count]) => {
    const [kind = '', resource = ''] = name.split(' ');
    return `${plural(count, resource)} ${words[kind] ?? kind}`;
  });

function writtenOf({ done, left, plan }: SyncReport): readonly string[] {
  if (done.length > 0) return countsOf(done);
  const wanted = left.length + plan.held.length + plan.forbidden.length;
  return [wanted > 0 ? 'nothing written' : 'nothing to change'];
}

/** The reason is the policy, the same for all. */
const forbiddenOf = ([first, ...others]: readonly Forbidden[]): readonly string[] =>
  first === undefined ? [] : [`${plural(others.length + 1, 'change')} found and not made (${first.why})`];

function summaryOf(report: SyncReport): string {
  const more = [
    ...(report.left.length > 0 ? [`${plural(report.left.length, 'change')} left for the next sync`] : []),
    ...(report.failed.length > 0 ? [`${plural(report.failed.length, 'change')} failed`] : []),
    ...forbiddenOf(report.plan.forbidden),
    ...(report.plan.held.length > 0 ? [`${plural(report.plan.held.length, 'change')} held`] : []),
    plural(report.plan.findings.length, 'finding'),
  ];
  return [...writtenOf(report), ...more].join(', ');
}

const headline: Readonly<Record<RunOutcome, string>> = {
  done: 'sync done',
  held: 'sync done with changes held back',
  'changes-failed': 'sync ended with failed changes',
  incomplete: 'sync on an incomplete reading, which takes nothing away, done',
  failed: 'sync failed',
  stopped: 'sync cut short by a signal',
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export type OnceOptions = {
  readonly audit: boolean;
  readonly stop: Stop;
  /** What comes after, for the last line: `next sync in 300 s`. */
  readonly then?: (outcome: OnceResult) => string;
};

/** `refused`: mailcow does not want us, which only an administrator can mend. */
export type OnceResult = RunOutcome | 'refused';

/** The adapter's class by its name: a command knows no adapter. */
const resultOf = (error: unknown): OnceResult =>
  error instanceof Error && error.name === 'MailcowRefused' ? 'refused' : 'failed';

/** What is said when the program has to go while a sync is still at something. */
const cutOff = (done: readonly Change[]): string =>
  `sync cut off by a signal: ${countsOf(done).join(', ') || 'nothing written'}; what it was doing did not end in time, the next sync reads what became of it`;

type Once = OnceOptions & { readonly app: App; readonly line: Logger; readonly run: string };

function runWithLastWords({ app, line, run, audit, stop }: Once): Promise<SyncReport> {
  const written: Change[] = [];
  const onWritten = (change: Change): void => {
    written.push(change);
  };
  const lastWords = (): void => {
    line.warn(cutOff(written));
  };
  const context = { ...app.context, log: line, onWritten };
  return stop.withLastWords(lastWords, () => runSync(context, { audit, run }));
}

/** Why there is no lock. */
function withoutLock({ line, stop }: Once, then: (outcome: OnceResult) => string): OnceResult {
  if (stop.requested()) {
    line.info('told to end while another sync was running: nothing was done');
    return 'stopped';
  }
  line.error(`another sync has been running for 30 s; this one gives way${then('failed')}`);
  return 'failed';
}

/** Runs one sync under the lock and logs its start and end. Never throws for what a sync can meet. */
export async function syncOnce(app: App, log: Logger, options: OnceOptions): Promise<OnceResult> {
  const run = randomUUID().slice(0, 8);
  const line = log.child({ run });
  const once: Once = { ...options, app, line, run };
  const then = (outcome: OnceResult): string => (options.then ? `; ${options.then(outcome)}` : '');
  const lock = await app.lock();
  if (lock === undefined) return withoutLock(once, then);
  line.info(options.audit ? 'sync starts, reading everything' : 'sync starts');
  try {
    const report = await runWithLastWords(once);
    const { outcome } = report;
    for (const problem of report.problems) line.error(`incomplete: ${problem}`);
    const text = `${headline[outcome]} in ${seconds(report.durationMs)}: ${plural(report.people, 'person')} read, ${summaryOf(report)}`;
    if (outcome === 'done' || outcome === 'stopped') line.info(`${text}${then(outcome)}`);
    else line.warn(`${text}${then(outcome)}`);
    return outcome;
  } catch (error) {
    const result = resultOf(error);
    line.error(`sync failed: ${error instanceof Error ? error.message : String(error)}${then(result)}`);
    line.debug('the error', { error });
    return result;
  } finally {
    lock.release();
  }
}
