/** edit/domain, delete/domain and delete/domain/tag. */
import { mailboxLog, reporter } from './context.ts';
import type { Context, Report, Write } from './context.ts';
import { isList } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { DomainRow } from './rows.ts';
import { touched } from './store.ts';
import type { Store } from './store.ts';
import {
  escapeHtml,
  fold,
  intOr,
  intval,
  isDomainName,
  isEmpty,
  isSet,
  text,
  textOr,
  toAscii,
} from './php.ts';
import { addDomainTags, quotaRefusal, relaySwitches } from './domain-add.ts';
import { findDomain, hasDomain } from './domain-read.ts';

const mib = 1_048_576;

/** edit/domain: item by item; 0 and "" leave most fields as they are. */
export const editDomain: Write = (context, { attr, items }) => {
  const report = reporter(context, mailboxLog(['edit', 'domain'], { domain: items, ...attr }));
  for (const item of items) editOne(context, { item, attr, report });
  return true;
};

type OneEdit = { readonly item: Json; readonly attr: JsonObject; readonly report: Report };

function editOne(context: Context, { item, attr, report }: OneEdit): boolean {
  const row = isDomainName(item) ? findDomain(context.store, toAscii(item)) : undefined;
  if (!row) return report.danger('domain_invalid');
  const next = changed(row, attr);
  const refusal = quotaRefusal(next) ?? inUse(context.store, next);
  if (refusal) return report.danger(refusal);
  context.store.domains.put(touched(context.store, { from: row, to: next }));
  if (isList(attr['tags'])) addDomainTags(context, { domain: row.domain, tags: attr['tags'], report });
  return report.success(['domain_modified', escapeHtml(toAscii(text(item)))]);
}

function changed(row: DomainRow, attr: JsonObject): DomainRow {
  const unlessEmpty = (key: string, now: number): number => (isEmpty(attr[key]) ? now : intval(attr[key]));
  const unlessBlank = (key: string, now: number): number =>
    !isSet(attr[key]) || attr[key] === '' ? now : intval(attr[key]);
  return {
    ...row,
    active: intOr(attr['active'], row.active),
    gal: intOr(attr['gal'], row.gal),
    relayhost: intOr(attr['relayhost'], row.relayhost),
    ...relaySwitches((key) => intOr(attr[key], relayNow(row, key))),
    aliases: unlessEmpty('aliases', row.aliases),
    mailboxes: unlessBlank('mailboxes', row.mailboxes),
    defquota: unlessBlank('defquota', row.defquota),
    maxquota: unlessEmpty('maxquota', row.maxquota),
    quota: unlessEmpty('quota', row.quota),
    description: textOr(attr['description'], row.description),
  };
}

function relayNow(row: DomainRow, key: string): number {
  if (key === 'backupmx') return row.backupmx;
  return key === 'relay_all_recipients' ? row.relayAllRecipients : row.relayUnknownOnly;
}

function inUse(store: Store, row: DomainRow): Json | undefined {
  const usage = store.mailboxes.usage(row.domain);
  const biggest = biggestMailbox(store, row.domain);
  const aliases = store.aliases.countIn(row.domain);
  if (biggest > row.maxquota) return ['max_quota_in_use', biggest];
  if (Math.round(usage.bytes / mib) > row.quota) {
    return ['domain_quota_m_in_use', Math.round(usage.bytes / mib)];
  }
  if (usage.count > row.mailboxes) return ['mailboxes_in_use', usage.count];
  return aliases > row.aliases ? ['aliases_in_use', aliases] : undefined;
}

function biggestMailbox(store: Store, domain: string): number {
  const rows = store.mailboxes.inDomain(domain).filter((row) => row.kind === '');
  return rows.reduce((most, row) => Math.max(most, Math.round(row.quota / mib)), 0);
}

/** delete/domain: refused while a mailbox or resource is left, a success for a domain that never was. */
export const deleteDomain: Write = (context, { items }) => {
  const report = reporter(context, mailboxLog(['delete', 'domain'], { domain: items }));
  for (const item of items) {
    if (!isDomainName(item)) report.danger('domain_invalid');
    else removeDomain(context, toAscii(item.trim()), report);
  }
  return true;
};

function removeDomain({ store }: Context, domain: string, report: Report): boolean {
  if (store.mailboxes.inDomain(domain).length > 0) return report.danger(['domain_not_empty', domain]);
  for (const alias of store.aliases.inDomain(domain)) store.aliases.remove(alias.id);
  for (const row of store.aliasDomains.all()) {
    if (fold(row.targetDomain) === fold(domain)) store.aliasDomains.remove(row.aliasDomain);
  }
  store.rateLimits.delete(domain);
  store.domains.remove(domain);
  return report.success(['domain_removed', escapeHtml(domain)]);
}

/** delete/domain/tag/<domain>. */
export const deleteDomainTags: Write = (context, { items, extra }) => {
  const { store } = context;
  const log = mailboxLog(['delete', 'tags_domain'], { tags: items, domain: extra });
  const report = reporter(context, log);
  if (!isDomainName(extra)) return report.danger('domain_invalid');
  const row = store.domains.get(extra);
  if (!hasDomain(store, extra) || !row) return report.danger('access_denied');
  if (items.length === 0) return false;
  const gone = items.map((item) => fold(text(item)));
  store.domains.put({ ...row, tags: row.tags.filter((tag) => !gone.includes(fold(tag))) });
  return report.success(['domain_modified', extra]);
};
