/** Runs and the journal: what we set out to write, what came of it, what was there before. */
import type { BeforeImage, WrittenChange } from '../core/before-image.ts';
import type { Change } from '../core/change.ts';
import type {
  Intent,
  IntentEnd,
  JournalEntry,
  RunKind,
  RunOutcome,
  RunRecord,
  State,
} from '../ports-state.ts';
import type { Connection } from './database.ts';

type RunRow = {
  readonly id: string;
  readonly kind: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly outcome: string | null;
  readonly counts: string | null;
  readonly message: string | null;
};

const toRun = (row: RunRow): RunRecord => ({
  id: row.id,
  kind: row.kind as RunKind,
  startedAt: row.started_at,
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  ...(row.outcome !== null && { outcome: row.outcome as RunOutcome }),
  ...(row.counts !== null && { counts: JSON.parse(row.counts) as Record<string, number> }),
  ...(row.message !== null && { message: row.message }),
});

type IntentRow = { readonly seq: number; readonly run: string; readonly change: string };

type WriteRow = IntentRow & {
  readonly opened_at: string;
  readonly ended_at: string | null;
  readonly outcome: string | null;
  readonly detail: string | null;
};

const toIntent = ({ seq, run, change }: IntentRow): Intent => ({
  seq,
  run,
  change: JSON.parse(change) as Change,
});

const toEntry = (row: WriteRow): JournalEntry => ({
  ...toIntent(row),
  at: row.opened_at,
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  ...(row.outcome !== null && { end: row.outcome as IntentEnd }),
  ...(row.detail !== null && { detail: row.detail }),
});

type WrittenRow = { readonly seq: number; readonly change: string; readonly image: string };

const toWritten = ({ seq, change, image }: WrittenRow): WrittenChange => ({
  seq,
  change: JSON.parse(change) as Change,
  image: JSON.parse(image) as BeforeImage,
});

type JournalPart = Pick<
  State,
  | 'beginRun'
  | 'endRun'
  | 'lastRuns'
  | 'lastGoodRun'
  | 'failuresInARow'
  | 'prune'
  | 'openIntent'
  | 'withdrawIntents'
  | 'endIntent'
  | 'openIntents'
  | 'lastWrites'
  | 'run'
  | 'lastWritingRuns'
  | 'writtenBy'
  | 'renamesAfter'
>;

/** As the daemon judges it (`turnOf` in cli/run.ts), but one cut short by a signal proves nothing. */
const GOOD = "('done', 'held', 'changes-failed')";
const BAD = "('failed', 'incomplete')";
/** What an administrator has done by a command (`undo`, `adopt`, …) says nothing of the syncs around it. */
const SYNCS = "('sync', 'audit')";

/** A daemon makes a hundred thousand runs a year, most of which write nothing. */
const IDLE_DAYS = 30;
const KEPT_DAYS = 400;

const daysBefore = (now: Date, days: number): string =>
  new Date(now.getTime() - days * 24 * 60 * 60_000).toISOString();

/** The journal's share of the state. */
export function openJournal(db: Connection): JournalPart {
  const begin = db.prepare('INSERT INTO runs (id, kind, started_at) VALUES (@id, @kind, @startedAt)');
  const end = db.prepare(
    'UPDATE runs SET ended_at = @endedAt, outcome = @outcome, counts = @counts, message = @message WHERE id = @id',
  );
  const last = db.prepare<[number], RunRow>('SELECT * FROM runs ORDER BY started_at DESC LIMIT ?');
  const lastGood = db.prepare<[], RunRow>(
    `SELECT * FROM runs WHERE outcome IN ${GOOD} AND kind IN ${SYNCS} ORDER BY started_at DESC LIMIT 1`,
  );
  const failures = db.prepare<[string], { readonly count: number }>(
    `SELECT count(*) AS count FROM runs WHERE outcome IN ${BAD} AND kind IN ${SYNCS} AND started_at > ?`,
  );
  const one = db.prepare<[string], RunRow>('SELECT * FROM runs WHERE id = ?');
  const writing = db.prepare<[number], RunRow>(
    `SELECT * FROM runs WHERE EXISTS
       (SELECT 1 FROM journal WHERE journal.run = runs.id AND journal.outcome IN ('done', 'settled'))
     ORDER BY started_at DESC LIMIT ?`,
  );
  const written = db.prepare<[string], WrittenRow>(
    `SELECT seq, change, image FROM journal WHERE run = ? AND outcome IN ('done', 'settled') ORDER BY seq`,
  );
  const renames = db.prepare<[number], { readonly change: string }>(
    `SELECT change FROM journal WHERE seq > ? AND resource = 'mailbox' AND outcome IN ('done', 'settled')
       AND json_extract(change, '$.kind') = 'rename' ORDER BY seq`,
  );
  const open = db.prepare(
    `INSERT INTO journal (run, change, image, resource, key, opened_at)
     VALUES (@run, @change, @image, @resource, @key, @at)`,
  );
  const close = db.prepare(
    'UPDATE journal SET ended_at = @at, outcome = @end, detail = @detail WHERE seq = @seq',
  );
  const withdraw = db.prepare<[number]>('DELETE FROM journal WHERE seq = ? AND ended_at IS NULL');
  const pruneRuns = db.prepare(
    'DELETE FROM runs WHERE started_at < ? AND id NOT IN (SELECT run FROM journal)',
  );
  const pruneJournal = db.prepare('DELETE FROM journal WHERE ended_at < ?');
  const pruneApprovals = db.prepare('DELETE FROM approvals WHERE expires_at < ?');
  const pending = db.prepare<[], IntentRow>(
    'SELECT seq, run, change FROM journal WHERE ended_at IS NULL ORDER BY seq',
  );
  // The indexes are used only by exactly these words (migrations 001 and 005).
  const columns = 'SELECT seq, run, change, opened_at, ended_at, outcome, detail FROM journal';
  const byId = db.prepare<[string, number], WriteRow>(
    `${columns} WHERE json_extract(change, '$.directoryId') = ? ORDER BY seq DESC LIMIT ?`,
  );
  const byKey = db.prepare<[string, number], WriteRow>(
    `${columns} WHERE resource IN ('mailbox', 'alias', 'filter', 'domain') AND key = ? ORDER BY seq DESC LIMIT ?`,
  );
  return {
    beginRun: (run) => {
      begin.run(run);
    },
    endRun: (run) => {
      end.run({ ...run, counts: JSON.stringify(run.counts) });
    },
    lastRuns: (count) => last.all(count).map(toRun),
    lastGoodRun: () => {
      const row = lastGood.get();
      return row && toRun(row);
    },
    failuresInARow: () => failures.get(lastGood.get()?.started_at ?? '')?.count ?? 0,
    run: (id) => {
      const row = one.get(id);
      return row && toRun(row);
    },
    lastWritingRuns: (count) => writing.all(count).map(toRun),
    writtenBy: (run) => written.all(run).map(toWritten),
    renamesAfter: (seq) => renames.all(seq).map(({ change }) => JSON.parse(change) as Change),
    prune: (now) => {
      pruneJournal.run(daysBefore(now, KEPT_DAYS));
      pruneApprovals.run(daysBefore(now, KEPT_DAYS));
      pruneRuns.run(daysBefore(now, IDLE_DAYS));
    },
    openIntent: ({ run, change, image, at }) => {
      const { resource, key } = change;
      const row = { run, resource, key, at, change: JSON.stringify(change), image: JSON.stringify(image) };
      return Number(open.run(row).lastInsertRowid);
    },
    withdrawIntents: (seqs) => {
      for (const seq of seqs) withdraw.run(seq);
    },
    endIntent: (intent) => {
      close.run({ ...intent, detail: intent.detail ?? null });
    },
    openIntents: () => pending.all().map(toIntent),
    lastWrites: ({ ids, keys, count }) => {
      const rows = [
        ...ids.flatMap((id) => byId.all(id, count)),
        ...keys.flatMap((key) => byKey.all(key, count)),
      ];
      const bySeq = new Map(rows.map((row) => [row.seq, row]));
      return [...bySeq.values()]
        .sort((a, b) => b.seq - a.seq)
        .slice(0, count)
        .map(toEntry);
    },
  };
}
