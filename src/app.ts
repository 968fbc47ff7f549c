/** The composition root: the only place that constructs adapters. */
import { existsSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { attendParts } from './app-attend.ts';
import { loginFilesOptions, loginWaySettings, passwordAttributes } from './app-logins.ts';
import { migrationAttributes, migrationLogins } from './app-migration.ts';
import { withMeter } from './app-monitor.ts';
import { directoryOptions, mailcowOptions, syncSettings } from './app-options.ts';
import { openLoginFiles } from './auth/login-files.ts';
import type { LeftOver } from './config/predecessors.ts';
import type { Config } from './config/schema.ts';
import { chooseLogins, type LoginChoice, type LoginSigns } from './core/choose-logins.ts';
import type { Uptime } from './core/grace.ts';
import type { Alias, Domain, Mailbox, Reading } from './core/model.ts';
import { openDirectory } from './directory/directory.ts';
import { lookUp } from './directory/lookup.ts';
import { probeDirectory, type DirectoryProbe } from './directory/probe.ts';
import { openDockerapi } from './mailcow/dockerapi.ts';
import { makeAttendant, type Attendant } from './imap/attend/attend.ts';
import type { Meter } from './http/meter.ts';
import { openMailcow } from './mailcow/mailcow.ts';
import { probeMailcow, type MailcowProbe } from './mailcow/probe.ts';
import { waitUntilReady } from './mailcow/wait.ts';
import type { EntryFinder, Log } from './ports.ts';
import type { Mailcow, SyncJobs } from './ports-mailcow.ts';
import type { State } from './ports-state.ts';
import { StateError } from './state/errors.ts';
import { findOlder, importedFrom, importOlder } from './state/import.ts';
import { stateProblem } from './state/inspect.ts';
import { sayFound, sayImported } from './state/say-older.ts';
import { takeLock, type Lock } from './state/lock.ts';
import { openState, openStateToRead } from './state/state.ts';
import { ownerOf } from './sync/owner.ts';
import type { LoginParts, SyncContext } from './sync/settings.ts';

const LOCK_WAIT_MS = 30_000;

/** Whoever needs the file says what is wrong with it; whoever only asks goes without. */
function unless<T>(kind: new (message: string) => Error, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof kind) return undefined;
    throw error;
  }
}

/** Linux tells one boot from another; elsewhere only the wall clock is left. */
function systemUptime(): Uptime | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { boot, ms: Math.round(uptime() * 1000) };
  } catch {
    return undefined;
  }
}

/** The state file; what an older tool left in its place is imported, or by a plan only read. */
export function openStateFile({ config, log, readOnly = false }: AppOptions): State {
  const { db } = config.program;
  const found = findOlder(db);
  if (found === undefined) return openState(readOnly && !existsSync(db) ? ':memory:' : db);
  if (readOnly) return openState(':memory:', found.older);
  importOlder(found, db);
  log.info(sayImported(found));
  return openState(db);
}

/**
 * The state file for reading alone, also while the daemon has it open; undefined: there is none yet, or only an older
 * tool's. Throws StateError.
 */
export function readStateFile({ program: { db } }: Config): State | undefined {
  return existsSync(db) && findOlder(db) === undefined ? openStateToRead(db) : undefined;
}

/** Under which name objects are marked, by what the state remembers. */
export const ownerName = (config: Config, state: State): string =>
  ownerOf(syncSettings(config), state.facts());

export type App = {
  readonly context: SyncContext;
  readonly mailcow: Mailcow & SyncJobs;
  /** Undefined when another sync keeps it for 30 s, or until the program is told to end. */
  readonly lock: () => Promise<Lock | undefined>;
  /** Somebody who looks after IMAP sync tasks, and logs what they do. */
  readonly attendant: (log: Log) => Attendant;
  /** Waits until mailcow answers; says once that it waits. */
  readonly waitForMailcow: (signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
};

export type AppOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly stopping?: () => boolean;
  /** A plan must not make the state file. */
  readonly readOnly?: boolean;
  /** Told of each search and each call. */
  readonly meter?: Pick<Meter, 'call' | 'search'> | undefined;
};

const delay = (ms: number): Promise<void> => sleep(ms);

const loginParts = (config: Config): LoginParts => ({
  settings: loginWaySettings(config),
  files: openLoginFiles(loginFilesOptions(config)),
  restarter: openDockerapi({ baseUrl: config.auth.dockerapiUrl, project: config.auth.composeProject }),
});

/** Opens state and adapters; nothing is contacted yet. Throws ConfigError or StateError. */
export function openApp({ config, log, stopping, meter, readOnly = false }: AppOptions): App {
  const extraPeopleAttributes = [...passwordAttributes(config), ...migrationAttributes(config)];
  const directory = openDirectory({
    ...directoryOptions(config),
    extraPeopleAttributes,
    ...(meter && { onSearch: meter.search }),
  });
  const mailcow = openMailcow(withMeter(mailcowOptions(config, log), meter));
  const state = openStateFile({ config, log, readOnly });
  const now = (): Date => new Date();
  const settings = syncSettings(config);
  return {
    mailcow,
    attendant: (ownLog) => {
      const owner = ownerOf(settings, state.facts());
      return makeAttendant(attendParts(config, { jobs: mailcow, records: state, log: ownLog, owner }));
    },
    context: {
      directory,
      mailcow,
      state,
      log,
      settings,
      now,
      uptime: systemUptime,
      delay,
      ...migrationLogins(config),
      ...(!readOnly && { logins: loginParts(config) }),
      ...(stopping && { stopping }),
    },
    lock: () =>
      takeLock({
        path: `${config.program.db}.lock`,
        waitMs: LOCK_WAIT_MS,
        delay,
        ...(stopping && { stopping }),
      }),
    waitForMailcow: async (signal) => {
      const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);
      const onWaiting = (why: string): void => {
        log.warn(`waiting for mailcow: ${why}`);
      };
      await waitUntilReady({ ping: () => mailcow.readVersion(), onWaiting, delay: wait, signal });
    },
    close: () => {
      state.close();
      mailcow.close();
    },
  };
}

/** Binds and reads for the command `check`. Throws DirectoryError. */
export function probeLdap(config: Config): Promise<DirectoryProbe> {
  return probeDirectory(directoryOptions(config));
}

/** Why the state file that is there cannot be used, for the command `check`; it is left as it is. */
export function explainState(path: string): string | undefined {
  return stateProblem(path);
}

/** What the first sync will do with an older tool's file, for the command `check`; undefined: there is none. */
export function explainOlder(path: string): string | undefined {
  const found = unless(StateError, () => findOlder(path));
  return found && sayFound(found);
}

const signs: Readonly<Record<string, LeftOver>> = {
  users: 'users',
  'users-and-aliases': 'users-and-aliases',
};

/** What of an older tool lies at the path of the state file, or once lay there. */
export function leftOverAt(path: string): LeftOver | undefined {
  return unless(StateError, () => signs[findOlder(path)?.older.tool ?? importedFrom(path) ?? '']);
}

/** Asks mailcow who it is and what the key may do, for the command `check`. Throws MailcowError. */
export function probeApi(config: Config, log: Log): Promise<MailcowProbe> {
  return probeMailcow(mailcowOptions(config, log));
}

/** Reads everybody as a sync does, for the command `check`. Throws DirectoryError. */
export function readLdap(config: Config): Promise<Reading> {
  return openDirectory(directoryOptions(config)).read();
}

/** Finds entries that a reading does not show, for the command `explain`. Throws ConfigError for a broken filter. */
export function entryFinder(config: Config): EntryFinder {
  const options = directoryOptions(config);
  return (wanted) => lookUp(options, wanted);
}

export type LoginProbe = { readonly choice: LoginChoice; readonly refusal: string | undefined };

/** Which way people would log in, for the command `check`; nothing is written. Throws MailcowError. */
export async function probeLogins(
  config: Config,
  log: Log,
  seen: Pick<LoginSigns, 'version' | 'hasAuthSource'>,
): Promise<LoginProbe> {
  const mailcow = openMailcow(mailcowOptions(config, log));
  const { files } = loginParts(config);
  try {
    const provider = await mailcow.readIdentityProvider();
    const { mode, wantsSogoSource } = loginWaySettings(config);
    const signs = { ...seen, hasProviderRoute: provider !== 'no-route', volumes: files.signs() };
    const choice = chooseLogins(mode, signs, { hasMailboxes: config.sync.mailboxes, wantsSogoSource });
    return { choice, refusal: choice.kind === 'templates' ? files.refusal() : undefined };
  } finally {
    mailcow.close();
  }
}

export type MailcowLists = {
  readonly domains: readonly Domain[];
  readonly mailboxes: readonly Mailbox[];
  readonly aliases: readonly Alias[];
};

/** The lists that the command `check` counts with. Throws MailcowError. */
export async function listApi(config: Config, log: Log): Promise<MailcowLists> {
  const mailcow = openMailcow(mailcowOptions(config, log));
  try {
    const domains = await mailcow.listDomains();
    const { mailboxes } = await mailcow.listMailboxes();
    return { domains, mailboxes, aliases: await mailcow.listAliases() };
  } finally {
    mailcow.close();
  }
}
