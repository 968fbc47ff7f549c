/**
 * A sync in which nothing can have changed ends after its reading, without loading what is remembered: the reading is
 * the one of two syncs before that found nothing to change, and so is everything else that a plan follows from
 * (docs/decisions/021-quiet-syncs.md). Whatever is in doubt leads to a full sync.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { resolveMapping } from '../core/mapping.ts';
import type { Facts, QuietFacts } from '../ports-state.ts';
import type { Applied } from './apply.ts';
import { whyAudit } from './audit-due.ts';
import { isClockTrusted } from './clock.ts';
import { arrangeLogins, type Logins } from './logins.ts';
import type { Memory } from './memory.ts';
import { ownerOf } from './owner.ts';
import type { Prepared } from './prepare.ts';
import type { SyncContext, SyncSettings } from './settings.ts';

/** Of which the last has learnt nothing new: then the next one would find the same. */
const CALM_SYNCS = 2;
const DAY_MS = 24 * 60 * 60_000;

/** Not even a calm sync yet. */
export const DISTURBED: QuietFacts = {
  fingerprint: '',
  dialect: 'openldap',
  rules: '',
  logins: '',
  until: '',
  run: '',
  times: 0,
};

type Asked = {
  readonly facts: Facts;
  readonly now: Date;
  readonly audit: boolean;
  /** The run before this one. */
  readonly before: string | undefined;
};

type Condition = readonly [why: string, isSo: (context: SyncContext, asked: Asked) => boolean];

const CONDITIONS: readonly Condition[] = [
  ['an audit was asked for', (_, { audit }) => audit],
  ['no two syncs found nothing', (_, { facts }) => (facts.quiet?.times ?? 0) < CALM_SYNCS],
  ['something else ran since', (_, { facts, before }) => before !== facts.quiet?.run],
  ['a delay may have ended', (_, { facts, now }) => now.toISOString() >= (facts.quiet?.until ?? '')],
  // Its passwords may change without anything else.
  ['a migration goes on', ({ settings }) => settings.plan.migration !== undefined],
  ['the clock jumped', ({ uptime }, { facts, now }) => !isClockTrusted(facts, now, uptime?.())],
  ['the state file was lost', (_, { facts }) => (facts.recoveringSyncs ?? 0) > 0],
  ['members of lists are in doubt', (_, { facts }) => facts.membersInDoubt === true],
  ['writes were cut short', ({ state }) => state.openIntents().length > 0],
  ['changes are held', ({ state }) => state.holds() !== undefined],
  ['something was approved', ({ state }, { now }) => state.approved(now.toISOString()).size > 0],
  ['something is to be tried again', ({ state }, { now }) => isRetryDue(state.retries(), now)],
];

const isRetryDue = (retries: ReadonlyMap<string, { readonly nextAt: string }>, now: Date): boolean =>
  [...retries.values()].some(({ nextAt }) => nextAt <= now.toISOString());

/** Sets as lists. The provider is not among them: it has a password, and is looked at each time (`logins`). */
function settingsText({ provider: _provider, ...settings }: SyncSettings): string {
  return JSON.stringify(settings, (_, value: unknown) => (value instanceof Set ? [...value] : value));
}

const keyed = (key: string, parts: readonly unknown[]): string =>
  createHmac('sha256', Buffer.from(key, 'base64')).update(JSON.stringify(parts)).digest('base64');

/** What decides over a plan beside reading, version and what is remembered. */
function rulesDigest({ settings }: SyncContext, facts: Facts): string {
  return keyed(facts.quietKey ?? '', [ownerOf(settings, facts), settingsText(settings)]);
}

/** What logins decide over a plan. */
function loginsDigest({ settings, findings }: Logins, { quietKey = '' }: Facts): string {
  const { authSource, migrateAuth, logins } = settings;
  return keyed(quietKey, [authSource, migrateAuth, logins, findings]);
}

/** Logins are seen to in every sync: a file may be gone, a service may wait for its restart. */
async function arrangeLoginsOf(
  context: SyncContext,
  asked: Pick<Asked, 'facts' | 'now'> & { readonly quiet: QuietFacts; readonly version: string },
): Promise<Logins> {
  const { facts, now, quiet, version } = asked;
  const { dialect } = quiet;
  const mapping = resolveMapping(context.settings.mapping, dialect);
  const owner = ownerOf(context.settings, facts);
  // Which attributes people have is among the facts since the last full sync.
  const reading = { dialect, people: [], groups: [], problems: [] };
  return arrangeLogins(context, { reading, mapping, owner, facts, now, version, audit: false });
}

export type Look =
  | { readonly kind: 'quiet' }
  | {
      readonly kind: 'full';
      /** Why a quiet one would not do, for the log. */
      readonly why: string;
      /** mailcow's, where it was read. */
      readonly version?: string;
    };

/**
 * Looks whether this sync can be quiet: asks the state, mailcow's version and the directory, in this order, and no more
 * than is needed. Throws what reading throws.
 */
export async function lookFirst(context: SyncContext, asked: Asked): Promise<Look> {
  const { facts, now } = asked;
  const { quiet, quietKey: key } = facts;
  const [doubt] = CONDITIONS.find(([, isSo]) => isSo(context, asked)) ?? [];
  if (doubt !== undefined) return { kind: 'full', why: doubt };
  if (quiet === undefined || key === undefined) return { kind: 'full', why: 'there is no key' };
  if (rulesDigest(context, facts) !== quiet.rules) return { kind: 'full', why: 'a setting changed' };
  const version = await context.mailcow.readVersion();
  const full = (why: string): Look => ({ kind: 'full', why, version });
  const why = whyAudit(context, facts, version);
  if (why !== undefined) return full(why);
  if (!(await context.directory.isStill({ key, fingerprint: quiet.fingerprint }))) {
    return full('the directory changed');
  }
  const logins = await arrangeLoginsOf(context, { facts, now, quiet, version });
  return loginsDigest(logins, facts) === quiet.logins ? { kind: 'quiet' } : full('logins changed');
}

/** To remember of a quiet sync; what a full one would remember of the same reading is there already. */
export function quietFacts(
  context: SyncContext,
  { facts, now, run }: Pick<Asked, 'facts' | 'now'> & { readonly run: string },
): Facts {
  const uptime = context.uptime?.();
  return {
    lastCompleteReadingAt: now.toISOString(),
    lastSyncGood: true,
    ...(uptime && { lastClock: { at: now.toISOString(), uptime } }),
    quiet: { ...(facts.quiet ?? DISTURBED), run },
  };
}

/** Nothing was done, nothing waits for anything, nobody is on the way out. */
function isCalm({ plan, judgement, grace, facts }: Prepared, applied: Applied): boolean {
  const { changes, held, forbidden } = plan;
  const touched = [changes, held, forbidden, applied.done, applied.failed, applied.left];
  return (
    touched.every(({ length }) => length === 0) &&
    judgement.complete &&
    judgement.declarable.length === 0 &&
    [...grace.absent].every((id) => grace.gone.has(id)) &&
    (facts.recoveringSyncs ?? 0) === 0 &&
    facts.membersInDoubt !== true &&
    (facts.halfDeleted ?? 0) === 0
  );
}

/** Days count in UTC, and those since somebody is missing from that moment on: until then no delay ends. */
function calmUntil({ grace }: Prepared, now: Date): string {
  const at = now.getTime();
  const midnight = (Math.floor(at / DAY_MS) + 1) * DAY_MS;
  const anniversaries = [...grace.absent]
    .map((id) => grace.snapshot.get(id)?.missingSince)
    .filter((since) => since !== undefined)
    .map((since) => at + DAY_MS - ((((at - Date.parse(since)) % DAY_MS) + DAY_MS) % DAY_MS));
  return new Date(anniversaries.reduce((first, one) => Math.min(first, one), midnight)).toISOString();
}

type Found = Pick<QuietFacts, 'fingerprint' | 'dialect' | 'rules' | 'logins'>;

const isSame = (before: QuietFacts | undefined, now: Found): before is QuietFacts =>
  before?.fingerprint === now.fingerprint &&
  before.dialect === now.dialect &&
  before.rules === now.rules &&
  before.logins === now.logins;

/** To remember of a full sync: whether the next ones may be quiet. `facts` are those from before it. */
export function calmFacts(
  context: SyncContext,
  sync: {
    readonly facts: Facts;
    readonly run: string;
    readonly now: Date;
    readonly prepared: Prepared;
    readonly applied: Applied;
    readonly memory: Pick<Memory, 'hasNews'>;
  },
): Pick<Facts, 'quiet'> {
  const { facts, run, now, prepared, applied, memory } = sync;
  const { fingerprint, dialect } = prepared.reading;
  const isApproved = context.state.approved(now.toISOString()).size > 0;
  if (fingerprint === undefined || isApproved || !isCalm(prepared, applied)) return { quiet: DISTURBED };
  const logins = loginsDigest(prepared.logins, facts);
  const rules = rulesDigest(context, facts);
  const found = { fingerprint, dialect, rules, logins };
  // What a sync learns may change what the next one finds.
  const before = isSame(facts.quiet, found) && !memory.hasNews() ? facts.quiet.times : 0;
  const times = Math.min(before + 1, CALM_SYNCS);
  return { quiet: { ...found, until: calmUntil(prepared, now), run, times } };
}

/** A key for the digests, where there is none yet. */
export function withKey(context: SyncContext, facts: Facts): Facts {
  if (facts.quietKey !== undefined) return facts;
  const quietKey = randomBytes(32).toString('base64');
  context.state.saveFacts({ quietKey });
  return { ...facts, quietKey };
}
