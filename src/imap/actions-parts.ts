/** What ns8's actions need of the outside, and what they answer. */
import type { MailboxList, MailboxLookup } from '../ports-mailcow.ts';
import type { AttendParts } from './attend/parts.ts';
import type { Input } from './input-fields.ts';

/** The folder that is shared with mailcow's Dovecot, by which a run can be stopped (facts/imapsync.md 2.5). */
export type RunFiles = {
  /** The process that wrote itself into the file; undefined: none did. */
  readPid(pidFile: string): number | undefined;
  /** Asks that process to end before its next message. Throws an Error when the folder cannot be written. */
  requestAbort(pidFile: string, pid: number): void;
};

/** What the actions need of the outside; with what looking after tasks needs, because they start runs too. */
export type ImapsyncParts = AttendParts & {
  readonly mailboxes: {
    listMailboxes(): Promise<MailboxList>;
    readMailbox(address: string): Promise<MailboxLookup>;
  };
  readonly runFiles: RunFiles;
  /** Six letters and digits, as ns8 makes them. */
  readonly newId: () => string;
  /** Whether five fields are a cron expression with a next time. */
  readonly isSchedule: (expression: string) => boolean;
  /** Whether the settings ask for tasks of everybody in the directory, which would be made again. */
  readonly isMigrating: boolean;
  /** A sentence for people while the action goes on. */
  readonly say: (sentence: string) => void;
  readonly delay: (ms: number) => Promise<void>;
};

/** How an action is carried out. */
export type How = {
  /** Not before the run has ended; without `timeoutMs` as long as it takes. */
  readonly wait?: { readonly timeoutMs?: number };
};

/**
 * `notes` are sentences for people. `output` is ns8's, and so are the codes: 1 refused; 2, 3 and 4 how a login at the
 * other server failed.
 */
export type ActionResult = {
  readonly code: 0 | 1 | 2 | 3 | 4;
  readonly output?: unknown;
  readonly notes: readonly string[];
};

/** Carries out one action. Throws MailcowError. */
export type Action = (parts: ImapsyncParts, input: Input, how?: How) => Promise<ActionResult>;
