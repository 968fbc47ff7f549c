/** What writing a change needs, and the ledger's row that it leaves. */
import type { Change } from '../core/change.ts';
import { isActive } from '../core/current.ts';
import type { AppliedFields, LedgerEntry, Origin } from '../core/ledger.ts';
import { renderMark } from '../core/mark.ts';
import type { Log } from '../ports.ts';
import type { MailcowWithJobs, WriteResult } from '../ports-mailcow.ts';
import type { Memory } from './memory.ts';
import type { SyncPasswordOf } from './migration-logins.ts';
import type { IsOwnJob } from './refresh.ts';

export type PerformContext = {
  readonly mailcow: MailcowWithJobs;
  readonly memory: Memory;
  readonly log: Log;
  readonly owner: string;
  readonly mailboxTemplate: string | undefined;
  /** By directory id; in memory only. */
  readonly passwords?: Passwords;
  /** Of a migration; in memory only. */
  readonly syncPasswordOf?: SyncPasswordOf;
  /** Undefined: there is no migration. */
  readonly isOwnJob?: IsOwnJob;
  readonly now: () => Date;
};

/** The hash that a person's mailbox should have, and a keyed digest of it that may be kept. */
export type Passwords = ReadonlyMap<string, { readonly hash: string; readonly digest: string }>;

export const DONE: WriteResult = { kind: 'done' };

/** The mark of the owner that a change is for. */
export function markOf(change: Change, { owner }: PerformContext): string {
  return renderMark({ owner, directoryId: change.directoryId });
}

/**
 * What an adoption says of the activity. What was off before us was switched off by somebody, and is not ours to
 * switch on, unless it was an older tool.
 */
export function activityBefore(
  { switchedOff }: Change,
  found: { readonly active: number } | undefined,
): boolean | undefined {
  if (found !== undefined && isActive(found.active)) return true;
  return switchedOff === true ? false : undefined;
}

/** The ledger's row for an object after a change; what was known of it before stays. */
export function ownedBy(
  change: Change,
  context: PerformContext,
  facts: {
    readonly key: string;
    readonly origin: Origin;
    readonly lastActive: boolean | undefined;
    readonly applied?: AppliedFields;
  },
): LedgerEntry {
  const { memory, now } = context;
  const rows = change.resource === 'mailbox' ? memory.ledger.mailboxes : memory.ledger.aliases;
  const before = rows.get(change.key);
  return {
    resource: change.resource === 'mailbox' ? 'mailbox' : 'alias',
    key: facts.key,
    directoryId: change.directoryId,
    origin: before?.origin ?? facts.origin,
    since: before?.since ?? now().toISOString(),
    lastActive: facts.lastActive,
    applied: { ...before?.applied, ...facts.applied },
    movedTo: undefined,
  };
}
