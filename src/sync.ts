/**
 * One reconciliation: read the directory, derive the desired state, read mailcow, make a plan, guard it,
 * apply it, remember it. The ports are in `ports.ts`; nothing here knows an adapter.
 */
import { randomUUID } from 'node:crypto';
import { sortFindings, type Plan } from './core/change.ts';
import type { Finding } from './core/model.ts';
import type { SnapshotEntry } from './core/grace.ts';
import type { Facts, KnownFinding, RunOutcome } from './ports.ts';
import { applyPlan, type Applied } from './sync/apply.ts';
import { holdsOf, logHolds } from './sync/holds.ts';
import { openMemory, type Memory } from './sync/memory.ts';
import { prepareSync, type Prepared } from './sync/prepare.ts';
import { countChanges, type SyncReport } from './sync/report.ts';
import { nextLookups, nextRetries } from './sync/retries.ts';
import type { SyncContext } from './sync/settings.ts';
import { settle } from './sync/settle.ts';

export type SyncOptions = {
  /** Read all lists whatever the snapshot says. */
  readonly audit: boolean;
};

/** The name under which objects are marked: configured, or fixed at the first start. */
function ownerOf(context: SyncContext, facts: Facts): string {
  return context.settings.owner ?? facts.owner ?? context.settings.derivedOwner;
}

/** Why all lists must be read, or undefined when the snapshot may be trusted. */
function whyAudit(context: SyncContext, facts: Facts, version: string): string | undefined {
  const { settings } = context;
  if (facts.lastAuditAt === undefined) return 'there was none yet';
  if (facts.lastSyncGood !== true) return 'the last sync did not end well';
  if (facts.configDigest !== settings.configDigest) return 'the configuration changed';
  if (facts.mailcowVersion !== version) return `mailcow is ${version} now`;
  const age = context.now().getTime() - Date.parse(facts.lastAuditAt);
  if (age < 0) return 'the clock went back';
  return age >= settings.auditIntervalMs ? 'the last one is old' : undefined;
}

/** Writes whose answer a crash swallowed: read until mailcow is at rest, before anything else (DESIGN.md 4.15). */
async function settleOpenIntents(context: SyncContext, memory: Memory): Promise<boolean> {
  const { state, mailcow, delay, log, now } = context;
  const open = state.openIntents();
  if (open.length === 0) return false;
  log.warn(`${open.length} writes were cut short last time: reading what became of them`);
  for (const intent of open) {
    await settle(intent.change, { mailcow, memory, delay });
    state.endIntent({ seq: intent.seq, end: 'settled', at: now().toISOString() });
  }
  return true;
}

/** Ledger rows and snapshot entries that nothing refers to any more. */
function forget(memory: Memory, prepared: Prepared): void {
  const { ledger, current } = memory;
  const { gone, snapshot } = prepared.grace;
  for (const [resource, rows, objects] of [
    ['mailbox', ledger.mailboxes, current.mailboxes],
    ['alias', ledger.aliases, current.aliases],
  ] as const) {
    for (const row of [...rows.values()]) {
      if (gone.has(row.directoryId) && !objects.has(row.key)) memory.disown(resource, row.key);
    }
  }
  const owners = new Set(
    [...ledger.mailboxes.values(), ...ledger.aliases.values()].map((row) => row.directoryId),
  );
  const kept = [...snapshot].filter(([id]) => !gone.has(id) || owners.has(id));
  if (kept.length < snapshot.size) memory.replaceSnapshot(new Map(kept));
}

const refusedFindings = (applied: Applied): readonly Finding[] =>
  applied.failed
    .filter((failure) => failure.words.length > 0)
    .map((failure) => ({
      code: 'refused-by-mailcow',
      subject: failure.change.key,
      message: `${failure.change.kind} ${failure.change.resource}: ${failure.why}`,
    }));

/** Each finding is logged once when it appears and once when it goes. */
function recordFindings(context: SyncContext, findings: readonly Finding[]): void {
  const { state, log, now } = context;
  const keyOf = ({ code, subject }: Finding): string => `${code}\n${subject}`;
  const before = new Map(state.findings().map((finding) => [keyOf(finding), finding]));
  const after: KnownFinding[] = [];
  for (const finding of sortFindings(findings)) {
    const known = before.get(keyOf(finding));
    after.push({ ...finding, since: known?.since ?? now().toISOString() });
    if (known === undefined) log.warn(`finding ${finding.code}: ${finding.subject}: ${finding.message}`);
    before.delete(keyOf(finding));
  }
  for (const finding of before.values()) log.info(`settled ${finding.code}: ${finding.subject}`);
  state.replaceFindings(after);
}

function outcomeOf(prepared: Prepared, applied: Applied): RunOutcome {
  if (applied.failed.length > 0) return 'changes-failed';
  if (!prepared.judgement.complete) return 'incomplete';
  return prepared.plan.held.length > 0 ? 'held' : 'done';
}

/** Owners known only by their marks are missing from now on, with all the delays of everybody else (DESIGN.md 4.5). */
function withPlaceholders(
  snapshot: ReadonlyMap<string, SnapshotEntry>,
  { ledger }: Memory,
): ReadonlyMap<string, SnapshotEntry> {
  const result = new Map(snapshot);
  for (const row of [...ledger.mailboxes.values(), ...ledger.aliases.values()]) {
    if (result.has(row.directoryId)) continue;
    result.set(row.directoryId, {
      kind: 'person',
      entry: { id: row.directoryId, dn: '', attributes: {} },
      missing: 0,
      missingSince: undefined,
      countedAt: undefined,
      scopeChanged: false,
      arrivedByScope: false,
    });
  }
  return result;
}

type Start = { readonly run: string; readonly facts: Facts; readonly memory: Memory; readonly owner: string };

async function prepare(context: SyncContext, start: Start, audit: boolean): Promise<Prepared> {
  const { facts, memory, owner } = start;
  const settled = await settleOpenIntents(context, memory);
  const version = await context.mailcow.readVersion();
  const why = settled ? 'writes were cut short' : whyAudit(context, facts, version);
  if (why !== undefined) context.log.debug(`reading all lists of mailcow: ${why}`);
  const now = context.now();
  const prepared = await prepareSync(context, {
    memory,
    facts,
    owner,
    now,
    audit: audit || why !== undefined,
  });
  memory.replaceSnapshot(withPlaceholders(prepared.grace.snapshot, memory));
  context.state.transaction(() => {
    context.state.save(memory.takeChanges());
    context.state.saveFacts({
      ...prepared.facts,
      owner,
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
  const { memory, run, owner } = start;
  const holds = holdsOf(prepared.plan.held);
  logHolds(log, holds);
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
    stopping: context.stopping ?? (() => false),
  });
  if (prepared.judgement.complete) forget(memory, prepared);
  const ended = applied.failed.length === 0 && applied.left.length === 0;
  state.transaction(() => {
    state.save(memory.takeChanges());
    recordFindings(context, [...prepared.plan.findings, ...refusedFindings(applied)]);
    state.replaceHolds(holds);
    const retries = state.retries();
    const lookups = { made: prepared.looked, wanted: prepared.lookups };
    state.replaceRetries([...nextRetries(retries, applied, now()), ...nextLookups(retries, lookups, now())]);
    state.saveFacts({
      lastSyncGood: ended,
      ...(ended && prepared.judgement.complete && { firstSyncDone: true }),
    });
  });
  return applied;
}

/**
 * One sync. Throws when the directory or mailcow could not be read at all, or refused us; everything else is
 * in the report. The run is in the journal either way.
 */
export async function runSync(
  context: SyncContext,
  options: SyncOptions & { readonly run?: string },
): Promise<SyncReport> {
  const { state, now } = context;
  const run = options.run ?? randomUUID().slice(0, 8);
  const started = now();
  const facts = state.facts();
  const start = { run, facts, memory: openMemory(state.remembered()), owner: ownerOf(context, facts) };
  state.beginRun({ id: run, kind: options.audit ? 'audit' : 'sync', startedAt: started.toISOString() });
  try {
    const prepared = await prepare(context, start, options.audit);
    const applied = await applyAndRemember(context, start, prepared);
    const outcome = outcomeOf(prepared, applied);
    const counts = {
      ...countChanges(applied.done),
      held: prepared.plan.held.length,
      failed: applied.failed.length,
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
      people: prepared.reading.people.length,
      durationMs: now().getTime() - started.getTime(),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    state.endRun({ id: run, endedAt: now().toISOString(), outcome: 'failed', counts: {}, message });
    throw error;
  }
}

export type PlanReport = {
  readonly plan: Plan;
  readonly complete: boolean;
  readonly problems: readonly string[];
};

/** Reads both sides whole and plans; writes nothing, and its reading does not count for grace. */
export async function planSync(context: SyncContext): Promise<PlanReport> {
  const { state } = context;
  const facts = state.facts();
  const memory = openMemory(state.remembered());
  const prepared = await prepareSync(context, {
    memory,
    facts,
    owner: ownerOf(context, facts),
    now: context.now(),
    audit: true,
  });
  const { complete, problems } = prepared.judgement;
  return { plan: prepared.plan, complete, problems };
}
