import { openApp } from '../app.ts';
import type { Config } from '../config/schema.ts';
import type { RunRecord } from '../ports-state.ts';
import { regularRunAfter } from '../schedule/regular.ts';
import { configure, parseOptions, refusePositionals, type Command } from './command.ts';
import { exitCodes } from './exit.ts';

/** After a refusal the daemon waits up to an hour on purpose. */
const LONGEST_PAUSE_MS = 70 * 60_000;
/** A first sync of many thousand people takes hours: mailcow is slow. */
const LONGEST_SYNC_MS = 24 * 60 * 60_000;

/** Until when nobody has to worry. */
function patienceEnds(last: RunRecord, { timing }: Config): number {
  if (last.endedAt === undefined) return Date.parse(last.startedAt) + LONGEST_SYNC_MS;
  const ended = new Date(last.endedAt);
  return Math.max(regularRunAfter(timing, ended, 3).getTime(), ended.getTime() + LONGEST_PAUSE_MS);
}

/** For Docker: the daemon is alive when it synced not long ago; LDAP or mailcow being down is not its fault. */
export const healthcheckCommand: Command = {
  summary: 'for Docker: is the daemon still at work?',
  usage: `ldap-mailcow healthcheck [--env FILE]

Exit code 0 when a sync ended within the last three intervals (and at least 70 minutes) or is running, 1 otherwise.
A directory or a mailcow that is down does not make it unhealthy.`,
  run: ({ args, print }) => {
    const { values, positionals } = parseOptions(args);
    refusePositionals(positionals);
    const { loaded, log } = configure(values);
    const app = openApp({ config: loaded.config, log, readOnly: true });
    try {
      const [last] = app.context.state.lastRuns(1);
      if (last === undefined) {
        print('no sync yet');
        return Promise.resolve(exitCodes.failed);
      }
      const age = Date.now() - Date.parse(last.endedAt ?? last.startedAt);
      const what = last.outcome ?? 'still running';
      print(`last sync: ${what}, ${Math.round(age / 1000)} s ago`);
      return Promise.resolve(
        Date.now() <= patienceEnds(last, loaded.config) ? exitCodes.done : exitCodes.failed,
      );
    } finally {
      app.close();
    }
  },
};
