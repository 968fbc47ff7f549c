/** A whole world for a sync: scripted directory, state, clock, and a mailcow of the test's choice. */
import type { DirectoryEntry, Reading } from '../../src/core/model.ts';
import type { MailcowWithJobs } from '../../src/ports-mailcow.ts';
import type { MigrationLogins } from '../../src/ports-migration.ts';
import type { State } from '../../src/ports-state.ts';
import { openState } from '../../src/state/state.ts';
import { runSync } from '../../src/sync.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import type { SyncContext, SyncSettings } from '../../src/sync/settings.ts';
import { OWNER, reading } from './builders.ts';
import { settings as planSettings } from './builders-plan.ts';
import { keepingLog, scriptedDirectory, type Line, type ScriptedDirectory } from './memory-directory.ts';

export type SettingsPatch = Partial<Omit<SyncSettings, 'plan'>> & {
  readonly plan?: Partial<SyncSettings['plan']>;
};

/** The settings of RULES.md: grace of two readings without spacing, audits once an hour. */
export function syncSettings(patch: SettingsPatch = {}): SyncSettings {
  const { owner: _owner, ...plan } = planSettings;
  return {
    mapping: { quota: 'mailQuota' },
    readGroups: true,
    groupPolicies: [],
    owner: OWNER,
    derivedOwner: 'derived',
    policy: 'sync',
    mailboxTemplate: undefined,
    graceReadings: 2,
    graceSpacingMs: 0,
    auditIntervalMs: 3_600_000,
    scope: 'scope-1',
    configDigest: 'digest-1',
    ...patch,
    plan: { ...plan, ...patch.plan },
  };
}

export type SyncWorld<M extends MailcowWithJobs = MailcowWithJobs> = {
  readonly mailcow: M;
  readonly directory: ScriptedDirectory;
  readonly lines: Line[];
  /** May be replaced: a new process, a lost file, another configuration. */
  state: State;
  settings: SyncSettings;
  clock: Date;
  stopping: () => boolean;
  /** The passwords of a migration, as they are found from now on. */
  migrationLogins: MigrationLogins | undefined;
  readonly context: () => SyncContext;
  /** One sync; the people (or the reading) are what the directory says from now on. */
  readonly sync: (
    says?: readonly DirectoryEntry[] | Partial<Reading> | Error,
    options?: { readonly audit?: boolean; readonly minutes?: number },
  ) => Promise<SyncReport>;
};

const isList = (says: readonly DirectoryEntry[] | Partial<Reading>): says is readonly DirectoryEntry[] =>
  Array.isArray(says);

const toReading = (says: readonly DirectoryEntry[] | Partial<Reading>): Reading =>
  isList(says) ? reading(says) : reading(says.people ?? [], says);

/** A world at noon; each sync comes a minute after the last one. */
export function openWorld<M extends MailcowWithJobs>(
  mailcow: M,
  options: { readonly state?: State; readonly settings?: SettingsPatch } = {},
): SyncWorld<M> {
  const log = keepingLog();
  const directory = scriptedDirectory(reading([]));
  const readLogins = (): MigrationLogins =>
    world.migrationLogins ?? { kind: 'read', passwordOf: () => undefined };
  const world: SyncWorld<M> = {
    mailcow,
    directory,
    lines: log.lines,
    state: options.state ?? openState(':memory:'),
    settings: syncSettings(options.settings),
    clock: new Date('2026-06-01T12:00:00Z'),
    stopping: () => false,
    migrationLogins: undefined,
    context: () => ({
      directory,
      mailcow,
      state: world.state,
      log,
      settings: world.settings,
      now: () => world.clock,
      delay: () => Promise.resolve(),
      stopping: () => world.stopping(),
      ...(world.migrationLogins && { readMigrationLogins: readLogins }),
    }),
    sync: (says, { audit = false, minutes = 1 } = {}) => {
      world.clock = new Date(world.clock.getTime() + minutes * 60_000);
      if (says instanceof Error) directory.now = says;
      else if (says !== undefined) directory.now = toReading(says);
      return runSync(world.context(), { audit });
    },
  };
  return world;
}
