/** mailcow as a sync needs it. */
import type { IdentityProvider, LdapProvider } from './core/identity-provider.ts';
import type { Alias, AliasDomain, Domain, Mailbox, SieveFilter } from './core/model.ts';
import type { NewSyncJob, SyncJob, SyncJobEdit } from './core/sync-job.ts';

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
  /** How many mails mailcow counts in a mailbox, whatever their folders; undefined: there is none that it can show. */
  countMessages(address: string): Promise<number | undefined>;
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

/** All of mailcow that a sync needs. */
export type MailcowWithJobs = Mailcow & SyncJobs;

/** mailcow's sync jobs. Errors and verdicts are those of `Mailcow`; none of them ever holds a password. */
export type SyncJobs = {
  /** What imapsync said in the last run; undefined: there is no such job, or it has not run. Megabytes are possible. */
  readSyncLog(job: Pick<SyncJob, 'id' | 'mailbox'>): Promise<string | undefined>;
  /** The password there, which mailcow keeps in clear; undefined: there is no such job. */
  readSyncPassword(job: Pick<SyncJob, 'id' | 'mailbox'>): Promise<string | undefined>;
  /** Of one mailbox, or of all (one query per mailbox inside mailcow). */
  listSyncJobs(mailbox?: string): Promise<readonly SyncJob[]>;
  createSyncJob(job: NewSyncJob): Promise<SyncJobResult>;
  editSyncJob(id: number, edit: SyncJobEdit): Promise<WriteResult>;
  /** One result per id, in order. A job that the engine has on its list still runs once. */
  deleteSyncJobs(ids: readonly number[]): Promise<readonly WriteResult[]>;
};
