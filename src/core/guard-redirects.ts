/** Whether a plan has too many sync jobs of the migration copy from elsewhere at once (DESIGN.md 4.11). */
import type { Change } from './change.ts';
import type { CurrentState } from './current.ts';

/** Another server or login for a job that is there. */
const isRedirect = ({ resource, kind, after }: Change): boolean =>
  resource === 'syncjob' && kind !== 'create' && (after.host !== undefined || after.login !== undefined);

/** Why a job keeps its server and login; undefined for all other changes. */
export function judgeRedirects({
  changes,
  current,
}: {
  readonly changes: readonly Change[];
  readonly current: CurrentState;
}): (change: Change) => string | undefined {
  const redirects = changes.filter(isRedirect).length;
  const managed = [...(current.syncJobs?.values() ?? [])].filter(({ own }) => own !== undefined).length;
  const limit = Math.max(5, managed / 10);
  if (redirects <= limit) return () => undefined;
  const why = `${redirects} of ${managed} sync jobs of the migration would copy from another server or login at once; ${Math.floor(limit)} are allowed`;
  return (change) => (isRedirect(change) ? why : undefined);
}
