/** App passwords: add, edit, delete and get/app-passwd/all/<user>. */
import { maskSecrets, reporter, uncaught } from './context.ts';
import type { Context, Report, Write } from './context.ts';
import type { JsonObject } from './json.ts';
import type { AppPasswordRow } from './rows.ts';
import { touched } from './store.ts';
import type { Store } from './store.ts';
import { asArray, fold, intOr, intval, isEmpty, isSet, text, textOr } from './php.ts';
import { checkPassword, storedPassword } from './password.ts';

const protocols = ['imap_access', 'smtp_access', 'dav_access', 'eas_access', 'pop3_access', 'sieve_access'];

/** add/app-passwd: no id in the reply. */
export const addAppPassword: Write = (context, { attr, sent }) => {
  const { store } = context;
  const report = reporter(context, ['app_passwd', 'add', maskSecrets(sent)]);
  const user = store.mailboxes.get(text(attr['username']));
  if (!user) return report.danger('access_denied');
  if (isEmpty(attr['app_name'])) return report.danger('app_name_empty');
  const passwords = { first: attr['app_passwd'], second: attr['app_passwd2'] };
  if (!checkPassword(context, passwords)) return false;
  const id = store.nextId('appPassword');
  store.appPasswords.set(id, {
    id,
    name: text(attr['app_name']),
    mailbox: user.username,
    domain: user.domain,
    password: storedPassword(text(attr['app_passwd'])),
    protocols: asArray(attr['protocols']).map(text),
    active: intval(attr['active']),
    created: store.now(),
    modified: null,
  });
  return report.success('app_passwd_added');
};

/** edit/app-passwd: without the username in the attributes a foreign key fails and the reply is empty. */
export const editAppPassword: Write = (context, { attr, items }) => {
  const report = reporter(context, ['app_passwd', 'edit', maskSecrets({ id: items, ...attr })]);
  for (const item of items) {
    const row = context.store.appPasswords.get(intval(item));
    if (row) editOne(context, row, { attr, report });
    else report.danger(['app_passwd_id_invalid', text(item)]);
  }
  return true;
};

type Edit = { readonly attr: JsonObject; readonly report: Report };

function editOne({ store }: Context, row: AppPasswordRow, { attr, report }: Edit): void {
  if (isEmpty(attr['username'])) throw uncaught(['23000', 1452, 'Cannot add or update a child row']);
  const to = {
    ...row,
    name: textOr(attr['app_name'], row.name),
    active: intOr(attr['active'], row.active),
    protocols: isSet(attr['protocols']) ? asArray(attr['protocols']).map(text) : row.protocols,
    password: isEmpty(attr['app_passwd']) ? row.password : storedPassword(text(attr['app_passwd'])),
  };
  store.appPasswords.set(row.id, touched(store, { from: row, to }));
  report.success(['object_modified', String(row.id)]);
}

/** delete/app-passwd: the first unknown id ends the batch. */
export const deleteAppPassword: Write = (context, { items }) => {
  const report = reporter(context, ['app_passwd', 'delete', { id: items }]);
  for (const item of items) {
    if (!context.store.appPasswords.delete(intval(item))) return report.danger('app_passwd_id_invalid');
    report.success(['app_passwd_removed', text(item)]);
  }
  return true;
};

/** get/app-passwd/all/<user>; the hash is part of it. */
export function listAppPasswords(store: Store, user: string): readonly JsonObject[] {
  const rows = [...store.appPasswords.values()].filter((row) => fold(row.mailbox) === fold(user));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    mailbox: row.mailbox,
    domain: row.domain,
    password: row.password,
    created: row.created,
    modified: row.modified,
    ...flagsOf(row),
    active: row.active,
  }));
}

function flagsOf(row: AppPasswordRow): JsonObject {
  return Object.fromEntries(protocols.map((name) => [name, row.protocols.includes(name) ? 1 : 0]));
}
