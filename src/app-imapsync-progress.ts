/** How far the migration has come: from mailcow, and from what the daemon has seen of runs. */
import { existsSync } from 'node:fs';
import { mailcowOptions, syncSettings } from './app-options.ts';
import type { Config } from './config/schema.ts';
import { migrationTaskId } from './core/migration.ts';
import { renderProgress } from './imap/progress-text.ts';
import { progressOf, type Progress } from './imap/progress.ts';
import { openMailcow } from './mailcow/mailcow.ts';
import type { Log } from './ports.ts';
import type { State } from './ports-state.ts';
import { openState } from './state/state.ts';
import { ownerOf } from './sync/owner.ts';

/** All syncs that wrote something are kept for a year. */
const MANY = 1_000_000;

/** When the first sync job was made that is remembered. */
function beginning(state: State): number | undefined {
  const makers = state.lastRuns(MANY).filter(({ counts }) => (counts?.['create syncjob'] ?? 0) > 0);
  const times = makers.map(({ startedAt }) => Date.parse(startedAt));
  return times.length === 0 ? undefined : times.reduce((first, time) => Math.min(first, time));
}

async function readProgress(config: Config, log: Log): Promise<Progress> {
  const { db } = config.program;
  const state = openState(existsSync(db) ? db : ':memory:');
  const mailcow = openMailcow(mailcowOptions(config, log));
  try {
    const beganAt = beginning(state);
    return progressOf({
      jobs: await mailcow.listSyncJobs(),
      records: state.tasks(),
      taskId: migrationTaskId(ownerOf(syncSettings(config), state.facts())),
      ...(beganAt !== undefined && { beganAt }),
      now: new Date(),
    });
  } finally {
    mailcow.close();
    state.close();
  }
}

/** The table, or JSON. Writes nothing, and the daemon may run. Throws MailcowError and StateError. */
export async function showProgress({
  config,
  log,
  asJson,
}: {
  readonly config: Config;
  readonly log: Log;
  readonly asJson: boolean;
}): Promise<string> {
  const progress = await readProgress(config, log);
  return asJson ? JSON.stringify(progress, undefined, 2) : renderProgress(progress);
}
