/** What the guard holds, what an administrator approved, and what is not to be tried again yet. */
import { changeSignature, type Change } from '../core/change.ts';
import type { Holds, Retry, State } from '../ports-state.ts';
import type { Connection } from './database.ts';

type HoldRow = { readonly id: string; readonly why: string; readonly change: string };
type ApprovalRow = { readonly signatures: string };
type RetryRow = { readonly key: string; readonly attempts: number; readonly next_at: string };

/** The share of the state that the guard and its approvals need. */
export function openHolds(db: Connection): Pick<State, 'holds' | 'replaceHolds' | 'approve' | 'approved'> {
  const all = db.prepare<[], HoldRow>('SELECT id, why, change FROM holds');
  const clear = db.prepare('DELETE FROM holds');
  const put = db.prepare('INSERT INTO holds (id, signature, why, change) VALUES (?, ?, ?, ?)');
  const approve = db.prepare(
    `INSERT INTO approvals (id, approved_at, expires_at, signatures)
     VALUES (@id, @at, @expiresAt, @signatures)`,
  );
  const valid = db.prepare<[string, string], ApprovalRow>(
    'SELECT signatures FROM approvals WHERE expires_at > ? AND approved_at <= ?',
  );
  return {
    holds: (): Holds | undefined => {
      const rows = all.all();
      const id = rows[0]?.id;
      if (id === undefined) return undefined;
      return { id, held: rows.map((row) => ({ change: JSON.parse(row.change) as Change, why: row.why })) };
    },
    replaceHolds: (holds) => {
      clear.run();
      for (const { change, why } of holds?.held ?? []) {
        put.run(holds?.id, changeSignature(change), why, JSON.stringify(change));
      }
    },
    approve: (approval) => {
      approve.run({ ...approval, signatures: JSON.stringify(approval.signatures) });
    },
    approved: (now) =>
      new Set(valid.all(now, now).flatMap((row) => JSON.parse(row.signatures) as readonly string[])),
  };
}

/** The share of the state that keeps refusals from being repeated. */
export function openRetries(db: Connection): Pick<State, 'retries' | 'replaceRetries'> {
  const all = db.prepare<[], RetryRow>('SELECT key, attempts, next_at FROM retries');
  const clear = db.prepare('DELETE FROM retries');
  const put = db.prepare<Retry>(
    'INSERT INTO retries (key, attempts, next_at) VALUES (@key, @attempts, @nextAt)',
  );
  return {
    retries: () =>
      new Map(all.all().map(({ key, attempts, next_at: nextAt }) => [key, { key, attempts, nextAt }])),
    replaceRetries: (retries) => {
      clear.run();
      for (const retry of retries) put.run(retry);
    },
  };
}
