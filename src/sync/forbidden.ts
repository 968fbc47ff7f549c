/** What LDAP_MAILCOW_POLICY forbids, said when it changes: a policy may stay for years. */
import type { Forbidden } from '../core/change.ts';
import { describeChange } from '../core/describe.ts';
import type { Log } from '../ports.ts';
import type { Facts } from '../ports-state.ts';
import { holdsId } from './holds.ts';

const SHOWN = 100;

/** In the words of `plan`; only the first hundred, there may be thousands. */
function logForbidden(log: Log, forbidden: readonly Forbidden[]): void {
  for (const { change, why } of forbidden.slice(0, SHOWN)) {
    log.info(`not made (${why}): ${describeChange(change)}`);
  }
  const more = forbidden.length - SHOWN;
  if (more > 0) log.info(`not made: and ${more} more; see: ldap-mailcow plan`);
}

/** Logs each forbidden change, unless the last sync found the same ones. Returns what to remember of that. */
export function recordForbidden(
  forbidden: readonly Forbidden[],
  { log, facts }: { readonly log: Log; readonly facts: Facts },
): Pick<Facts, 'forbidden'> {
  const id = forbidden.length === 0 ? '' : holdsId(forbidden);
  if (id === (facts.forbidden ?? '')) return {};
  logForbidden(log, forbidden);
  return { forbidden: id };
}
