/** get/alias, and how mailcow finds an alias by what a caller names. */
import type { Json, JsonObject } from './json.ts';
import type { AliasRow } from './rows.ts';
import type { Store } from './store.ts';
import { sqlNumber, text } from './php.ts';
import { isOwnRow } from './tables.ts';

/**
 * `WHERE id = :x OR address = :x` with an INT id: "50zzz@al.test" is also id 50. Where two rows match, the one
 * with the lower id. The own row of a mailbox is not found.
 */
export function findAlias(store: Store, which: Json): AliasRow | undefined {
  const rows = [store.aliases.byId(sqlNumber(which)), store.aliases.byAddress(text(which))];
  const visible = rows.filter((row) => row !== undefined && !isOwnRow(row));
  return visible.reduce((first, row) => (first && row && first.id < row.id ? first : row), visible[0]);
}

/** The object of get/alias. */
export function aliasDetails(row: AliasRow): JsonObject {
  return {
    in_primary_domain: '',
    id: row.id,
    domain: row.domain,
    public_comment: row.publicComment,
    private_comment: row.privateComment,
    goto: row.goto,
    address: row.address,
    is_catch_all: row.address.startsWith('@') ? 1 : 0,
    internal: row.internal,
    active: row.active,
    active_int: row.active,
    sogo_visible: row.sogoVisible,
    sogo_visible_int: row.sogoVisible,
    sender_allowed: row.senderAllowed,
    created: row.created,
    modified: row.modified,
  };
}

/** get/alias/all: domain by domain, each in the order of the ids. */
export function listAliases(store: Store, domains?: readonly string[]): readonly JsonObject[] {
  const all = [...store.domains.all().map((row) => row.domain), ...aliasDomainNames(store)];
  return (domains ?? all).flatMap((name) => store.aliases.inDomain(name)).map(aliasDetails);
}

function aliasDomainNames(store: Store): readonly string[] {
  return store.aliasDomains.all().map((row) => row.aliasDomain);
}
