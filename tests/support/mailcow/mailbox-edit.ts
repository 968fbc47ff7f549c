/** edit/mailbox. */
import { mailboxLog, reporter } from './context.ts';
import type { Context, Report, Write } from './context.ts';
import { isList } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { MailboxRow } from './rows.ts';
import { touched } from './store.ts';
import type { Store } from './store.ts';
import { intOr, intval, isEmpty, isMailAddress, isSet, text } from './php.ts';
import {
  addMailboxTags,
  knownAuthSource,
  plainName,
  protocols,
  setDelimiterAction,
  withProtocols,
} from './mailbox-add.ts';
import { largestQuota } from './mailbox-read.ts';
import { checkPassword, storedPassword } from './password.ts';
import { editSenderAcl } from './sender-acl.ts';

const mib = 1_048_576;

/** edit/mailbox: item by item; an SQL error ends the batch. */
export const editMailbox: Write = (context, { attr, items }) => {
  const report = reporter(context, mailboxLog(['edit', 'mailbox'], { username: items, ...attr }));
  const edit = { attr: withProtocols(attr), report };
  for (const item of items) {
    if (!isMailAddress(item)) report.danger(['username_invalid', item]);
    else if (editOne(context, item, edit) === 'stop') return false;
  }
  return true;
};

type Edit = { readonly attr: JsonObject; readonly report: Report };
type Outcome = 'next' | 'stop';

function editOne(context: Context, address: string, { attr, report }: Edit): Outcome {
  const { store } = context;
  const row = store.mailboxes.get(address);
  if (!row?.hasQuotaRow) return refuse(report, 'access_denied');
  const largest = largestQuota(store, row);
  const quota = isSet(attr['quota']) && attr['quota'] !== '' ? intval(attr['quota']) * mib : row.quota;
  if (quota > largest) return refuse(report, ['mailbox_quota_left_exceeded', largest / mib]);
  const withAcl = editSenderAcl(context, row, { attr, report });
  const withPassword = setPassword(context, withAcl, attr);
  if (!withPassword) return 'next';
  const next = changed(store, withPassword, { attr, quota });
  if ([...next.name].length > 255) {
    report.danger(
      "SQLSTATE[22001]: String data, right truncated: 1406 Data too long for column 'name' at row 1",
    );
    return 'stop';
  }
  store.mailboxes.put(touched(store, { from: row, to: next }));
  setOwnAlias(context, next);
  if (isList(attr['tags'])) addMailboxTags(context, { username: row.username, tags: attr['tags'], report });
  setDelimiterAction(context, row.username, attr['tagged_mail_handler']);
  report.success(['mailbox_modified', address]);
  return 'next';
}

function refuse(report: Report, msg: Json): Outcome {
  report.danger(msg);
  return 'next';
}

/** The row with its new hash; undefined when the password was refused. Only `mailcow` mailboxes store one. */
function setPassword(context: Context, row: MailboxRow, attr: JsonObject): MailboxRow | undefined {
  if (isEmpty(attr['password'])) return row;
  if (!checkPassword(context, { first: attr['password'], second: attr['password2'] })) return undefined;
  if (row.authsource !== 'mailcow') return row;
  const attributes = { ...row.attributes, passwd_update: context.store.now() };
  return { ...row, password: storedPassword(text(attr['password'])), attributes };
}

type Changes = { readonly attr: JsonObject; readonly quota: number };

function changed(store: Store, row: MailboxRow, { attr, quota }: Changes): MailboxRow {
  const authsource = attr['authsource'];
  return {
    ...row,
    quota,
    active: intOr(attr['active'], row.active),
    name: isEmpty(attr['name']) ? row.name : plainName(text(attr['name'])),
    authsource: isSet(authsource) ? knownAuthSource(store, authsource) : row.authsource,
    attributes: changedAttributes(row, attr),
  };
}

const editableFlags = ['force_pw_update', 'force_tfa', 'sogo_access', 'relayhost'].concat(
  protocols.map((name) => `${name}_access`),
);

function changedAttributes(row: MailboxRow, attr: JsonObject): MailboxRow['attributes'] {
  const flags = editableFlags.map((key) => [key, String(intOr(attr[key], intval(row.attributes[key])))]);
  const recovery = attr['pw_recovery_email'];
  return {
    ...row.attributes,
    ...(Object.fromEntries(flags) as Record<string, string>),
    attribute_hash: isEmpty(attr['attribute_hash']) ? '' : text(attr['attribute_hash']),
    recovery_email: isEmpty(recovery) ? (row.attributes['recovery_email'] ?? null) : text(recovery),
  };
}

function setOwnAlias({ store }: Context, row: MailboxRow): void {
  const own = store.aliases.byAddress(row.username);
  if (own) store.aliases.put({ ...own, active: row.active });
}
