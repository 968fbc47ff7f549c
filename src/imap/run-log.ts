/** What the log of a run says: imapsync's own words, as public logs of it show them (facts/imapsync.md 2.3, 4.2). */

/** One message of the INBOX that was copied: its UID there and here. */
export type CopiedMessage = { readonly there: number; readonly here: number };

export type RunLog = {
  /** The other server as the run was told it; undefined when the log does not say it. */
  readonly login?: { readonly host: string; readonly port: number; readonly user: string };
  /** Seconds since 1970. */
  readonly startedAt?: number;
  readonly exit?: number;
  readonly exitName?: string;
  /** The statistics are there, and those of a run that did copy: mailcow's "dry" only tells what it would. */
  readonly isComplete: boolean;
  readonly transferred: number;
  readonly bytes: number;
  /** Messages of both sides at the end: copied now or skipped because they were here, each counted once. */
  readonly present?: { readonly messages: number; readonly bytes: number };
  /** Of the INBOX alone. */
  readonly inbox: readonly CopiedMessage[];
};

/** A line to its end: one that was cut, or of a folder whose name looks like this, is none of the INBOX. */
const copiedLine = /^msg INBOX\/(\d+) \{\d*\}[ \t]+copied to INBOX\/(\d+)[ \t](?!.* copied to )/gm;

/** Senders choose subjects, which are printed as they are: to imapsync these begin no line, to `^` they would. */
const noLineEnds = /[\r\u2028\u2029]/g;

/** Reads a log; what is not in it is 0 or left out. */
export function readRunLog(printed: string): RunLog {
  const log = printed.replaceAll(noLineEnds, ' ');
  const exit = /^Exiting with return value (\d+) \(([A-Z0-9_]+)[:)]/m.exec(log);
  const startedAt = readMoment(/^Transfer started on\s*:(.*)$/m.exec(log)?.[1] ?? '');
  return {
    ...loginOf(log),
    ...(startedAt !== undefined && { startedAt }),
    ...(exit !== null && { exit: Number(exit[1]), exitName: exit[2] ?? '' }),
    isComplete: /^Messages transferred\s*: *\d+ *$/m.test(log),
    transferred: countOf(log, 'Messages transferred'),
    bytes: countOf(log, 'Total bytes transferred'),
    ...presentOf(log),
    inbox: [...log.matchAll(copiedLine)].map(([, there, here]) => ({
      there: Number(there),
      here: Number(here),
    })),
  };
}

function loginOf(log: string): Pick<RunLog, 'login'> {
  const [, host, port, user] =
    /^Host1: IMAP server \[([^\]]*)\] port \[(\d+)\] user \[(.*)\] *$/m.exec(log) ?? [];
  return host === undefined || user === undefined ? {} : { login: { host, port: Number(port), user } };
}

/** A line of the statistics at the end. */
function findCount(log: string, name: string): number | undefined {
  const [, digits] = new RegExp(`^${name}\\s*:\\s*(\\d+)`, 'm').exec(log) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

const countOf = (log: string, name: string): number => findCount(log, name) ?? 0;

/** Duplicates are among what was skipped. */
function presentOf(log: string): Pick<RunLog, 'present'> {
  const skipped = findCount(log, 'Messages skipped');
  if (skipped === undefined) return {};
  const twice = countOf(log, 'Messages found duplicate on host1');
  const messages = countOf(log, 'Messages transferred') + Math.max(0, skipped - twice);
  const bytes = countOf(log, 'Total bytes transferred') + countOf(log, 'Total bytes skipped');
  return { present: { messages, bytes } };
}

/** `Monday 16 January 2023-01-16 21:13:26 +0100 CET`: the words are in the language of the container, the numbers are not. */
function readMoment(text: string): number | undefined {
  const [, day, time, sign, hours, minutes] =
    /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-])(\d\d)(\d\d)/.exec(text) ?? [];
  const ms = Date.parse(`${day ?? ''}T${time ?? ''}${sign ?? ''}${hours ?? ''}:${minutes ?? ''}`);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
