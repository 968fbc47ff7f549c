/** Where ns8's actions meet mailcow, mail itself, and the state file. */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { attendParts } from './app-attend.ts';
import { runFiles } from './app-imapsync-files.ts';
import { openRecords } from './app-imapsync-records.ts';
import { mailcowOptions } from './app-options.ts';
import type { Config } from './config/schema.ts';
import { answerRefusal } from './imap/actions-answers.ts';
import { withoutWriting } from './imap/actions-dry.ts';
import { readKey } from './imap/actions-find.ts';
import type { ActionResult, How, ImapsyncParts } from './imap/actions-parts.ts';
import { taskActions, type ActionEntry } from './imap/actions.ts';
import { openMailcow } from './mailcow/mailcow.ts';
import type { Log } from './ports.ts';
import { isSchedule } from './schedule/cron.ts';

/** Each action by its name. */
export const imapsyncActions: Readonly<Record<string, ActionEntry>> = taskActions;

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

function newTaskId(): string {
  return Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

export type ImapsyncCall = {
  readonly config: Config;
  readonly log: Log;
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** `<user>_<task id>` or a user alone, in place of both in the input. */
  readonly key?: string;
  readonly how?: How;
  readonly isDry?: boolean;
  /** A sentence for people while the action goes on; only waiting, measuring and a dry run have some. */
  readonly say?: (sentence: string) => void;
};

const silent = (): void => undefined;

/** Carries out one action. Throws MailcowError, StateError, and an error for a name that is none of `imapsyncActions`. */
export async function runImapsync(call: ImapsyncCall): Promise<ActionResult> {
  const { action, input, key, how = {}, isDry = false } = call;
  const entry = imapsyncActions[action];
  if (entry === undefined) throw new Error(`there is no action ${action}`);
  const { parts, close } = openParts(call);
  try {
    const which = key === undefined ? undefined : await readKey(parts, key);
    if (which !== undefined && 'complaints' in which) return answerRefusal(which);
    return await entry.act(isDry ? withoutWriting(parts) : parts, { ...input, ...which }, how);
  } finally {
    close();
  }
}

function openParts({ config, log, say = silent }: ImapsyncCall): { parts: ImapsyncParts; close: () => void } {
  const mailcow = openMailcow(mailcowOptions(config, log));
  const records = openRecords({ config, log });
  const parts: ImapsyncParts = {
    ...attendParts(config, { jobs: mailcow, records, log }),
    mailboxes: mailcow,
    runFiles,
    say,
    isSchedule,
    newId: newTaskId,
    isMigrating: config.imapsync.host !== undefined,
    delay: (ms) => sleep(ms),
  };
  const close = (): void => {
    records.close();
    mailcow.close();
  };
  return { parts, close };
}
