/** The nouns of both sides. Everything here is readonly data; no behaviour. */

/** Attribute names in lower case; values as text, in the order the server sent them. Never an empty list. */
export type Attributes = Readonly<Record<string, readonly string[]>>;

/** One entry as the directory holds it. Identity is `id` (objectGUID, entryUUID, …), never the DN. */
export type DirectoryEntry = {
  readonly id: string;
  readonly dn: string;
  readonly attributes: Attributes;
  /** Lower-cased names of attributes whose values could not be read to their end (AD range retrieval). */
  readonly partial?: readonly string[];
  /** A group that is no list: only its members count, where it is nested in another. */
  readonly nestedOnly?: true;
};

export type DialectName = 'active-directory' | 'openldap' | 'freeipa' | 'lldap';

/** What one pass over the directory saw, and whether absence in it means anything. */
export type Reading = {
  readonly dialect: DialectName;
  readonly people: readonly DirectoryEntry[];
  /** Groups: lists (by LDAP_GROUP_FILTER) and, with `nestedOnly`, all others. */
  readonly groups: readonly DirectoryEntry[];
  /** Entries that count as members of lists beside the people; undefined: only people count. */
  readonly members?: MemberEntries;
  /** Empty exactly when every search ran to its proven end (DESIGN.md 4.1); otherwise sentences saying what was cut. */
  readonly problems: readonly string[];
  /** A keyed digest of all that the server sent; undefined: there is none that says it all. */
  readonly fingerprint?: string;
};

/** Who a group's member value may mean, read in one search (LDAP_GROUP_MEMBER_FILTER, GROUP_EXTERNAL_MEMBERS). */
export type MemberEntries = {
  /** Lower-case attribute whose value a group names; undefined: the DN. */
  readonly key: string | undefined;
  /** True when a member filter was given: it alone decides who counts, people of the user filter included. */
  readonly decides: boolean;
  readonly entries: readonly DirectoryEntry[];
};

/** mailcow's own values: 1 works, 0 refuses mail and login, 2 refuses only the login. */
export type ActiveState = number;

export type Mailbox = {
  /** Lower case; the key. */
  readonly address: string;
  readonly name: string;
  /** 0 = no limit. */
  readonly quotaMiB: number;
  readonly active: ActiveState;
  /** `mailcow`, `ldap` or another provider; empty: a mailcow that knows none (up to 2025-02). */
  readonly authSource: string;
  readonly tlsEnforceIn: boolean;
  readonly tlsEnforceOut: boolean;
  readonly tags: readonly string[];
  /** As mailcow sends it (its database's time zone); undefined when never set. */
  readonly passwordChanged?: string;
};

export type Alias = {
  /** mailcow's numeric id: the only safe way to name an alias in a write (facts/mailcow-api.md section 1). */
  readonly id: number;
  /** Lower case. */
  readonly address: string;
  /** Sorted, lower case, each once. */
  readonly goto: readonly string[];
  readonly active: ActiveState;
  readonly privateComment: string;
  readonly internal: boolean;
  readonly sogoVisible: boolean;
  readonly senderAllowed: boolean;
};

export type Domain = {
  readonly name: string;
  readonly description: string;
  readonly active: ActiveState;
  readonly defaultQuotaMiB: number;
  readonly maxMailboxQuotaMiB: number;
  /** The sum that all mailboxes may take together. */
  readonly quotaMiB: number;
  readonly quotaUsedMiB: number;
  readonly mailboxes: number;
  readonly maxMailboxes: number;
  readonly aliases: number;
  readonly maxAliases: number;
  /** Global address list. */
  readonly gal: boolean;
};

/** A domain of mailcow's that is another name of `target`: every address of that is one of this too. */
export type AliasDomain = { readonly name: string; readonly target: string };

export type SieveFilter = {
  readonly id: number;
  /** The mailbox. Lower case. */
  readonly username: string;
  readonly description: string;
  readonly script: string;
  readonly kind: 'prefilter' | 'postfilter';
  /** mailcow keeps at most one of a mailbox and kind active: activating another deactivates it. */
  readonly active: boolean;
};

/** A thing a person should know. `code` is stable and documented; `subject` is an address or a DN. */
export type Finding = {
  readonly code: string;
  readonly subject: string;
  readonly message: string;
};
