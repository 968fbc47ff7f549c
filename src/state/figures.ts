/** How much there is of what, counted by SQLite: a scrape must not read a hundred thousand objects. */
import { strayPattern } from '../core/watch.ts';
import type { Figures, State } from '../ports-state.ts';
import type { Connection } from './database.ts';

type Count = { readonly name: string; readonly count: number };
type Rows = { readonly mailboxes: number; readonly aliases: number };

/** The rows of the table are long; the index has all that is counted. */
const objects = (where: string): string =>
  `SELECT count(*) FILTER (WHERE resource = 'mailbox') AS mailboxes,
     count(*) FILTER (WHERE resource = 'alias') AS aliases
   FROM ledger INDEXED BY ledger_by_id ${where}`;

const LISTS = `
  SELECT coalesce(sum((
    SELECT count(*) FROM ledger l INDEXED BY ledger_by_id WHERE l.directory_id = s.id AND l.resource = 'mailbox'
  )), 0) AS count FROM snapshot s WHERE s.kind = 'group'`;

const none: Rows = { mailboxes: 0, aliases: 0 };

/** The share of the state that is counted and not read. */
export function openFigures(db: Connection): Pick<State, 'figures'> {
  const all = db.prepare<[], Rows>(objects(''));
  const strays = db.prepare<[], Rows>(objects(`WHERE directory_id GLOB '${strayPattern}'`));
  const lists = db.prepare<[], { readonly count: number }>(LISTS);
  const findings = db.prepare<[], Count>(
    'SELECT code AS name, count(*) AS count FROM findings GROUP BY code ORDER BY code',
  );
  const held = db.prepare<[], { readonly count: number }>('SELECT count(*) AS count FROM holds');
  const managed = (): Figures['managed'] => {
    const [rows, unknown, list] = [all.get() ?? none, strays.get() ?? none, lists.get()?.count ?? 0];
    return {
      mailbox: rows.mailboxes - unknown.mailboxes - list,
      alias: rows.aliases - unknown.aliases,
      list,
    };
  };
  return {
    figures: () => ({
      managed: managed(),
      findings: Object.fromEntries(findings.all().map(({ name, count }) => [name, count])),
      held: held.get()?.count ?? 0,
    }),
  };
}
