import { ownerName, readStateFile } from '../app.ts';
import type { Config } from '../config/schema.ts';
import type { RunRecord } from '../ports-state.ts';
import { firstRunAfter } from '../schedule/cron.ts';
import { pauseAfter, type Turn } from '../schedule/scheduler.ts';
import { configure, parseOptions, refusePositionals, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import { statusOf, type StatusReport, type Timing } from './status-report.ts';
import { renderStatusText } from './status-text.ts';

function turnOf({ outcome, counts }: RunRecord): Turn {
  if ((counts?.['refused'] ?? 0) > 0) return 'refused';
  return outcome === 'failed' || outcome === 'incomplete' ? 'failed' : 'good';
}

/** As the daemon reckons it, from what the state file knows of its runs. */
function timingOf({ timing: { schedule, intervalSeconds } }: Config): Timing {
  const regular = (end: Date): number =>
    schedule === undefined ? intervalSeconds * 1000 : firstRunAfter(schedule, end).getTime() - end.getTime();
  return {
    pauseAfter: regular,
    dueAfter: (last, failures) => {
      const end = new Date(last.endedAt ?? last.startedAt);
      return new Date(end.getTime() + pauseAfter(turnOf(last), failures, regular(end)));
    },
  };
}

const codes: Readonly<Record<StatusReport['health'], number>> = {
  good: exitCodes.done,
  held: exitCodes.held,
  failed: exitCodes.failed,
};

/** How it goes, from the state file alone. */
export const statusCommand: Command = {
  summary: 'how it goes: last syncs, what is managed, held or found; asks nobody',
  usage: `ldap-mailcow status [--json] [--env FILE]

Shows the last syncs and what they did, how much is managed, open findings by code, what is held back and what to type,
when the next sync is due, and how old the last complete reading of the directory and the last audit are. Reads the
state file (LDAP_MAILCOW_DB) and nothing else, also while the daemon runs; it waits for nobody.
  --json    the same as data; times in UTC

Exit code: 0 all is well; 1 the last sync failed (or its reading was incomplete), or the last good one is older than three
intervals, or there was none; 3 changes are held back; 2 configuration.`,
  run: ({ args, print }) => {
    const { values, positionals } = parseOptions(args, { json: { type: 'boolean' } });
    refusePositionals(positionals);
    const { loaded } = configure(values);
    const { config } = loaded;
    const state = readStateFile(config);
    if (state === undefined) {
      print(
        values['json'] === true
          ? JSON.stringify({ health: 'failed', whyNot: 'no sync yet' }, undefined, 2)
          : `No sync yet: there is no state file at ${config.program.db}.`,
      );
      return Promise.resolve(exitCodes.failed);
    }
    try {
      const report = statusOf(state, {
        ...timingOf(config),
        now: new Date(),
        owner: ownerName(config, state),
      });
      print(values['json'] === true ? JSON.stringify(report, undefined, 2) : renderStatusText(report));
      return Promise.resolve(codes[report.health]);
    } finally {
      state.close();
    }
  },
};
