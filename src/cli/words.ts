/** Numbers, changes and times as a person reads them. */
import { localTime, printable } from '../observe/line.ts';

const irregular: Readonly<Record<string, string>> = {
  person: 'people',
  mailbox: 'mailboxes',
  alias: 'aliases',
  syncjob: 'sync jobs',
};

const spoken: Readonly<Record<string, string>> = { syncjob: 'sync job' };

/** `1 mailbox`, `3 mailboxes`. */
export const plural = (count: number, noun: string): string =>
  `${count} ${count === 1 ? (spoken[noun] ?? noun) : (irregular[noun] ?? `${noun}s`)}`;

const done: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'updated',
  rename: 'renamed',
  deactivate: 'deactivated',
  reactivate: 'reactivated',
  remove: 'removed',
  delete: 'deleted',
  adopt: 'adopted',
  release: 'released',
};

/** `3 mailboxes created`, one for each `<kind> <resource>` of a run's counts; its other numbers are left out. */
export const changesInWords = (counts: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(counts)
    .filter(([name]) => name.includes(' '))
    .map(([name, count]) => {
      const [kind = '', resource = ''] = name.split(' ');
      return `${plural(count, resource)} ${done[kind] ?? kind}`;
    });

/** `0.3 s` */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of time in its two largest units: `40 s`, `5 min`, `3 h 10 min`, `2 days 4 h`. */
export function span(ms: number): string {
  if (ms < MINUTE) return `${Math.round(ms / 1000)} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  const [large, small] = ms < DAY ? [HOUR, MINUTE] : [DAY, HOUR];
  const whole = Math.floor(ms / large);
  const rest = Math.floor((ms % large) / small);
  const head = large === HOUR ? `${whole} h` : plural(whole, 'day');
  return rest === 0 ? head : `${head} ${rest} ${large === HOUR ? 'min' : 'h'}`;
}

/** A moment (ISO) as the log shows it. */
export const moment = (at: string): string => localTime(new Date(at));

/** The lines of an answer, whatever a directory put into them. */
export const renderLines = (lines: readonly string[]): string => lines.map(printable).join('\n');
