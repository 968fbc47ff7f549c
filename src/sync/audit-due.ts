/** When all lists of mailcow must be read although the snapshot is there. */
import type { Facts } from '../ports-state.ts';
import type { SyncContext } from './settings.ts';

/** Why all lists must be read, or undefined when the snapshot may be trusted. */
export function whyAudit(context: SyncContext, facts: Facts, version: string): string | undefined {
  const { settings } = context;
  if (facts.lastAuditAt === undefined) return 'there was none yet';
  if (facts.lastSyncGood !== true) return 'the last sync did not end well';
  if (facts.configDigest !== settings.configDigest) return 'the configuration changed';
  if (facts.mailcowVersion !== version) return `mailcow is ${version} now`;
  const age = context.now().getTime() - Date.parse(facts.lastAuditAt);
  if (age < 0) return 'the clock went back';
  return age >= settings.auditIntervalMs ? 'the last one is old' : undefined;
}
