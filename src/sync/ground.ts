/** A draft on fresh ground: what it is about to touch is read from mailcow before it counts. */
import type { Change } from '../core/change.ts';
import { isOwnJob } from '../core/migration.ts';
import type { Draft } from '../core/plan.ts';
import { isPinned, type Pins } from '../core/pins.ts';
import type { Lookups } from '../core/plan-context.ts';
import type { MailcowWithJobs } from '../ports-mailcow.ts';
import type { Retry } from '../ports-state.ts';
import { draftFrom, type DraftContext } from './draft.ts';
import {
  audit,
  countReads,
  refreshMailbox,
  refreshTouched,
  touchedBy,
  touchedByLookups,
  type AuditResult,
  type IsOwnJob,
  type Touched,
} from './refresh.ts';
import { dueLookups, isWaiting } from './retries.ts';

const MAX_ROUNDS = 6;
const NOTHING: Touched = {
  mailboxes: new Set(),
  aliases: new Set(),
  domains: new Set(),
  filters: new Set(),
  syncJobs: new Set(),
};

export type Ground = {
  readonly draft: Draft;
  readonly audited: AuditResult | undefined;
  /** What was looked at again although nothing is to be written to it. */
  readonly looked: Lookups;
};

export type GroundOptions = {
  readonly mailcow: MailcowWithJobs;
  readonly owner: string;
  readonly now: Date;
  readonly audit: boolean;
  readonly retries: ReadonlyMap<string, Retry>;
  /** What is not to be written need not be read. */
  readonly pins: Pins;
};

/** Single reads cost 10 to 20 ms each, a list about 1.2 ms per mailbox (facts/mailcow-api.md section 9). */
const tooManyReads = (reads: number, { memory }: DraftContext): boolean =>
  reads > 50 + (memory.current.mailboxes.size + memory.current.aliases.size) / 10;

/** What either touches. */
export const union = (a: Touched, b: Touched): Touched => ({
  mailboxes: new Set([...a.mailboxes, ...b.mailboxes]),
  aliases: new Set([...a.aliases, ...b.aliases]),
  domains: new Set([...a.domains, ...b.domains]),
  filters: new Set([...a.filters, ...b.filters]),
  syncJobs: new Set([...a.syncJobs, ...b.syncJobs]),
});

/** Where a change brings a mailbox. */
const comingTo = ({ resource, kind, key, after }: Change): readonly string[] => {
  if (resource !== 'mailbox') return [];
  if (kind === 'create') return [key];
  return kind === 'rename' && after.address !== undefined ? [after.address] : [];
};

/** How the jobs of the migration are told; undefined: there is none. */
export function ownJobsOf({ settings }: Pick<DraftContext, 'settings'>): IsOwnJob | undefined {
  const { migration, owner } = settings;
  return migration && ((job) => isOwnJob(job, { form: migration.form, owner }));
}

async function auditGround(context: DraftContext, options: GroundOptions): Promise<Ground> {
  const { mailcow, owner, now } = options;
  const isGroup = (id: string): boolean => context.grace.snapshot.get(id)?.kind === 'group';
  const audited = await audit(mailcow, context.memory, {
    owner,
    now,
    isGroup,
    isOwnJob: ownJobsOf(context),
  });
  const draft = draftFrom(context);
  if (audited.halfDeleted === 0) return { draft, audited, looked: draft.lookups };
  // A list does not say which mailbox it is: where one is to come may be it, and mailcow would refuse.
  for (const address of draft.changes.flatMap(comingTo)) {
    await refreshMailbox(mailcow, context.memory, address);
  }
  const again = draftFrom(context);
  return { draft: again, audited, looked: again.lookups };
}

/** Drafts, reads what the draft would touch, and drafts again until nothing unread is touched. */
export async function draftOnFreshGround(context: DraftContext, options: GroundOptions): Promise<Ground> {
  if (options.audit) return auditGround(context, options);
  const { retries, now, mailcow, pins } = options;
  const first = draftFrom(context);
  const looked = dueLookups(first.lookups, retries, now);
  let draft = first;
  let touched = touchedByLookups(looked);
  let fresh = NOTHING;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const sendable = draft.changes.filter(
      (change) => !isWaiting(change, retries, now) && !isPinned(change, pins),
    );
    touched = union(touched, touchedBy(sendable));
    const reads = countReads(touched, fresh);
    if (reads === 0) return { draft, audited: undefined, looked };
    if (tooManyReads(reads, context)) break;
    const { owner } = options;
    await refreshTouched(mailcow, context.memory, { touched, fresh, owner, isOwnJob: ownJobsOf(context) });
    fresh = union(fresh, touched);
    draft = draftFrom(context);
  }
  return auditGround(context, options);
}
