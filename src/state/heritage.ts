/** What an older tool left, as far as nobody has taken it up. */
import type { HeritageEntry } from '../core/heritage.ts';
import type { Resource } from '../core/change.ts';
import type { Older, State } from '../ports-state.ts';
import type { Connection } from './database.ts';

type Row = {
  readonly resource: string;
  readonly key: string;
  readonly id: string;
  readonly active: number;
  readonly goto: string | null;
  readonly dn: string | null;
};

const toEntry = (row: Row): HeritageEntry => ({
  resource: row.resource as Resource,
  key: row.key,
  id: row.id,
  active: row.active === 1,
  ...(row.goto !== null && { goto: row.goto.split(',') }),
  ...(row.dn !== null && { dn: row.dn }),
});

/** The share of the state that remembers an older tool. */
export function openHeritage(db: Connection): Pick<State, 'heritage' | 'keepHeritage'> {
  const all = db.prepare<[], Row>('SELECT * FROM heritage ORDER BY key');
  const drop = db.prepare<[string]>('DELETE FROM heritage WHERE key = ?');
  const of = (resource: Resource): ReadonlyMap<string, HeritageEntry> =>
    new Map(
      all
        .all()
        .filter((row) => row.resource === resource)
        .map((row) => [row.key, toEntry(row)]),
    );
  return {
    heritage: () => ({ mailboxes: of('mailbox'), aliases: of('alias') }),
    keepHeritage: (addresses) => {
      for (const { key } of all.all()) if (!addresses.has(key)) drop.run(key);
    },
  };
}

/** Writes what was read of an older tool's file, and from which tool it was. */
export function saveHeritage(db: Connection, { tool, entries }: Older): void {
  const put = db.prepare<Row>(
    `INSERT OR REPLACE INTO heritage (resource, key, id, active, goto, dn)
     VALUES (@resource, @key, @id, @active, @goto, @dn)`,
  );
  const fact = db.prepare('INSERT OR REPLACE INTO facts (key, value) VALUES (?, ?)');
  db.transaction(() => {
    fact.run('importedFrom', JSON.stringify(tool));
    for (const { resource, key, id, active, goto, dn } of entries) {
      put.run({ resource, key, id, active: Number(active), goto: goto?.join(',') ?? null, dn: dn ?? null });
    }
  })();
}
