/** The difference between what the directory wants and what mailcow holds, as data. Pure and ordered. */
import type { Change, Skip } from './change.ts';
import { roomOf } from './current.ts';
import { planUnclaimed } from './heritage.ts';
import { trustedLedger } from './ledger.ts';
import type { Finding } from './model.ts';
import { planDomains } from './plan-domains.ts';
import { planAliases } from './plan-aliases.ts';
import type { Lookups, Notes, PlanInput } from './plan-context.ts';
import { planLapsedDomains } from './plan-lapsed-domains.ts';
import { planMailboxes } from './plan-mailboxes.ts';
import { planStrays } from './plan-strays.ts';
import { planSyncJobs } from './plan-sync-jobs.ts';

export type Draft = {
  readonly changes: readonly Change[];
  readonly skips: readonly Skip[];
  readonly findings: readonly Finding[];
  /** Single objects whose state in mailcow caused a finding. */
  readonly lookups: Lookups;
  /** Ids of what none asks for. */
  readonly watched: ReadonlySet<string>;
  /** Ids of groups. */
  readonly groupIds: ReadonlySet<string>;
};

/** Every change that would bring mailcow to the desired state, before guard and policy. */
export function draftPlan(asked: PlanInput): Draft {
  const ledger = trustedLedger(asked.ledger, asked.current, asked.settings.owner);
  const input = { ...asked, ledger };
  const notes: Notes = {
    changes: [],
    skips: [],
    findings: [...input.desired.findings],
    blocked: new Set(),
    room: roomOf(input.current),
    comingDomains: new Map(),
    lookups: { domains: new Set(input.desired.unknownDomains), addresses: new Set() },
    watched: new Set(),
  };
  for (const key of input.desired.outside) {
    const reason = 'its domain is not managed, and LDAP_MAILCOW_UNMANAGED_DOMAINS=skip';
    notes.skips.push({ resource: 'mailbox', key, reason });
  }
  planDomains(input, notes);
  const current = planMailboxes(input, notes);
  planAliases(input, notes, current);
  planUnclaimed(input, notes);
  planStrays(input, notes);
  planLapsedDomains(input, notes);
  planSyncJobs(input, notes);
  const { changes, skips, findings, lookups, watched } = notes;
  return { changes, skips, findings, lookups, watched, groupIds: input.groupIds };
}
