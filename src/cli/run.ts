import { meterOf, openConfiguredHttp } from '../app-monitor.ts';
import { openTelling, type Telling } from '../app-notify.ts';
import { startConfiguredScripts } from '../app-scripts.ts';
import { openApp, type App } from '../app.ts';
import type { Config } from '../config/schema.ts';
import type { Meter } from '../http/meter.ts';
import type { Logger } from '../observe/logger.ts';
import { nextRun } from '../schedule/cron.ts';
import { startInterval, type Scheduler, type Turn } from '../schedule/scheduler.ts';
import { startAttendance } from './attendance.ts';
import { configure, parseOptions, refusePositionals, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import type { Stop } from './stop.ts';
import { syncOnce, type OnceEnd, type OnceResult } from './sync-once.ts';
import { measureOf, openWatched, type Watched } from './watched.ts';

const turnOf = (result: OnceResult): Turn => {
  if (result === 'refused') return 'refused';
  return result === 'failed' || result === 'incomplete' ? 'failed' : 'good';
};

/** Milliseconds to the next regular sync. */
function pauseOf({ timing }: Config): () => number {
  const { schedule, intervalSeconds } = timing;
  if (schedule === undefined) return () => intervalSeconds * 1000;
  return () => Math.max(0, nextRun(schedule).getTime() - Date.now());
}

function greet(log: Logger, config: Config, version: string): void {
  const { timing, ldap, mailcow } = config;
  const when = timing.schedule === undefined ? `every ${timing.intervalSeconds} s` : `at ${timing.schedule}`;
  log.info(`ldap-mailcow ${version}: ${ldap.baseDn} on ${ldap.uris.join(', ')} -> ${mailcow.url}, ${when}`);
}

type Daemon = {
  readonly app: App;
  readonly log: Logger;
  readonly stop: Stop;
  readonly pause: () => number;
  readonly watched: Watched;
  readonly meter: Meter | undefined;
  readonly telling: Telling | undefined;
};

/** A webhook that is slow must not keep the container from stopping. */
const LAST_CALLS_MS = 2000;

function startDaemon({ app, log, stop, pause, watched, meter, telling }: Daemon): Scheduler {
  const scheduler = startInterval({
    intervalMs: pause,
    run: async (nextMs) => {
      const audit = watched.takeAudit();
      const then = (result: OnceResult): string =>
        stop.requested() ? 'stopping' : `next sync in ${Math.round(nextMs(turnOf(result)) / 1000)} s`;
      const onEnd = (end: OnceEnd): void => {
        meter?.sync(measureOf(end, { audit }));
        telling?.syncEnded(end);
      };
      return turnOf(await watched.during(() => syncOnce(app, log, { audit, stop, then, onEnd })));
    },
  });
  watched.attach(scheduler);
  stop.signal.addEventListener('abort', scheduler.stop);
  return scheduler;
}

type Attend = Pick<Daemon, 'app' | 'log' | 'stop'> & { readonly config: Config };

function attend({ app, log, stop, config: { imapsync } }: Attend): Scheduler {
  const attendance = startAttendance({
    attendant: app.attendant(log),
    log,
    pollMs: imapsync.pollSeconds * 1000,
    hasMigration: imapsync.host !== undefined,
  });
  stop.signal.addEventListener('abort', attendance.stop);
  return attendance;
}

/** The daemon: what the container runs. */
export const runCommand: Command = {
  summary: 'the daemon: one sync after another (default)',
  usage: `ldap-mailcow run [--env FILE]

Waits for mailcow, then syncs every LDAP_MAILCOW_SYNC_INTERVAL seconds (or by LDAP_MAILCOW_SYNC_SCHEDULE) until
it is told to stop (SIGTERM; exit code 0 within ten seconds). After a failed sync the next one comes after 30 s, then 60 s, and so on up to the
interval; when mailcow refuses the key or the address, after the interval, doubling, up to an hour.
SIGUSR1: sync now, reading all lists of mailcow (an audit).`,
  run: async ({ args, stop, version }) => {
    const { values, positionals } = parseOptions(args);
    refusePositionals(positionals);
    const { loaded, log } = configure(values);
    const { config } = loaded;
    // Being told to stop is how a daemon ends.
    stop.endInOrder(() => exitCodes.done);
    const pause = pauseOf(config);
    const meter = meterOf(config, version);
    const app = openApp({ config, log, stopping: stop.requested, meter });
    const watched = openWatched();
    greet(log, config, version);
    const { state } = app.context;
    const http = await openConfiguredHttp({ config, log, state, meter, ...watched }).catch(
      (error: unknown) => {
        app.close();
        throw error;
      },
    );
    const telling = openTelling({ config, log, state, version });
    process.on('SIGUSR1', () => {
      log.info('SIGUSR1: reading everything now');
      watched.demand({ audit: true });
    });
    startConfiguredScripts({ config, log, signal: stop.signal });
    try {
      await app.waitForMailcow(stop.signal).catch((error: unknown) => {
        log.error(error instanceof Error ? error.message : String(error));
      });
      if (!stop.requested()) {
        const loops = [
          startDaemon({ app, log, stop, pause, watched, meter, telling }),
          attend({ app, log, stop, config }),
        ];
        await Promise.all(loops.map(({ ended }) => ended));
      }
      log.info('stopped');
      return exitCodes.done;
    } finally {
      await Promise.all([http?.close(), telling?.close(LAST_CALLS_MS)]);
      app.close();
    }
  },
};
