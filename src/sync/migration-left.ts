/** A migration that is no longer configured: nothing of it is touched, and what goes on is said once. */
import type { Log } from '../ports.ts';
import type { Facts } from '../ports-state.ts';
import type { Memory } from './memory.ts';

/** Says how many sync jobs go on, unless that was said. Returns what to remember of it. */
export function sayWhatIsLeft(
  { current }: Pick<Memory, 'current'>,
  { log, facts, isConfigured }: { readonly log: Log; readonly facts: Facts; readonly isConfigured: boolean },
): Pick<Facts, 'migrationLeft'> {
  const working = [...(current.syncJobs?.values() ?? [])].filter(({ own }) => own?.active === true).length;
  const left = isConfigured ? 0 : working;
  if (left === (facts.migrationLeft ?? 0)) return {};
  if (left > 0) {
    log.warn(
      `LDAP_MAILCOW_IMAPSYNC_HOST is not set any more: ${left} sync jobs of the migration go on in mailcow; "ldap-mailcow imapsync stop-all-tasks" switches them off, or delete them in mailcow`,
    );
  }
  return { migrationLeft: left };
}
