/** Changes of the sync jobs of a migration. Passwords come from memory, and go nowhere but to mailcow. */
import type { Change, Fields } from '../core/change.ts';
import type { MailboxJobs } from '../core/migration.ts';
import type { SyncJobEdit, SyncJobSecurity, SyncJobSettings } from '../core/sync-job.ts';
import type { WriteResult } from '../ports-mailcow.ts';
import { DONE, type PerformContext } from './perform-context.ts';
import { refreshSyncJobs } from './refresh.ts';

const securities: Readonly<Record<string, SyncJobSecurity>> = { TLS: 'TLS', SSL: 'SSL', PLAIN: 'PLAIN' };

type Given = { readonly [Name in keyof SyncJobSettings]: SyncJobSettings[Name] | undefined };

const given = (fields: Given): Partial<SyncJobSettings> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** The fields of a change in mailcow's form. */
function settingsOf(after: Fields): Partial<SyncJobSettings> {
  return given({
    host: after.host,
    port: after.port,
    user: after.login,
    security: after.security === undefined ? undefined : securities[after.security],
    exclude: after.exclude,
    customParams: after.options,
    intervalMinutes: after.intervalMinutes,
    deleteThere: after.deleteThere,
    deleteHere: after.deleteHere,
    active: after.active === undefined ? undefined : after.active === 1,
  });
}

/** What is not said of a new job; a migration deletes nothing, neither there nor here. */
const nothing: SyncJobSettings = {
  host: '',
  port: 0,
  user: '',
  security: 'SSL',
  exclude: '',
  customParams: '',
  intervalMinutes: 0,
  active: false,
  deleteThere: false,
  deleteHere: false,
};

/** Of which password mailcow has, after a change of ours. */
function digestAfter(
  { kind, key, after }: Change,
  context: PerformContext,
): Pick<MailboxJobs, 'passwordDigest'> {
  const isSent = kind === 'create' || after.password !== undefined;
  const before = context.memory.current.syncJobs?.get(key)?.passwordDigest;
  const passwordDigest = isSent ? context.syncPasswordOf?.(key)?.digest : before;
  return passwordDigest === undefined ? {} : { passwordDigest };
}

/** What we wrote last, field by field: what somebody changed beside them in mailcow stays a difference. */
function writtenBy(
  { kind, after }: Change,
  own: NonNullable<MailboxJobs['own']>,
  before: MailboxJobs | undefined,
): Pick<MailboxJobs, 'written'> {
  const former = kind === 'create' ? undefined : before?.written;
  if (kind === 'deactivate') return former === undefined ? {} : { written: former };
  const { active: _active, id: _id, ...written } = { ...own, ...former, ...settingsOf(after) };
  return { written };
}

/** What is remembered of a mailbox's jobs after a change of ours; `id` of a new one. */
export function recordSyncJob(change: Change, context: PerformContext, id?: number): void {
  const { memory } = context;
  const { key, after } = change;
  const before = memory.current.syncJobs?.get(key);
  const known = id === undefined ? before?.own : { ...nothing, id };
  if (known === undefined) return;
  const own = { ...known, ...settingsOf(after) };
  const isOff = change.kind === 'deactivate' || (before?.offByUs === true && !own.active);
  memory.setSyncJobs(key, {
    mailbox: key,
    own,
    others: before?.others ?? [],
    ...writtenBy(change, own, before),
    ...digestAfter(change, context),
    ...(isOff && { offByUs: true }),
  });
}

const withoutPassword: WriteResult = {
  kind: 'refused',
  words: [{ word: 'remote_password_invalid', args: [] }],
};

async function createSyncJob(change: Change, context: PerformContext): Promise<WriteResult> {
  const password = context.syncPasswordOf?.(change.key)?.password;
  if (password === undefined) return withoutPassword;
  const settings = { ...nothing, ...settingsOf(change.after) };
  const result = await context.mailcow.createSyncJob({ ...settings, mailbox: change.key, password });
  if (result.kind !== 'done') return result;
  recordSyncJob(change, context, result.id);
  return DONE;
}

type Own = NonNullable<MailboxJobs['own']>;

const isSame = (a: Own, b: Own): boolean =>
  (Object.keys(a) as (keyof Own)[]).every((name) => a[name] === b[name]);

/**
 * The job, read once more: a plan is long, and an id is all that an edit names. Meanwhile the daemon may have ended the
 * migration, and after a restore the id may be that of somebody else's job. Undefined: it is not the one that was planned for.
 */
async function stillOwn(
  key: string,
  { mailcow, memory, isOwnJob }: PerformContext,
): Promise<Own | undefined> {
  const planned = memory.current.syncJobs?.get(key)?.own;
  if (planned === undefined || isOwnJob === undefined) return undefined;
  await refreshSyncJobs(mailcow, memory, { mailbox: key, isOwnJob });
  const own = memory.current.syncJobs?.get(key)?.own;
  return own !== undefined && isSame(planned, own) ? own : undefined;
}

async function editSyncJob(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, syncPasswordOf } = context;
  const { key, after, runNow } = change;
  const own = await stillOwn(key, context);
  if (own === undefined)
    return { kind: 'refused', words: [{ word: 'sync_job_changed_meanwhile', args: [key] }] };
  const password = after.password === undefined ? undefined : syncPasswordOf?.(key)?.password;
  if (after.password !== undefined && password === undefined) return withoutPassword;
  const edit: SyncJobEdit = {
    ...settingsOf(after),
    ...(password !== undefined && { password }),
    ...(runNow && { runNow }),
  };
  const result = await mailcow.editSyncJob(own.id, edit);
  if (result.kind === 'done') recordSyncJob(change, context);
  return result;
}

/** Sends a change of a sync job. */
export function performSyncJob(change: Change, context: PerformContext): Promise<WriteResult> {
  return change.kind === 'create' ? createSyncJob(change, context) : editSyncJob(change, context);
}

/** Whether memory shows what a change of a sync job set out to do. */
export function hasSyncJobHappened({ kind, after }: Change, jobs: MailboxJobs | undefined): boolean {
  const own = jobs?.own;
  // Without its mark it is none of ours.
  if (own === undefined) return kind === 'release';
  // Which password mailcow has cannot be read without its being shown: it is sent again.
  if (kind !== 'create' && after.password !== undefined) return false;
  return Object.entries(settingsOf(after)).every(([name, value]) => own[name as keyof typeof own] === value);
}
