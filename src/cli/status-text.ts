/** The status as a person reads it. */
import type { Activity } from '../ports-state.ts';
import type { RunReport, StatusReport } from './status-report.ts';
import { moment, plural, renderLines, seconds, span } from './words.ts';

const outcomes: Readonly<Record<NonNullable<RunReport['outcome']>, string>> = {
  done: 'done',
  held: 'done, with changes held back',
  'changes-failed': 'ended with failed changes',
  incomplete: 'incomplete reading, nothing was taken away',
  failed: 'failed',
  stopped: 'cut short by a signal',
};

const numbers = ['left', 'failed', 'forbidden', 'held'] as const;

const numberWords: Readonly<Record<(typeof numbers)[number], string>> = {
  left: 'left for the next sync',
  failed: 'failed',
  forbidden: 'not made because of the policy',
  held: 'held',
};

function whatOf({ done, counts, outcome }: RunReport): readonly string[] {
  if (outcome === 'failed') return [];
  const rest = numbers.flatMap((name) => {
    const count = counts[name] ?? 0;
    return count === 0 ? [] : [`${plural(count, 'change')} ${numberWords[name]}`];
  });
  return [...(done.length === 0 ? ['nothing written'] : done), ...rest];
}

function runLine(run: RunReport, isNewest: boolean): string {
  const head = `${moment(run.startedAt)}  ${run.run}  ${run.kind}`;
  if (run.outcome === null) {
    return `${head}: ${isNewest ? 'running, or killed if nothing is at work' : 'killed before its end'}`;
  }
  const time = run.durationMs === null ? '' : ` in ${seconds(run.durationMs)}`;
  const message = run.message === null ? [] : [run.message];
  return `${head}: ${[`${outcomes[run.outcome]}${time}`, ...whatOf(run), ...message].join('; ')}`;
}

function kindLine(noun: string, { active, inactive, absent }: Activity): readonly string[] {
  const total = active + inactive + absent;
  if (total === 0) return [];
  const gone = absent === 0 ? '' : `, ${absent} not in mailcow`;
  return [`  ${plural(total, noun)}: ${active} active, ${inactive} deactivated${gone}`];
}

function managedLines({ managed }: StatusReport): readonly string[] {
  const lines = [
    ...kindLine('mailbox', managed.mailboxes),
    ...kindLine('alias', managed.aliases),
    ...kindLine('list', managed.lists),
    ...(managed.domains > 0 ? [`  ${plural(managed.domains, 'domain')}`] : []),
    ...(managed.syncJobs > 0 ? [`  ${plural(managed.syncJobs, 'sync job')}`] : []),
  ];
  return ['', 'Managed', ...(lines.length === 0 ? ['  nothing yet'] : lines)];
}

const ago = (at: string, now: string): string => span(Math.max(0, Date.parse(now) - Date.parse(at)));

const agoLine = (what: string, at: string | null, now: string): string =>
  `${what}: ${at === null ? 'none yet' : `${moment(at)} (${ago(at, now)} ago)`}`;

function nextLine({ nextSync, lastSyncs, now }: StatusReport): readonly string[] {
  const [last] = lastSyncs;
  if (nextSync === null || last === undefined) return [];
  if (!nextSync.late) {
    const wait = Date.parse(nextSync.at) - Date.parse(now);
    return [
      `Next sync: ${moment(nextSync.at)} (${wait <= 0 ? 'now' : `in ${span(wait)}`}), when the daemon runs`,
    ];
  }
  const since = last.endedAt ?? last.startedAt;
  return [
    `The daemon has not synced since ${moment(since)}: the next sync was due at ${moment(nextSync.at)}. Is it running?`,
  ];
}

function findingLines({ findings }: StatusReport): readonly string[] {
  const codes = Object.entries(findings);
  if (codes.length === 0) return ['', 'No open findings'];
  const total = codes.reduce((sum, [, count]) => sum + count, 0);
  return [
    '',
    `${plural(total, 'open finding')}, see "ldap-mailcow findings"`,
    ...codes.map(([code, count]) => `  ${count} ${code}`),
  ];
}

function holdLines({ holds }: StatusReport): readonly string[] {
  if (holds === null) return [];
  return [
    '',
    `${plural(holds.count, 'change')} held back`,
    ...holds.reasons.map(({ why, count }) => `  ${count}: ${why}`),
    `  look at them with "ldap-mailcow plan", then: ${holds.command}`,
  ];
}

function pinLines({ pins }: StatusReport): readonly string[] {
  return pins === 0 ? [] : ['', `${plural(pins, 'object')} pinned, see "ldap-mailcow pins"`];
}

function taskLines({ imapTasks: { count, underWay, failed } }: StatusReport): readonly string[] {
  if (count === 0) return [];
  return [`${plural(count, 'IMAP sync task')}: ${underWay} under way, ${failed} failed at the last run`];
}

function headOf({
  health,
  whyNot,
  holds,
  failuresInARow,
  lastGoodSync,
  now,
}: StatusReport): readonly string[] {
  if (health === 'good') return ['All is well.'];
  if (health === 'held') return [`Well, but ${plural(holds?.count ?? 0, 'change')} wait for an approval.`];
  const row = failuresInARow > 1 ? ` (${failuresInARow} times in a row)` : '';
  const good =
    lastGoodSync === null
      ? []
      : [agoLine('Last good sync', lastGoodSync.endedAt ?? lastGoodSync.startedAt, now)];
  return [`Not well: ${whyNot ?? ''}${row}.`, ...good];
}

/** The text that `status` prints. */
export function renderStatusText(report: StatusReport): string {
  const { lastSyncs, now } = report;
  return renderLines([
    ...headOf(report),
    ...nextLine(report),
    '',
    'Last syncs',
    ...(lastSyncs.length === 0
      ? ['  none yet']
      : lastSyncs.map((run, index) => `  ${runLine(run, index === 0)}`)),
    ...managedLines(report),
    ...findingLines(report),
    ...holdLines(report),
    ...pinLines(report),
    '',
    agoLine('Last complete reading of the directory', report.lastCompleteReadingAt, now),
    agoLine('Last audit (all lists of mailcow read)', report.lastAuditAt, now),
    `mailcow: ${report.mailcowVersion ?? 'version not known yet'}`,
    ...taskLines(report),
  ]);
}
