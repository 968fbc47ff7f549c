/** What deriving the desired state takes and gives. */
import type { GroupPolicyRule } from './group-policy.ts';
import type { Mapping } from './mapping.ts';
import type { DirectoryEntry, Finding, MemberEntries } from './model.ts';
import type { Person } from './person.ts';

export type DesiredMailbox = Omit<Person, 'aliases'> & {
  /** It is a list: what comes goes on to the members of a group. */
  readonly list?: true;
};

export type DesiredAlias = {
  readonly address: string;
  readonly directoryId: string;
  /** Sorted, each once. */
  readonly goto: readonly string[];
  readonly active: boolean;
  /** Undefined: what is set in mailcow stays. */
  readonly internal?: boolean;
  readonly senderAllowed?: boolean;
  /** The group whose list it is, and the changes of mailboxes that its goto builds upon. */
  readonly list?: { readonly dn: string; readonly uses: readonly string[] };
};

/** A group's list: whom it leads to depends on which of them have a mailbox by then. */
export type DesiredList = {
  readonly address: string;
  readonly directoryId: string;
  readonly dn: string;
  /** People who belong into it. */
  readonly memberIds: readonly string[];
  /** Members who keep a place that they have: absent from this reading, or not understood. */
  readonly keepIds: readonly string[];
  /** Addresses of members who are no people of ours. */
  readonly others: readonly string[];
  /** It is a mailbox with a sieve filter, not an alias. */
  readonly isMailbox?: true;
  /** Its members could not be read to their end: it stays as it is. */
  readonly partial: boolean;
  /** Undefined: nobody said, so what is set in mailcow stays. */
  readonly internal?: boolean;
  readonly sendAs?: boolean;
};

/** What an id holds already, from the ledger: what an entry that cannot be understood keeps. */
export type Holding = {
  readonly mailbox: string | undefined;
  /** What a group's list is in mailcow now: the form is chosen when it is made, and kept. */
  readonly listForm?: 'mailbox' | 'alias';
  /** Its mailbox has the filter of a list: what comes there is sent on and not kept. */
  readonly leadsOn?: true;
  readonly aliases: readonly string[];
  /** Former addresses that a rename left behind: kept while nobody else claims them. */
  readonly formerAddresses: readonly string[];
};

export type DesiredState = {
  /** By directory id. */
  readonly mailboxes: ReadonlyMap<string, DesiredMailbox>;
  /** By address. */
  readonly aliases: ReadonlyMap<string, DesiredAlias>;
  /** By address. */
  readonly lists: ReadonlyMap<string, DesiredList>;
  /** Ids whose objects are left alone: unresolved entries and those with a contested address. */
  readonly frozen: ReadonlySet<string>;
  /** Of these, groups that are lists no more because the group filter does not select them. */
  readonly unlisted: ReadonlySet<string>;
  /** Ids with an address attribute that could not be read to its end: they give nothing up. */
  readonly partial: ReadonlySet<string>;
  /** Addresses that more than one entry claims: whatever is there stays as it is. */
  readonly contested: ReadonlySet<string>;
  /** Of these, the addresses that several people have as their own. */
  readonly contestedMailboxes: ReadonlySet<string>;
  /** Ids that claim an address as an alias which is somebody's mailbox in the directory. */
  readonly deniedClaims: ReadonlyMap<string, ReadonlySet<string>>;
  /** Mail domains of own addresses, where they are managed. */
  readonly domains: ReadonlySet<string>;
  /** Own addresses in domains of mailcow that are not ours and therefore left alone. */
  readonly outside: readonly string[];
  /** Mail domains that entries name and mailcow does not have. */
  readonly unknownDomains: ReadonlySet<string>;
  readonly findings: readonly Finding[];
};

export type DeriveInput = {
  /** Present entries and those in grace. */
  readonly people: readonly DirectoryEntry[];
  readonly groups: readonly DirectoryEntry[];
  /** Entries beside the people that count as members of lists. */
  readonly members?: MemberEntries;
  readonly groupPolicies?: readonly GroupPolicyRule[];
  readonly mapping: Mapping;
  /** Domains that mailcow has, and those that it will have. */
  readonly domains: ReadonlySet<string>;
  /** Of these, the ones that are managed; undefined: domains are not our business. */
  readonly managedDomains?: ReadonlySet<string>;
  /** Domains whose entries are left alone. */
  readonly skippedDomains?: ReadonlySet<string>;
  readonly holdings: ReadonlyMap<string, Holding>;
  /** Aliases-only operation: who gets aliases is who has a mailbox in mailcow. */
  readonly hasMailbox?: (address: string) => boolean;
  /** Ids known only by the marks they left in mailcow: what they hold stays as it is. */
  readonly strangers?: ReadonlySet<string>;
  /** Ids that keep their claims although this reading did not see them. */
  readonly absent?: ReadonlySet<string>;
  /** With `active` 2 a deactivated mailbox still receives, and so do its aliases. */
  readonly inactiveReceives: boolean;
};
