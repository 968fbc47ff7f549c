/** Everything of a sync up to the guarded plan: read, judged, compared. Writes nothing anywhere. */
import { sortFindings, sortForDisplay, sortSkips, type Change, type Plan } from '../core/change.ts';
import { beginWatch, judgeAbsence, type Circumstances, type GraceResult } from '../core/grace.ts';
import type { Heritage } from '../core/heritage.ts';
import { isOurDomain } from '../core/domain-settings.ts';
import { guardPlan } from '../core/guard.ts';
import { approvalSignatures } from '../core/list-change.ts';
import { resolveMapping, type Mapping } from '../core/mapping.ts';
import type { Finding, Reading } from '../core/model.ts';
import type { Draft } from '../core/plan.ts';
import type { Lookups, PlanSettings } from '../core/plan-context.ts';
import { applyPolicy, withoutRemovals, withoutUnproven } from '../core/policy.ts';
import { isStrayId } from '../core/watch.ts';
import type { Facts } from '../ports.ts';
import { isClockTrusted } from './clock.ts';
import { draftFrom, lastAddress, type DraftContext } from './draft.ts';
import { graceSkips, readingFindings } from './explain.ts';
import { claimsThatStay, droppedFrom, mergePlans, withKept } from './held-claims.ts';
import { draftOnFreshGround, type Ground } from './ground.ts';
import { declaredAt } from './holds.ts';
import { discredit, judgeReading, type Judgement, type Known } from './judge.ts';
import { rememberLeftBehind } from './left-behind.ts';
import { areMembersInDoubt, wouldShrinkLists } from './list-doubt.ts';
import type { Memory } from './memory.ts';
import { formerOwnerFindings } from './owner.ts';
import { countMissing, type AuditResult } from './refresh.ts';
import { withoutWaiting } from './retries.ts';
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
  /** What was looked at again, and what stands in the way now. */
  readonly looked: Lookups;
  readonly lookups: Lookups;
  /** To remember of this sync. */
  readonly facts: Facts;
};

export type PrepareOptions = {
  readonly memory: Memory;
  readonly facts: Facts;
  readonly owner: string;
  readonly now: Date;
  readonly audit: boolean;
  /** Called as soon as the directory has been read: who was there was there, whatever becomes of the rest. */
  readonly remember?: (grace: GraceResult) => void;
};

/** What the reading, and what we remember, do not prove is left for later. */
function withoutDoubtful(changes: readonly Change[], parts: Parts): ReturnType<typeof withoutUnproven> {
  if (!parts.judgement.complete) return withoutUnproven(changes);
  if (!parts.justRecovered) return { changes, skips: [] };
  const why = 'what is managed was just found again by its marks: the first two syncs take nothing away';
  return withoutRemovals(changes, why);
}

type Parts = Pick<Prepared, 'judgement' | 'grace'> & {
  /** The SQLite file was lost, and this is one of the first two syncs since. */
  readonly justRecovered: boolean;
  readonly membersInDoubt: boolean;
  readonly halfDeleted: number;
  readonly owner: string;
  readonly ownerFindings: readonly Finding[];
  readonly sync: SyncContext;
  readonly memory: Memory;
  readonly remembered: Memory['snapshot'];
  readonly now: Date;
};

function guarded(draft: Draft, parts: Parts): Plan {
  const { judgement, grace, memory, remembered, sync, now } = parts;
  const { graceReadings } = sync.settings;
  const waiting = withoutWaiting(draft.changes, sync.state.retries(), now);
  const proven = withoutDoubtful(waiting.changes, parts);
  // After that: what is not proven was not found, so the policy has not forbidden it.
  const permitted = applyPolicy(proven.changes, sync.settings.policy);
  const flagged = (pick: 'scopeChanged' | 'arrivedByScope'): ReadonlySet<string> =>
    new Set([...grace.snapshot].filter(([, entry]) => entry[pick]).map(([id]) => id));
  const approved = sync.state.approved(now.toISOString());
  const { allowed, held } = guardPlan({
    changes: permitted.changes,
    ledger: memory.ledger,
    current: memory.current,
    missingByScope: flagged('scopeChanged'),
    arrivedByScope: flagged('arrivedByScope'),
    lostFields: judgement.lostFields,
    membersInDoubt: parts.membersInDoubt,
    groupIds: draft.groupIds,
    missingInMailcow: countMissing(memory),
    attributeLost: judgement.lostAttributes.length > 0,
    managedDomains: [...memory.current.domains.values()].filter((domain) => isOurDomain(domain, parts.owner))
      .length,
    approved: (change) => approvalSignatures(change).every((signature) => approved.has(signature)),
  });
  const skips = [
    ...draft.skips,
    ...waiting.skips,
    ...proven.skips,
    ...graceSkips({ grace, memory, remembered, graceReadings }),
  ];
  return {
    changes: sortForDisplay(allowed),
    held,
    forbidden: permitted.forbidden,
    skips: sortSkips(skips),
    findings: sortFindings([
      ...draft.findings,
      ...readingFindings(judgement, parts.halfDeleted),
      ...parts.ownerFindings,
    ]),
  };
}

/** An older tool that knew of aliases alone knew of somebody all the same. */
const peopleIn = ({ mailboxes, aliases }: Heritage): number =>
  Math.max([...mailboxes.values()].filter(({ active }) => active).length, aliases.size > 0 ? 1 : 0);

/** How many there were: by what was counted last, or, before anything was, by whatever we remember. */
function knownPopulation(facts: Facts, { snapshot, ledger }: Memory, heritage: Heritage): Known {
  const entries = [...snapshot.values()];
  const owned = [...ledger.mailboxes.values()].filter(({ directoryId }) => !isStrayId(directoryId)).length;
  const count = (kind: 'person' | 'group'): number => entries.filter((entry) => entry.kind === kind).length;
  return {
    people: facts.peopleSeen ?? Math.max(count('person'), owned, peopleIn(heritage)),
    groups: facts.groupsSeen ?? count('group'),
    members: facts.membersSeen ?? 0,
  };
}

type Read = Pick<Prepared, 'reading' | 'judgement' | 'grace'> & {
  readonly mapping: Mapping;
  readonly heritage: Heritage;
  /** The snapshot before this reading. */
  readonly remembered: Memory['snapshot'];
  readonly circumstances: Circumstances;
};

async function readAndJudge(context: SyncContext, options: PrepareOptions): Promise<Read> {
  const { memory, facts, now } = options;
  const { settings } = context;
  const reading = await context.directory.read();
  const mapping = resolveMapping(settings.mapping, reading.dialect);
  const { scope, readGroups } = settings;
  const remembered = new Map(memory.snapshot);
  const heritage = context.state.heritage();
  const known = knownPopulation(facts, memory, heritage);
  const declared = declaredAt(context.state, now);
  const judgement = judgeReading({ reading, facts, mapping, scope, readGroups, known, now, declared });
  const uptime = context.uptime?.();
  const circumstances: Circumstances = {
    complete: judgement.complete,
    scopeChanged: judgement.scopeChanged,
    now,
    ...(uptime && { uptime }),
    clockTrusted: isClockTrusted(facts, now, uptime),
    settings: { readings: settings.graceReadings, spacingMs: settings.graceSpacingMs },
  };
  const grace = judgeAbsence({ ...circumstances, snapshot: remembered, reading });
  options.remember?.(grace);
  return { reading, mapping, judgement, grace, remembered, heritage, circumstances };
}

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

/** Reads both sides and plans. Memory is changed, the state is not: `plan` throws memory away. */
export async function prepareSync(context: SyncContext, options: PrepareOptions): Promise<Prepared> {
  const { memory, facts, now, owner } = options;
  const read = await readAndJudge(context, options);
  const { reading, mapping, judgement: judged, grace, remembered, heritage } = read;
  const uptime = context.uptime?.();
  const settings: PlanSettings = { ...context.settings.plan, owner };
  const clockTrusted = isClockTrusted(facts, now, uptime);
  const { complete } = judged;
  const { groupPolicies } = context.settings;
  const draftContext: DraftContext = {
    memory,
    remembered,
    grace,
    complete,
    mapping,
    settings,
    groupPolicies,
    clockTrusted,
    now,
    ...(reading.members && { members: reading.members }),
    heritage,
  };
  const wasEmpty = memory.ledger.mailboxes.size + memory.ledger.aliases.size === 0;
  const ground: Ground = await draftOnFreshGround(draftContext, {
    mailcow: context.mailcow,
    owner,
    now,
    audit: options.audit,
    retries: context.state.retries(),
  });
  const { draft, audited, looked } = ground;
  if (audited !== undefined) rememberLeftBehind(memory, (id) => lastAddress(id, draftContext));
  const halfDeleted = audited?.halfDeleted ?? facts.halfDeleted ?? 0;
  const recoveringSyncs = lostFile(ground, wasEmpty) ? 2 : (facts.recoveringSyncs ?? 0);
  const justRecovered = recoveringSyncs > 0;
  const isNobody = justRecovered && reading.people.length === 0;
  const declared = declaredAt(context.state, now);
  const judgement = isNobody ? discredit(judged, memory.ledger.mailboxes.size, declared) : judged;
  const ownerFindings = formerOwnerFindings(memory.current, { owner, facts });
  const membersInDoubt = areMembersInDoubt({ judgement, grace, facts });
  const known = { halfDeleted, owner, ownerFindings, justRecovered, membersInDoubt, memory, remembered };
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
    looked,
    lookups: draft.lookups,
    plan,
    snapshot: withWatched(grace.snapshot, last.watched, (id) => beginWatch(id, circumstances)),
    facts: {
      ...judgement.facts,
      ...clock,
      halfDeleted,
      membersInDoubt: membersInDoubt && (!provesAbsence || wouldShrinkLists(plan)),
      recoveringSyncs: Math.max(0, recoveringSyncs - 1),
    },
  };
}
