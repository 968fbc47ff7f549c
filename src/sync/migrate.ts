/** Changes the logins of the managed mailboxes on command, journalled like the changes of a sync. */
import { randomUUID } from 'node:crypto';
import type { Change, Forbidden, Skip } from '../core/change.ts';
import { providerIdentity } from '../core/identity-provider.ts';
import { trustedLedger } from '../core/ledger.ts';
import { planMigration } from '../core/plan-auth.ts';
import { applyPolicy } from '../core/policy.ts';
import type { RunOutcome } from '../ports-state.ts';
import { applyPlan, type Applied } from './apply.ts';
import { settleOpenIntents } from './late.ts';
import { openMemory, type Memory } from './memory.ts';
import { ownerOf } from './owner.ts';
import { countChanges } from './report.ts';
import type { SyncContext } from './settings.ts';

export type MigrateOptions = {
  readonly to: 'ldap' | 'mailcow';
  /** Writes nothing, neither to mailcow nor to the state. */
  readonly dryRun: boolean;
};

export type MigrateReport = Applied & {
  readonly skips: readonly Skip[];
  readonly forbidden: readonly Forbidden[];
};

type Work = { readonly memory: Memory; readonly owner: string };

async function plan(
  { mailcow, settings }: SyncContext,
  { memory, owner }: Work,
  to: MigrateOptions['to'],
): Promise<ReturnType<typeof planMigration>> {
  const { mailboxes } = await mailcow.listMailboxes();
  const current = { ...memory.current, mailboxes: new Map(mailboxes.map((one) => [one.address, one])) };
  for (const mailbox of mailboxes) {
    if (memory.ledger.mailboxes.has(mailbox.address)) memory.setMailbox(mailbox.address, mailbox);
  }
  const groups = [...memory.snapshot].filter(([, { kind }]) => kind === 'group').map(([id]) => id);
  return planMigration({
    to,
    ledger: trustedLedger(memory.ledger, current, owner),
    current,
    groupIds: new Set(groups),
    settings: { ...settings.plan, owner },
  });
}

/**
 * Reads the mailboxes and changes the logins of the managed ones, one by one; needs the lock of a sync unless it is a dry
 * run. Throws as a sync does when mailcow cannot be reached or refuses us.
 */
export async function migrateLogins(context: SyncContext, options: MigrateOptions): Promise<MigrateReport> {
  const { state, settings } = context;
  const owner = ownerOf(settings, state.facts());
  const memory = openMemory(state.remembered());
  const { mailboxTemplate } = settings;
  if (!options.dryRun) await settleOpenIntents({ ...context, memory, owner, mailboxTemplate });
  const planned = await plan(context, { memory, owner }, options.to);
  const { changes, forbidden } = applyPolicy(planned.changes, settings.policy);
  const { skips } = planned;
  if (options.dryRun || changes.length === 0) {
    return { done: [], failed: [], left: changes, skips, forbidden };
  }
  const applied = await apply(changes, context, {
    memory,
    owner,
    message: `auth migrate --to ${options.to}`,
  });
  return { ...applied, skips, forbidden };
}

const outcomeOf = ({ failed, left }: Applied): RunOutcome =>
  failed.length > 0 ? 'changes-failed' : left.length > 0 ? 'stopped' : 'done';

async function apply(
  changes: readonly Change[],
  context: SyncContext,
  { memory, owner, message }: Work & { readonly message: string },
): Promise<Applied> {
  const { state, now, settings } = context;
  const { mailboxTemplate } = settings;
  const run = randomUUID().slice(0, 8);
  const end = (outcome: RunOutcome, done: readonly Change[]): void => {
    const endedAt = now().toISOString();
    state.endRun({ id: run, endedAt, outcome, counts: countChanges(done), message });
  };
  const stopping = context.stopping ?? (() => false);
  state.beginRun({ id: run, kind: 'sync', startedAt: now().toISOString() });
  try {
    const applied = await applyPlan(changes, { ...context, memory, owner, run, mailboxTemplate, stopping });
    end(outcomeOf(applied), applied.done);
    return applied;
  } catch (error) {
    end('failed', []);
    throw error;
  }
}

/**
 * Why no mailbox can use mailcow's identity provider now; undefined: it is the one that a sync of ours has set, and
 * mailcow reaches the directory with it. Throws what the reads of the port throw.
 */
export async function whyNoProvider({ mailcow, state }: SyncContext): Promise<string | undefined> {
  const shown = await mailcow.readIdentityProvider();
  const isOurs =
    typeof shown === 'object' &&
    shown.kind === 'ldap' &&
    providerIdentity(shown.ldap) === state.facts().provider?.identity;
  if (!isOurs) {
    return "mailcow's identity provider is not set up by this program: let a sync do that first; its findings say what is in the way";
  }
  const tested = await mailcow.testIdentityProvider(shown.ldap);
  return tested.kind === 'done'
    ? undefined
    : 'mailcow does not reach the directory by its identity provider now: nobody could log in';
}
