/**
 * The figures for Prometheus, named by its conventions (prometheus.io/docs/practices/naming). No label ever holds an
 * address, a DN or anything else that names somebody.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Change, ChangeKind, Resource } from '../core/change.ts';
import type { Figures, RunKind } from '../ports-state.ts';

/** What the program is at, of the state. */
export type Standing = Figures & { readonly lastGoodAt: Date | undefined; readonly failures: number };

export type SyncMeasure = {
  readonly kind: RunKind;
  /** Of a sync that ran to its end; undefined: it failed. */
  readonly seconds: number | undefined;
  readonly outcome: string;
  readonly done: readonly Change[];
  readonly failed: readonly Change[];
};

export type Meter = {
  readonly call: (call: { readonly route: string; readonly status: number | undefined }) => void;
  readonly search: (search: { readonly complete: boolean }) => void;
  readonly sync: (sync: SyncMeasure) => void;
  readonly render: (standing: Standing) => Promise<{ readonly type: string; readonly text: string }>;
};

/** What is said from the start, so that the first of its kind is an increase (prometheus.io: avoid missing metrics). */
const usual: Readonly<Record<Resource, readonly ChangeKind[]>> = {
  mailbox: ['create', 'update', 'rename', 'deactivate', 'reactivate', 'delete', 'adopt'],
  alias: ['create', 'update', 'deactivate', 'reactivate', 'remove', 'adopt'],
  domain: ['create', 'update', 'delete'],
  filter: ['create', 'update', 'remove'],
  syncjob: ['create', 'update', 'deactivate', 'reactivate'],
};

const runKinds: readonly RunKind[] = ['sync', 'audit'];
const secondsBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];

function outcomeOfCall(status: number | undefined): string {
  if (status === undefined) return 'no-answer';
  if (status === 401 || status === 403) return 'refused';
  // mailcow says 200 to most of what it refuses: the verdict is in the body (DESIGN.md 4.14).
  return status < 400 ? 'answered' : 'error';
}

function openCounters(registry: Registry) {
  const registers = [registry];
  return {
    duration: new Histogram({
      name: 'ldap_mailcow_sync_duration_seconds',
      help: 'How long syncs took that ran to their end, by kind; an audit reads all lists of mailcow.',
      labelNames: ['kind'],
      buckets: secondsBuckets,
      registers,
    }),
    syncs: new Counter({
      name: 'ldap_mailcow_syncs_total',
      help: 'Syncs of the daemon by outcome.',
      labelNames: ['outcome'],
      registers,
    }),
    changes: new Counter({
      name: 'ldap_mailcow_changes_total',
      help: 'Changes written to mailcow, and those that failed.',
      labelNames: ['kind', 'resource', 'result'],
      registers,
    }),
    calls: new Counter({
      name: 'ldap_mailcow_api_calls_total',
      help: "Calls of mailcow's API by route and by what came of the exchange.",
      labelNames: ['route', 'outcome'],
      registers,
    }),
    searches: new Counter({
      name: 'ldap_mailcow_ldap_searches_total',
      help: 'Searches of the directory: complete, or cut short.',
      labelNames: ['outcome'],
      registers,
    }),
  };
}

function openGauges(registry: Registry) {
  const registers = [registry];
  return {
    lastSuccess: new Gauge({
      name: 'ldap_mailcow_last_success_timestamp_seconds',
      help: 'When the last good sync ended; 0: never.',
      registers,
    }),
    failures: new Gauge({
      name: 'ldap_mailcow_consecutive_failures',
      help: 'Syncs that failed since the last good one.',
      registers,
    }),
    held: new Gauge({
      name: 'ldap_mailcow_held_changes',
      help: 'Changes that the guard holds back until they are approved.',
      registers,
    }),
    managed: new Gauge({
      name: 'ldap_mailcow_managed',
      help: 'Managed objects by kind; lists are mailboxes of groups.',
      labelNames: ['kind'],
      registers,
    }),
    findings: new Gauge({
      name: 'ldap_mailcow_findings',
      help: 'Open findings by code.',
      labelNames: ['code'],
      registers,
    }),
  };
}

type Counters = ReturnType<typeof openCounters>;
type Gauges = ReturnType<typeof openGauges>;

function startAtZero({ duration, changes, searches }: Counters): void {
  for (const kind of runKinds) duration.zero({ kind });
  for (const [resource, kinds] of Object.entries(usual)) {
    for (const kind of kinds) {
      for (const result of ['done', 'failed']) changes.inc({ kind, resource, result }, 0);
    }
  }
  for (const outcome of ['complete', 'cut']) searches.inc({ outcome }, 0);
}

function setGauges(gauges: Gauges, { managed, findings, held, lastGoodAt, failures }: Standing): void {
  gauges.lastSuccess.set((lastGoodAt?.getTime() ?? 0) / 1000);
  gauges.failures.set(failures);
  gauges.held.set(held);
  for (const [kind, count] of Object.entries(managed)) gauges.managed.set({ kind }, count);
  // A finding that is mended is gone, not 0: there are as many codes as there are findings now.
  gauges.findings.reset();
  for (const [code, count] of Object.entries(findings)) gauges.findings.set({ code }, count);
}

function countSync({ duration, syncs, changes }: Counters, sync: SyncMeasure): void {
  syncs.inc({ outcome: sync.outcome });
  if (sync.seconds !== undefined) duration.observe({ kind: sync.kind }, sync.seconds);
  for (const { kind, resource } of sync.done) changes.inc({ kind, resource, result: 'done' });
  for (const { kind, resource } of sync.failed) changes.inc({ kind, resource, result: 'failed' });
}

/** Counts from now on; those of the process itself are among them. */
export function openMeter({ version, node }: { readonly version: string; readonly node: string }): Meter {
  const registry = new Registry();
  // Its default looks a hundred times a second, which an idle daemon would do nothing else but.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  new Gauge({
    name: 'ldap_mailcow_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node }, 1);
  const gauges = openGauges(registry);
  const counters = openCounters(registry);
  startAtZero(counters);
  return {
    call: ({ route, status }) => {
      counters.calls.inc({ route, outcome: outcomeOfCall(status) });
    },
    search: ({ complete }) => {
      counters.searches.inc({ outcome: complete ? 'complete' : 'cut' });
    },
    sync: (sync) => {
      countSync(counters, sync);
    },
    render: async (standing) => {
      setGauges(gauges, standing);
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}
