/** get/domain: what mailcow says about a domain. */
import { domainToUnicode } from 'node:url';
import type { JsonObject } from './json.ts';
import type { DomainRow } from './rows.ts';
import type { Store } from './store.ts';
import { fold } from './php.ts';

const mib = 1_048_576;

/** The row of a domain; asking for an alias domain gives its target. */
export function findDomain(store: Store, name: string): DomainRow | undefined {
  const target = store.aliasDomains.get(name)?.targetDomain;
  return store.domains.get(target ?? name);
}

/** True when the domain or alias domain exists, which is what an administrator may touch. */
export function hasDomain(store: Store, name: string): boolean {
  return store.domains.get(name) !== undefined || store.aliasDomains.get(name) !== undefined;
}

/** The object of get/domain, quotas in bytes. */
export function domainDetails(store: Store, row: DomainRow): JsonObject {
  const usage = store.mailboxes.usage(row.domain);
  const largest = Math.min(row.quota * mib - usage.bytes, row.maxquota * mib);
  return {
    max_new_mailbox_quota: largest,
    def_new_mailbox_quota: Math.min(largest, row.defquota * mib),
    quota_used_in_domain: String(usage.bytes),
    bytes_total: 0,
    msgs_total: 0,
    mboxes_in_domain: usage.count,
    mboxes_left: row.mailboxes - usage.count,
    domain_name: row.domain,
    domain_h_name: domainToUnicode(row.domain),
    description: row.description,
    max_num_aliases_for_domain: row.aliases,
    max_num_mboxes_for_domain: row.mailboxes,
    def_quota_for_mbox: row.defquota * mib,
    max_quota_for_mbox: row.maxquota * mib,
    max_quota_for_domain: row.quota * mib,
    ...domainSwitches(store, row),
    created: row.created,
    modified: row.modified,
    aliases_in_domain: store.aliases.countIn(row.domain),
    aliases_left: row.aliases - store.aliases.countIn(row.domain),
    domain_admins: '-',
    ...(row.tags.length > 0 && { tags: sortTags(row.tags) }),
  };
}

function domainSwitches(store: Store, row: DomainRow): JsonObject {
  return {
    relayhost: String(row.relayhost),
    backupmx: row.backupmx,
    backupmx_int: row.backupmx,
    gal: row.gal,
    gal_int: row.gal,
    rl: store.rateLimits.get(row.domain) ?? false,
    active: row.active,
    active_int: row.active,
    relay_all_recipients: row.relayAllRecipients,
    relay_all_recipients_int: row.relayAllRecipients,
    relay_unknown_only: row.relayUnknownOnly,
    relay_unknown_only_int: row.relayUnknownOnly,
  };
}

/** Tags in the order of their unique key. */
export function sortTags(tags: readonly string[]): readonly string[] {
  return [...tags].sort((a, b) => (fold(a) < fold(b) ? -1 : 1));
}

/** `LIKE %tag%`, any of them. */
export function hasTagLike(tags: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((part) => tags.some((tag) => fold(tag).includes(fold(part))));
}

/** get/domain/all, optionally only those with one of the tags. */
export function listDomains(store: Store, tags?: readonly string[]): readonly JsonObject[] {
  const rows = store.domains.all().filter((row) => !tags || hasTagLike(row.tags, tags));
  return rows.map((row) => domainDetails(store, row));
}
