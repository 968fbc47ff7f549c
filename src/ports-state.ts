/** What is remembered from one sync to the next, as a sync needs it. */
import type { BeforeImage, WrittenChange } from './core/before-image.ts';
import type { Change, Held, Resource } from './core/change.ts';
import type { LoginChoice } from './core/choose-logins.ts';
import type { SnapshotEntry, Uptime } from './core/grace.ts';
import type { Heritage, HeritageEntry } from './core/heritage.ts';
import type { LedgerEntry } from './core/ledger.ts';
import type { ListFilter } from './core/list-filter.ts';
import type { MailboxJobs } from './core/migration.ts';
import type { Alias, DialectName, Domain, Finding, Mailbox } from './core/model.ts';
import type { Pin } from './core/pins.ts';
import type { TaskRecords } from './ports-imap.ts';
import type { Service } from './ports-logins.ts';

/** Single facts that outlive a sync. Every time is ISO 8601, UTC. */
export type Facts = {
  /** The older tool whose file was imported. */
  readonly importedFrom?: OlderTool;
  /** The default of LDAP_MAILCOW_OWNER, made at the first start; what is configured does not replace it. */
  readonly owner?: string;
  /** Every name that objects were marked under. */
  readonly ownersUsed?: readonly string[];
  /** Base, filters, scope and servers of the last complete reading (config's `readingScope`). */
  readonly scope?: string;
  readonly configDigest?: string;
  readonly mailcowVersion?: string;
  readonly lastAuditAt?: string;
  /** How many more syncs take nothing away because the SQLite file was lost (DESIGN.md 4.5). */
  readonly recoveringSyncs?: number;
  /** Rows of nulls that the last audit saw among the mailboxes. */
  readonly halfDeleted?: number;
  readonly lastCompleteReadingAt?: string;
  /** Attributes that entries had (`group:` before those of groups), also those that all of them have lost since. */
  readonly attributesSeen?: readonly string[];
  readonly peopleSeen?: number;
  readonly groupsSeen?: number;
  /** Entries beside the people that may be members of lists. */
  readonly membersSeen?: number;
  /** Base, filters or servers changed, and what lists would lose by it waits for an approval. */
  readonly membersInDoubt?: boolean;
  /** A first sync has run to its end (DESIGN.md 4.4). */
  readonly firstSyncDone?: boolean;
  /** Wall clock and uptime of the last sync, to notice a clock that jumped. */
  readonly lastClock?: { readonly at: string; readonly uptime: Uptime };
  /** A digest of what the policy forbade in the last sync; empty: nothing. */
  readonly forbidden?: string;
  /** The last audit saw mailboxes with a field `authsource`: a mailcow since 2025-03. */
  readonly hasAuthSource?: boolean;
  /** What was decided about logins, by which signs, and who has still to read changed files. */
  readonly logins?: LoginFacts;
  /** The identity provider of mailcow that we wrote last, and what came of trying another one. */
  readonly provider?: ProviderFacts;
  /** Of the digests by which changed passwords and hashes of them are told: random, base64. */
  readonly passwordKey?: string;
  /** How many sync jobs go on after a migration that is no longer configured, once that was said. */
  readonly migrationLeft?: number;
  /** ISO time since when marks and ledger are given up, and no sync runs; empty: they are not. */
  readonly released?: string;
  /** The last sync ended well; otherwise the next one audits. */
  readonly lastSyncGood?: boolean;
  /** The id of the hold that a webhook was told of last; empty: that there is none. */
  readonly notifiedHold?: string;
  /** How many failures in a row a webhook was told of last; 0: that all is well again. */
  readonly notifiedFailure?: number;
  /** Whether the next sync may be quiet. */
  readonly quiet?: QuietFacts;
  /** Of the digests in it: random, base64. */
  readonly quietKey?: string;
};

/** Of the syncs in a row that found nothing to change. */
export type QuietFacts = {
  /** Of the directory's reading; empty: the last sync was none of these. */
  readonly fingerprint: string;
  readonly dialect: DialectName;
  /** Keyed, of the settings. */
  readonly rules: string;
  /** Keyed, of what logins decide over a plan. */
  readonly logins: string;
  /** The first moment at which a delay may end. */
  readonly until: string;
  /** The last of them. */
  readonly run: string;
  readonly times: number;
};

export type LoginFacts = {
  /** A digest of the signs that the decision follows from. */
  readonly key: string;
  readonly choice: LoginChoice;
  readonly waiting: readonly Service[];
};

/** Of mailcow's identity provider, without its password. */
export type ProviderFacts = {
  /** Which directory it asks (core's `providerIdentity`). */
  readonly identity?: string;
  /** Of all its fields. */
  readonly digest?: string;
  /** One that could not be set, by its digest: not tried again before `nextAt` (ISO). */
  readonly failed?: { readonly digest: string; readonly attempts: number; readonly nextAt: string };
  /** The digest of the one that the policy forbade, once that was said. */
  readonly observed?: string;
};

/** What an older tool's file says, read for good. */
export type Older = {
  readonly tool: OlderTool;
  readonly entries: readonly HeritageEntry[];
  /** How many of its rows are no address. */
  readonly unreadable: number;
};

/** By the tables of its file. */
export type OlderTool = 'users' | 'users-and-aliases' | 'mailcow-ldap-sync';

export type KnownFinding = Finding & { readonly since: string };

/** `redo`: the undo of an undo. */
export type RunKind = 'sync' | 'audit' | 'undo' | 'redo' | 'adopt' | 'release';

/** `stopped`: a signal came before everything was written. */
export type RunOutcome = 'done' | 'held' | 'changes-failed' | 'incomplete' | 'failed' | 'stopped';

export type RunRecord = {
  readonly id: string;
  readonly kind: RunKind;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly outcome?: RunOutcome;
  /**
   * Changes done, by `<kind> <resource>`, and numbers of held, forbidden, failed, left and findings; of a failed run
   * `refused`, when mailcow refused the key or the address.
   */
  readonly counts?: Readonly<Record<string, number>>;
  readonly message?: string;
};

/** By what mailcow had when it was last looked at; `absent`: managed, and not there. */
export type Activity = { readonly active: number; readonly inactive: number; readonly absent: number };

/** How much is managed; what belongs to groups are lists, whether aliases or mailboxes. */
export type ManagedCounts = {
  readonly mailboxes: Activity;
  readonly aliases: Activity;
  readonly lists: Activity;
  readonly domains: number;
  /** Of a migration. */
  readonly syncJobs: number;
};

/** How much there is, counted by the database: nothing of it is read. */
export type Figures = {
  /** As the guard counts: those of groups are lists, and what the directory never knew is not among them. */
  readonly managed: Readonly<Record<'mailbox' | 'alias' | 'list', number>>;
  /** By code. */
  readonly findings: Readonly<Record<string, number>>;
  readonly held: number;
};

export type { BeforeImage } from './core/before-image.ts';

export type Intent = { readonly seq: number; readonly run: string; readonly change: Change };

export type IntentEnd = 'done' | 'refused' | 'failed' | 'settled';

/** One write as the journal remembers it. Times are ISO. */
export type JournalEntry = Intent & {
  readonly at: string;
  readonly endedAt?: string;
  /** Undefined: it was cut short. */
  readonly end?: IntentEnd;
  readonly detail?: string;
};

/** Everything that a sync starts from. */
export type Remembered = {
  readonly snapshot: Map<string, SnapshotEntry>;
  readonly domains: Map<string, Domain>;
  readonly mailboxes: Map<string, Mailbox>;
  readonly aliases: Map<string, Alias>;
  readonly filters: Map<string, ListFilter>;
  /** By mailbox; those of the migration, and what else a mailbox has. */
  readonly syncJobs: Map<string, MailboxJobs>;
  readonly ledgerMailboxes: Map<string, LedgerEntry>;
  readonly ledgerAliases: Map<string, LedgerEntry>;
};

/** What the guard holds back now; `id` is a digest of the held changes alone. */
export type Holds = { readonly id: string; readonly held: readonly Held[] };

/** A refusal is not repeated before `nextAt` (ISO). */
export type Retry = { readonly key: string; readonly attempts: number; readonly nextAt: string };

/** Rows to write and keys to forget, per table. */
export type Rows<T> = { readonly put: readonly T[]; readonly drop: readonly string[] };

export type StateChanges = {
  readonly snapshot?: Rows<SnapshotEntry>;
  readonly domains?: Rows<Domain>;
  readonly mailboxes?: Rows<Mailbox>;
  readonly aliases?: Rows<Alias>;
  readonly filters?: Rows<ListFilter>;
  readonly syncJobs?: Rows<MailboxJobs>;
  readonly ledgerMailboxes?: Rows<LedgerEntry>;
  readonly ledgerAliases?: Rows<LedgerEntry>;
};

/** The SQLite file: snapshot, mirror of mailcow, ledger, findings, journal. Synchronous. */
export type State = TaskRecords & {
  facts(): Facts;
  /** Merges; a key that is present replaces the stored one. */
  saveFacts(facts: Facts): void;
  remembered(): Remembered;
  save(changes: StateChanges): void;
  /** All or nothing; nested calls join the outer one. */
  transaction<T>(work: () => T): T;
  findings(): readonly KnownFinding[];
  replaceFindings(findings: readonly KnownFinding[]): void;
  beginRun(run: Pick<RunRecord, 'id' | 'kind' | 'startedAt'>): void;
  endRun(run: Required<Omit<RunRecord, 'kind' | 'startedAt'>>): void;
  lastRuns(count: number): readonly RunRecord[];
  /** The last that read everything and ended: done, held, or with changes that failed. */
  lastGoodRun(): RunRecord | undefined;
  /** How many ended runs since then failed or had an incomplete reading. */
  failuresInARow(): number;
  /** Domains are those that bear the mark of `owner`. */
  countManaged(owner: string): ManagedCounts;
  figures(): Figures;
  run(id: string): RunRecord | undefined;
  /** Those in whose journal something is done or settled, the last first. */
  lastWritingRuns(count: number): readonly RunRecord[];
  /** What a run wrote and ended as done or settled, in order. */
  writtenBy(run: string): readonly WrittenChange[];
  /** Renames of mailboxes that were done after this number, in order. */
  renamesAfter(seq: number): readonly Change[];
  /** Forgets runs that wrote nothing after 30 days, journal and approvals after 400. */
  prune(now: Date): void;
  /** Journals what is about to be written, before it is sent (DESIGN.md 4.15). Returns its number. */
  openIntent(intent: Omit<Intent, 'seq'> & { readonly image: BeforeImage; readonly at: string }): number;
  /** Forgets intents of writes that were never sent. */
  withdrawIntents(seqs: readonly number[]): void;
  endIntent(end: {
    readonly seq: number;
    readonly end: IntentEnd;
    readonly detail?: string;
    readonly at: string;
  }): void;
  openIntents(): readonly Intent[];
  /** The last writes for these directory ids, and to what stood at these addresses before; newest first. */
  lastWrites(of: {
    readonly ids: readonly string[];
    readonly keys: readonly string[];
    readonly count: number;
  }): readonly JournalEntry[];
  holds(): Holds | undefined;
  replaceHolds(holds: Holds | undefined): void;
  /** Journals an approval of changes, by their signatures. */
  approve(approval: {
    readonly id: string;
    readonly signatures: readonly string[];
    readonly at: string;
    readonly expiresAt: string;
  }): void;
  /** Signatures of changes that are approved at `now` (ISO). */
  approved(now: string): ReadonlySet<string>;
  /** What an older tool left and nobody has taken up yet. */
  heritage(): Heritage;
  /** Forgets all of it but these addresses, whatever their kind. */
  keepHeritage(addresses: ReadonlySet<string>): void;
  /** Objects that the planner leaves alone, by key. */
  pins(): readonly Pin[];
  /** Replaces what is pinned already. */
  putPins(pins: Iterable<Pin>): void;
  dropPins(pins: Iterable<{ readonly resource: Resource; readonly key: string }>): void;
  retries(): ReadonlyMap<string, Retry>;
  replaceRetries(retries: Iterable<Retry>): void;
  /** Writes a consistent copy while the file is in use. Throws StateError when `path` exists or cannot be written. */
  backup(path: string): Promise<void>;
  close(): void;
};
