/** How people log in, settled before the draft: what of it this sync may plan. */
import { attributesSeen } from '../core/grace.ts';
import type { Mapping } from '../core/mapping.ts';
import type { Finding, Reading } from '../core/model.ts';
import type { PlanSettings } from '../core/plan-context.ts';
import type { Facts } from '../ports.ts';
import { arrangeWay, type ArrangedWay } from './login-way.ts';
import type { Memory } from './memory.ts';
import { arrangeProvider } from './provider.ts';
import type { SyncContext } from './settings.ts';

export type LoginsRequest = {
  readonly reading: Reading;
  readonly mapping: Mapping;
  readonly memory: Memory;
  readonly facts: Facts;
  readonly now: Date;
  readonly insist?: boolean;
  /** Nothing is written, neither to mailcow nor to the state. */
  readonly isPlan?: true;
  /** mailcow's; undefined: a plan. */
  readonly version?: string;
  readonly audit: boolean;
};

export type Logins = {
  readonly plan: Pick<PlanSettings, 'authSource' | 'migrateAuth'>;
  readonly findings: readonly Finding[];
  /** Who gets a mailbox now cannot log in before mailcow's identity provider is ready. */
  readonly loginsWait?: true;
};

/** Which way people log in by what mailcow shows, with its files in place; undefined for a plan, which writes nothing. */
async function findWay(context: SyncContext, request: LoginsRequest): Promise<ArrangedWay | undefined> {
  const { logins, mailcow, log, settings, state } = context;
  const { version, reading, facts, audit, memory } = request;
  if (logins === undefined || version === undefined || request.isPlan === true) return undefined;
  const [first] = memory.current.mailboxes.values();
  const way = await arrangeWay(
    { ...logins, mailcow, log },
    {
      dialect: reading.dialect,
      version,
      facts,
      audit,
      hasMailboxes: settings.plan.syncMailboxes,
      hasAuthSource: first === undefined ? undefined : first.authSource !== '',
      observe: settings.policy === 'observe',
    },
  );
  state.saveFacts({ logins: way.facts });
  return way;
}

/** Arranges the files for logins, or mailcow's identity provider, whichever is asked for. */
export async function arrangeLogins(context: SyncContext, request: LoginsRequest): Promise<Logins> {
  const { provider, plan, policy } = context.settings;
  const way = await findWay(context, request);
  if (provider === undefined) return { plan: {}, findings: way?.findings ?? [] };
  // What mailcow shows disagrees, and the log says so: nothing is touched, and who is new cannot log in yet.
  if (way !== undefined && way.choice.kind !== 'identity-provider') {
    return { plan: {}, findings: way.findings, loginsWait: true };
  }
  const { reading, mapping, facts, now, insist = false, isPlan = false } = request;
  const { ready, findings } = await arrangeProvider(context, {
    settings: provider,
    dialect: reading.dialect,
    mapping,
    seen: new Set([...(facts.attributesSeen ?? []), ...attributesSeen(reading)]),
    facts,
    now,
    mode: isPlan ? 'plan' : policy === 'observe' ? 'observe' : 'write',
    insist,
  });
  if (!ready) return { plan: {}, findings, loginsWait: true };
  const { migrateAuth } = plan;
  return { plan: { authSource: 'ldap', ...(migrateAuth && { migrateAuth }) }, findings };
}
