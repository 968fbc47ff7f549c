/** What the two halves of a plan (mailboxes, aliases) share: inputs, settings and the notes they take. */
import { domainOf } from './address.ts';
import type { Change, Fields, Skip } from './change.ts';
import type { CurrentState, Room } from './current.ts';
import type { DomainSettings } from './domain-settings.ts';
import type { DesiredState } from './desired-types.ts';
import type { Heritage } from './heritage.ts';
import type { Known } from './known.ts';
import { liveRow, rowsById, type Ledger, type LedgerEntry } from './ledger.ts';
import type { MigrationSettings } from './migration.ts';
import type { DirectoryEntry, Finding, Mailbox } from './model.ts';

export type PlanSettings = {
  readonly owner: string;
  readonly syncMailboxes: boolean;
  readonly syncAliases: boolean;
  readonly syncLists: boolean;
  readonly adopt: boolean;
  readonly disableDeleted: boolean;
  /** The aliases of leavers are removed instead of going the way of their mailboxes. */
  readonly removeLeaversAliases?: boolean;
  /** 0, or 2 when deactivated mailboxes still receive. */
  readonly inactiveState: number;
  /** MiB for new mailboxes whose entry gives none; undefined: the domain's default. */
  readonly newQuotaMiB: number | undefined;
  readonly protectedAddresses: ReadonlySet<string>;
  /** What was changed in mailcow is only reported, not put right. */
  readonly reportDrift?: boolean;
  /** Days without the person after which a deactivated mailbox is deleted; undefined: never. */
  readonly deleteAfterDays?: number;
  /** How people log in with the directory's password; undefined: they do not, or by hashes. */
  readonly logins?: 'provider' | 'templates';
  /** New mailboxes of people log in by mailcow's identity provider, which is ready for it. */
  readonly authSource?: 'ldap';
  /** So do those that are there. */
  readonly migrateAuth?: 'ldap';
  /** Mail domains of the directory are made and kept; undefined: never touched. */
  readonly domains?: DomainSettings;
  /** The mail of everybody comes from another server; undefined: sync jobs are never touched. */
  readonly migration?: MigrationSettings;
};

/** What a migration is planned from beside the desired state. */
export type Migrating = {
  /** By directory id. */
  readonly entries: ReadonlyMap<string, DirectoryEntry>;
  /** A keyed digest of the password there for a mailbox; undefined: nobody has said it. */
  readonly digestOf: (address: string) => string | undefined;
};

export type PlanInput = {
  readonly desired: DesiredState;
  readonly current: CurrentState;
  readonly ledger: Ledger;
  readonly settings: PlanSettings;
  /** Ids that are in the directory or keep their claims; all others are gone. */
  readonly claimants: ReadonlySet<string>;
  /** A keyed digest of the hash that each person's mailbox should have, by directory id. */
  readonly passwords?: ReadonlyMap<string, string>;
  /** Undefined: no sync job is made or changed. */
  readonly migrating?: Migrating;
  /** The reading ran to its end. */
  readonly complete?: boolean;
  /** What an older tool left and nobody has taken up yet. */
  readonly heritage?: Heritage;
  /** Of these, who is not in this reading: they keep what they have, and nothing is done for them. */
  readonly absent?: ReadonlySet<string>;
  /** Ids of groups, also of those that are not there any more. */
  readonly groupIds: ReadonlySet<string>;
  /** Ids of mailbox changes that this sync will not make: lists do not build upon them. */
  readonly dropped?: ReadonlySet<string>;
  /** Former id -> the id of the same person's re-created account. */
  readonly successors: ReadonlyMap<string, string>;
  /** ISO date since when an id is missing, for reasons. */
  readonly missingSince: (id: string) => string | undefined;
  /** The address that the snapshot last saw an id with: which of two mailboxes it used. */
  readonly lastAddress?: (id: string) => string | undefined;
  /** On how many distinct days a complete reading was without the id. */
  readonly missingDays?: (id: string) => number;
  /** False after a jump of the clock: nothing is deleted then. */
  readonly clockTrusted?: boolean;
  /** What the directory names; undefined: nothing follows from what it does not name. */
  readonly known?: Known;
  /** Ids that are missing long enough to act on. */
  readonly gone?: ReadonlySet<string>;
};

/** What most steps of planning are given. */
export type PlanContext = { readonly input: PlanInput; readonly notes: Notes };

/** Collects while planning; handed out as readonly data at the end. */
export type Notes = {
  readonly changes: Change[];
  readonly skips: Skip[];
  readonly findings: Finding[];
  /** Ids that will not have their mailbox at the desired address: their aliases are left alone. */
  readonly blocked: Set<string>;
  readonly room: Map<string, Room>;
  /** Domains that this plan creates, and the change that does. */
  readonly comingDomains: Map<string, string>;
  /** Where mailcow stands in the way: worth another look before the next audit. */
  readonly lookups: Lookups;
  /** Ids of what none asks for: their absence is counted. */
  readonly watched: Set<string>;
};

export type Lookups = { readonly domains: Set<string>; readonly addresses: Set<string> };

/** A change with the parts that are mostly empty left out. */
export function mailboxChange(
  what: Omit<Change, 'resource' | 'needs' | 'before' | 'after'>,
  fields: { readonly before?: Fields; readonly after?: Fields; readonly needs?: readonly string[] } = {},
): Change {
  const { before = {}, after = {}, needs = [] } = fields;
  return { ...what, resource: 'mailbox', before, after, needs };
}

/** The creation of an address's domain, where this plan creates it. */
export function comingDomain(address: string, notes: Notes): readonly string[] {
  const id = notes.comingDomains.get(domainOf(address));
  return id === undefined ? [] : [id];
}

/** Takes down a finding. */
export function note(notes: Notes, finding: Finding): void {
  notes.findings.push(finding);
}

type Protection = Pick<PlanSettings, 'protectedAddresses'>;

/** The mail system's own addresses, whatever the domain (RFC 2142), and the operator's list. */
export function isProtected(address: string, settings: Protection): boolean {
  return /^(postmaster|abuse)@/.test(address) || settings.protectedAddresses.has(address);
}

/** An administrator's way to keep one object out of our hands. */
const KEEP_TAG = 'ldap-keep';

export type OwnedMailbox = { readonly live: LedgerEntry | undefined; readonly moved: readonly LedgerEntry[] };

/** The managed mailbox of each directory id, and those it left in other domains. */
export function mailboxesById({
  ledger,
  desired,
  lastAddress,
}: PlanInput): ReadonlyMap<string, OwnedMailbox> {
  const result = new Map<string, OwnedMailbox>();
  for (const [id, rows] of rowsById(ledger)) {
    const live = liveRow(rows, desired.mailboxes.get(id)?.address ?? lastAddress?.(id));
    result.set(id, { live, moved: rows.filter((row) => row !== live) });
  }
  return result;
}

/** Why an object is none of our business: protected, or tagged by an administrator. */
export function handsOff(
  mailbox: Mailbox,
  { settings }: { readonly settings: Protection },
): string | undefined {
  if (isProtected(mailbox.address, settings)) return 'the address is protected';
  if (mailbox.tags.includes(KEEP_TAG)) return `the mailbox has the tag ${KEEP_TAG}`;
  return undefined;
}
