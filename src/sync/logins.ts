/** How people log in, settled before the draft: what of it this sync may plan. */
import { attributesSeen } from '../core/grace.ts';
import type { Mapping } from '../core/mapping.ts';
import type { Finding, Reading } from '../core/model.ts';
import type { PlanSettings } from '../core/plan-context.ts';
import type { Policy } from '../core/policy.ts';
import type { Facts } from '../ports.ts';
import { arrangeWay, type ArrangedWay } from './login-way.ts';
import type { Memory } from './memory.ts';
import { arrangeProvider, type ProviderRequest } from './provider.ts';
import type { SyncContext } from './settings.ts';

export type LoginsRequest = {
  readonly reading: Reading;
  readonly mapping: Mapping;
  readonly memory: Memory;
  readonly owner: string;
  readonly facts: Facts;
  readonly now: Date;
  /** An administrator asked for it now: what failed a moment ago is tried again. */
  readonly insist?: boolean;
  /** Nothing is written, neither to mailcow nor to the state. */
  readonly isPlan?: boolean;
  /** mailcow's; undefined: a plan. */
  readonly version?: string;
  readonly audit: boolean;
};

export type Logins = { readonly settings: PlanSettings; readonly findings: readonly Finding[] };

const modeOf = ({ isPlan }: LoginsRequest, policy: Policy): ProviderRequest['mode'] => {
  if (isPlan === true) return 'plan';
  return policy === 'observe' ? 'observe' : 'write';
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

/** Arranges the files for logins, or mailcow's identity provider, and says what a plan may do with it. */
export async function arrangeLogins(context: SyncContext, request: LoginsRequest): Promise<Logins> {
  const { provider, plan, policy } = context.settings;
  const { migrateAuth, ...rest } = plan;
  const { reading, mapping, owner, facts, now, insist = false } = request;
  const settings: PlanSettings = { ...rest, owner };
  const way = await findWay(context, request);
  const isRefused = way !== undefined && way.choice.kind !== 'identity-provider';
  if (provider === undefined || isRefused) return { settings, findings: way?.findings ?? [] };
  const { ready, findings } = await arrangeProvider(context, {
    settings: provider,
    dialect: reading.dialect,
    mapping,
    seen: new Set([...(facts.attributesSeen ?? []), ...attributesSeen(reading)]),
    facts,
    now,
    mode: modeOf(request, policy),
    insist,
  });
  if (!ready) return { settings, findings };
  return { settings: { ...settings, authSource: 'ldap', ...(migrateAuth && { migrateAuth }) }, findings };
}
