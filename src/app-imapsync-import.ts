/** Where the imports of `imapsync` and its configuration meet mailcow and the settings. */
import { mailcowOptions } from './app-options.ts';
import { runImapsync } from './app-imapsync.ts';
import { parseImapUri } from './config/kinds-imap.ts';
import type { Config } from './config/schema.ts';
import { carryOut, type Imported } from './imap/carry-out.ts';
import {
  configureModule,
  getConfiguration,
  type ConfigureModule,
  type Places,
} from './imap/configuration.ts';
import { planCsvTasks, readCsvTasks } from './imap/csv-tasks.ts';
import { planStateTasks, readStateTasks } from './imap/import-state.ts';
import { readStateFolder, type StateFolder } from './imap/import-state-folder.ts';
import type { Ground, Step } from './imap/import-steps.ts';
import { openMailcow } from './mailcow/mailcow.ts';
import type { Log } from './ports.ts';
import { isSchedule } from './schedule/cron.ts';
import { rewriteLine } from './scripts/crontab.ts';

export type ImportCall = {
  readonly config: Config;
  readonly log: Log;
  /** One sentence for people; none holds a password. */
  readonly say: (sentence: string) => void;
  /** Write nothing, tell what would be. */
  readonly checkOnly: boolean;
};

/** `unusable`: nothing of it was imported, and why. */
export type ImportResult =
  ({ readonly kind: 'imported' } & Imported) | { readonly kind: 'unusable'; readonly why: string };

export type CsvCall = ImportCall & { readonly text: string; readonly update: boolean };

/** import-csv-tasks: a task for each row. Throws MailcowError. */
export async function importCsv(call: CsvCall): Promise<ImportResult> {
  const table = readCsvTasks(call.text);
  if (table.kind === 'unusable') return table;
  table.remarks.forEach(call.say);
  const ground = await readGround(call);
  return runSteps(call, planCsvTasks(table.rows, ground, { update: call.update }));
}

export type StateCall = ImportCall & { readonly folder: string; readonly domain?: string };

/** import-state: a task for each of ns8's. Throws MailcowError, and what the file system throws. */
export async function importState(call: StateCall): Promise<ImportResult> {
  const folder = readStateFolder(call.folder);
  folder.remarks.forEach(call.say);
  customRemarks(folder).forEach(call.say);
  const ground = await readGround(call);
  const steps = planStateTasks(readStateTasks(folder.tasks), {
    ...ground,
    ...(call.domain !== undefined && { domain: call.domain }),
  });
  return runSteps(call, steps);
}

/** What is the operator's own is not carried over, but told. */
function customRemarks({ crontabs, scripts }: StateFolder): readonly string[] {
  return [
    ...scripts.map(
      (name) =>
        `imapsync/${name} is a script of your own: it is not run by itself here, see docs/imapsync.md ("Scripts of your own")`,
    ),
    ...crontabs.flatMap(({ name, text }) =>
      text
        .split(/\r?\n/)
        .map(rewriteLine)
        .filter((line) => line !== undefined)
        .map((line) => `cron/${name}: in the file crontab beside your scripts this is the line: ${line}`),
    ),
  ];
}

async function readGround({ config, log }: ImportCall): Promise<Ground> {
  const mailcow = openMailcow(mailcowOptions(config, log));
  try {
    const { mailboxes } = await mailcow.listMailboxes();
    return { mailboxes, jobs: await mailcow.listSyncJobs(), isSchedule };
  } finally {
    mailcow.close();
  }
}

async function runSteps(call: ImportCall, steps: readonly Step[]): Promise<ImportResult> {
  const { config, log, say, checkOnly } = call;
  const create = (input: Readonly<Record<string, unknown>>): ReturnType<typeof runImapsync> =>
    runImapsync({ config, log, action: 'create-task', input, how: {}, isDry: false, say });
  return { kind: 'imported', ...(await carryOut(steps, { create, say, checkOnly })) };
}

function placesOf({ mailcow, imapsync }: Config): Places {
  // The setting is checked: it names a host.
  return { apiHost: new URL(mailcow.url).hostname, imapHost: parseImapUri(imapsync.imap)?.host ?? '' };
}

/** get-configuration. */
export function moduleConfiguration(config: Config): Readonly<Record<string, unknown>> {
  return getConfiguration(placesOf(config));
}

/** configure-module, which configures nothing: it tells the setting that does. */
export function judgeConfiguration(
  config: Config,
  input: Readonly<Record<string, unknown>>,
): ConfigureModule {
  return configureModule(input, placesOf(config));
}
