/** What an object was before a write of ours. */
import type { Change } from './change.ts';
import type { ListFilter } from './list-filter.ts';
import type { MailboxJobs } from './migration.ts';
import type { Alias, Domain, Mailbox } from './model.ts';

/** What the object was before a write, so that it can be explained and taken back. */
export type BeforeImage = {
  readonly mailbox?: Mailbox;
  readonly alias?: Alias;
  readonly filter?: ListFilter;
  readonly syncJobs?: MailboxJobs;
  readonly domain?: Domain;
  /** What goes with a domain. */
  readonly aliases?: readonly Alias[];
};

/** A write that has happened, or of which that cannot be told any more, as the journal has it. */
export type WrittenChange = { readonly seq: number; readonly change: Change; readonly image: BeforeImage };
