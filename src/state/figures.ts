/** How much there is of what, counted by SQLite: a scrape must not read a hundred thousand objects. */
import { strayPattern } from '../core/watch.ts';
import type { Figures, State } from '../ports-state.ts';
import type { Connection } from './database.ts';

type Count = { readonly name: string; readonly count: number };

const MANAGED = `
  SELECT CASE WHEN l.resource = 'alias' THEN 'alias' WHEN s.id IS NULL THEN 'mailbox' ELSE 'list' END AS name,
    count(*) AS count
  FROM ledger l LEFT JOIN snapshot s ON l.resource = 'mailbox' AND s.id = l.directory_id AND s.kind = 'group'
  WHERE l.directory_id NOT GLOB '${strayPattern}'
  GROUP BY name`;

const byName = (rows: readonly Count[]): Readonly<Record<string, number>> =>
  Object.fromEntries(rows.map(({ name, count }) => [name, count]));

/** The share of the state that is counted and not read. */
export function openFigures(db: Connection): Pick<State, 'figures'> {
  const managed = db.prepare<[], Count>(MANAGED);
  const findings = db.prepare<[], Count>(
    'SELECT code AS name, count(*) AS count FROM findings GROUP BY code ORDER BY code',
  );
  const held = db.prepare<[], { readonly count: number }>('SELECT count(*) AS count FROM holds');
  return {
    figures: (): Figures => ({
      managed: { mailbox: 0, alias: 0, list: 0, ...byName(managed.all()) },
      findings: byName(findings.all()),
      held: held.get()?.count ?? 0,
    }),
  };
}
