/** What the log of a run says: imapsync's own words, as public logs of it show them (facts/imapsync.md 2.3, 4.2). */

/** One message of the INBOX that was copied: its UID there and here. */
export type CopiedMessage = { readonly there: number; readonly here: number };

export type RunLog = {
  /** Seconds since 1970. */
  readonly startedAt?: number;
  readonly exit?: number;
  readonly exitName?: string;
  readonly transferred: number;
  readonly bytes: number;
  /** Messages of both sides at the end: copied now or skipped because they were here, each counted once. */
  readonly present?: { readonly messages: number; readonly bytes: number };
  /** Of the INBOX alone. */
  readonly inbox: readonly CopiedMessage[];
};

const copiedLine = /^msg INBOX\/(\d+) \{\d*\}\s+copied to INBOX\/(\d+)\b/gm;

/** Reads a log; what is not in it is 0 or left out. */
export function readRunLog(log: string): RunLog {
  const exit = /^Exiting with return value (\d+) \(([A-Z0-9_]+)[:)]/m.exec(log);
  const startedAt = readMoment(/^Transfer started on\s*:(.*)$/m.exec(log)?.[1] ?? '');
  return {
    ...(startedAt !== undefined && { startedAt }),
    ...(exit !== null && { exit: Number(exit[1]), exitName: exit[2] ?? '' }),
    transferred: countOf(log, 'Messages transferred'),
    bytes: countOf(log, 'Total bytes transferred'),
    ...presentOf(log),
    inbox: [...log.matchAll(copiedLine)].map(([, there, here]) => ({
      there: Number(there),
      here: Number(here),
    })),
  };
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
