/** What is remembered of IMAP sync tasks from one look at mailcow to the next. */

/** The end of one run of mailcow's engine. */
export type TaskRun = {
  /** As mailcow wrote it: the end, on the clock of its database. */
  readonly lastRun: string;
  /** Seconds since 1970, of the log; undefined when the log does not say it. */
  readonly startedAt?: number;
  readonly exit: number;
  /** imapsync's name for the end; undefined: its command line was refused, or it never came to an end. */
  readonly exitName?: string;
  readonly transferred: number;
  readonly bytes: number;
  /** Messages there that are here at its end, and their bytes; undefined when the log does not say it. */
  readonly present?: { readonly messages: number; readonly bytes: number };
};

/**
 * One task. All of it can be told from mailcow again but `copied`, `clean`, `stopped` of a task that the daemon starts, and
 * what a run needs that is under way; so a lost file costs a report, never mail. Passwords are not in here.
 */
export type TaskRecord = {
  readonly mailbox: string;
  readonly taskId: string;
  readonly jobId: number;
  /**
   * Of tasks whose runs are started one by one: `armed` from before the job is switched on until its end was seen,
   * `finishing` while what comes after a run is done.
   */
  readonly phase: 'idle' | 'armed' | 'finishing';
  /** What the armed run is for. */
  readonly pass: 'copy' | 'purge';
  /** No further runs until it is started again. */
  readonly stopped: boolean;
  /** A run was asked for and has not been started yet. */
  readonly wanted: boolean;
  /** UIDVALIDITY of both INBOXes before the run: what its log says counts under these alone. */
  readonly validity?: { readonly there: string; readonly here: string };
  /** ISO: when it was armed. */
  readonly armedAt?: string;
  /** Of what follows a run: the part at the other server is done, sieve is not. */
  readonly remoteDone?: boolean;
  /** `lastRun` of the last run whose end was seen. */
  readonly seen?: string;
  readonly last?: TaskRun;
  /** ISO: the end of the last run, as seen by this program. */
  readonly lastAt?: string;
  /** ISO: the last pass that deleted what is old. */
  readonly purgedAt?: string;
  /** ISO: since when mailcow has no such job. */
  readonly goneAt?: string;
  /** Over all runs that were seen. */
  readonly copied: { readonly messages: number; readonly bytes: number; readonly runs: number };
  /** How many runs in a row ended well and brought nothing. */
  readonly clean: number;
};

/** `undefined` takes a field away. */
export type TaskPatch = {
  readonly [K in keyof Omit<TaskRecord, 'mailbox' | 'taskId'>]?: TaskRecord[K] | undefined;
};

/** The part of the state file that holds them; several processes may have it open. Synchronous. */
export type TaskRecords = {
  tasks(): readonly TaskRecord[];
  task(mailbox: string, taskId: string): TaskRecord | undefined;
  saveTask(record: TaskRecord): void;
  /** Changes what is named, of a record that may have changed meanwhile; does nothing where there is none. */
  patchTask(key: Pick<TaskRecord, 'mailbox' | 'taskId'>, patch: TaskPatch): void;
  dropTask(mailbox: string, taskId: string): void;
};
