/** How people log in, settled before the draft: what of it this sync may plan. */
import type { Change } from '../core/change.ts';
import { attributesSeen } from '../core/grace.ts';
import type { Mapping } from '../core/mapping.ts';
import type { Finding, Reading } from '../core/model.ts';
import type { PlanSettings } from '../core/plan-context.ts';
import type { Policy } from '../core/policy.ts';
import type { Facts } from '../ports-state.ts';
import { arrangeWay, restartFor, type ArrangedWay } from './login-way.ts';
import { arrangeProvider, type ProviderRequest } from './provider.ts';
import type { SyncContext } from './settings.ts';

export type LoginsRequest = {
  readonly reading: Reading;
  readonly mapping: Mapping;
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

const seenIn = ({ facts, reading }: LoginsRequest): ReadonlySet<string> =>
  new Set([...(facts.attributesSeen ?? []), ...attributesSeen(reading)]);

/** Which way people log in by what mailcow shows, with its files in place; undefined for a plan, which writes nothing. */
async function findWay(context: SyncContext, request: LoginsRequest): Promise<ArrangedWay | undefined> {
  const { logins, mailcow, log, settings, state } = context;
  const { version, reading, facts, audit } = request;
  if (logins === undefined || version === undefined || request.isPlan === true) return undefined;
  const remember = (found: ArrangedWay['facts']): void => {
    state.saveFacts({ logins: found });
  };
  const way = await arrangeWay(
    { ...logins, mailcow, log, remember },
    {
      directory: { dialect: reading.dialect, seen: seenIn(request) },
      version,
      facts,
      audit,
      hasMailboxes: settings.plan.syncMailboxes,
      hasAuthSource: facts.hasAuthSource,
      observe: settings.policy === 'observe',
    },
  );
  remember(way.facts);
  return way;
}

/**
 * Dovecot remembers for five minutes whom it let in (facts/auth.md section 7): where it may be told to, it forgets that
 * when somebody was switched off. What it could not be told now is told by the next sync.
 */
export async function forgetLogins(context: SyncContext, done: readonly Change[]): Promise<void> {
  const { logins, log, state } = context;
  const isOut = ({ resource, kind }: Change): boolean =>
    resource === 'mailbox' && (kind === 'deactivate' || kind === 'delete');
  if (logins?.settings.restarts !== true || !done.some(isOut)) return;
  const waiting = await restartFor(['dovecot'], { ...logins, log });
  const facts = state.facts().logins;
  if (waiting.length === 0 || facts === undefined) return;
  state.saveFacts({ logins: { ...facts, waiting: [...new Set([...facts.waiting, ...waiting])] } });
}

/** Arranges the files for logins, or mailcow's identity provider, and says what a plan may do with it. */
export async function arrangeLogins(context: SyncContext, request: LoginsRequest): Promise<Logins> {
  const { provider, plan, policy } = context.settings;
  const { migrateAuth, ...rest } = plan;
  const { reading, mapping, owner, facts, now, insist = false } = request;
  const settings: PlanSettings = { ...rest, owner };
  const way = await findWay(context, request);
  const isRefused = way !== undefined && way.choice.kind !== 'identity-provider';
  if (provider === undefined || isRefused) {
    const byFiles = way?.choice.kind === 'templates' && ({ logins: 'templates' } as const);
    return { settings: { ...settings, ...byFiles }, findings: way?.findings ?? [] };
  }
  const { ready, findings } = await arrangeProvider(context, {
    settings: provider,
    dialect: reading.dialect,
    mapping,
    seen: seenIn(request),
    facts,
    now,
    mode: modeOf(request, policy),
    insist,
  });
  if (!ready) return { settings, findings };
  return { settings: { ...settings, authSource: 'ldap', ...(migrateAuth && { migrateAuth }) }, findings };
}
