/** What managed mail domains are like. */
import type { Domain } from './model.ts';
import { parseMark } from './mark.ts';

export type DomainSettings = {
  /** MiB for all mailboxes of a domain together, and the most for one; undefined: what is needed, with room. */
  readonly quotaMiB: number | undefined;
  readonly mailboxes: number;
  readonly aliases: number;
  /** MiB of a mailbox whose entry gives none. */
  readonly defaultMailboxQuotaMiB: number;
  readonly gal: boolean;
  /** Entries whose domain is in mailcow and not ours are left alone. */
  readonly skipUnmanaged: boolean;
  /** Mailboxes and aliases that the directory does not know go, where the domain is ours. */
  readonly exclusive: boolean;
};

/** The second half of a domain's mark: a domain has no entry of its own in the directory. */
export const DOMAIN_ID = 'domain';

/** How the older tool for schools marks the domains that it made: the whole description, word for word. */
const OLDER_MARKS: ReadonlySet<string> = new Set([
  '#### managed by linuxmuster.net ####',
  '#### managed by linuxmuster ####',
]);

/** Whether a domain bears our mark, or that of the older tool, which is not replaced. */
export const isOurDomain = ({ description }: Domain, owner: string): boolean =>
  parseMark(description)?.owner === owner || OLDER_MARKS.has(description.trim());
