import { openApp } from '../app.ts';
import { startInterval } from '../schedule/scheduler.ts';
import { configure, parseOptions, refusePositionals, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import { syncOnce } from './sync-once.ts';

/** The daemon: what the container runs. */
export const runCommand: Command = {
  summary: 'the daemon: one sync after another (default)',
  usage: `ldap-mailcow run [--env FILE]

Waits for mailcow, then syncs every LDAP_MAILCOW_SYNC_INTERVAL seconds until it is told to stop (SIGTERM).
After a failed sync the next one comes after 30 s, then 60 s, and so on up to the interval.`,
  run: async ({ args, stop, version }) => {
    const { values, positionals } = parseOptions(args);
    refusePositionals(positionals);
    const { loaded, log } = configure(values);
    const { config } = loaded;
    const app = openApp({ config, log, stopping: stop.requested });
    const intervalMs = config.timing.intervalSeconds * 1000;
    log.info(
      `ldap-mailcow ${version}: ${config.ldap.baseDn} on ${config.ldap.uris.join(', ')} -> ${config.mailcow.url}, every ${config.timing.intervalSeconds} s`,
    );
    try {
      await app.waitForMailcow(stop.signal).catch((error: unknown) => {
        log.error(error instanceof Error ? error.message : String(error));
      });
      if (stop.requested()) return exitCodes.done;
      const scheduler = startInterval({
        intervalMs,
        run: async (nextMs) => {
          const isGood = (outcome: string): boolean => outcome !== 'failed' && outcome !== 'incomplete';
          const outcome = await syncOnce(app, log, {
            audit: false,
            then: (ended) =>
              stop.requested() ? 'stopping' : `next sync in ${Math.round(nextMs(isGood(ended)) / 1000)} s`,
          });
          return isGood(outcome);
        },
      });
      stop.signal.addEventListener('abort', scheduler.stop);
      await scheduler.ended;
      log.info('stopped');
      return exitCodes.done;
    } finally {
      app.close();
    }
  },
};
