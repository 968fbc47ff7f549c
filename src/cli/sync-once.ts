/** One sync with its lines in the log, for the daemon and for the command `sync`. */
import { randomUUID } from 'node:crypto';
import type { App } from '../app.ts';
import { countChanges, type SyncReport } from '../sync/report.ts';
import { runSync } from '../sync.ts';
import type { Logger } from '../observe/logger.ts';
import type { RunOutcome } from '../ports.ts';

const irregular: Readonly<Record<string, string>> = {
  person: 'people',
  mailbox: 'mailboxes',
  alias: 'aliases',
};

const plural = (count: number, noun: string): string =>
  `${count} ${count === 1 ? noun : (irregular[noun] ?? `${noun}s`)}`;

const words: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'updated',
  rename: 'renamed',
  deactivate: 'deactivated',
  reactivate: 'reactivated',
  remove: 'removed',
  delete: 'deleted',
  adopt: 'adopted',
};

function summaryOf(report: SyncReport): string {
  const counts = Object.entries(countChanges(report.done)).map(([name, count]) => {
    const [kind = '', resource = ''] = name.split(' ');
    return `${plural(count, resource)} ${words[kind] ?? kind}`;
  });
  const parts = counts.length === 0 ? ['nothing to change'] : counts;
  const more = [
    ...(report.failed.length > 0 ? [`${plural(report.failed.length, 'change')} failed`] : []),
    ...(report.plan.held.length > 0 ? [`${plural(report.plan.held.length, 'change')} held`] : []),
    plural(report.plan.findings.length, 'finding'),
  ];
  return [...parts, ...more].join(', ');
}

const headline: Readonly<Record<RunOutcome, string>> = {
  done: 'sync done',
  held: 'sync done with changes held back',
  'changes-failed': 'sync ended with failed changes',
  incomplete: 'sync on an incomplete reading, which takes nothing away, done',
  failed: 'sync failed',
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export type OnceOptions = {
  readonly audit: boolean;
  /** What comes after, for the last line: `next sync in 300 s`. */
  readonly then?: (outcome: OnceResult) => string;
};

/** `refused`: mailcow does not want us, which only an administrator can mend. */
export type OnceResult = RunOutcome | 'refused';

/** The adapter's class by its name: a command knows no adapter. */
const resultOf = (error: unknown): OnceResult =>
  error instanceof Error && error.name === 'MailcowRefused' ? 'refused' : 'failed';

/** Runs one sync under the lock and logs its start and end. Never throws for what a sync can meet. */
export async function syncOnce(app: App, log: Logger, options: OnceOptions): Promise<OnceResult> {
  const run = randomUUID().slice(0, 8);
  const line = log.child({ run });
  const then = (outcome: OnceResult): string => (options.then ? `; ${options.then(outcome)}` : '');
  const lock = await app.lock();
  if (lock === undefined) {
    line.error(`another sync has been running for 30 s; this one gives way${then('failed')}`);
    return 'failed';
  }
  line.info(options.audit ? 'sync starts, reading everything' : 'sync starts');
  try {
    const report = await runSync({ ...app.context, log: line }, { audit: options.audit, run });
    const { outcome } = report;
    for (const problem of report.problems) line.error(`incomplete: ${problem}`);
    const text = `${headline[outcome]} in ${seconds(report.durationMs)}: ${plural(report.people, 'person')} read, ${summaryOf(report)}`;
    if (outcome === 'done') line.info(`${text}${then(outcome)}`);
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
