/**
 * One reconciliation: read the directory, derive the desired state, read mailcow, make a plan, guard it,
 * apply it, remember it. The ports are in `ports*.ts`; nothing here knows an adapter.
 */
import { randomUUID } from 'node:crypto';
import type { Plan } from './core/change.ts';
import type { Facts, RunOutcome } from './ports-state.ts';
import { applyPlan, type Applied } from './sync/apply.ts';
import { whyAudit } from './sync/audit-due.ts';
import { recordFindings, refusedFindings } from './sync/findings.ts';
import { recordForbidden } from './sync/forbidden.ts';
import { ownJobsOf } from './sync/ground.ts';
import { holdsOf, logHolds } from './sync/holds.ts';
import { settleOpenIntents } from './sync/late.ts';
import { forgetLogins } from './sync/logins.ts';
import { openMemory, type Memory } from './sync/memory.ts';
import { sayWhatIsLeft } from './sync/migration-left.ts';
import { ownerFacts, ownerOf } from './sync/owner.ts';
import { forget, withPlaceholders, withPresent } from './sync/population.ts';
import { prepareSync, type Prepared } from './sync/prepare.ts';
import { calmFacts, DISTURBED, lookFirst, quietFacts, withKey } from './sync/quiet.ts';
import { whyReleased } from './sync/release.ts';
import { countChanges, type SyncReport } from './sync/report.ts';
import { nextLookups, nextRetries } from './sync/retries.ts';
import type { SyncContext } from './sync/settings.ts';

export type SyncOptions = {
  /** Read all lists whatever the snapshot says. */
  readonly audit: boolean;
};

function outcomeOf(prepared: Prepared, applied: Applied): RunOutcome {
  if (applied.left.length > 0) return 'stopped';
  if (applied.failed.length > 0) return 'changes-failed';
  if (!prepared.judgement.complete) return 'incomplete';
  return prepared.plan.held.length > 0 ? 'held' : 'done';
}

/** What the older tool left is of use until its objects are adopted, and no longer. */
function stillToAdopt({ held, forbidden }: Plan, { failed, left }: Applied): ReadonlySet<string> {
  const pending = [...held, ...forbidden, ...failed].map(({ change }) => change);
  return new Set([...pending, ...left].filter(({ kind }) => kind === 'adopt').map(({ key }) => key));
}

type Start = {
  readonly run: string;
  readonly facts: Facts;
  readonly memory: Memory;
  readonly owner: string;
  /** mailcow's, where it was read already. */
  readonly version?: string;
};

async function prepare(context: SyncContext, start: Start, audit: boolean): Promise<Prepared> {
  const { facts, memory, owner } = start;
  const { mailboxTemplate } = context.settings;
  const isOwnJob = ownJobsOf({ settings: { ...context.settings.plan, owner } });
  const settled = await settleOpenIntents({
    ...context,
    memory,
    owner,
    mailboxTemplate,
    ...(isOwnJob && { isOwnJob }),
  });
  const version = start.version ?? (await context.mailcow.readVersion());
  const why = settled > 0 ? 'writes were cut short' : whyAudit(context, facts, version);
  if (why !== undefined) context.log.debug(`reading all lists of mailcow: ${why}`);
  const now = context.now();
  const prepared = await prepareSync(context, {
    memory,
    facts,
    owner,
    now,
    audit: audit || why !== undefined,
    version,
    insist: audit,
    remember: (grace) => {
      memory.replaceSnapshot(withPresent(memory.snapshot, grace));
      context.state.transaction(() => {
        context.state.save(memory.takeChanges());
      });
    },
  });
  memory.replaceSnapshot(withPlaceholders(prepared.snapshot, memory));
  context.state.transaction(() => {
    context.state.save(memory.takeChanges());
    context.state.dropPins(prepared.lifted);
    context.state.saveFacts({
      ...prepared.facts,
      ...ownerFacts(context.settings, facts),
      mailcowVersion: version,
      configDigest: context.settings.configDigest,
      ...(prepared.audited !== undefined && { lastAuditAt: now.toISOString() }),
      lastSyncGood: prepared.plan.changes.length === 0,
    });
  });
  return prepared;
}

async function applyAndRemember(context: SyncContext, start: Start, prepared: Prepared): Promise<Applied> {
  const { state, log, mailcow, now, delay, settings } = context;
  const { memory, run, owner, facts } = start;
  const holds = holdsOf(prepared.plan.held);
  logHolds(log, holds);
  const isConfigured = settings.plan.migration !== undefined;
  const left = sayWhatIsLeft(memory, { log, facts, isConfigured });
  const forbidden = recordForbidden(prepared.plan.forbidden, { log, facts });
  const applied = await applyPlan(prepared.plan.changes, {
    mailcow,
    memory,
    log,
    owner,
    state,
    run,
    now,
    delay,
    mailboxTemplate: settings.mailboxTemplate,
    ...(prepared.passwords && { passwords: prepared.passwords }),
    ...(prepared.syncPasswordOf && { syncPasswordOf: prepared.syncPasswordOf }),
    ...(prepared.isOwnJob && { isOwnJob: prepared.isOwnJob }),
    stopping: context.stopping ?? (() => false),
    ...(context.onWritten && { onWritten: context.onWritten }),
  });
  if (prepared.judgement.complete) forget(memory, prepared, applied.done);
  const ended = applied.failed.length === 0 && applied.left.length === 0;
  state.transaction(() => {
    state.save(memory.takeChanges());
    recordFindings(context, [...prepared.plan.findings, ...refusedFindings(applied)]);
    state.replaceHolds(holds);
    if (prepared.audited !== undefined) state.prune(now());
    if (prepared.audited !== undefined && prepared.judgement.complete) {
      state.keepHeritage(stillToAdopt(prepared.plan, applied));
    }
    const retries = state.retries();
    const lookups = { made: prepared.looked, wanted: prepared.lookups };
    state.replaceRetries([...nextRetries(retries, applied, now()), ...nextLookups(retries, lookups, now())]);
    state.saveFacts({
      lastSyncGood: ended,
      ...forbidden,
      ...left,
      ...calmFacts(context, { ...start, now: now(), prepared, applied }),
      ...(ended && prepared.judgement.complete && { firstSyncDone: true }),
    });
  });
  return applied;
}

type Run = {
  readonly run: string;
  readonly started: Date;
  readonly facts: Facts;
  /** The run before this one. */
  readonly before: string | undefined;
};

/** Nothing can have changed: what is remembered of findings counts. */
function endQuietly(context: SyncContext, { run, started, facts }: Run, people: number): SyncReport {
  const { state, now } = context;
  const findings = state.findings();
  const ended = now();
  state.transaction(() => {
    state.saveFacts(quietFacts(context, { facts, now: ended, run }));
    const counts = { held: 0, failed: 0, findings: findings.length };
    state.endRun({ id: run, endedAt: ended.toISOString(), outcome: 'done', counts, message: '' });
  });
  return {
    run,
    outcome: 'done',
    audited: false,
    problems: [],
    plan: { changes: [], held: [], forbidden: [], skips: [], findings },
    done: [],
    failed: [],
    left: [],
    people,
    durationMs: ended.getTime() - started.getTime(),
  };
}

async function runFully(
  context: SyncContext,
  start: Start,
  { started, audit }: { readonly started: Date; readonly audit: boolean },
): Promise<SyncReport> {
  const { state, now } = context;
  const { run } = start;
  const prepared = await prepare(context, start, audit);
  const applied = await applyAndRemember(context, start, prepared);
  await forgetLogins(context, applied.done);
  const outcome = outcomeOf(prepared, applied);
  const counts = {
    ...countChanges(applied.done),
    held: prepared.plan.held.length,
    ...(prepared.plan.forbidden.length > 0 && { forbidden: prepared.plan.forbidden.length }),
    failed: applied.failed.length,
    ...(applied.left.length > 0 && { left: applied.left.length }),
    findings: prepared.plan.findings.length,
  };
  const endedAt = now().toISOString();
  state.endRun({ id: run, endedAt, outcome, counts, message: prepared.judgement.problems.join(' · ') });
  return {
    run,
    outcome,
    audited: prepared.audited !== undefined,
    problems: prepared.judgement.problems,
    plan: prepared.plan,
    done: applied.done,
    failed: applied.failed,
    left: applied.left,
    people: prepared.reading.people.length,
    durationMs: now().getTime() - started.getTime(),
  };
}

/** Quietly where nothing can have changed, else in full. */
async function quietlyOrFully(context: SyncContext, begun: Run, audit: boolean): Promise<SyncReport> {
  const { run, started, facts, before } = begun;
  const look = await lookFirst(context, { facts, now: started, audit, before });
  if (look.kind === 'quiet') return endQuietly(context, begun, facts.peopleSeen ?? 0);
  context.log.debug(`a full sync: ${look.why}`);
  // Whatever becomes of it: until it has ended calmly, nothing is.
  context.state.saveFacts({ quiet: DISTURBED });
  const start: Start = {
    run,
    facts,
    memory: openMemory(context.state.remembered()),
    owner: ownerOf(context.settings, facts),
    ...(look.version !== undefined && { version: look.version }),
  };
  return runFully(context, start, { started, audit });
}

/**
 * One sync. Throws when marks and ledger were given up, before anything is read and without a run in the journal; and
 * when the directory or mailcow could not be read at all, or refused us. Everything else is in the report. All other
 * runs are in the journal either way.
 */
export async function runSync(
  context: SyncContext,
  options: SyncOptions & { readonly run?: string },
): Promise<SyncReport> {
  const { state, now } = context;
  const run = options.run ?? randomUUID().slice(0, 8);
  const started = now();
  const facts = withKey(context, state.facts());
  const released = whyReleased(facts);
  if (released !== undefined) throw new Error(released);
  const before = state.lastRuns(1)[0]?.id;
  state.beginRun({ id: run, kind: options.audit ? 'audit' : 'sync', startedAt: started.toISOString() });
  try {
    return await quietlyOrFully(context, { run, started, facts, before }, options.audit);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // By its name: a sync knows no adapter.
    const counts = error instanceof Error && error.name === 'MailcowRefused' ? { refused: 1 } : {};
    state.endRun({ id: run, endedAt: now().toISOString(), outcome: 'failed', counts, message });
    throw error;
  }
}

export type PlanReport = {
  readonly plan: Plan;
  readonly complete: boolean;
  readonly problems: readonly string[];
  /** What `approve` could declare of the directory now. */
  readonly declarable: readonly string[];
};

/** Reads both sides whole and plans; writes nothing, and its reading does not count for grace. */
export async function planSync(context: SyncContext): Promise<PlanReport> {
  const { state } = context;
  const facts = state.facts();
  const memory = openMemory(state.remembered());
  const prepared = await prepareSync(context, {
    memory,
    facts,
    owner: ownerOf(context.settings, facts),
    now: context.now(),
    audit: true,
    isPlan: true,
  });
  const { complete, problems, declarable } = prepared.judgement;
  return { plan: prepared.plan, complete, problems, declarable };
}
