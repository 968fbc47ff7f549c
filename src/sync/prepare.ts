/** Everything of a sync up to the guarded plan: read, judged, compared. Writes nothing anywhere. */
import type { Plan } from '../core/change.ts';
import { beginWatch, type GraceResult } from '../core/grace.ts';
import type { Reading } from '../core/model.ts';
import type { Pin } from '../core/pins.ts';
import type { Draft } from '../core/plan.ts';
import type { Lookups } from '../core/plan-context.ts';
import type { SyncPasswordOf } from './migration-logins.ts';
import type { Facts } from '../ports-state.ts';
import { draftFrom, lastAddress, type DraftContext } from './draft.ts';
import { claimsThatStay, droppedFrom, mergePlans, withKept } from './held-claims.ts';
import { draftOnFreshGround, ownJobsOf, type Ground } from './ground.ts';
import { guarded, type Parts } from './guarded-plan.ts';
import { declaredAt } from './holds.ts';
import { discredit, type Judgement } from './judge.ts';
import { rememberLeftBehind } from './left-behind.ts';
import { areMembersInDoubt, wouldShrinkLists } from './list-doubt.ts';
import { arrangeLogins, type Logins } from './logins.ts';
import type { Memory } from './memory.ts';
import { formerOwnerFindings } from './owner.ts';
import { digestsOf, passwordsOf } from './passwords.ts';
import type { Passwords } from './perform-context.ts';
import { judgePins } from './pins.ts';
import { readAndJudge, type Read } from './read-directory.ts';
import type { AuditResult, IsOwnJob } from './refresh.ts';
import { withWatched } from './watch.ts';
import type { SyncContext } from './settings.ts';

export type Prepared = {
  readonly reading: Reading;
  readonly judgement: Judgement;
  readonly grace: GraceResult;
  readonly plan: Plan;
  /** To remember of the directory, and of what it does not know. */
  readonly snapshot: Memory['snapshot'];
  readonly audited: AuditResult | undefined;
  /** In memory only. */
  readonly passwords?: Passwords;
  readonly syncPasswordOf?: SyncPasswordOf;
  /** How the jobs of a migration are told. */
  readonly isOwnJob?: IsOwnJob;
  readonly logins: Logins;
  /** What was looked at again, and what stands in the way now. */
  readonly looked: Lookups;
  readonly lookups: Lookups;
  /** Pins to forget: the directory says something new of their owners. */
  readonly lifted: readonly Pin[];
  /** To remember of this sync. */
  readonly facts: Facts;
};

export type PrepareOptions = {
  readonly memory: Memory;
  readonly facts: Facts;
  readonly owner: string;
  readonly now: Date;
  readonly audit: boolean;
  /** mailcow's, as it was just read; undefined: a plan. */
  readonly version?: string;
  /** An administrator asked for it now: what failed a moment ago is tried again. */
  readonly insist?: boolean;
  /** Nothing may be written to mailcow, nor remembered. */
  readonly isPlan?: true;
  /** Called as soon as the directory has been read: who was there was there, whatever becomes of the rest. */
  readonly remember?: (grace: GraceResult) => void;
};

const lostFile = ({ audited }: Ground, ledgerWasEmpty: boolean): boolean =>
  ledgerWasEmpty && audited !== undefined && audited.recovered > 0;

type Look = { readonly plan: Plan; readonly draft: Draft };

/** What the first look held or left for later changes what the rest may build upon: then the rest is planned anew. */
function secondLook(
  { plan: first, draft }: Look,
  { parts, draftContext }: { readonly parts: Parts; readonly draftContext: DraftContext },
): Look {
  const { grace, memory } = parts;
  const kept = claimsThatStay(first, grace, memory);
  const dropped = droppedFrom(draft, first);
  if (kept.size === 0 && dropped.size === 0) return { plan: first, draft };
  const again = draftFrom({
    ...draftContext,
    dropped,
    ...(kept.size > 0 && { grace: withKept(grace, kept) }),
  });
  const second = guarded(again, parts);
  return { plan: kept.size === 0 ? second : mergePlans(first, second), draft: again };
}

function draftContextOf(
  context: SyncContext,
  options: PrepareOptions,
  read: Read & { readonly logins: Logins },
): DraftContext {
  const { memory, now } = options;
  const { reading, mapping, judgement, grace, remembered, heritage, circumstances, taken, logins } = read;
  const { syncPasswordOf } = read.takenLogins;
  return {
    memory,
    remembered,
    grace,
    complete: judgement.complete,
    mapping,
    settings: logins.settings,
    groupPolicies: context.settings.groupPolicies,
    clockTrusted: circumstances.clockTrusted !== false,
    now,
    ...(reading.members && { members: reading.members }),
    heritage,
    ...digestsOf(taken),
    ...(syncPasswordOf && { syncDigestOf: (address: string) => syncPasswordOf(address)?.digest }),
  };
}

type Recovery = { readonly judgement: Judgement; readonly recoveringSyncs: number };

/** After the SQLite file was lost, nobody in the directory proves nothing. */
function recoveryOf(
  { judgement, reading }: Read,
  ground: Ground,
  {
    facts,
    memory,
    wasEmpty,
    declared,
  }: PrepareOptions & { readonly wasEmpty: boolean; readonly declared: Declared },
): Recovery {
  const recoveringSyncs = lostFile(ground, wasEmpty) ? 2 : (facts.recoveringSyncs ?? 0);
  const isNobody = recoveringSyncs > 0 && reading.people.length === 0;
  const owned = memory.ledger.mailboxes.size;
  return { judgement: isNobody ? discredit(judgement, owned, declared) : judgement, recoveringSyncs };
}

type Declared = ReturnType<typeof declaredAt>;

/** Reads both sides and plans. Memory is changed, the state is not: `plan` throws memory away. */
export async function prepareSync(context: SyncContext, options: PrepareOptions): Promise<Prepared> {
  const { memory, facts, now, owner } = options;
  const read = await readAndJudge(context, options);
  const { reading, taken, takenLogins, mapping, grace, remembered } = read;
  const uptime = context.uptime?.();
  const logins = await arrangeLogins(context, { ...options, reading, mapping });
  const draftContext = draftContextOf(context, options, { ...read, logins });
  const isOwnJob = ownJobsOf(draftContext);
  const wasEmpty = memory.ledger.mailboxes.size + memory.ledger.aliases.size === 0;
  const proves = read.judgement.complete && read.judgement.lostAttributes.length === 0;
  const { pins, lifted } = judgePins(context.state.pins(), { grace, proves });
  const ground: Ground = await draftOnFreshGround(draftContext, {
    mailcow: context.mailcow,
    owner,
    now,
    audit: options.audit,
    retries: context.state.retries(),
    pins,
  });
  const { draft, audited, looked } = ground;
  if (audited !== undefined) rememberLeftBehind(memory, (id) => lastAddress(id, draftContext));
  const halfDeleted = audited?.halfDeleted ?? facts.halfDeleted ?? 0;
  const declared = declaredAt(context.state, now);
  const { judgement, recoveringSyncs } = recoveryOf(read, ground, { ...options, wasEmpty, declared });
  const justRecovered = recoveringSyncs > 0;
  const moreFindings = [
    ...formerOwnerFindings(memory.current, { owner, facts }),
    ...logins.findings,
    ...taken.findings,
    ...takenLogins.findings,
  ];
  const membersInDoubt = areMembersInDoubt({ judgement, grace, facts });
  const known = { halfDeleted, owner, moreFindings, justRecovered, membersInDoubt, memory, remembered, pins };
  const parts = { judgement, grace, ...known, sync: context, now };
  const first = { plan: guarded(draft, parts), draft };
  const { plan, draft: last } = secondLook(first, { parts, draftContext });
  const circumstances = { ...read.circumstances, complete: judgement.complete };
  const provesAbsence = judgement.complete && !justRecovered;
  const clock = uptime && { lastClock: { at: now.toISOString(), uptime } };
  return {
    reading,
    judgement,
    grace,
    audited,
    ...passwordsOf(taken),
    ...(takenLogins.syncPasswordOf && { syncPasswordOf: takenLogins.syncPasswordOf }),
    ...(isOwnJob && { isOwnJob }),
    logins,
    looked,
    lookups: draft.lookups,
    plan,
    lifted,
    snapshot: withWatched(grace.snapshot, last.watched, (id) => beginWatch(id, circumstances)),
    facts: {
      ...judgement.facts,
      ...taken.facts,
      ...takenLogins.facts,
      ...clock,
      ...(audited?.hasAuthSource !== undefined && { hasAuthSource: audited.hasAuthSource }),
      halfDeleted,
      membersInDoubt: membersInDoubt && (!provesAbsence || wouldShrinkLists(plan)),
      recoveringSyncs: Math.max(0, recoveringSyncs - 1),
    },
  };
}
