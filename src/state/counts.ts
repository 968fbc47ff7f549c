/** How much is managed, counted where it lies: a status must not load a hundred thousand objects. */
import { isOurDomain } from '../core/domain-settings.ts';
import type { Domain } from '../core/model.ts';
import type { Activity, State } from '../ports-state.ts';
import type { Connection } from './inspect.ts';

type Row = {
  readonly resource: string;
  readonly list: number;
  readonly activity: keyof Activity;
  readonly count: number;
};

/** A list is what belongs to a group, be it an alias or a mailbox. */
const counted = (resource: 'mailbox' | 'alias', mirror: 'mailboxes' | 'aliases'): string =>
  `SELECT '${resource}' AS resource, s.kind IS 'group' AS list, count(*) AS count,
     CASE WHEN m.body IS NULL THEN 'absent' WHEN json_extract(m.body, '$.active') = 1 THEN 'active'
       ELSE 'inactive' END AS activity
   FROM ledger l LEFT JOIN ${mirror} m ON m.key = l.key LEFT JOIN snapshot s ON s.id = l.directory_id
   WHERE l.resource = '${resource}' GROUP BY list, activity`;

function activityOf(rows: readonly Row[]): Activity {
  const of = (activity: keyof Activity): number =>
    rows.filter((row) => row.activity === activity).reduce((sum, { count }) => sum + count, 0);
  return { active: of('active'), inactive: of('inactive'), absent: of('absent') };
}

/** The share of the state that says how much there is. */
export function openCounts(db: Connection): Pick<State, 'countManaged'> {
  const objects = db.prepare<[], Row>(
    `${counted('mailbox', 'mailboxes')} UNION ALL ${counted('alias', 'aliases')}`,
  );
  const domains = db.prepare<[], { readonly body: string }>('SELECT body FROM domains');
  const jobs = db.prepare<[], { readonly count: number }>('SELECT count(*) AS count FROM sync_jobs');
  return {
    countManaged: (owner) => {
      const rows = objects.all();
      const own = rows.filter(({ list }) => list === 0);
      const ours = domains.all().filter(({ body }) => isOurDomain(JSON.parse(body) as Domain, owner));
      return {
        mailboxes: activityOf(own.filter(({ resource }) => resource === 'mailbox')),
        aliases: activityOf(own.filter(({ resource }) => resource === 'alias')),
        lists: activityOf(rows.filter(({ list }) => list === 1)),
        domains: ours.length,
        syncJobs: jobs.get()?.count ?? 0,
      };
    },
  };
}
