/** delete/mailbox and edit/rename-mbox: the two writes that reach into other tables. */
import { mailboxLog, reporter, uncaught } from './context.ts';
import type { Context, Report, Write } from './context.ts';
import type { JsonObject } from './json.ts';
import type { AliasRow, MailboxRow } from './rows.ts';
import { touched } from './store.ts';
import type { Store } from './store.ts';
import { escapeHtml, fold, intval, isMailAddress, text } from './php.ts';
import { addAlias } from './alias-add.ts';

/** delete/mailbox: with its filters, app passwords and sync jobs, and out of every goto. */
export const deleteMailbox: Write = (context, { items }) => {
  const report = reporter(context, mailboxLog(['delete', 'mailbox'], { username: items }));
  for (const item of items) {
    const row = isMailAddress(item) ? context.store.mailboxes.get(item) : undefined;
    if (!row) report.danger('access_denied');
    else removeMailbox(context.store, { row, as: text(item), report });
  }
  return true;
};

type Removal = { readonly row: MailboxRow; readonly as: string; readonly report: Report };

function removeMailbox(store: Store, { row, as, report }: Removal): void {
  if (!row.hasQuotaRow) {
    const why = 'variables local_part and/or domain empty';
    report.warning(`Could not move maildir to garbage collector: ${why}`);
  }
  for (const alias of store.aliases.towards(as)) {
    if (fold(alias.goto) === fold(as)) store.aliases.remove(alias.id);
  }
  store.mailboxes.remove(row.username);
  removeDependents(store, row.username);
  for (const alias of store.aliases.towards(as)) removeFromGoto(store, alias, as);
  store.rateLimits.delete(as);
  report.success(['mailbox_removed', escapeHtml(as)]);
}

function removeDependents(store: Store, username: string): void {
  const isTheirs = (user: string): boolean => fold(user) === fold(username);
  for (const filter of store.filters.values()) if (isTheirs(filter.username)) store.filters.delete(filter.id);
  for (const row of store.appPasswords.values()) if (isTheirs(row.mailbox)) store.appPasswords.delete(row.id);
  // Read in mailcow's source, not recorded (facts/imapsync.md section 2.1); so is their move on a rename.
  for (const row of store.syncJobs.values()) if (isTheirs(row.username)) store.syncJobs.delete(row.id);
  for (const [address, user] of store.spamAliases) if (isTheirs(user)) store.spamAliases.delete(address);
}

/**
 * mailcow looks for the address with `REGEXP` and does not escape it: an address with a `+` is not found and
 * stays in the goto. What it found it removes by exact comparison.
 */
function removeFromGoto(store: Store, alias: AliasRow, address: string): void {
  if (!matchesAsRegExp(alias.goto, address)) return;
  const parts = alias.goto.split(',');
  const at = parts.indexOf(address);
  const goto = parts.filter((_, index) => index !== at).join(',');
  store.aliases.put(touched(store, { from: alias, to: { ...alias, goto } }));
}

function matchesAsRegExp(goto: string, address: string): boolean {
  try {
    return new RegExp(`(^|,)${address}($|,)`, 'i').test(goto);
  } catch {
    throw uncaught(['42000', 1139, 'Got error from regexp']);
  }
}

/**
 * edit/rename-mbox: within one domain. Gotos that are exactly the old address follow; those that name it among
 * others do not. What is refused here beyond the recordings (an inactive mailbox, a taken name) is our reading.
 */
export const renameMailbox: Write = (context, { attr, items }) => {
  const { store } = context;
  const log = mailboxLog(['edit', 'mailbox_rename'], { mailbox: items, ...attr });
  const report = reporter(context, log);
  const from = `${text(attr['old_local_part'])}@${text(attr['domain'])}`;
  const to = `${text(attr['new_local_part'])}@${text(attr['domain'])}`;
  for (const address of [from, to]) {
    if (!isMailAddress(address)) return report.danger(['username_invalid', String(address)]);
  }
  const row = store.mailboxes.get(from);
  if (!row?.hasQuotaRow || row.active === 0) return report.danger('access_denied');
  if (store.mailboxes.get(to) || store.aliases.byAddress(to)) {
    return report.danger(['is_alias_or_mailbox', escapeHtml(to)]);
  }
  moveMailbox(store, row, to);
  if (intval(attr['create_alias']) === 1) addFormerAddress(context, row.username, to);
  return report.success(['mailbox_renamed', from, to]);
};

function moveMailbox(store: Store, row: MailboxRow, to: string): void {
  const from = row.username;
  store.mailboxes.remove(from);
  const renamed = { ...row, username: to, localPart: to.slice(0, to.indexOf('@')) };
  store.mailboxes.put(touched(store, { from: row, to: renamed }));
  for (const alias of store.aliases.towards(from)) {
    if (fold(alias.goto) !== fold(from)) continue;
    const address = fold(alias.address) === fold(from) ? to : alias.address;
    store.aliases.put(touched(store, { from: alias, to: { ...alias, address, goto: to } }));
  }
  moveDependents(store, from, to);
}

function moveDependents(store: Store, from: string, to: string): void {
  const isTheirs = (user: string): boolean => fold(user) === fold(from);
  for (const row of store.filters.values()) {
    if (isTheirs(row.username)) store.filters.set(row.id, { ...row, username: to });
  }
  for (const row of store.appPasswords.values()) {
    if (isTheirs(row.mailbox)) store.appPasswords.set(row.id, { ...row, mailbox: to });
  }
  for (const row of store.syncJobs.values()) {
    if (isTheirs(row.username)) store.syncJobs.set(row.id, { ...row, username: to });
  }
  for (const [address, user] of store.spamAliases) if (isTheirs(user)) store.spamAliases.set(address, to);
}

function addFormerAddress(context: Context, from: string, to: string): void {
  const alias: JsonObject = {
    address: from,
    goto: to,
    active: 1,
    sogo_visible: 1,
    private_comment: `Mailbox was renamed from ${from} to ${to}`,
  };
  addAlias(context, { attr: alias, sent: alias, items: [], object: '', extra: '' });
}
