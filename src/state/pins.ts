/** What the planner leaves alone because an administrator took it back. */
import type { Resource } from '../core/change.ts';
import type { Pin } from '../core/pins.ts';
import type { State } from '../ports-state.ts';
import type { Connection } from './database.ts';

type Row = {
  readonly resource: string;
  readonly key: string;
  readonly directory_id: string;
  readonly run: string;
  readonly since: string;
  readonly entry: string | null;
};

const toPin = ({ directory_id: directoryId, resource, entry, ...row }: Row): Pin => ({
  ...row,
  resource: resource as Resource,
  directoryId,
  entry: entry ?? undefined,
});

const fromPin = ({ directoryId, entry, ...pin }: Pin): Row => ({
  ...pin,
  directory_id: directoryId,
  entry: entry ?? null,
});

/** The share of the state that holds pins. */
export function openPins(db: Connection): Pick<State, 'pins' | 'putPins' | 'dropPins'> {
  const all = db.prepare<[], Row>('SELECT * FROM pins ORDER BY key, resource');
  const put = db.prepare<Row>(
    `INSERT OR REPLACE INTO pins (resource, key, directory_id, run, since, entry)
     VALUES (@resource, @key, @directory_id, @run, @since, @entry)`,
  );
  const drop = db.prepare<[string, string]>('DELETE FROM pins WHERE resource = ? AND key = ?');
  return {
    pins: () => all.all().map(toPin),
    putPins: (pins) => {
      for (const pin of pins) put.run(fromPin(pin));
    },
    dropPins: (pins) => {
      for (const { resource, key } of pins) drop.run(resource, key);
    },
  };
}
