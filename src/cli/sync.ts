import { openApp } from '../app.ts';
import { endRelease } from '../sync/release.ts';
import { configure, parseOptions, refusePositionals, type Command } from './command.ts';
import { exitCodeOf } from './exit.ts';
import { syncOnce } from './sync-once.ts';

/** One sync, for cron and for hand work. */
export const syncCommand: Command = {
  summary: 'one sync, then end (also: once)',
  usage: `ldap-mailcow sync [--env FILE] [--full] [--after-release]

Reads the directory, compares, writes what differs, and ends.
  --full           read all lists of mailcow, whatever the snapshot says (an audit)
  --after-release  begin again after "release --all", with what is found in mailcow

Exit code: 0 done, 1 failed or reading incomplete, 2 configuration, 3 changes held back, 4 some changes failed,
130 or 143 cut short by a signal (SIGINT, SIGTERM): the next sync does the rest.`,
  run: async ({ args, stop }) => {
    const { values, positionals } = parseOptions(args, {
      full: { type: 'boolean' },
      'after-release': { type: 'boolean' },
    });
    refusePositionals(positionals);
    const { loaded, log } = configure(values);
    stop.endInOrder(stop.exitCode);
    const app = openApp({ config: loaded.config, log, stopping: stop.requested });
    try {
      if (values['after-release'] === true) endRelease(app.context);
      return exitCodeOf(await syncOnce(app, log, { audit: values['full'] === true, stop }), stop);
    } finally {
      app.close();
    }
  },
};
