/** Sieve filters: add/filter, edit/filter, delete/filter, get/filters. */
import { mailboxLog, reporter, requireFits } from './context.ts';
import type { Context, Report, Write } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import type { FilterRow } from './rows.ts';
import type { Store } from './store.ts';
import { fold, intOr, intval, isEmpty, isMailAddress, sqlNumber, text, textOr } from './php.ts';
import { sieveProblem } from './sieve.ts';

const types = ['prefilter', 'postfilter'];

/** add/filter: an active one deactivates the other active one of its user and type. */
export const addFilter: Write = (context, { attr, sent }) => {
  const { store } = context;
  const report = reporter(context, mailboxLog(['add', 'filter'], sent));
  if (!isMailAddress(attr['username'])) return report.danger('no_user_defined');
  const user = store.mailboxes.get(attr['username']);
  if (!user) return report.danger('access_denied');
  const row: FilterRow = {
    id: 0,
    username: user.username,
    filterType: text(attr['filter_type']),
    scriptDesc: text(attr['script_desc']),
    scriptData: text(attr['script_data']),
    active: isEmpty(attr['active']) ? 0 : 1,
  };
  const refusal = refusalOf(row);
  if (refusal) return report.danger(refusal);
  if (row.active === 1) deactivateOthers(store, row);
  requireColumns(row);
  const id = store.nextId('filter');
  store.filters.set(id, { ...row, id });
  return report.success(['mailbox_modified', row.username]);
};

function refusalOf(row: FilterRow): Json | undefined {
  if (row.scriptData === '') return 'script_empty';
  const problem = sieveProblem(row.scriptData);
  if (problem !== undefined) return ['sieve_error', problem];
  if (row.scriptDesc === '') return 'value_missing';
  return types.includes(row.filterType) ? undefined : 'filter_type';
}

function requireColumns(row: FilterRow): void {
  requireFits('script_desc', [...row.scriptDesc].length <= 255);
  requireFits('script_data', Buffer.byteLength(row.scriptData) <= 65_535);
}

function deactivateOthers(store: Store, row: FilterRow): void {
  for (const other of store.filters.values()) {
    const same = fold(other.username) === fold(row.username) && other.filterType === row.filterType;
    if (same && other.id !== row.id) store.filters.set(other.id, { ...other, active: 0 });
  }
}

/** edit/filter. */
export const editFilter: Write = (context, { attr, items }) => {
  const report = reporter(context, mailboxLog(['edit', 'filter'], { id: items, ...attr }));
  for (const item of items) {
    const row = context.store.filters.get(sqlNumber(item));
    if (row) editOne(context, row, { attr, report });
    else report.danger('access_denied');
  }
  return true;
};

type Edit = { readonly attr: JsonObject; readonly report: Report };

function editOne({ store }: Context, row: FilterRow, { attr, report }: Edit): boolean {
  const next: FilterRow = {
    ...row,
    active: intOr(attr['active'], row.active) === 1 ? 1 : 0,
    scriptDesc: textOr(attr['script_desc'], row.scriptDesc),
    scriptData: textOr(attr['script_data'], row.scriptData),
    filterType: textOr(attr['filter_type'], row.filterType),
  };
  const refusal = refusalOf(next);
  if (refusal) return report.danger(refusal);
  if (next.active === 1) deactivateOthers(store, next);
  requireColumns(next);
  store.filters.set(row.id, next);
  return report.success(['mailbox_modified', row.username]);
}

/** delete/filter: ids that are no number are skipped without a word. */
export const deleteFilter: Write = (context, { items }) => {
  const { store } = context;
  const report = reporter(context, mailboxLog(['delete', 'filter'], { id: items }));
  for (const item of items) {
    if (!/^\s*\d+\s*$/.test(text(item))) continue;
    const known = store.filters.delete(intval(item));
    if (known) report.success(['delete_filter', item]);
    else report.danger('access_denied');
  }
  return true;
};

/** get/filters/all and get/filters/<user>. */
export function listFilters(store: Store, user?: string): readonly JsonObject[] {
  const rows = [...store.filters.values()].filter((row) => !user || fold(row.username) === fold(user));
  return rows.sort(byUserThenId).map((row) => ({
    active: row.active,
    id: row.id,
    username: row.username,
    filter_type: row.filterType,
    script_data: row.scriptData,
    script_desc: row.scriptDesc,
  }));
}

function byUserThenId(a: FilterRow, b: FilterRow): number {
  if (fold(a.username) !== fold(b.username)) return fold(a.username) < fold(b.username) ? -1 : 1;
  return a.id - b.id;
}
