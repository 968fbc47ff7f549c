/**
 * A sync in which nothing can have changed ends after its reading, without loading what is remembered: the reading is
 * the one of two syncs before that found nothing to change, and so is everything else that a plan follows from
 * (docs/decisions/021-quiet-syncs.md). Whatever is in doubt leads to a full sync.
 */
import type { Reading } from '../core/model.ts';
import { resolveMapping } from '../core/mapping.ts';
import type { Facts, QuietFacts } from '../ports-state.ts';
import type { Applied } from './apply.ts';
import { whyAudit } from './audit-due.ts';
import { isClockTrusted } from './clock.ts';
import { arrangeLogins, type Logins } from './logins.ts';
import type { Memory } from './memory.ts';
import { ownerOf } from './owner.ts';
import type { Prepared } from './prepare.ts';
import { digestReading, keyed, newKey, watched } from './quiet-digest.ts';
import type { SyncContext, SyncSettings } from './settings.ts';

/** Of which the last has learnt nothing new: then the next one would find the same. */
const CALM_SYNCS = 2;
const DAY_MS = 24 * 60 * 60_000;

/** Not even a calm sync yet. */
export const DISTURBED: QuietFacts = { digest: '', logins: '', until: '', run: '', times: 0 };

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

/** Of the reading, and of what the operator decides over it. */
function digestOf(
  context: SyncContext,
  { facts, reading }: { readonly facts: Facts; readonly reading: string },
): string {
  const hmac = keyed(facts.quietKey ?? '');
  hmac.update(JSON.stringify([reading, ownerOf(context.settings, facts), settingsText(context.settings)]));
  return hmac.digest('base64');
}

/** What logins decide over a plan. */
function loginsDigest({ settings, findings }: Logins, facts: Facts): string {
  const { authSource, migrateAuth, logins } = settings;
  const text = JSON.stringify([authSource, migrateAuth, logins, findings]);
  return keyed(facts.quietKey ?? '')
    .update(text)
    .digest('base64');
}

/** Logins are seen to in every sync: a file may be gone, a service may wait for its restart. */
async function arrangeLoginsOf(
  context: SyncContext,
  asked: Pick<Asked, 'facts' | 'now'> & { readonly reading: Reading; readonly version: string },
): Promise<Logins> {
  const { facts, now, reading, version } = asked;
  const mapping = resolveMapping(context.settings.mapping, reading.dialect);
  const owner = ownerOf(context.settings, facts);
  // The attributes of this very reading are among the facts since the last full sync.
  const seen = { ...reading, people: [], groups: [] };
  return arrangeLogins(context, { reading: seen, mapping, owner, facts, now, version, audit: false });
}

export type Look =
  | { readonly kind: 'quiet'; readonly reading: Reading }
  | {
      readonly kind: 'full';
      /** Why a quiet one would not do, for the log. */
      readonly why: string;
      /** With a directory that takes the digest of its reading, and has it already where it was read. */
      readonly context: SyncContext;
      readonly digest: () => string | undefined;
      /** mailcow's, where it was read. */
      readonly version?: string;
    };

/**
 * Looks whether this sync can be quiet: asks the facts, mailcow's version and the directory, in this order, and no more
 * than is needed. Throws what reading throws. The facts must have a key.
 */
export async function lookFirst(context: SyncContext, asked: Asked): Promise<Look> {
  const { facts, now } = asked;
  const key = facts.quietKey ?? '';
  const full = (why: string, read: { readonly version?: string; readonly reading?: Reading } = {}): Look => {
    const { version, reading } = read;
    const { directory, digest } = watched(context.directory, { key, ...(reading && { read: reading }) });
    return {
      kind: 'full',
      why,
      context: { ...context, directory },
      digest: () => {
        const taken = digest();
        return taken === undefined ? undefined : digestOf(context, { facts, reading: taken });
      },
      ...(version !== undefined && { version }),
    };
  };
  const [doubt] = CONDITIONS.find(([, isSo]) => isSo(context, asked)) ?? [];
  if (doubt !== undefined) return full(doubt);
  const version = await context.mailcow.readVersion();
  const why = whyAudit(context, facts, version);
  if (why !== undefined) return full(why, { version });
  const reading = await context.directory.read();
  if (reading.problems.length > 0) return full('the reading is incomplete', { version, reading });
  const digest = digestOf(context, { facts, reading: digestReading(reading, key) });
  if (digest !== facts.quiet?.digest) return full('the directory or a setting changed', { version, reading });
  const logins = await arrangeLoginsOf(context, { facts, now, reading, version });
  if (loginsDigest(logins, facts) !== facts.quiet.logins) return full('logins changed', { version, reading });
  return { kind: 'quiet', reading };
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

/** To remember of a full sync: whether the next ones may be quiet. `facts` are those from before it. */
export function calmFacts(
  context: SyncContext,
  sync: {
    readonly facts: Facts;
    readonly run: string;
    readonly now: Date;
    readonly prepared: Prepared;
    readonly applied: Applied;
    readonly digest: string | undefined;
    readonly memory: Pick<Memory, 'hasNews'>;
  },
): Pick<Facts, 'quiet'> {
  const { facts, run, now, prepared, applied, digest, memory } = sync;
  const isApproved = context.state.approved(now.toISOString()).size > 0;
  if (digest === undefined || isApproved || !isCalm(prepared, applied)) return { quiet: DISTURBED };
  const logins = loginsDigest(prepared.logins, facts);
  const isSame = facts.quiet?.digest === digest && facts.quiet.logins === logins;
  // What a sync learns may change what the next one finds.
  const before = isSame && !memory.hasNews() ? facts.quiet.times : 0;
  const times = Math.min(before + 1, CALM_SYNCS);
  return { quiet: { digest, logins, until: calmUntil(prepared, now), run, times } };
}

/** A key for the digests, where there is none yet. */
export function withKey(context: SyncContext, facts: Facts): Facts {
  if (facts.quietKey !== undefined) return facts;
  const quietKey = newKey();
  context.state.saveFacts({ quietKey });
  return { ...facts, quietKey };
}
