import { openApp } from '../app.ts';
import { openTelling } from '../app-notify.ts';
import { endRelease } from '../sync/release.ts';
import { configure, parseOptions, refusePositionals, type Command } from './command.ts';
import { exitCodeOf } from './exit.ts';
import { syncOnce } from './sync-once.ts';

/** Longer than one call may take: nobody waits for the next sync, which would be the next to try. */
const CALLS_MS = 15_000;
const LAST_CALLS_MS = 2000;

/** One sync, for cron and for hand work. */
export const syncCommand: Command = {
  summary: 'one sync, then end (also: once)',
  usage: `ldap-mailcow sync [--env FILE] [--full] [--after-release]

Reads the directory, compares, writes what differs, and ends.
  --full           read all lists of mailcow, whatever the snapshot says (an audit)
  --after-release  begin again after "release --all", with what is found in mailcow

Exit code: 0 done, 1 failed or reading incomplete, 2 configuration, 3 changes held back, 4 some changes failed,
130 or 143 cut short by a signal (SIGINT, SIGTERM): the next sync does the rest.`,
  run: async ({ args, stop, version }) => {
    const { values, positionals } = parseOptions(args, {
      full: { type: 'boolean' },
      'after-release': { type: 'boolean' },
    });
    refusePositionals(positionals);
    const { loaded, log } = configure(values);
    stop.endInOrder(stop.exitCode);
    const app = openApp({ config: loaded.config, log, stopping: stop.requested });
    const telling = openTelling({ config: loaded.config, log, state: app.context.state, version });
    const onEnd = telling?.syncEnded ?? ((): void => undefined);
    try {
      if (values['after-release'] === true) endRelease(app.context);
      return exitCodeOf(await syncOnce(app, log, { audit: values['full'] === true, stop, onEnd }), stop);
    } finally {
      await telling?.close(stop.requested() ? LAST_CALLS_MS : CALLS_MS);
      app.close();
    }
  },
};
