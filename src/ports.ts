/**
 * What one sync needs from the outside, as small interfaces. The adapters satisfy them; nobody but
 * `app.ts` knows which adapter stands behind one.
 */
import type { Change, Held } from './core/change.ts';
import type { LoginChoice, LoginFileKinds, VolumeSigns } from './core/choose-logins.ts';
import type { SnapshotEntry, Uptime } from './core/grace.ts';
import type { Heritage, HeritageEntry } from './core/heritage.ts';
import type { IdentityProvider, LdapProvider } from './core/identity-provider.ts';
import type { LedgerEntry } from './core/ledger.ts';
import type { ListFilter } from './core/list-filter.ts';
import type {
  Alias,
  AliasDomain,
  DialectName,
  Domain,
  Finding,
  Mailbox,
  Reading,
  SieveFilter,
} from './core/model.ts';
import type { NewSyncJob, SyncJob, SyncJobEdit } from './core/sync-job.ts';

export type Directory = {
  /**
   * Reads the whole directory once. Never throws for what the server did in the middle of a search: that is
   * a reading with `problems`. Throws a DirectoryError when nothing could be read at all (unreachable, bind
   * refused, TLS refused, malformed answer before the first entry).
   */
  read(): Promise<Reading>;
  close(): Promise<void>;
};

/** A word of mailcow's own (`object_exists`) with its arguments, html entities undone. */
export type MailcowWord = { readonly word: string; readonly args: readonly string[] };

/**
 * The verdict on one write. `unclear`: empty body, lost connection, a deadlock text as success, `Task
 * completed` that did nothing: whether it happened must be read (DESIGN.md 4.14).
 */
export type WriteResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly words: readonly MailcowWord[] }
  | { readonly kind: 'unclear'; readonly why: string };

/** The verdict on one address of an `add/alias` call; `id` is mailcow's new numeric id. */
export type AliasResult =
  { readonly kind: 'done'; readonly id: number } | Exclude<WriteResult, { readonly kind: 'done' }>;

/** The verdict on a new filter; mailcow does not tell its id, it is read afterwards. */
export type FilterResult = AliasResult;

/** The verdict on a new sync job; its id is read afterwards, too. */
export type SyncJobResult = AliasResult;

export type NewDomain = {
  /** As mailcow keeps it: lower case, punycode. */
  readonly name: string;
  readonly description: string;
  readonly mailboxes: number;
  readonly aliases: number;
  readonly defaultQuotaMiB: number;
  readonly maxMailboxQuotaMiB: number;
  readonly quotaMiB: number;
  readonly gal: boolean;
  /** SOGo learns of a new domain only by a restart: once, with the last one. */
  readonly restartSogo: boolean;
};

/** mailcow ignores a 0 (except for `mailboxes`) and an empty description: they are refused. */
export type DomainEdit = Partial<
  Pick<
    NewDomain,
    'description' | 'mailboxes' | 'aliases' | 'defaultQuotaMiB' | 'maxMailboxQuotaMiB' | 'quotaMiB' | 'gal'
  >
>;

export type NewFilter = Omit<SieveFilter, 'id'>;

export type FilterEdit = Partial<Pick<SieveFilter, 'description' | 'script' | 'active'>>;

/** What logins of people are checked against: mailcow's own password, or its LDAP identity provider. */
export type AuthSource = 'mailcow' | 'ldap';

/** A hash that mailcow keeps as it is (`{SSHA512}…`), or one of a password that nobody has. */
export type NewPassword = 'random' | { readonly hash: string };

export type NewMailbox = {
  readonly address: string;
  readonly name: string;
  readonly quotaMiB: number;
  readonly active: number;
  readonly tags: readonly string[];
  /** Name of a mailcow mailbox template. */
  readonly template?: string;
  /**
   * Default: `mailcow`. With `ldap` no password is sent; mailcow takes any that it is not set up for as `mailcow`,
   * without a word: read it back.
   */
  readonly authSource?: AuthSource;
  /** Default: `random`. */
  readonly password?: NewPassword;
};

export type MailboxEdit = {
  readonly name?: string;
  readonly quotaMiB?: number;
  readonly active?: number;
  /** mailcow only ever adds tags on edit. */
  readonly addTags?: readonly string[];
  /** To be read back, as in a new mailbox. */
  readonly authSource?: AuthSource;
  /** mailcow keeps none while the auth source is another, and says `done` all the same. Not together with one. */
  readonly password?: NewPassword;
};

export type NewAliases = {
  /** Several addresses with the same goto, flags and mark travel in one call. */
  readonly addresses: readonly string[];
  readonly goto: readonly string[];
  readonly active: number;
  readonly privateComment: string;
  readonly internal: boolean;
  readonly sogoVisible: boolean;
  readonly senderAllowed: boolean;
};

export type AliasEdit = {
  readonly goto?: readonly string[];
  readonly active?: number;
  readonly privateComment?: string;
  readonly senderAllowed?: boolean;
  readonly internal?: boolean;
};

export type MailboxList = {
  readonly mailboxes: readonly Mailbox[];
  /** Rows of nulls: mailboxes whose deletion stopped half-way (facts/mailcow-api.md section 9). They have no name. */
  readonly halfDeleted: number;
};

/** `half-deleted`: mailcow answers with an object of nulls (also for a resource address). */
export type MailboxLookup = Mailbox | 'half-deleted' | undefined;

/**
 * mailcow as a sync needs it. Every method throws MailcowUnreachable (transient), MailcowRefused (401/403,
 * read-only key, unknown route) or MailcowMalformed (the other side changed) when a READ cannot be trusted;
 * writes return a WriteResult and throw only MailcowRefused for 401/403 (nothing was done, stop the sync).
 */
export type Mailcow = {
  readVersion(): Promise<string>;
  listDomains(): Promise<readonly Domain[]>;
  listMailboxes(): Promise<MailboxList>;
  listAliases(): Promise<readonly Alias[]>;
  listAliasDomains(): Promise<readonly AliasDomain[]>;
  readDomain(name: string): Promise<Domain | undefined>;
  readMailbox(address: string): Promise<MailboxLookup>;
  /** By id where it is known; by address the answer is verified to be that address (numeric prefixes!). */
  readAlias(which: { readonly id: number } | { readonly address: string }): Promise<Alias | undefined>;
  createMailbox(mailbox: NewMailbox): Promise<WriteResult>;
  editMailbox(address: string, edit: MailboxEdit): Promise<WriteResult>;
  editTlsPolicy(
    address: string,
    policy: { readonly in: boolean; readonly out: boolean },
  ): Promise<WriteResult>;
  removeMailboxTag(address: string, tag: string): Promise<WriteResult>;
  /** Within one domain; the old address becomes an alias when `keepAlias`. */
  renameMailbox(rename: {
    readonly from: string;
    readonly to: string;
    readonly keepAlias: boolean;
  }): Promise<WriteResult>;
  deleteMailbox(address: string): Promise<WriteResult>;
  /** One result per address, in order. */
  createAliases(aliases: NewAliases): Promise<readonly AliasResult[]>;
  editAlias(id: number, edit: AliasEdit): Promise<WriteResult>;
  removeAliases(ids: readonly number[]): Promise<readonly WriteResult[]>;
  /** Active, with mailcow's default DKIM key; what is not named here comes from the Default domain template. */
  createDomain(domain: NewDomain): Promise<WriteResult>;
  editDomain(name: string, edit: DomainEdit): Promise<WriteResult>;
  /** Its aliases and alias domains go with it. mailcow says "removed" also of one that was not there. */
  deleteDomain(name: string): Promise<WriteResult>;
  /** Of one mailbox, or of all (one query per mailbox inside mailcow: seconds for ten thousand). */
  listFilters(username?: string): Promise<readonly SieveFilter[]>;
  createFilter(filter: NewFilter): Promise<FilterResult>;
  editFilter(id: number, edit: FilterEdit): Promise<WriteResult>;
  /** One result per id, in order. */
  deleteFilters(ids: readonly number[]): Promise<readonly WriteResult[]>;
  /** Undefined: none is set up. `no-route`: this mailcow is older than 2025-03 and has none. */
  readIdentityProvider(): Promise<IdentityProvider | undefined | 'no-route'>;
  /** Whether mailcow itself can connect and bind so; it says no more than that. Changes nothing. */
  testIdentityProvider(provider: LdapProvider): Promise<WriteResult>;
  /** mailcow does not try the connection. Refused while mailboxes use a provider of another type. */
  editIdentityProvider(provider: LdapProvider): Promise<WriteResult>;
};

/** mailcow's sync jobs. Errors and verdicts are those of `Mailcow`; none of them ever holds a password. */
export type SyncJobs = {
  /** Of one mailbox, or of all (one query per mailbox inside mailcow). */
  listSyncJobs(mailbox?: string): Promise<readonly SyncJob[]>;
  createSyncJob(job: NewSyncJob): Promise<SyncJobResult>;
  editSyncJob(id: number, edit: SyncJobEdit): Promise<WriteResult>;
  /** One result per id, in order. A job that the engine has on its list still runs once. */
  deleteSyncJobs(ids: readonly number[]): Promise<readonly WriteResult[]>;
};

/** What was written into mailcow's folders, and who has to read it. */
export type FilesChanged = {
  readonly paths: readonly string[];
  readonly services: ReadonlySet<'dovecot' | 'sogo'>;
  /** What could not be written, as sentences that say what to do. */
  readonly problems: readonly string[];
};

/** What a reading has shown of the directory. */
export type DirectoryKnown = {
  readonly dialect: DialectName;
  /** Attributes, in lower case, that entries were ever seen with. */
  readonly seen: ReadonlySet<string>;
};

/** The files for logins in mailcow's folders. */
export type LoginFiles = {
  /** What the folders show now. */
  signs(): VolumeSigns;
  /** Whether files of ours are in place; never throws. */
  areInstalled(): boolean;
  /** Why nothing can be written into the folders that are mounted, with what to do; undefined: it can. */
  refusal(): string | undefined;
  /** Renders, proves and writes what is not as it should be. Throws an error with a sentence that says what to do. */
  install(files: LoginFileKinds, directory: DirectoryKnown): FilesChanged;
  /** Takes everything out again, byte for byte. Throws an error with a sentence that says what to do. */
  remove(): FilesChanged;
};

/** What reads the files for logins. */
export type Service = 'dovecot' | 'sogo' | 'memcached';

/** `problem`: it did not happen, with what to do. */
export type Restarted = { readonly service: Service; readonly problem?: string };

/** Makes services of mailcow read changed files. Never throws: logins that wait for a restart stop no sync. */
export type Restarter = {
  restart(services: readonly Service[]): Promise<readonly Restarted[]>;
};

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
  /** Of the digests by which changed password hashes are told: random, base64. */
  readonly passwordKey?: string;
  /** The last sync ended well; otherwise the next one audits. */
  readonly lastSyncGood?: boolean;
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

export type RunKind = 'sync' | 'audit';
/** `stopped`: a signal came before everything was written. */
export type RunOutcome = 'done' | 'held' | 'changes-failed' | 'incomplete' | 'failed' | 'stopped';

export type RunRecord = {
  readonly id: string;
  readonly kind: RunKind;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly outcome?: RunOutcome;
  /** Changes done, by `<kind> <resource>`, and numbers of held, forbidden, failed, left and findings. */
  readonly counts?: Readonly<Record<string, number>>;
  readonly message?: string;
};

/** What the object was before a write, so that it can be explained and taken back. */
export type BeforeImage = {
  readonly mailbox?: Mailbox;
  readonly alias?: Alias;
  readonly filter?: ListFilter;
  readonly domain?: Domain;
  /** What goes with a domain. */
  readonly aliases?: readonly Alias[];
};

export type Intent = { readonly seq: number; readonly run: string; readonly change: Change };
export type IntentEnd = 'done' | 'refused' | 'failed' | 'settled';

/** Everything that a sync starts from. */
export type Remembered = {
  readonly snapshot: Map<string, SnapshotEntry>;
  readonly domains: Map<string, Domain>;
  readonly mailboxes: Map<string, Mailbox>;
  readonly aliases: Map<string, Alias>;
  readonly filters: Map<string, ListFilter>;
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
  readonly ledgerMailboxes?: Rows<LedgerEntry>;
  readonly ledgerAliases?: Rows<LedgerEntry>;
};

/** The SQLite file: snapshot, mirror of mailcow, ledger, findings, journal. Synchronous. */
export type State = {
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
  /** Forgets runs that wrote nothing after 30 days, journal and approvals after 400. */
  prune(now: Date): void;
  /** Journals what is about to be written, before it is sent (DESIGN.md 4.15). Returns its number. */
  openIntent(intent: Omit<Intent, 'seq'> & { readonly image: BeforeImage; readonly at: string }): number;
  endIntent(end: {
    readonly seq: number;
    readonly end: IntentEnd;
    readonly detail?: string;
    readonly at: string;
  }): void;
  openIntents(): readonly Intent[];
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
  retries(): ReadonlyMap<string, Retry>;
  replaceRetries(retries: Iterable<Retry>): void;
  /** Writes a consistent copy while the file is in use. Throws StateError when `path` exists or cannot be written. */
  backup(path: string): Promise<void>;
  close(): void;
};

/** Where a sync says what it does; one line a call, secrets redacted behind it. */
export type Log = {
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
};
