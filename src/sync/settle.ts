/**
 * What became of a write whose answer we do not have: PHP goes on after its client has died, so the object is
 * read until two answers in a row are equal (DESIGN.md 4.14, 4.15).
 */
import type { Change, Fields } from '../core/change.ts';
import { sameGoto, type CurrentState } from '../core/current.ts';
import type { ListFilter } from '../core/list-filter.ts';
import { ADOPTED_TAG, parseMark } from '../core/mark.ts';
import type { Alias, Domain, Mailbox } from '../core/model.ts';
import type { MailcowWithJobs } from '../ports-mailcow.ts';
import type { Memory } from './memory.ts';
import { hasSyncJobHappened } from './perform-sync-job.ts';
import { refreshAlias, refreshFilter, refreshMailbox, refreshSyncJobs, type IsOwnJob } from './refresh.ts';

export type SettleContext = {
  readonly mailcow: MailcowWithJobs;
  readonly memory: Memory;
  readonly owner: string;
  /** Undefined: there is no migration any more, and what became of its jobs does not matter. */
  readonly isOwnJob?: IsOwnJob;
  readonly delay: (ms: number) => Promise<void>;
};

const PAUSE_MS = 2000;
const MAX_READS = 30;

const addressesOf = (change: Change): readonly string[] =>
  change.after.address === undefined ? [change.key] : [change.key, change.after.address];

async function readJobsAgain({ key: mailbox }: Change, context: SettleContext): Promise<string> {
  const { mailcow, memory, isOwnJob } = context;
  if (isOwnJob === undefined) return '';
  await refreshSyncJobs(mailcow, memory, { mailbox, isOwnJob });
  return JSON.stringify(memory.current.syncJobs?.get(mailbox));
}

/** Reads the objects of a change into memory once; the answer is comparable text. */
export async function readAgain(change: Change, context: SettleContext): Promise<string> {
  const { mailcow, memory, owner } = context;
  if (change.resource === 'syncjob') return readJobsAgain(change, context);
  if (change.resource === 'domain') {
    memory.setDomain(change.key, await mailcow.readDomain(change.key));
    return JSON.stringify(memory.current.domains.get(change.key));
  }
  if (change.resource === 'filter') {
    await refreshFilter(mailcow, memory, { address: change.key, owner });
    return JSON.stringify(memory.current.filters?.get(change.key));
  }
  for (const address of addressesOf(change)) {
    if (change.resource === 'mailbox') await refreshMailbox(mailcow, memory, address);
    if (change.resource === 'alias' || change.kind === 'rename') await refreshAlias(mailcow, memory, address);
  }
  return JSON.stringify(
    addressesOf(change).map((address) => [
      memory.current.mailboxes.get(address),
      memory.current.aliases.get(address),
    ]),
  );
}

/** A deletion of ours that stopped half-way is sent again: that repairs it (facts/mailcow-api.md section 9). */
async function repairDeletion(change: Change, context: SettleContext): Promise<void> {
  if (change.kind !== 'delete' || !context.memory.current.halfDeleted?.has(change.key)) return;
  await context.mailcow.deleteMailbox(change.key);
  await readAgain(change, context);
}

async function readAll(changes: readonly Change[], context: SettleContext): Promise<string> {
  const answers: string[] = [];
  for (const change of changes) answers.push(await readAgain(change, context));
  return answers.join('\n');
}

/** Reads the objects of these changes into memory until mailcow has come to rest. */
export async function settle(changes: readonly Change[], context: SettleContext): Promise<void> {
  let before = await readAll(changes, context);
  for (let reads = 1; reads < MAX_READS; reads++) {
    await context.delay(PAUSE_MS);
    const after = await readAll(changes, context);
    if (after === before) break;
    before = after;
  }
  for (const change of changes) await repairDeletion(change, context);
}

function matches(after: Fields, found: Mailbox | Alias): boolean {
  if (after.active !== undefined && found.active !== after.active) return false;
  if ('goto' in found) {
    const flags = ['internal', 'senderAllowed'] as const;
    if (flags.some((name) => after[name] !== undefined && after[name] !== found[name])) return false;
    return after.goto === undefined || sameGoto(found.goto, after.goto);
  }
  if (after.name !== undefined && found.name !== after.name) return false;
  if (after.authSource !== undefined && found.authSource !== after.authSource) return false;
  return after.quotaMiB === undefined || found.quotaMiB === after.quotaMiB;
}

function bearsMark(change: Change, found: Mailbox | Alias | undefined): boolean {
  if (found === undefined) return false;
  const texts = 'tags' in found ? found.tags : [found.privateComment];
  return texts.some((text) => parseMark(text)?.directoryId === change.directoryId);
}

const isMarked = (found: Mailbox | Alias): boolean =>
  'tags' in found
    ? found.tags.some((tag) => tag === ADOPTED_TAG || parseMark(tag) !== undefined)
    : parseMark(found.privateComment) !== undefined;

const isAsWanted = (after: Fields, domain: Domain | undefined): boolean =>
  domain !== undefined &&
  Object.entries(after).every(([name, value]) => domain[name as keyof Domain] === value);

const hasDomainHappened = ({ kind, after }: Change, domain: Domain | undefined): boolean =>
  kind === 'delete' ? domain === undefined : isAsWanted(after, domain);

const leadsTo = ({ goto = [] }: Fields, filter: ListFilter | undefined): boolean =>
  filter?.active === true && filter.goto !== undefined && sameGoto(filter.goto, goto);

const hasFilterHappened = ({ kind, after }: Change, filter: ListFilter | undefined): boolean => {
  const isGone = filter?.id === undefined;
  return kind === 'delete' || kind === 'release' ? isGone : leadsTo(after, filter);
};

const hasRenamed = ({ key, after }: Change, { mailboxes }: CurrentState): boolean =>
  mailboxes.has(after.address ?? '') && !mailboxes.has(key);

/** Of a mailbox or an alias that keeps its address. */
function hasObjectHappened(change: Change, current: CurrentState): boolean {
  const { kind, resource, key, after, formerId } = change;
  const found = resource === 'mailbox' ? current.mailboxes.get(key) : current.aliases.get(key);
  if (kind === 'delete') return found === undefined && !current.halfDeleted?.has(key);
  if (kind === 'remove') return found === undefined;
  // A take-over is more than its mark; planned again it does no harm.
  // A mailbox has more tags than one: it is done only when all of ours are gone.
  if (kind === 'release') return found === undefined || !isMarked(found);
  if (kind === 'adopt') return formerId === undefined && bearsMark(change, found);
  // Whether mailcow keeps the hash that was sent cannot be read: it is sent again.
  if (kind === 'update' && after.password === 'changed') return false;
  // Marked in the same call: what does not bear the mark was made by somebody else.
  if (kind === 'create' && !bearsMark(change, found)) return false;
  return found !== undefined && matches(after, found);
}

/** Whether memory shows what the change set out to do. */
export function hasHappened(change: Change, { current }: Memory): boolean {
  if (change.resource === 'syncjob') return hasSyncJobHappened(change, current.syncJobs?.get(change.key));
  if (change.resource === 'filter') return hasFilterHappened(change, current.filters?.get(change.key));
  if (change.resource === 'domain') return hasDomainHappened(change, current.domains.get(change.key));
  return change.kind === 'rename' ? hasRenamed(change, current) : hasObjectHappened(change, current);
}
