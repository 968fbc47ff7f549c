/** The rows of mailcow's tables, as far as its API shows them. */
import type { Json, JsonObject } from './json.ts';

type Times = { readonly created: string; readonly modified: string | null };

export type DomainRow = Times & {
  readonly domain: string;
  readonly description: string;
  readonly aliases: number;
  readonly mailboxes: number;
  /** The three quotas are MiB, as in the table. */
  readonly defquota: number;
  readonly maxquota: number;
  readonly quota: number;
  readonly relayhost: number;
  readonly backupmx: number;
  readonly gal: number;
  readonly active: number;
  readonly relayAllRecipients: number;
  readonly relayUnknownOnly: number;
  readonly tags: readonly string[];
};

export type MailboxRow = Times & {
  readonly username: string;
  readonly localPart: string;
  readonly domain: string;
  readonly name: string;
  /** The stored hash; never the password itself. */
  readonly password: string;
  /** Bytes. */
  readonly quota: number;
  readonly active: number;
  readonly authsource: string;
  /** '' for a mailbox; location, thing or group for a resource. */
  readonly kind: string;
  readonly multipleBookings: number;
  readonly attributes: Readonly<Record<string, string | null>>;
  readonly customAttributes: JsonObject;
  readonly tags: readonly string[];
  readonly senderAcl: readonly string[];
  readonly externalSenderAcl: readonly string[];
  readonly acl: readonly string[];
  /** False for a resource, and for a mailbox whose deletion died half-way. */
  readonly hasQuotaRow: boolean;
};

export type AliasRow = Times & {
  readonly id: number;
  readonly address: string;
  readonly domain: string;
  readonly goto: string;
  readonly publicComment: string | null;
  readonly privateComment: string | null;
  readonly active: number;
  readonly internal: number;
  readonly sogoVisible: number;
  readonly senderAllowed: number;
};

export type FilterRow = {
  readonly id: number;
  readonly username: string;
  readonly filterType: string;
  readonly scriptDesc: string;
  readonly scriptData: string;
  readonly active: number;
};

export type SyncJobRow = Times & {
  readonly id: number;
  readonly username: string;
  readonly host1: string;
  readonly port1: number;
  readonly user1: string;
  /** In clear, as mailcow keeps it. */
  readonly password1: string;
  readonly enc1: string;
  readonly exclude: string;
  readonly customParams: string;
  readonly subfolder2: string;
  readonly minsInterval: number;
  readonly flags: Readonly<Record<string, number>>;
  readonly active: number;
  readonly isRunning: number;
  readonly lastRun: string | null;
  readonly success: number | null;
  readonly exitStatus: string | null;
  readonly returnedText: string | null;
};

export type AppPasswordRow = Times & {
  readonly id: number;
  readonly name: string;
  readonly mailbox: string;
  readonly domain: string;
  readonly password: string;
  readonly protocols: readonly string[];
  readonly active: number;
};

export type AliasDomainRow = Times & {
  readonly aliasDomain: string;
  readonly targetDomain: string;
  readonly active: number;
};

export type TemplateRow = Times & {
  readonly id: number;
  readonly template: string;
  readonly type: 'domain' | 'mailbox';
  readonly attributes: Readonly<Record<string, Json>>;
};

export type RateLimit = { readonly value: string; readonly frame: string };
