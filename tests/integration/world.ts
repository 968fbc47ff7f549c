/** One directory, one mailcow and the real program between them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { EnvSettings } from '../sandbox/env-file.ts';
import { first } from '../sandbox/demo/expected.ts';
import { compareHoldings, holdingsOf, type Holdings } from '../sandbox/holdings.ts';
import { startProgram, type Ended, type Started } from '../sandbox/program.ts';
import { startMailcowSide, startServers, type MailcowSide, type Servers } from '../sandbox/servers.ts';
import type { MailcowOptions } from '../support/mailcow/stand-in.ts';
import type { StartState } from '../support/mailcow/start-state.ts';

const root = resolve('.');
export const sampleCompany = join(root, 'tests/sandbox/company.ldif');

/** Long enough to be found wherever they leak. */
export const secrets = {
  apiKey: 'K3Y0FM-A1LC0W-THAT1S-N0T5H0-WN9999',
  bindPassword: 'password-of-the-service-account-Xy7',
};

const serviceAccount = `dn: ou=service,dc=example,dc=test
objectClass: organizationalUnit
ou: service

dn: cn=sync,ou=service,dc=example,dc=test
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: sync
userPassword: ${secrets.bindPassword}
`;

export type WorldOptions = {
  /** Default: the sample company with a service account that has a long password. */
  readonly ldif?: readonly string[];
  /** More entries. */
  readonly text?: string;
  readonly state?: StartState;
  /** Access lines of slapd.conf before the default ones, which show nobody a password. */
  readonly acl?: readonly string[];
};

/** The real program on mailcow's stand-in and whatever directory the settings name. */
export type Played = MailcowSide & {
  /** Runs the program to its end; settings are added to the env file. */
  run(args: readonly string[], settings?: EnvSettings): Promise<Ended>;
  start(args: readonly string[], settings?: EnvSettings): Started;
  /** `sync`, to its end. */
  sync(settings?: EnvSettings): Promise<Ended>;
  held(): Holdings;
  /** Everything that the program has printed so far. */
  output(): string;
  readonly stateFile: string;
  /** The bytes of the SQLite file and the files beside it; empty when there is none. */
  stateBytes(): string;
};

export type World = Played & Servers;

function readStateFiles(servers: MailcowSide): string {
  return readdirSync(servers.folder)
    .filter((name) => name.includes('sqlite3'))
    .sort()
    .map((name) => `${name}\n${readFileSync(join(servers.folder, name), 'latin1')}`)
    .join('\n');
}

function requireProgram(): void {
  if (!existsSync(join(root, 'dist/main.js'))) throw new Error('The program is not built: npm run build');
}

/** Runs the program in front of these servers; `stop` ends all. */
function playOn<S extends MailcowSide>(servers: S): S & Played {
  const started: Started[] = [];
  const outputs: string[] = [];
  let runs = 0;
  const start = (args: readonly string[], settings: EnvSettings = {}): Started => {
    const envFile = servers.writeEnv(`${(runs += 1)}.env`, settings);
    const program = startProgram({ root, args: [...args, '--env', envFile] });
    started.push(program);
    return program;
  };
  const run = async (args: readonly string[], settings: EnvSettings = {}): Promise<Ended> => {
    const ended = await start(args, settings).ended;
    outputs.push(ended.stdout, ended.stderr);
    return ended;
  };
  return {
    ...servers,
    start,
    run,
    sync: (settings) => run(['sync'], settings),
    held: () => holdingsOf(servers.mailcow.store.snapshot()),
    output: () => [...outputs, ...started.map(({ stderr }) => stderr())].join('\n'),
    stateFile: join(servers.folder, 'ldap-mailcow.sqlite3'),
    stateBytes: () => readStateFiles(servers),
    stop: async () => {
      for (const { child } of started) child.kill('SIGKILL');
      await Promise.all(started.map(({ ended }) => ended));
      await servers.stop();
    },
  };
}

/** Starts everything; to be ended with `stop`. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  requireProgram();
  const { ldif, text, state, acl } = options;
  const entries = [...(ldif === undefined ? [serviceAccount] : []), ...(text === undefined ? [] : [text])];
  const servers = await startServers({
    slapd: { ldif: ldif ?? [sampleCompany], text: entries.join('\n'), ...(acl && { extraAcl: acl }) },
    mailcow: { apiKey: secrets.apiKey, ...(state && { state }) },
  });
  return playOn(servers);
}

/** Runs with a world that is taken down afterwards. */
export async function withWorld(options: WorldOptions, run: (world: World) => Promise<void>): Promise<void> {
  const world = await openWorld(options);
  try {
    await run(world);
  } finally {
    await world.stop();
  }
}

/**
 * Runs the program with these settings (names without the prefix) on a directory that is already there, and on a
 * mailcow like this (default: two domains with room).
 */
export async function withDirectory(
  settings: EnvSettings,
  run: (played: Played) => Promise<void>,
  mailcow: MailcowOptions = {},
): Promise<void> {
  requireProgram();
  const options = { apiKey: secrets.apiKey, ...mailcow };
  const played = playOn(await startMailcowSide(settings, options));
  try {
    await run(played);
  } finally {
    await played.stop();
  }
}

/** A sync that must do everything it sets out to do. */
export async function syncWell(world: Played, settings?: EnvSettings): Promise<void> {
  const { code, stderr } = await world.sync(settings);
  expect({ code, log: code === 0 ? '' : stderr }).toEqual({ code: 0, log: '' });
}

/** Runs something during which mailcow must stay as it is to the last byte, and no call may write. */
export async function expectUntouched<T>(world: Played, run: () => Promise<T>): Promise<T> {
  const before = world.mailcow.store.snapshot();
  const written = world.mailcow.writes.length;
  const result = await run();
  expect(world.mailcow.writes.slice(written)).toEqual([]);
  expect(world.mailcow.store.snapshot()).toEqual(before);
  return result;
}

/** mailcow holds what the sample company says, and one more sync finds nothing to do. */
export async function expectComplete(world: World): Promise<void> {
  expect(compareHoldings(first, world.held())).toEqual([]);
  await expectUntouched(world, () => syncWell(world));
}

/** Waits until something is so; fails with a sentence when it does not come to be. */
export async function eventually(what: string, isSo: () => boolean, withinMs = 20_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`It did not come to be within ${withinMs} ms that ${what}`);
    await pause(10);
  }
}
