/** edit/alias and delete/alias. */
import { mailboxLog, reporter, requireFits } from './context.ts';
import type { Context, Report, Write } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import type { AliasRow } from './rows.ts';
import { touched } from './store.ts';
import type { Store } from './store.ts';
import { escapeHtml, fold, intOr, isMailAddress, isSet, splitAddress, text, textOr } from './php.ts';
import { isTaken } from './alias-add.ts';
import { findAlias } from './alias-read.ts';
import { hasDomain } from './domain-read.ts';
import { editedGoto } from './goto.ts';

/** edit/alias: an unknown item is reported under the address of the item before it. */
export const editAlias: Write = (context, { attr, items }) => {
  const report = reporter(context, mailboxLog(['edit', 'alias'], { id: items, ...attr }));
  let previous: string | null = null;
  for (const item of items) {
    const row = findAlias(context.store, item);
    if (!row) report.danger(['alias_invalid', previous]);
    else previous = editOne(context, row, { attr, report });
  }
  return true;
};

type Edit = { readonly attr: JsonObject; readonly report: Report };

function editOne({ store }: Context, row: AliasRow, { attr, report }: Edit): string {
  const wanted = textOr(attr['address'], row.address);
  const { local, domain } = splitAddress(wanted);
  const address = wanted === row.address ? wanted : `${local}@${domain}`;
  const refusal = address === row.address ? undefined : refusalOfMove(store, row, { address, local, domain });
  if (refusal) {
    report.danger(refusal);
    return address;
  }
  const goto = editedGoto(attr, { goto: textOr(attr['goto'], row.goto), address }, report);
  if (goto !== '') save(store, row, { ...changed(row, attr), address, domain, goto });
  report.success(['alias_modified', escapeHtml(address)]);
  return address;
}

type Parts = { readonly address: string; readonly local: string; readonly domain: string };

function refusalOfMove(store: Store, row: AliasRow, to: Parts): Json | undefined {
  if (!hasDomain(store, to.domain)) return 'access_denied';
  if (to.local !== '' && !isMailAddress(to.address)) return ['alias_invalid', to.address];
  if (fold(row.address) !== fold(to.address) && isTaken(store, to)) {
    return ['is_alias_or_mailbox', escapeHtml(to.address)];
  }
  return store.spamAliases.has(to.address) ? ['is_spam_alias', escapeHtml(to.address)] : undefined;
}

function changed(row: AliasRow, attr: JsonObject): AliasRow {
  const comment = (key: string, now: string | null): string | null =>
    isSet(attr[key]) ? text(attr[key]) : now;
  return {
    ...row,
    active: intOr(attr['active'], row.active),
    internal: intOr(attr['internal'], row.internal),
    sogoVisible: intOr(attr['sogo_visible'], row.sogoVisible),
    senderAllowed: intOr(attr['sender_allowed'], row.senderAllowed),
    publicComment: comment('public_comment', row.publicComment),
    privateComment: comment('private_comment', row.privateComment),
  };
}

function save(store: Store, from: AliasRow, to: AliasRow): void {
  requireFits('goto', Buffer.byteLength(to.goto) <= 65_535);
  store.aliases.put(touched(store, { from, to }));
}

/** delete/alias: by id, or by address with the danger that findAlias explains. */
export const deleteAlias: Write = (context, { items }) => {
  const report = reporter(context, mailboxLog(['delete', 'alias'], { id: items }));
  for (const item of items) {
    const row = findAlias(context.store, item);
    if (!row) report.danger('access_denied');
    else {
      context.store.aliases.remove(row.id);
      report.success(['alias_removed', escapeHtml(row.address)]);
    }
  }
  return true;
};
