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
};

/** The second half of a domain's mark: a domain has no entry of its own in the directory. */
export const DOMAIN_ID = 'domain';

/** Whether a domain bears our mark. */
export const isOurDomain = (domain: Domain, owner: string): boolean =>
  parseMark(domain.description)?.owner === owner;
