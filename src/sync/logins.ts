/** How people log in, settled before the draft: what of it this sync may plan. */
import { attributesSeen } from '../core/grace.ts';
import type { Mapping } from '../core/mapping.ts';
import type { Finding, Reading } from '../core/model.ts';
import type { PlanSettings } from '../core/plan-context.ts';
import type { Facts } from '../ports.ts';
import { arrangeProvider } from './provider.ts';
import type { SyncContext } from './settings.ts';

export type LoginsRequest = {
  readonly reading: Reading;
  readonly mapping: Mapping;
  readonly facts: Facts;
  readonly now: Date;
  readonly insist: boolean;
  /** Nothing is written, neither to mailcow nor to the state. */
  readonly isPlan: boolean;
};

export type Logins = {
  readonly plan: Pick<PlanSettings, 'authSource' | 'migrateAuth'>;
  readonly findings: readonly Finding[];
};

/** Arranges mailcow's identity provider, where it is asked for. */
export async function arrangeLogins(context: SyncContext, request: LoginsRequest): Promise<Logins> {
  const { provider, plan, policy } = context.settings;
  if (provider === undefined) return { plan: {}, findings: [] };
  const { reading, mapping, facts, now, insist, isPlan } = request;
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
  if (!ready) return { plan: {}, findings };
  const { migrateAuth } = plan;
  return { plan: { authSource: 'ldap', ...(migrateAuth && { migrateAuth }) }, findings };
}
