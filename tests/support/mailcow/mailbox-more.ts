/** The smaller writes on a mailbox: custom attributes, tags, TLS policy, quarantine, permissions. */
import { mailboxLog, reporter, uncaught } from './context.ts';
import type { Context, Write } from './context.ts';
import { isList } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { MailboxRow } from './rows.ts';
import { touched } from './store.ts';
import { asArray, fold, intOr, intval, isMailAddress, isSet, text, textOr } from './php.ts';

/** edit/mailbox/custom-attribute: replaces the whole set. */
export const editCustomAttributes: Write = (context, { attr, items }) => {
  const { store } = context;
  const log = mailboxLog(['edit', 'mailbox_custom_attribute'], { mailboxes: items, ...attr });
  const report = reporter(context, log);
  const customAttributes = combine(attr);
  for (const item of items) {
    const row = isMailAddress(item) ? store.mailboxes.get(item) : undefined;
    if (!isMailAddress(item)) report.danger(['username_invalid', item]);
    else if (!row?.hasQuotaRow) report.danger('access_denied');
    else {
      store.mailboxes.put(touched(store, { from: row, to: { ...row, customAttributes } }));
      report.success(['mailbox_modified', item]);
    }
  }
  return true;
};

function combine(attr: JsonObject): JsonObject {
  const names = listOf(attr['attribute']).map((name) => text(name).replaceAll(' ', ''));
  const values = listOf(attr['value']);
  if (names.length !== values.length)
    throw uncaught(['', 0, 'array_combine(): both must have the same size']);
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
}

function listOf(value: Json | undefined): readonly Json[] {
  if (!isSet(value)) return [];
  return isList(value) ? value : [value];
}

/** delete/mailbox/tag/<address>: a success also for tags that were not there. */
export const deleteMailboxTags: Write = (context, { items, extra }) => {
  const { store } = context;
  const log = mailboxLog(['delete', 'tags_mailbox'], { tags: items, username: extra });
  const report = reporter(context, log);
  if (!isMailAddress(extra)) return report.danger('email invalid');
  const row = store.mailboxes.get(extra);
  if (!row?.hasQuotaRow) return report.danger('access_denied');
  if (items.length === 0) return false;
  const gone = items.map((item) => fold(text(item)));
  store.mailboxes.put({ ...row, tags: row.tags.filter((tag) => !gone.includes(fold(tag))) });
  return report.success(['mailbox_modified', extra]);
};

/** An edit of some attributes of each item that reports `mailbox_modified`. */
function attributeEditor(
  type: string,
  change: (row: MailboxRow, attr: JsonObject) => AttributeChange,
): Write {
  return (context, { attr, items }) => {
    const report = reporter(context, mailboxLog(['edit', type], { username: items, ...attr }));
    for (const item of items) {
      const row = isMailAddress(item) ? context.store.mailboxes.get(item) : undefined;
      if (!row?.hasQuotaRow) report.danger('access_denied');
      else {
        saveAttributes(context, row, change(row, attr));
        report.success(['mailbox_modified', text(item)]);
      }
    }
    return true;
  };
}

type AttributeChange = Readonly<Record<string, string>>;

function saveAttributes({ store }: Context, row: MailboxRow, change: AttributeChange): void {
  const to = { ...row, attributes: { ...row.attributes, ...change } };
  store.mailboxes.put(touched(store, { from: row, to }));
}

/** edit/tls_policy. */
export const editTlsPolicy = attributeEditor('tls_policy', (row, attr) => ({
  tls_enforce_in: String(intOr(attr['tls_enforce_in'], intval(row.attributes['tls_enforce_in']))),
  tls_enforce_out: String(intOr(attr['tls_enforce_out'], intval(row.attributes['tls_enforce_out']))),
}));

/** edit/quarantine_notification. */
export const editQuarantineNotification = attributeEditor('quarantine_notification', (row, attr) => ({
  quarantine_notification: textOr(
    attr['quarantine_notification'],
    row.attributes['quarantine_notification'] ?? '',
  ),
}));

/** edit/quarantine_category. */
export const editQuarantineCategory = attributeEditor('quarantine_category', (row, attr) => ({
  quarantine_category: textOr(attr['quarantine_category'], row.attributes['quarantine_category'] ?? ''),
}));

/** edit/user-acl: what the user may do in mailcow's own pages. */
export const editUserAcl: Write = (context, { attr, items }) => {
  const { store } = context;
  const report = reporter(context, ['acl', 'edit', 'user', { username: items, ...attr }]);
  for (const item of items) {
    const row = store.mailboxes.get(text(item));
    if (!row) report.danger('access_denied');
    else {
      store.mailboxes.put({ ...row, acl: asArray(attr['user_acl']).map(text) });
      report.success(['acl_saved', text(item)]);
    }
  }
  return true;
};

/** add/time_limited_alias: a random address of the domain for the user. */
export const addTimeLimitedAlias: Write = (context, { attr, sent }) => {
  const { store } = context;
  const report = reporter(context, mailboxLog(['add', 'time_limited_alias'], sent));
  const username = text(attr['username']);
  if (!store.mailboxes.get(username)?.hasQuotaRow) return report.danger('access_denied');
  store.spamAliases.set(`t${store.spamAliases.size + 1}@${text(attr['domain'])}`, username);
  return report.success(['mailbox_modified', username]);
};
