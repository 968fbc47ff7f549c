/**
 * The mark that makes a sync job ours: `--domain1=lm.<task id>.<mode>.<cron>`. imapsync looks at `--domain1` only for
 * NTLM logins; mailcow has no column for remarks. It holds what else could not be told from the job, so that tasks can
 * be read back from mailcow alone.
 */
import { parseCronMark, renderCronMark } from './cron.ts';
import type { FolderMode } from './task.ts';

export type Marker = {
  readonly taskId: string;
  readonly mode: FolderMode;
  readonly cron: string;
  readonly sieve: boolean;
  /** Days after which what has arrived is deleted there; 0: by the engine, at once, or never. */
  readonly older: number;
  /** The migration of this person has come to its end. */
  readonly done: boolean;
  /** The job stands on its pass that deletes there what is old. */
  readonly purging: boolean;
};

const letters: Readonly<Record<FolderMode, string>> = { all: 'a', inbox: 'i', exclusion: 'x' };
const modes: Readonly<Record<string, FolderMode>> = { a: 'all', i: 'inbox', x: 'exclusion' };

/** Without a dash, at which mailcow would split, and without a blank, at which its engine would. */
const idPattern = /^[A-Za-z0-9_.]{1,64}$/;

/** The id takes all that mode and cron leave: it may hold dots, and parts that look like a mode. */
const markPattern =
  /(?:^|\s)--domain1=lm\.([A-Za-z0-9_.]{1,64})\.([aix])(S?)(?:r([1-9]\d{0,5}))?(D?)(P?)\.(m|c[1-9]\d*[mh]|w[^\s-]+)(?=\s|$)/;

/** Whether mailcow and its engine would carry the id unharmed. */
export function isTaskId(id: string): boolean {
  return idPattern.test(id);
}

/** The mark as an option of imapsync. */
export function renderMarker({ taskId, mode, cron, sieve, older, done, purging }: Marker): string {
  const flags = [sieve ? 'S' : '', older > 0 ? `r${older}` : '', done ? 'D' : '', purging ? 'P' : ''];
  return `--domain1=lm.${taskId}.${letters[mode]}${flags.join('')}.${renderCronMark(cron)}`;
}

/** The mark among the options of a job; undefined: the job is not ours. */
export function parseMarker(customParams: string): Marker | undefined {
  const [, taskId, letter = '', sieve, older = '0', done, purging, cron = 'm'] =
    markPattern.exec(customParams) ?? [];
  const mode = modes[letter];
  if (taskId === undefined || mode === undefined) return undefined;
  return {
    taskId,
    mode,
    cron: parseCronMark(cron),
    sieve: sieve === 'S',
    older: Number(older),
    done: done === 'D',
    purging: purging === 'P',
  };
}
