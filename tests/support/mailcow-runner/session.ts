/** What the parts of one run share: both connections, the log, the counts. */
import type { ImapFlow } from 'imapflow';
import type { ErrorKind, SyncError } from './exits.ts';
import type { Statistics } from './log.ts';
import type { Options } from './options.ts';

export type Tally = {
  -readonly [Name in Exclude<keyof Statistics, 'started' | 'ended' | 'seconds' | 'errors'>]: Statistics[Name];
};

export const noTally = (): Tally => ({
  folders: 0,
  foldersDone: 0,
  transferred: 0,
  skipped: 0,
  duplicates1: 0,
  duplicates2: 0,
  void1: 0,
  void2: 0,
  only1: 0,
  only2: 0,
  deleted1: 0,
  deleted2: 0,
  bytes: 0,
  bytesSkipped: 0,
});

/** The log under way, and what went wrong so far. */
export type Journal = {
  readonly say: (line: string) => void;
  readonly fail: (kind: ErrorKind, text: string) => void;
  readonly errors: readonly SyncError[];
  readonly text: () => string;
};

/** Starts an empty log. */
export function createJournal(): Journal {
  const lines: string[] = [];
  const errors: SyncError[] = [];
  return {
    say: (line) => lines.push(line),
    fail: (kind, text) => {
      lines.push(text);
      errors.push({ kind, text });
    },
    errors,
    text: () => `${lines.join('\n')}\n`,
  };
}

export type Session = {
  readonly host1: ImapFlow;
  readonly host2: ImapFlow;
  readonly options: Options;
  readonly journal: Journal;
  readonly tally: Tally;
  /** The clock of mailcow. */
  readonly now: () => Date;
  /** Since the start of the run, of real time. */
  readonly seconds: () => number;
  /** Before each message: throws when the run shall end. */
  readonly check: () => void;
  /** After each copied message. */
  readonly pause: () => Promise<void>;
};

type Said = {
  readonly response?: unknown;
  readonly responseText?: unknown;
  readonly serverResponseCode?: unknown;
};

/** What a server or a socket said, for the log. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { response, responseText, serverResponseCode } = error as Said;
  const said = [responseText, response].find((text) => typeof text === 'string' && text !== '');
  if (typeof said !== 'string') return error.message;
  return typeof serverResponseCode === 'string' ? `NO [${serverResponseCode}] ${said}` : said;
}

/** Throws the error on when it came of a lost connection: that is no fault of one folder or message. */
export function requireConnection(client: ImapFlow, error: unknown): void {
  if (!client.usable) throw error;
}
