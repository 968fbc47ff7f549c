/** Where ns8's actions meet mailcow. */
import { randomInt } from 'node:crypto';
import { mailcowOptions } from './app-options.ts';
import type { Config } from './config/schema.ts';
import {
  createTask,
  deleteTask,
  getFacts,
  listTasks,
  startTask,
  stopTask,
  type Action,
  type ActionResult,
} from './imap/actions.ts';
import { openMailcow } from './mailcow/mailcow.ts';
import type { Log } from './ports.ts';
import { isSchedule } from './schedule/cron.ts';

const actions: Readonly<Record<string, Action>> = {
  'create-task': createTask,
  'list-tasks': listTasks,
  'delete-task': deleteTask,
  'start-task': startTask,
  'stop-task': stopTask,
  'get-facts': getFacts,
};

/** The names of the actions. */
export const imapsyncActions: readonly string[] = Object.keys(actions);

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

function newTaskId(): string {
  return Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

export type ImapsyncCall = {
  readonly config: Config;
  readonly log: Log;
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
};

/** Carries out one action. Throws MailcowError, and an error for a name that is none of `imapsyncActions`. */
export async function runImapsync({ config, log, action, input }: ImapsyncCall): Promise<ActionResult> {
  const act = actions[action];
  if (act === undefined) throw new Error(`there is no action ${action}`);
  const mailcow = openMailcow(mailcowOptions(config, log));
  try {
    return await act({ jobs: mailcow, mailboxes: mailcow, newId: newTaskId, isSchedule }, input);
  } finally {
    mailcow.close();
  }
}
