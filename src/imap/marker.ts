/**
 * The mark that makes a sync job ours: `--domain1=lm.<task id>.<mode>.<cron>`. imapsync looks at `--domain1` only for
 * NTLM logins; mailcow has no column for remarks. It holds what else could not be told from the job.
 */
import type { FolderMode } from './task.ts';

export type Marker = { readonly taskId: string; readonly mode: FolderMode; readonly cron: string };

const letters: Readonly<Record<FolderMode, string>> = { all: 'a', inbox: 'i', exclusion: 'x' };
const modes: Readonly<Record<string, FolderMode>> = { a: 'all', i: 'inbox', x: 'exclusion' };

/** Without a dash, at which mailcow would split, and without a blank, at which its engine would. */
const idPattern = /^[A-Za-z0-9_.]{1,64}$/;

/** The id takes all that mode and cron leave: it may hold dots, and parts that look like a mode. */
const markPattern = /(?:^|\s)--domain1=lm\.([A-Za-z0-9_.]{1,64})\.([aix])\.(?:m|c([1-9]\d*[mh]))(?=\s|$)/;

/** Whether mailcow and its engine would carry the id unharmed. */
export function isTaskId(id: string): boolean {
  return idPattern.test(id);
}

/** The mark as an option of imapsync. */
export function renderMarker({ taskId, mode, cron }: Marker): string {
  return `--domain1=lm.${taskId}.${letters[mode]}.${cron === '' ? 'm' : `c${cron}`}`;
}

/** The mark among the options of a job; undefined: the job is not ours. */
export function parseMarker(customParams: string): Marker | undefined {
  const [, taskId, letter = '', cron = ''] = markPattern.exec(customParams) ?? [];
  const mode = modes[letter];
  return taskId === undefined || mode === undefined ? undefined : { taskId, mode, cron };
}
