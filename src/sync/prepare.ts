/** Everything of a sync up to the guarded plan: read, judged, compared. Writes nothing anywhere. */
import { sortFindings, sortForDisplay, sortSkips, type Plan, type Skip } from '../core/change.ts';
import { judgeAbsence, type GraceResult } from '../core/grace.ts';
import { guardPlan } from '../core/guard.ts';
import { resolveMapping } from '../core/mapping.ts';
import type { Finding, Reading } from '../core/model.ts';
import type { Draft } from '../core/plan.ts';
import type { PlanSettings } from '../core/plan-context.ts';
import { applyPolicy, withoutRemovals } from '../core/policy.ts';
import type { Facts } from '../ports.ts';
import { draftFrom, type DraftContext } from './draft.ts';
import { judgeReading, type Judgement } from './judge.ts';
import type { Memory } from './memory.ts';
import { audit, countReads, refreshTouched, touchedBy, type AuditResult, type Touched } from './refresh.ts';
import type { SyncContext } from './settings.ts';

export type Prepared = {
  readonly reading: Reading;
  readonly judgement: Judgement;
  readonly grace: GraceResult;
  readonly plan: Plan;
  readonly audited: AuditResult | undefined;
};

export type PrepareOptions = {
  readonly memory: Memory;
  readonly facts: Facts;
  readonly owner: string;
  readonly now: Date;
  readonly audit: boolean;
};

const MAX_ROUNDS = 6;
const NOTHING: Touched = { mailboxes: new Set(), aliases: new Set(), domains: new Set() };

/** Single reads cost 10 to 20 ms each, a list about 1.2 ms per mailbox (facts/mailcow-api.md section 9). */
const tooManyReads = (reads: number, memory: Memory): boolean =>
  reads > 50 + (memory.current.mailboxes.size + memory.current.aliases.size) / 10;

type Fresh = { readonly draft: Draft; readonly audited: AuditResult | undefined };

/** Drafts, reads what the draft would touch, and drafts again until nothing unread is touched. */
async function draftOnFreshGround(
  context: SyncContext,
  draftContext: DraftContext,
  options: PrepareOptions,
): Promise<Fresh> {
  const { memory, owner, now } = options;
  const auditNow = (): Promise<AuditResult> => audit(context.mailcow, memory, { owner, now });
  if (options.audit) return { audited: await auditNow(), draft: draftFrom(draftContext) };
  let fresh = NOTHING;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const draft = draftFrom(draftContext);
    const touched = touchedBy(draft.changes);
    const reads = countReads(touched, fresh);
    if (reads === 0) return { draft, audited: undefined };
    if (tooManyReads(reads, memory)) break;
    await refreshTouched(context.mailcow, memory, { touched, fresh });
    fresh = {
      mailboxes: new Set([...fresh.mailboxes, ...touched.mailboxes]),
      aliases: new Set([...fresh.aliases, ...touched.aliases]),
      domains: new Set([...fresh.domains, ...touched.domains]),
    };
  }
  return { audited: await auditNow(), draft: draftFrom(draftContext) };
}

function graceSkips(context: SyncContext, grace: GraceResult, memory: Memory): readonly Skip[] {
  const skips: Skip[] = [];
  for (const row of memory.ledger.mailboxes.values()) {
    const entry = grace.snapshot.get(row.directoryId);
    if (entry === undefined || !grace.absent.has(row.directoryId) || grace.gone.has(row.directoryId))
      continue;
    const { missing, missingSince } = entry;
    const reason =
      missingSince === undefined
        ? `${entry.entry.dn} is not in this incomplete reading`
        : `${entry.entry.dn} is missing in ${missing} of ${context.settings.graceReadings} readings since ${missingSince}`;
    skips.push({ resource: 'mailbox', key: row.key, reason });
  }
  return skips;
}

function ownFindings(prepared: {
  readonly judgement: Judgement;
  readonly audited: AuditResult | undefined;
}): readonly Finding[] {
  const findings: Finding[] = [];
  const { judgement, audited } = prepared;
  for (const message of judgement.problems) {
    findings.push({ code: 'reading-incomplete', subject: message.slice(0, 60), message });
  }
  for (const name of judgement.lostAttributes) {
    findings.push({
      code: 'attribute-vanished',
      subject: name,
      message: `entries had ${name} before, and now none has: what would follow from that is held back; may the bind user still read it?`,
    });
  }
  if (audited !== undefined && audited.halfDeleted > 0) {
    findings.push({
      code: 'half-deleted-mailbox',
      subject: 'mailcow',
      message: `${audited.halfDeleted} mailboxes or resources have no readable row in mailcow (a deletion stopped half-way): delete them again in mailcow`,
    });
  }
  return findings;
}

function guarded(
  draft: Draft,
  parts: Omit<Prepared, 'plan'>,
  context: { readonly sync: SyncContext; readonly memory: Memory },
): Plan {
  const { memory, sync } = context;
  const { judgement, grace, audited } = parts;
  const permitted = applyPolicy(draft.changes, sync.settings.policy);
  const proven = judgement.complete
    ? { changes: permitted.changes, skips: [] }
    : withoutRemovals(permitted.changes);
  const flagged = (pick: 'scopeChanged' | 'arrivedByScope'): ReadonlySet<string> =>
    new Set([...grace.snapshot].filter(([, entry]) => entry[pick]).map(([id]) => id));
  const { allowed, held } = guardPlan({
    changes: proven.changes,
    ledger: memory.ledger,
    current: memory.current,
    missingByScope: flagged('scopeChanged'),
    arrivedByScope: flagged('arrivedByScope'),
    lostFields: judgement.lostFields,
    missingInMailcow: audited?.missing ?? 0,
  });
  const skips = [...draft.skips, ...permitted.skips, ...proven.skips, ...graceSkips(sync, grace, memory)];
  return {
    changes: sortForDisplay(allowed),
    held,
    skips: sortSkips(skips),
    findings: sortFindings([...draft.findings, ...ownFindings(parts)]),
  };
}

/** Reads both sides and plans. Memory is changed, the state is not: `plan` throws memory away. */
export async function prepareSync(context: SyncContext, options: PrepareOptions): Promise<Prepared> {
  const { memory, facts, now } = options;
  const { settings } = context;
  const reading = await context.directory.read();
  const mapping = resolveMapping(settings.mapping, reading.dialect);
  const { scope, readGroups } = settings;
  const judgement = judgeReading({ reading, facts, mapping, scope, readGroups, now });
  const grace = judgeAbsence({
    snapshot: memory.snapshot,
    reading,
    complete: judgement.complete,
    scopeChanged: judgement.scopeChanged,
    now,
    settings: { readings: settings.graceReadings, spacingMs: settings.graceSpacingMs },
  });
  const planSettings: PlanSettings = { ...settings.plan, owner: options.owner };
  const draftContext = { memory, grace, complete: judgement.complete, mapping, settings: planSettings };
  const { draft, audited } = await draftOnFreshGround(context, draftContext, options);
  const parts = { reading, judgement, grace, audited };
  return { ...parts, plan: guarded(draft, parts, { sync: context, memory }) };
}
