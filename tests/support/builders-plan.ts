/** A scene of directory, mailcow and ledger, and the plan that follows from it, nothing read or written. */
import { sortFindings, sortForApply, type Change } from '../../src/core/change.ts';
import type { DomainSettings } from '../../src/core/domain-settings.ts';
import { judgeAbsence, type GraceResult } from '../../src/core/grace.ts';
import type { GroupPolicyRule } from '../../src/core/group-policy.ts';
import { importedId, type Heritage, type HeritageEntry } from '../../src/core/heritage.ts';
import type { ListFilter } from '../../src/core/list-filter.ts';
import type { MailboxJobs } from '../../src/core/migration.ts';
import type { Mapping } from '../../src/core/mapping.ts';
import type { Alias, DirectoryEntry, Domain, Mailbox, MemberEntries } from '../../src/core/model.ts';
import type { Draft } from '../../src/core/plan.ts';
import type { PlanSettings } from '../../src/core/plan-context.ts';
import { draftFrom } from '../../src/sync/draft.ts';
import { openMemory, type Memory } from '../../src/sync/memory.ts';
import {
  at,
  brief,
  briefFinding,
  currentOf,
  domain,
  mapping as ordinaryMapping,
  markOf,
  OWNER,
  reading,
  snapshotEntry,
  type Owned,
} from './builders.ts';

export const settings: PlanSettings = {
  owner: OWNER,
  syncMailboxes: true,
  syncAliases: true,
  syncLists: true,
  adopt: true,
  disableDeleted: true,
  inactiveState: 0,
  newQuotaMiB: 3072,
  protectedAddresses: new Set(),
};

export type Scene = {
  readonly domains?: readonly Domain[];
  /** What mailcow holds and we do not manage. */
  readonly mailboxes?: readonly Mailbox[];
  readonly aliases?: readonly Alias[];
  /** Of mailboxes that are lists. */
  readonly filters?: readonly ListFilter[];
  /** What mailboxes have for sync jobs. */
  readonly syncJobs?: readonly MailboxJobs[];
  /** A digest of the password there; undefined: no sync job is made. */
  readonly syncDigestOf?: (address: string) => string | undefined;
  /** What mailcow holds and the ledger knows. */
  readonly managed?: readonly Owned[];
  readonly people?: readonly DirectoryEntry[];
  readonly groups?: readonly DirectoryEntry[];
  /** Missing in this reading for the first time. */
  readonly inGrace?: readonly DirectoryEntry[];
  /** Missing for long enough. */
  readonly gone?: readonly DirectoryEntry[];
  /** Ids of what none asks for (core/watch.ts), for long enough. */
  readonly watched?: readonly string[];
  /** False: the reading proves no absence. */
  readonly complete?: boolean;
  readonly settings?: Partial<PlanSettings>;
  readonly mapping?: Mapping;
  readonly groupPolicies?: readonly GroupPolicyRule[];
  readonly members?: MemberEntries;
  /** What an older tool left. */
  readonly heritage?: readonly HeritageEntry[];
  /** Ids of mailbox changes that are not made. */
  readonly dropped?: readonly string[];
  /** Distinct days with a complete reading without those who are gone. */
  readonly missingDays?: number;
  readonly clockTrusted?: boolean;
  /** Addresses of mailboxes whose deletion stopped half-way. */
  readonly halfDeleted?: readonly string[];
};

const present = <T>(items: readonly (T | undefined)[]): readonly T[] =>
  items.filter((item) => item !== undefined);

function memoryOf(scene: Scene): Memory {
  const managed = scene.managed ?? [];
  const current = currentOf({
    ...(scene.domains && { domains: scene.domains }),
    mailboxes: [...(scene.mailboxes ?? []), ...present(managed.map((one) => one.mailbox))],
    aliases: [...(scene.aliases ?? []), ...present(managed.map((one) => one.alias))],
  });
  const rows = managed.map((one) => one.row);
  const keyed = (resource: string): Map<string, Owned['row']> =>
    new Map(rows.filter((one) => one.resource === resource).map((one) => [one.key, one]));
  const memory = openMemory({
    snapshot: new Map(),
    domains: new Map(current.domains),
    mailboxes: new Map(current.mailboxes),
    aliases: new Map(current.aliases),
    filters: new Map((scene.filters ?? []).map((one) => [one.address, one])),
    syncJobs: new Map((scene.syncJobs ?? []).map((one) => [one.mailbox, one])),
    ledgerMailboxes: keyed('mailbox'),
    ledgerAliases: keyed('alias'),
  });
  for (const name of scene.halfDeleted ?? []) memory.setHalfDeleted(at(name), true);
  return memory;
}

const kindOf = ({ dn }: DirectoryEntry): { kind: 'person' | 'group' } => ({
  kind: dn.includes('ou=Groups') ? 'group' : 'person',
});

function graceOf(scene: Scene): GraceResult {
  const { people = [], groups = [], inGrace = [], gone = [], watched = [], complete = true } = scene;
  const first = '2026-01-01T00:00:00.000Z';
  const days = scene.missingDays === undefined ? {} : { missingDays: scene.missingDays - 1 };
  const since = { missing: 1, missingSince: first, countedAt: first, ...days };
  const before = [
    ...[...people, ...inGrace].map((entry) => snapshotEntry(entry, kindOf(entry))),
    ...groups.map((entry) => snapshotEntry(entry, { kind: 'group' })),
    ...gone.map((entry) => snapshotEntry(entry, { ...since, ...kindOf(entry) })),
    ...watched.map((id) => snapshotEntry({ id, dn: '', attributes: {} }, { ...since, kind: 'watch' })),
  ];
  return judgeAbsence({
    snapshot: new Map(before.map((one) => [one.entry.id, one])),
    reading: reading(people, { groups }),
    complete,
    scopeChanged: false,
    now: new Date('2026-01-02T00:00:00Z'),
    settings: { readings: 2, spacingMs: 0 },
  });
}

const heritageOf = (entries: readonly HeritageEntry[]): Heritage => {
  const of = (wanted: HeritageEntry['resource']): ReadonlyMap<string, HeritageEntry> =>
    new Map(entries.filter(({ resource }) => resource === wanted).map((entry) => [entry.key, entry]));
  return { mailboxes: of('mailbox'), aliases: of('alias') };
};

/** The draft of a scene: before policy and guard. */
export function draftOf(scene: Scene): Draft {
  return draftFrom({
    memory: memoryOf(scene),
    grace: graceOf(scene),
    complete: scene.complete ?? true,
    mapping: scene.mapping ?? ordinaryMapping,
    settings: { ...settings, ...scene.settings },
    clockTrusted: scene.clockTrusted ?? true,
    ...(scene.groupPolicies && { groupPolicies: scene.groupPolicies }),
    ...(scene.members && { members: scene.members }),
    ...(scene.heritage && { heritage: heritageOf(scene.heritage) }),
    ...(scene.syncDigestOf && { syncDigestOf: scene.syncDigestOf }),
    ...(scene.dropped && { dropped: new Set(scene.dropped) }),
  });
}

/** Changes in the order of writing, in short words. */
const briefChanges = (changes: readonly Change[]): readonly string[] => sortForApply(changes).map(brief);

export type BriefPlan = {
  readonly writes: readonly string[];
  readonly findings: readonly string[];
  readonly skips: readonly string[];
};

/** The whole draft in short words. */
export function briefPlan(scene: Scene): BriefPlan {
  const draft = draftOf(scene);
  return {
    writes: briefChanges(draft.changes),
    findings: sortFindings(draft.findings).map(briefFinding),
    skips: draft.skips.map(({ resource, key }) => `${resource} ${key.replace(/@example\.test$/, '')}`).sort(),
  };
}

/** One row of a table of plans: writes, and as notes the findings, and the skips in brackets. */
export function briefRow(scene: Scene): {
  readonly writes: readonly string[];
  readonly notes: readonly string[];
} {
  const { writes, findings, skips } = briefPlan(scene);
  return { writes, notes: [...findings, ...skips.map((skip) => `(${skip})`)] };
}

/** What an older tool left working, by names of mailboxes and aliases. */
export const importedHeritage = (
  mailboxes: readonly string[],
  aliases: readonly string[],
): readonly HeritageEntry[] =>
  (['mailbox', 'alias'] as const).flatMap((resource) =>
    (resource === 'mailbox' ? mailboxes : aliases).map((name) => ({
      resource,
      key: at(name),
      id: importedId(name),
      active: true,
    })),
  );

/** A domain of ours that is as the settings below want it. */
export const ourDomain = (name: string, fields: Partial<Domain> = {}): Domain =>
  domain(name, {
    description: markOf('domain'),
    maxMailboxes: 100,
    maxAliases: 200,
    defaultQuotaMiB: 1024,
    maxMailboxQuotaMiB: 10_240,
    quotaMiB: 102_400,
    ...fields,
  });

/** Managed domains as tests want them. */
export const managedDomains: DomainSettings = {
  quotaMiB: undefined,
  mailboxes: 100,
  aliases: 200,
  defaultMailboxQuotaMiB: 1024,
  gal: true,
  skipUnmanaged: false,
  exclusive: false,
};
