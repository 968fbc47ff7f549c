/** What `status` says, as data: read from the state file alone. */
import type { KnownFinding, ManagedCounts, RunOutcome, RunRecord, State } from '../ports-state.ts';
import { approveCommand, countReasons } from '../sync/holds.ts';
import { whyReleased } from '../sync/release.ts';
import { changesInWords } from './words.ts';

const SHOWN_RUNS = 5;
/** Among so many there is a sync, however many commands were given since. */
const SEARCHED_RUNS = 50;

export type RunReport = {
  readonly run: string;
  /** `audit`: asked for with --full or SIGUSR1. */
  readonly kind: RunRecord['kind'];
  readonly startedAt: string;
  /** Null: it is running, or was killed. */
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly outcome: RunOutcome | null;
  /** Such as `3 mailboxes created`. */
  readonly done: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly message: string | null;
};

export type Timing = {
  /** The regular pause after a sync that ended then, in milliseconds. */
  readonly pauseAfter: (end: Date) => number;
  /** When the next sync is due after this run. */
  readonly dueAfter: (last: RunRecord, failures: number) => Date;
};

export type Due = {
  readonly at: string;
  /** Later than that by more than a minute: the daemon is not at work, or not with this state file. */
  readonly late: boolean;
};

export type StatusReport = {
  readonly now: string;
  /** Newest first. */
  readonly lastSyncs: readonly RunReport[];
  readonly lastGoodSync: RunReport | null;
  readonly failuresInARow: number;
  /** Null: no sync yet, or one is running. */
  readonly nextSync: Due | null;
  readonly lastCompleteReadingAt: string | null;
  readonly lastAuditAt: string | null;
  readonly mailcowVersion: string | null;
  readonly managed: ManagedCounts;
  readonly findings: Readonly<Record<string, number>>;
  readonly holds: {
    readonly id: string;
    readonly count: number;
    readonly reasons: readonly { readonly why: string; readonly count: number }[];
    readonly command: string;
  } | null;
  /** What syncs leave alone because somebody took it back. */
  readonly pins: number;
  readonly imapTasks: { readonly count: number; readonly underWay: number; readonly failed: number };
  /** `failed`: see `whyNot`. */
  readonly health: 'good' | 'held' | 'failed';
  readonly whyNot: string | null;
};

/** A lock that is waited for, a slow start. */
const GRACE_MS = 60_000;

const isSync = ({ kind }: RunRecord): boolean => kind === 'sync' || kind === 'audit';

const isBad = ({ outcome }: RunRecord): boolean => outcome === 'failed' || outcome === 'incomplete';

const durationOf = ({ startedAt, endedAt }: RunRecord): number | null =>
  endedAt === undefined ? null : Date.parse(endedAt) - Date.parse(startedAt);

function runReport(run: RunRecord): RunReport {
  const { counts = {}, message = '' } = run;
  return {
    run: run.id,
    kind: run.kind,
    startedAt: run.startedAt,
    endedAt: run.endedAt ?? null,
    durationMs: durationOf(run),
    outcome: run.outcome ?? null,
    done: changesInWords(counts),
    counts,
    message: message === '' ? null : message,
  };
}

function countCodes(findings: readonly KnownFinding[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { code } of findings) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

function holdsReport(state: State): StatusReport['holds'] {
  const holds = state.holds();
  if (holds === undefined) return null;
  const reasons = countReasons(holds.held).map(([why, count]) => ({ why, count }));
  return { id: holds.id, count: holds.held.length, reasons, command: approveCommand(holds) };
}

function tasksReport(state: State): StatusReport['imapTasks'] {
  const tasks = state.tasks();
  return {
    count: tasks.length,
    underWay: tasks.filter(({ phase }) => phase !== 'idle').length,
    failed: tasks.filter(({ last }) => last !== undefined && last.exit !== 0).length,
  };
}

function whyUnwell(state: State, { syncs, now, pauseAfter }: Judged): string | null {
  const released = whyReleased(state.facts());
  if (released !== undefined) return released;
  const [last] = syncs;
  const ended = syncs.find(({ endedAt }) => endedAt !== undefined);
  if (last === undefined) return 'no sync yet';
  if (ended !== undefined && isBad(ended)) return 'the last sync failed';
  const good = state.lastGoodRun();
  // A first sync takes hours where mailcow is slow.
  if (good === undefined) return ended === undefined ? null : 'no sync has ended well yet';
  const end = new Date(good.endedAt ?? good.startedAt);
  const isOld = now.getTime() - end.getTime() > 3 * pauseAfter(end);
  return isOld && last.endedAt !== undefined ? 'the last good sync is older than three intervals' : null;
}

type Judged = Pick<Timing, 'pauseAfter'> & { readonly syncs: readonly RunRecord[]; readonly now: Date };

function dueOf(
  last: RunRecord | undefined,
  failures: number,
  { now, dueAfter }: Timing & { readonly now: Date },
): Due | null {
  if (last?.endedAt === undefined) return null;
  const at = dueAfter(last, failures);
  return { at: at.toISOString(), late: now.getTime() - at.getTime() > GRACE_MS };
}

/** All of it as of one moment. Contacts nobody. */
export function statusOf(
  state: State,
  options: Timing & { readonly now: Date; readonly owner: string },
): StatusReport {
  return state.transaction(() => {
    const { now, pauseAfter, owner } = options;
    const runs = state.lastRuns(SHOWN_RUNS);
    const syncs = state.lastRuns(SEARCHED_RUNS).filter(isSync);
    const failures = state.failuresInARow();
    const good = state.lastGoodRun();
    const facts = state.facts();
    const holds = holdsReport(state);
    const whyNot = whyUnwell(state, { syncs, now, pauseAfter });
    return {
      now: now.toISOString(),
      lastSyncs: runs.map(runReport),
      lastGoodSync: good === undefined ? null : runReport(good),
      failuresInARow: failures,
      nextSync: dueOf(syncs[0], failures, options),
      lastCompleteReadingAt: facts.lastCompleteReadingAt ?? null,
      lastAuditAt: facts.lastAuditAt ?? null,
      mailcowVersion: facts.mailcowVersion ?? null,
      managed: state.countManaged(owner),
      findings: countCodes(state.findings()),
      holds,
      pins: state.pins().length,
      imapTasks: tasksReport(state),
      health: whyNot !== null ? 'failed' : holds === null ? 'good' : 'held',
      whyNot,
    };
  });
}
