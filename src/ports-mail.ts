/**
 * Mail itself, by IMAP and LMTP: what mailcow's engine cannot do or cannot tell. Only the actions and tasks of `imapsync`
 * use it; a sync never opens a mailbox.
 */

/** How a server is reached: STARTTLS, TLS from the start, or STARTTLS where it is offered. */
export type MailSecurity = 'tls' | 'ssl' | '';

/** A mailbox and how to get into it; `user` may be that of a master, `anna@example.org*master@mailcow.local`. */
export type MailLogin = {
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly user: string;
  readonly password: string;
};

/** What came of a login; `why` is for people and never holds a password. */
export type LoginTrial =
  | { readonly kind: 'ok' }
  | {
      readonly kind: 'bad-credentials' | 'unreachable' | 'tls-failed' | 'no-starttls' | 'failed';
      readonly why: string;
    };

/** Which folders are looked at: all, the INBOX alone, and of them none that matches. */
export type FolderChoice = { readonly inboxOnly: boolean; readonly exclude: readonly string[] };

export type Measured = { readonly folders: number; readonly messages: number; readonly bytes: number };

/** How far a measurement is; `folder` is the one just read. */
export type MeasureProgress = {
  readonly folder: string;
  readonly done: number;
  readonly total: number;
};

/** Messages of the INBOX by their UIDs, which mean something only under this UIDVALIDITY. */
export type InboxMessages = { readonly uidValidity: string; readonly uids: readonly number[] };

/**
 * `validity-changed`: the folder was made anew since, the UIDs mean nothing, nothing was done. `absent`: how many of the
 * messages were there no longer; `refused`: how many were not taken, and stay where they were.
 */
export type InboxResult =
  | { readonly kind: 'done'; readonly absent: number; readonly refused?: number }
  | { readonly kind: 'validity-changed' };

/** Whether mail that has arrived can still go through the sieve scripts of its mailbox, and by which way. */
export type SieveWay = 'filter' | 'lmtp' | 'none';

/** Every method throws a MailError (transient or not) when a server cannot be reached or refuses what is asked. */
export type Mail = {
  /** Throws nothing. Gives up after 10 s, as ns8 did. */
  tryLogin(login: MailLogin): Promise<LoginTrial>;
  /** Folders, messages and bytes by STATUS, of servers without STATUS=SIZE by FETCH. Changes nothing there. */
  measure(
    login: MailLogin,
    choice: FolderChoice,
    onProgress?: (progress: MeasureProgress) => void,
  ): Promise<Measured>;
  /** UIDVALIDITY of the INBOX. */
  inboxValidity(login: MailLogin): Promise<string>;
  /** Sets \Seen. */
  markSeen(login: MailLogin, messages: InboxMessages): Promise<InboxResult>;
  /**
   * Sets the keyword `$LdapMailcowCopied`, by which `deleteCopied` knows what may go. `no-keywords`: the server keeps none
   * of its users' making.
   */
  markCopied(
    login: MailLogin,
    messages: InboxMessages,
  ): Promise<InboxResult | { readonly kind: 'no-keywords' }>;
  /** Deletes and expunges, of the INBOX, what bears that keyword and arrived more than so many days ago; how many. */
  deleteCopied(login: MailLogin, olderThanDays: number): Promise<number>;
  /** FILTER=SIEVE where IMAP offers it, else LMTP where one is configured and answers. */
  sieveWay(login: MailLogin): Promise<SieveWay>;
  /**
   * Runs the sieve scripts of the mailbox on messages of its INBOX as on arrival; they leave the INBOX where a script
   * says so. By LMTP each is delivered anew to `address` and then expunged, one after the other, so that a cut leaves at
   * most one twice and none lost.
   */
  runSieve(login: MailLogin, address: string, messages: InboxMessages): Promise<InboxResult>;
};
