/** A sync job of mailcow: one mailbox elsewhere whose mail its engine carries into one of ours. */

/** How the engine reaches the other server: STARTTLS, TLS from the start, or STARTTLS where it is offered. */
export type SyncJobSecurity = 'TLS' | 'SSL' | 'PLAIN';

/** What may be changed of a sync job; whose mailbox it fills never can. */
export type SyncJobSettings = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly security: SyncJobSecurity;
  /** A regular expression of folders there that are left out; empty: none. */
  readonly exclude: string;
  /** Further options of imapsync, `--name=value` with a blank between. */
  readonly customParams: string;
  /** From the end of a run to the next one. */
  readonly intervalMinutes: number;
  readonly active: boolean;
  /** What has arrived is deleted there. */
  readonly deleteThere: boolean;
  /** What is no longer there is deleted here. */
  readonly deleteHere: boolean;
};

/** As mailcow shows it: without the password, without the log of its last run. */
export type SyncJob = SyncJobSettings & {
  readonly id: number;
  readonly mailbox: string;
  readonly isRunning: boolean;
  /** The end of the last run on the clock of mailcow's database, as mailcow writes it. */
  readonly lastRun?: string;
  readonly succeeded?: boolean;
  /** imapsync's name for how the run ended: `EX_OK`. */
  readonly exitStatus?: string;
};

/** mailcow keeps the password in clear and shows it to whoever has an API key; nothing else of ours keeps it. */
export type NewSyncJob = SyncJobSettings & { readonly mailbox: string; readonly password: string };

/** What is not given stays. */
export type SyncJobEdit = Partial<SyncJobSettings> & {
  readonly password?: string;
  /** Forgets the last run, so that the engine takes the job at its next minute. */
  readonly runNow?: boolean;
};

const label = /^[a-z\d](?:-*[a-z\d])*$/i;

/**
 * mailcow's own rule for the other server, which it keeps on every edit but not on add: a job with another host could
 * never be changed again. Neither IPv6, nor a dot at the end, nor an underscore.
 */
export function isSyncHost(host: string): boolean {
  return host.length <= 253 && host.split('.').every((part) => part.length <= 63 && label.test(part));
}

/** What mailcow holds of the login there, in its characters; it takes an empty one or `0` for none. IMAP takes one line. */
export function isSyncLogin(user: string): boolean {
  return user !== '' && user !== '0' && [...user].length <= 255 && !/[\r\n\0]/.test(user);
}

/** The engine hands the password over as the first line of a file. */
export function isSyncPassword(password: string): boolean {
  return isSyncLogin(password);
}
