/** A task as ns8-imapsync knows it: one mailbox elsewhere that is copied into one of mailcow's. */

/** Which folders: all, the INBOX and there only what is unread, or all but those of `exclude`. */
export type FolderMode = 'all' | 'inbox' | 'exclusion';

export type TaskOptions = {
  readonly taskId: string;
  readonly remoteUsername: string;
  readonly remoteHostname: string;
  readonly remotePort: number;
  readonly security: 'tls' | 'ssl' | '';
  readonly deleteLocal: boolean;
  readonly deleteRemote: boolean;
  /** With `deleteRemote`: only what is older than so many days. 0: at once. */
  readonly older: number;
  readonly mode: FolderMode;
  /** Regular expressions of folders; what `exclude` says counts in the mode `exclusion` only. */
  readonly exclude: readonly string[];
  /** '' (by hand), `5m`, `2h` or five fields of cron. */
  readonly cron: string;
  /** In the mode `inbox`: what has arrived goes through the sieve scripts of the mailbox. */
  readonly sieve: boolean;
};

/**
 * Whether mailcow's engine alone cannot do it: the daemon starts each run of such a task, ends it, and does the rest
 * (facts/imapsync.md sections 4 and 5).
 */
export function isAttended(task: TaskOptions): boolean {
  const isInterval = /^\d+[mh]$/.test(task.cron);
  const leavesMail = task.mode === 'inbox' && (!task.deleteRemote || task.older > 0);
  return !isInterval || leavesMail || task.older > 0 || task.sieve;
}

/** One complaint in ns8's form: it says which field, which value, and a word; `message` is our sentence. */
export type Complaint = {
  readonly field: string;
  readonly parameter: string;
  readonly value: unknown;
  readonly error: string;
  readonly message: string;
};

/** A complaint about a field. The value of a password is never repeated. */
export function complain(
  field: string,
  { value, error, message }: Pick<Complaint, 'value' | 'error' | 'message'>,
): Complaint {
  return { field, parameter: field, value: field.startsWith('remotepassword') ? '' : value, error, message };
}
