/** Sync jobs: add/syncjob, edit/syncjob, delete/syncjob, get/syncjobs. Nothing runs them. */
import { mailboxLog, reporter, requireFits, uncaught } from './context.ts';
import type { Context, Report, Write } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import type { SyncJobRow } from './rows.ts';
import type { Store } from './store.ts';
import { touched } from './store.ts';
import { fold, intOr, intval, isDomainName, isMailAddress, isSet, sqlNumber, text, textOr } from './php.ts';
import { customParamsProblem } from './syncjob-options.ts';

const flags = [
  'delete2duplicates',
  'delete1',
  'delete2',
  'automap',
  'skipcrossduplicates',
  'subscribeall',
  'dry',
];

/** add/syncjob: what is missing is 0 or empty, but `exclude` and `password1`, without which the statement fails. */
export const addSyncJob: Write = (context, { attr, sent }) => {
  const { store } = context;
  const report = reporter(context, mailboxLog(['add', 'syncjob'], sent));
  if (!isMailAddress(attr['username'])) return report.danger('no_user_defined');
  const user = store.mailboxes.get(attr['username']);
  if (!user) return report.danger('access_denied');
  const row = readRow(attr, { ...emptyRow(store), username: user.username });
  const refusal = refusalOf(row);
  if (refusal !== undefined) return report.danger(refusal);
  const isTaken = [...store.syncJobs.values()].some((other) => tripleOf(other) === tripleOf(row));
  if (isTaken) return report.danger(['object_exists', `${row.host1} / ${row.user1}`]);
  for (const column of ['exclude', 'password1']) {
    if (!isSet(attr[column])) throw uncaught(['23000', 1048, `Column '${column}' cannot be null`]);
  }
  requireColumns(row);
  const id = store.nextId('syncJob');
  store.syncJobs.set(id, { ...row, id });
  return report.success(['mailbox_modified', row.username]);
};

function emptyRow(store: Store): SyncJobRow {
  return {
    id: 0,
    username: '',
    host1: '',
    port1: 0,
    user1: '',
    password1: '',
    enc1: '',
    exclude: '',
    customParams: '',
    subfolder2: '',
    minsInterval: 0,
    flags: {},
    active: 0,
    isRunning: 0,
    lastRun: null,
    success: null,
    exitStatus: null,
    returnedText: null,
    created: store.now(),
    modified: null,
  };
}

/** What is given over what there was: some fields can be emptied, others keep their value then. */
function readRow(attr: JsonObject, was: SyncJobRow): SyncJobRow {
  const flagOf = (name: string): number => (intOr(attr[name], was.flags[name] ?? 0) === 0 ? 0 : 1);
  const emptied = (name: string, before: string): string => (isSet(attr[name]) ? text(attr[name]) : before);
  return {
    ...was,
    host1: textOr(attr['host1'], was.host1).toLowerCase(),
    port1: intval(textOr(attr['port1'], String(was.port1))),
    user1: textOr(attr['user1'], was.user1),
    password1: textOr(attr['password1'], was.password1),
    enc1: textOr(attr['enc1'], was.enc1),
    minsInterval: intval(textOr(attr['mins_interval'], String(was.minsInterval))),
    exclude: emptied('exclude', was.exclude),
    customParams: emptied('custom_params', was.customParams),
    subfolder2: emptied('subfolder2', was.subfolder2),
    active: intOr(attr['active'], was.active) === 0 ? 0 : 1,
    flags: Object.fromEntries(flags.map((name) => [name, flagOf(name)])),
    lastRun: isSet(attr['last_run']) ? null : was.lastRun,
    success: isSet(attr['success']) ? null : was.success,
  };
}

function refusalOf(row: SyncJobRow): Json | undefined {
  const problem = customParamsProblem(row.customParams);
  if (problem !== undefined) return problem;
  const isRight =
    row.port1 >= 1 &&
    row.port1 <= 65_535 &&
    row.minsInterval >= 1 &&
    row.minsInterval <= 43_800 &&
    ['TLS', 'SSL', 'PLAIN'].includes(row.enc1) &&
    isPattern(row.exclude);
  return isRight ? undefined : 'access_denied';
}

/** mailcow tries the pattern between slashes: one within it ends it. */
function isPattern(exclude: string): boolean {
  if (/(?<!\\)(?:\\\\)*\//.test(exclude)) return false;
  try {
    new RegExp(exclude.replaceAll('(?i)', ''));
    return true;
  } catch {
    return false;
  }
}

function tripleOf({ username, user1, host1 }: SyncJobRow): string {
  return JSON.stringify([username, user1, host1].map(fold));
}

function requireColumns(row: SyncJobRow): void {
  requireFits('password1', [...row.password1].length <= 255);
  requireFits('exclude', [...row.exclude].length <= 500);
  requireFits('custom_params', [...row.customParams].length <= 512);
}

/** edit/syncjob: the host is looked at, as it is not on add; another job on the same login is not. */
export const editSyncJob: Write = (context, { attr, items }) => {
  const report = reporter(context, mailboxLog(['edit', 'syncjob'], { id: items, ...attr }));
  for (const item of items) {
    const row = context.store.syncJobs.get(sqlNumber(item));
    if (row) editOne(context, row, { attr, report });
    else report.danger('access_denied');
  }
  return true;
};

type Edit = { readonly attr: JsonObject; readonly report: Report };

function editOne({ store }: Context, row: SyncJobRow, { attr, report }: Edit): boolean {
  const next = readRow(attr, row);
  const refusal = refusalOf(next) ?? (isDomainName(next.host1) ? undefined : 'access_denied');
  if (refusal !== undefined) return report.danger(refusal);
  requireColumns(next);
  store.syncJobs.set(row.id, touched(store, { from: row, to: next }));
  return report.success(['mailbox_modified', row.username]);
}

/** delete/syncjob: what is no number ends the call. */
export const deleteSyncJob: Write = (context, { items }) => {
  const report = reporter(context, mailboxLog(['delete', 'syncjob'], { id: items }));
  for (const item of items) {
    if (!/^\s*\d+\s*$/.test(text(item))) return false;
    const known = context.store.syncJobs.delete(intval(item));
    if (known) report.success(['deleted_syncjob', item]);
    else report.danger('access_denied');
  }
  return true;
};

/** get/syncjobs/all and get/syncjobs/<user>, with `no_log` or `with_password` or both. */
export function listSyncJobs(store: Store, call: { object: string; extra: string }): readonly JsonObject[] {
  const options = call.extra.split(',');
  return [...store.syncJobs.values()]
    .filter((row) => call.object === 'all' || fold(row.username) === fold(call.object))
    .map((row) => ({
      ...shown(row),
      ...(options.includes('with_password') && { password1: row.password1 }),
      log: options.includes('no_log') ? '' : (row.returnedText ?? ''),
    }));
}

function shown(row: SyncJobRow): JsonObject {
  return {
    id: row.id,
    user2: row.username,
    host1: row.host1,
    authmech1: 'PLAIN',
    regextrans2: '',
    authmd51: 0,
    domain2: '',
    subfolder2: row.subfolder2,
    user1: row.user1,
    exclude: row.exclude,
    maxage: 0,
    mins_interval: row.minsInterval,
    maxbytespersecond: '0',
    port1: row.port1,
    enc1: row.enc1,
    ...row.flags,
    custom_params: row.customParams,
    timeout1: 600,
    timeout2: 600,
    is_running: row.isRunning,
    last_run: row.lastRun,
    success: row.success,
    exit_status: row.exitStatus,
    created: row.created,
    modified: row.modified,
    active: row.active,
  };
}
