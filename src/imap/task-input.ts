/** The input of create-task: ns8's fields, defaults and words, and what mailcow's engine takes of them. */
import { domainToASCII } from 'node:url';
import { patternProblem } from '../core/folder-pattern.ts';
import { isSyncHost, isSyncLogin, isSyncPassword } from '../core/sync-job.ts';
import { cronMinutes, isWallClock } from './cron.ts';
import { longestExclude, renderExclude, splitExclude } from './exclude.ts';
import { readFlag, readNumber, readText, readWord, refuse, refuseUnknown } from './input-fields.ts';
import type { Input, Reader } from './input-fields.ts';
import { isTaskId } from './marker.ts';
import { refusals, warnings } from './refusals.ts';
import type { Complaint, TaskOptions } from './task.ts';

export type TaskInput = {
  readonly localUser: string;
  /** Empty: keep the one that mailcow has. */
  readonly password: string;
  readonly task: TaskOptions;
};

/** `warnings` say what of a good input has no effect. */
export type ReadTask =
  | { readonly kind: 'read'; readonly input: TaskInput; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly complaints: readonly Complaint[] };

type TaskReader = Reader & Pick<ReadContext, 'isSchedule'>;

const known = [
  'task_id',
  'localuser',
  'remoteusername',
  'remotehostname',
  'remotepassword',
  'remoteport',
  'security',
  'delete_local',
  'delete_remote',
  'delete_remote_older',
  'exclude',
  'cron',
  'foldersynchronization',
  'sieve_enabled',
];

/** What reading needs beside the input. */
export type ReadContext = {
  /** The id of a task that was given none. */
  readonly newId: string;
  /** Whether five fields are a cron expression with a next time. */
  readonly isSchedule: (expression: string) => boolean;
};

/** Reads it all and complains about everything at once. */
export function readTask(input: Input, { newId, isSchedule }: ReadContext): ReadTask {
  const reader: TaskReader = { input, complaints: [], isSchedule };
  refuseUnknown(reader, known);
  const localUser = readText(reader, 'localuser', { least: 1 });
  const password = readPassword(reader);
  const mode = readWord(reader, 'foldersynchronization', ['all', 'inbox', 'exclusion']) ?? 'all';
  const deleteRemote = readFlag(reader, 'delete_remote');
  const asked = {
    older: readNumber(reader, 'delete_remote_older', { least: 0, most: 36_500, fallback: 0 }),
    sieve: readFlag(reader, 'sieve_enabled', false),
    exclude: readExclude(reader),
  };
  const task: TaskOptions = {
    taskId: readId(reader, newId),
    remoteUsername: readLogin(reader),
    remoteHostname: readHost(reader),
    remotePort: readNumber(reader, 'remoteport', { least: 1, most: 65_535 }),
    security: readWord(reader, 'security', ['', 'tls', 'ssl']) ?? '',
    deleteLocal: readFlag(reader, 'delete_local'),
    deleteRemote,
    older: deleteRemote ? asked.older : 0,
    mode,
    exclude: asked.exclude,
    cron: readCron(reader),
    sieve: mode === 'inbox' && asked.sieve,
  };
  const complaints = [...reader.complaints, ...refusals(task)];
  if (complaints.length > 0) return { kind: 'refused', complaints };
  return { kind: 'read', input: { localUser, password, task }, warnings: warnings(task, asked) };
}

function readId(reader: Reader, newId: string): string {
  if (reader.input['task_id'] === undefined) return newId;
  const id = readText(reader, 'task_id', { least: 1 });
  if (id !== '' && !isTaskId(id)) {
    const message =
      'may have letters, digits, "_" and "." and at most 64 of them: mailcow keeps it among options';
    refuse(reader, 'task_id', { error: 'format', message });
  }
  return id;
}

function readLogin(reader: Reader): string {
  const login = readText(reader, 'remoteusername', { least: 1 });
  if (login !== '' && !isSyncLogin(login))
    refuse(reader, 'remoteusername', {
      error: 'format',
      message: 'mailcow holds 255 characters and takes "0" for none',
    });
  return login;
}

function readPassword(reader: Reader): string {
  const password = readText(reader, 'remotepassword');
  if (password !== '' && !isSyncPassword(password)) {
    const message = 'mailcow holds 255 characters in one line and takes "0" for none';
    refuse(reader, 'remotepassword', { error: 'format', message });
  }
  return password;
}

/** Names beyond ASCII in the form that the engine can look up. */
function readHost(reader: Reader): string {
  const given = readText(reader, 'remotehostname').toLowerCase();
  // eslint-disable-next-line no-control-regex -- the question is exactly whether it is ASCII
  const host = /^[\x00-\x7f]*$/.test(given) ? given : domainToASCII(given);
  if (typeof reader.input['remotehostname'] === 'string' && !isSyncHost(host)) {
    const message =
      'is no host name that mailcow could edit again (letters, digits, dashes and dots between; for IPv6 enter a name)';
    refuse(reader, 'remotehostname', { error: 'format', message });
  }
  return host;
}

function readExclude(reader: Reader): readonly string[] {
  const items = splitExclude(readText(reader, 'exclude'));
  const wrong = (message: string): void => {
    refuse(reader, 'exclude', { error: 'format', message });
  };
  for (const item of items) {
    const problem = patternProblem(item);
    if (problem !== undefined) wrong(`"${item}" is no regular expression: ${problem}`);
  }
  if ([...renderExclude(items)].length > longestExclude)
    wrong(`is too long: with Shared and Public, mailcow holds ${longestExclude} characters`);
  return items;
}

function readCron(reader: TaskReader): string {
  const cron = readText(reader, 'cron');
  if (cron === '' || cronMinutes(cron) !== undefined) return cron;
  const expression = cron.trim().split(/\s+/).join(' ');
  if (isWallClock(expression) && reader.isSchedule(expression)) return expression;
  const message =
    'must be "", minutes as "5m" or hours as "2h" (30 days at most), or a cron expression like "1 */2 * * *"';
  refuse(reader, 'cron', { error: 'format', message });
  return cron;
}
