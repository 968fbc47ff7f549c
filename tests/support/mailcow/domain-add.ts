/** add/domain and what it checks. */
import { mailboxLog, reporter, requireFits, uncaught } from './context.ts';
import type { Context, Report, Write } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import type { DomainRow } from './rows.ts';
import type { Store } from './store.ts';
import { fold, intOr, isDomainName, isEmpty, isSet, text, textOr, toAscii } from './php.ts';
import { asArray } from './php.ts';
import { hasDomain } from './domain-read.ts';
import { editRateLimit } from './ratelimit.ts';

const mib = 1_048_576;
const tagLimit = 25;

/** add/domain: everything that is not given comes from the Default domain template. */
export const addDomain: Write = (context, { attr, sent }) => {
  const report = reporter(context, mailboxLog(['add', 'domain'], sent));
  const name = toAscii(text(attr['domain']).trim());
  if (!isDomainName(name)) return report.danger('domain_invalid');
  if (name === context.store.hostname) return report.danger('domain_cannot_match_hostname');
  const template = domainTemplate(context.store, attr['template']);
  const row = newRow(context.store, attr, { name, template });
  const refusal = quotaRefusal(row);
  if (refusal) return report.danger(refusal);
  if (hasDomain(context.store, name)) return report.danger(['domain_exists', name]);
  context.store.domains.put(row);
  addDomainTags(context, { domain: name, tags: attr['tags'] ?? template['tags'], report });
  limitRate(context, name, attr);
  addDkim(context, { name, attr, template, report });
  return report.success(['domain_added', name]);
};

function domainTemplate(store: Store, id: Json | undefined): JsonObject {
  const asked = store.templates.get(intOr(id, 0));
  const found = asked?.type === 'domain' ? asked : store.templates.get(1);
  return found?.attributes ?? {};
}

type Named = { readonly name: string; readonly template: JsonObject };

function newRow(store: Store, attr: JsonObject, { name, template }: Named): DomainRow {
  const number = (key: string, fromTemplate = key): number =>
    intOr(attr[key], intOr(template[fromTemplate], 0));
  const quota = (key: string, fromTemplate: string): number =>
    intOr(attr[key], intOr(template[fromTemplate], 0) / mib);
  return {
    domain: name,
    description: textOr(attr['description'], name),
    aliases: number('aliases', 'max_num_aliases_for_domain'),
    mailboxes: number('mailboxes', 'max_num_mboxes_for_domain'),
    defquota: quota('defquota', 'def_quota_for_mbox'),
    maxquota: quota('maxquota', 'max_quota_for_mbox'),
    quota: quota('quota', 'max_quota_for_domain'),
    relayhost: 0,
    ...relaySwitches(number),
    gal: number('gal'),
    active: number('active'),
    tags: [],
    created: store.now(),
    modified: null,
  };
}

type Switches = Pick<DomainRow, 'backupmx' | 'relayAllRecipients' | 'relayUnknownOnly'>;

/** Relaying unknown recipients implies relaying all, and that implies being a backup MX. */
export function relaySwitches(number: (key: string) => number): Switches {
  const unknownOnly = number('relay_unknown_only');
  const all = unknownOnly === 1 ? 1 : number('relay_all_recipients');
  return {
    backupmx: all === 1 ? 1 : number('backupmx'),
    relayAllRecipients: all,
    relayUnknownOnly: unknownOnly,
  };
}

/** mailcow's word when the three quotas of a domain do not fit each other. */
export function quotaRefusal(row: Pick<DomainRow, 'defquota' | 'maxquota' | 'quota'>): string | undefined {
  if (row.defquota > row.maxquota) return 'mailbox_defquota_exceeds_mailbox_maxquota';
  if (row.maxquota > row.quota) return 'mailbox_quota_exceeds_domain_quota';
  if (row.defquota === 0) return 'defquota_empty';
  return row.maxquota === 0 ? 'maxquota_empty' : undefined;
}

type NewTags = { readonly domain: string; readonly tags: Json | undefined; readonly report: Report };

/** Adds tags one by one; one that is already there is an uncaught SQL error, what came before stays. */
export function addDomainTags({ store }: Context, { domain, tags, report }: NewTags): void {
  for (const [index, item] of asArray(tags).entries()) {
    const row = store.domains.get(domain);
    if (isEmpty(item) || !row) continue;
    if (index > tagLimit) {
      report.warning(['tag_limit_exceeded', `limit ${tagLimit}`]);
      return;
    }
    const tag = text(item);
    requireFits('tag_name', [...tag].length <= 255);
    if (row.tags.some((known) => fold(known) === fold(tag))) {
      throw uncaught(['23000', 1062, `Duplicate entry '${tag}-${domain}' for key 'tag_name'`]);
    }
    store.domains.put({ ...row, tags: [...row.tags, tag] });
  }
}

function limitRate(context: Context, name: string, attr: JsonObject): void {
  const value = intOr(attr['rl_value'], 0);
  const frame = textOr(attr['rl_frame'], 's');
  if (value !== 0) editRateLimit(context, 'domain', { rl_value: value, rl_frame: frame, object: name });
}

type Dkim = Named & { readonly attr: JsonObject; readonly report: Report };

function addDkim(context: Context, { name, attr, template, report }: Dkim): void {
  const size = intOr(attr['key_size'], intOr(template['key_size'], 0));
  const selector = isSet(attr['dkim_selector']) ? attr['dkim_selector'] : template['dkim_selector'];
  if (size === 0 || isEmpty(selector)) return;
  if (context.store.dkim.has(name)) {
    report.success('domain_add_dkim_available');
    return;
  }
  context.store.dkim.add(name);
  const key = { key_size: size, dkim_selector: selector, domains: name };
  reporter(context, ['dkim', 'add', key]).success(['dkim_added', name]);
}
