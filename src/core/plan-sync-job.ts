/** The sync job of one person: made, put right, begun anew (decision 019). */
import { stages, type Change, type Fields } from './change.ts';
import type { DesiredMailbox } from './desired-types.ts';
import type { LoginClaims } from './migration-claims.ts';
import { sourceOf, type MailboxJobs, type MailSource, type MigrationSettings } from './migration.ts';
import { note, type PlanContext } from './plan-context.ts';
import { noteDrift } from './plan-managed.ts';
import type { SyncJobSettings } from './sync-job.ts';

export type JobTask = PlanContext & {
  readonly migration: MigrationSettings;
  readonly claims: LoginClaims;
  readonly person: DesiredMailbox;
  /** The mailbox. */
  readonly key: string;
  /** Changes of the mailbox that come first. */
  readonly needs: readonly string[];
};

/** The fields of a job in the words of a change. */
const fieldsOf = (job: Omit<SyncJobSettings, 'active'>): Fields => ({
  host: job.host,
  port: job.port,
  login: job.user,
  security: job.security,
  exclude: job.exclude,
  intervalMinutes: job.intervalMinutes,
  options: job.customParams,
  deleteThere: job.deleteThere,
  deleteHere: job.deleteHere,
});

/**
 * What makes it another migration when it differs. Not the login: it follows names in the directory, and somebody who is
 * renamed after the end must not get the mail of whoever had that name before.
 */
const essential = ['host', 'port', 'security', 'exclude', 'intervalMinutes'] as const;

/** What has to be tried at once. */
const urgent = ['host', 'port', 'login', 'security', 'exclude', 'password'] as const;

type Difference = { readonly before: Fields; readonly after: Fields };

function differenceOf(was: Fields, wanted: Fields): Difference {
  const names = (Object.keys(wanted) as (keyof Fields)[]).filter((name) => was[name] !== wanted[name]);
  const pick = (fields: Fields): Fields => Object.fromEntries(names.map((name) => [name, fields[name]]));
  return { before: pick(was), after: pick(wanted) };
}

const isEmpty = ({ after }: Difference): boolean => Object.keys(after).length === 0;

const isTaken = (source: MailSource, { others }: MailboxJobs): boolean =>
  others.some(
    // mailcow's database compares both without regard to case (facts/imapsync.md 2.1).
    ({ host, user }) =>
      host.toLowerCase() === source.host && user.toLowerCase() === source.login.toLowerCase(),
  );

function noteTaken({ key, notes }: JobTask, { host, login }: MailSource): void {
  note(notes, {
    code: 'sync-job-taken',
    subject: key,
    message: `mailcow has another sync job for ${login} on ${host} into this mailbox, which is not of this migration, and takes no second one: delete it there if its mail is to come by the migration`,
  });
}

function noteNoLogin({ key, notes }: JobTask, why: string): void {
  note(notes, {
    code: 'migration-no-login',
    subject: key,
    message: `its mail cannot be copied: ${why}; a sync job that is there stays as it is`,
  });
}

function noteShared({ key, notes }: JobTask, { host, login }: MailSource, other: string): void {
  note(notes, {
    code: 'migration-login-shared',
    subject: key,
    message: `its mail would come from ${login} on ${host}, and so does that of ${other}: whose it is cannot be told, so no sync job is made or changed; give them different logins, or delete the sync job of ${other} in mailcow if that person has left`,
  });
}

/** The job as it should be while the migration goes on. */
function wantedJob({ migration, input, key }: JobTask, source: MailSource): Omit<SyncJobSettings, 'active'> {
  const of = { owner: input.settings.owner, mailbox: key, isDone: false };
  const { active: _active, ...wanted } = migration.form.render(source, of);
  return wanted;
}

type What = Pick<Change, 'kind' | 'reason' | 'before' | 'after'> & { readonly runNow?: boolean };

function jobChange(
  { runNow = false, ...what }: What,
  { key, person, needs }: Pick<JobTask, 'key' | 'person' | 'needs'>,
): Change {
  return {
    ...what,
    resource: 'syncjob',
    key,
    directoryId: person.id,
    needs,
    stage: stages.syncJob,
    ...(runNow && { runNow: true }),
  };
}

function planNewJob(task: JobTask, source: MailSource, jobs: MailboxJobs | undefined): void {
  const { input, notes, key } = task;
  if (jobs !== undefined && isTaken(source, jobs)) {
    noteTaken(task, source);
    return;
  }
  const wanted = wantedJob(task, source);
  const isAsWritten =
    jobs?.written !== undefined && isEmpty(differenceOf(fieldsOf(jobs.written), fieldsOf(wanted)));
  if (input.settings.reportDrift === true && isAsWritten) {
    noteDrift(key, 'its sync job was deleted', notes);
    return;
  }
  const again = jobs?.written === undefined ? '' : '; it was deleted in mailcow';
  const { deleteThere: _there, deleteHere: _here, ...after } = fieldsOf(wanted);
  const reason = `the mail of ${task.person.dn} comes from ${source.host}${again}`;
  notes.changes.push(jobChange({ kind: 'create', reason, before: {}, after: { ...after, active: 1 } }, task));
}

type Existing = {
  readonly source: MailSource;
  readonly jobs: MailboxJobs;
  readonly own: NonNullable<MailboxJobs['own']>;
  readonly digest: string;
};

const isOther = ({ after }: Difference, names: readonly (keyof Fields)[]): boolean =>
  names.some((name) => after[name] !== undefined);

/** A password that was written is told by its digest; which one mailcow has after the state was lost, by nothing. */
const passwordField = ({ jobs, digest }: Existing): Fields =>
  jobs.passwordDigest === digest ? {} : { password: 'another password' };

/** Its migration has ended. Only another server or choice of folders begins a new one. */
function planDone(task: JobTask, existing: Existing): void {
  const { own, source } = existing;
  const { notes, person } = task;
  const was = { ...fieldsOf(own), active: Number(own.active) };
  const wanted = wantedJob(task, source);
  const difference = differenceOf(was, { ...fieldsOf(wanted), active: 1 });
  if (!isOther(difference, essential)) return;
  if (isTaken(source, existing.jobs)) {
    noteTaken(task, source);
    return;
  }
  const { before, after } = difference;
  const reason = `where or how the mail of ${person.dn} is copied changed after its migration had ended: it begins anew`;
  const kind = own.active ? 'update' : 'reactivate';
  const what = { before, after: { ...after, ...passwordField(existing) }, reason, runNow: true };
  notes.changes.push(jobChange({ kind, ...what }, task));
}

function noteByHand({ key, notes }: JobTask): void {
  note(notes, {
    code: 'changed-by-hand',
    subject: key,
    message:
      'its sync job was switched off in mailcow by hand, so it is not touched; switch it on there if its mail should still be copied',
  });
}

/** What differs and is ours to change; said, where somebody else made it so and drift is only reported. */
function wantedDifference(task: JobTask, existing: Existing): Difference {
  const { own, source, jobs } = existing;
  const { input, notes, key } = task;
  const wanted = wantedJob(task, source);
  const difference = differenceOf(fieldsOf(own), fieldsOf(wanted));
  const isAsWritten =
    jobs.written !== undefined && isEmpty(differenceOf(fieldsOf(jobs.written), fieldsOf(wanted)));
  if (isEmpty(difference) || !isAsWritten || input.settings.reportDrift !== true) return difference;
  noteDrift(key, `its sync job was changed (${Object.keys(difference.after).join(', ')})`, notes);
  return { before: {}, after: {} };
}

const named = (fields: Fields): string => Object.keys(fields).join(', ');

function planOngoing(task: JobTask, existing: Existing): void {
  const { own, jobs, source } = existing;
  const { notes, person } = task;
  if (!own.active && jobs.offByUs !== true) {
    noteByHand(task);
    return;
  }
  if (isTaken(source, jobs)) {
    noteTaken(task, source);
    return;
  }
  const { before, after } = wantedDifference(task, existing);
  const fields = { ...after, ...passwordField(existing) };
  // After a lost state file every password is written once; no run hangs on it.
  const isUrgent = urgent.some(
    (name) => fields[name] !== undefined && (name !== 'password' || jobs.passwordDigest !== undefined),
  );
  if (!own.active) {
    const reason = `${person.dn} is back`;
    const what = { before: { ...before, active: 0 }, after: { ...fields, active: 1 }, reason };
    notes.changes.push(jobChange({ kind: 'reactivate', ...what, runNow: isUrgent }, task));
    return;
  }
  if (Object.keys(fields).length === 0) return;
  const reason = `differs in ${named(fields)} from what is to be for ${person.dn}`;
  notes.changes.push(jobChange({ kind: 'update', before, after: fields, reason, runNow: isUrgent }, task));
}

/** What the person's job needs to copy what it should. */
export function planSyncJob(task: JobTask): void {
  const { input, migration, person, key } = task;
  const entry = input.migrating?.entries.get(person.id);
  if (entry === undefined) return;
  const source = sourceOf(entry, key, migration);
  if ('problem' in source) {
    noteNoLogin(task, source.problem);
    return;
  }
  const other = task.claims.sharedWith(source, person.id);
  if (other !== undefined) {
    noteShared(task, source, other);
    return;
  }
  const digest = input.migrating?.digestOf(key);
  if (digest === undefined) {
    noteNoLogin(task, 'LDAP_MAILCOW_IMAPSYNC_LOGINS has no password for it');
    return;
  }
  const jobs = input.current.syncJobs?.get(key);
  if (jobs?.own === undefined) {
    planNewJob(task, source, jobs);
    return;
  }
  const existing = { source, jobs, own: jobs.own, digest };
  if (migration.form.read(jobs.own.customParams)?.isDone === true) planDone(task, existing);
  else planOngoing(task, existing);
}
