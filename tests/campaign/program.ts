/** The program under test: in this process for speed, or as a real child process that can be killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { openApp, type App } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { syncOnce, type OnceResult } from '../../src/cli/sync-once.ts';
import type { Stop } from '../../src/cli/stop.ts';
import type { Logger } from '../../src/observe/logger.ts';
import type { World } from './world.ts';

/** The pauses between two readings of one object are 2 s in earnest. */
const FASTER = 20;

function loggerOf(world: World): Logger {
  const say = (message: string): void => {
    world.story.push(`    log: ${message}`);
  };
  const logger: Logger = { error: say, warn: say, info: say, debug: () => undefined, child: () => logger };
  return logger;
}

/** Opens the program in this process, with the world's clock. */
export function openHere(world: World): App {
  const { config } = loadConfig({ env: {}, envFile: world.writeEnv() });
  const app = openApp({ config, log: loggerOf(world) });
  const uptime = app.context.uptime?.();
  return {
    ...app,
    context: {
      ...app.context,
      now: () => new Date(Date.now() + world.now.wallMs),
      ...(uptime && { uptime: () => ({ boot: uptime.boot, ms: uptime.ms + world.now.uptimeMs }) }),
      delay: (ms) => new Promise((done) => setTimeout(done, ms / FASTER)),
    },
  };
}

/** No signal reaches a sync in this process. */
const unstopped: Stop = {
  signal: new AbortController().signal,
  requested: () => false,
  exitCode: () => 0,
  endInOrder: () => undefined,
  withLastWords: (_words, work) => work(),
};

/** One sync in this process. */
export async function syncHere(world: World, options: { readonly full: boolean }): Promise<OnceResult> {
  const app = openHere(world);
  world.count('syncs');
  try {
    const result = await syncOnce(app, loggerOf(world), { audit: options.full, stop: unstopped });
    if (['done', 'held', 'changes-failed'].includes(result)) world.watcher.readings.confirm();
    return result;
  } finally {
    app.close();
  }
}

export type Ended = { readonly code: number | undefined; readonly log: string };

export type Child = {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** How many syncs of it have begun, and how many have ended. */
  readonly syncs: () => { readonly begun: number; readonly ended: number };
};

/** Starts the built program with the world's clock. */
export function startChild(world: World, args: readonly string[]): Child {
  const { root, now } = world;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import',
      `${root}/tests/campaign/clock.ts`,
      `${root}/dist/main.js`,
      ...args,
      '--env',
      world.writeEnv(),
    ],
    {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        CAMPAIGN_WALL_MS: String(now.wallMs),
        CAMPAIGN_UPTIME_MS: String(now.uptimeMs),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  now.child = child;
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = new Promise<Ended>((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => {
      now.child = undefined;
      world.story.push(
        ...log
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => `    log: ${line}`),
      );
      done({ code: code ?? undefined, log });
    });
  });
  const times = (pattern: RegExp): number => log.match(pattern)?.length ?? 0;
  const syncs: Child['syncs'] = () => ({
    begun: times(/\] sync starts/g),
    ended: times(/\] sync (?!starts)/g),
  });
  return { process: child, ended, syncs };
}

/** One sync as a child process, to its end. */
export async function syncChild(world: World): Promise<Ended> {
  world.count('syncs');
  world.count('child processes');
  const ended = await startChild(world, ['sync']).ended;
  if (ended.code !== undefined && [0, 3, 4].includes(ended.code)) world.watcher.readings.confirm();
  return ended;
}
