/** get/mailbox: what mailcow says about a mailbox. */
import type { JsonObject } from './json.ts';
import type { MailboxRow } from './rows.ts';
import { isLegacy, type Store } from './store.ts';
import { fold } from './php.ts';
import { hasTagLike, sortTags } from './domain-read.ts';

const mib = 1_048_576;

/** Largest quota in bytes that this mailbox could be given: its domain's limits less what the others take. */
export function largestQuota(store: Store, row: MailboxRow): number {
  const domain = store.domains.get(row.domain);
  if (!domain) return 0;
  const others = store.mailboxes.usage(row.domain).bytes - row.quota;
  return Math.min(domain.quota * mib - others, domain.maxquota * mib);
}

/** The part that get/mailbox/reduced gives: everything a directory sync needs. */
function reducedPart(store: Store, row: MailboxRow): JsonObject {
  return {
    username: row.username,
    active: row.active,
    active_int: row.active,
    domain: row.domain,
    name: row.name,
    local_part: row.localPart,
    quota: row.quota,
    messages: 0,
    attributes: row.attributes,
    custom_attributes: Object.keys(row.customAttributes).length === 0 ? [] : row.customAttributes,
    quota_used: 0,
    percent_in_use: row.quota === 0 ? '- ' : 0,
    created: row.created,
    modified: row.modified,
    // A mailcow up to 2025-02 knows no such thing (facts/auth.md section 2).
    ...(!isLegacy(store) && { authsource: row.authsource }),
    percent_class: row.quota === 0 ? 'info' : 'success',
    ...noLogins,
  };
}

const noLogins = { last_imap_login: 0, last_smtp_login: 0, last_pop3_login: 0, last_sso_login: 0 };

/** What the API says of a row without its quota row: a half-deleted mailbox, or a resource. */
const nullPart: JsonObject = {
  username: null,
  active: null,
  active_int: null,
  domain: null,
  name: null,
  local_part: null,
  quota: null,
  messages: null,
  attributes: null,
  custom_attributes: null,
  quota_used: 0,
  percent_in_use: '- ',
  created: null,
  modified: null,
  authsource: 'mailcow',
  percent_class: 'info',
  ...noLogins,
};

const nullRest: JsonObject = {
  max_new_quota: 0,
  spam_aliases: 0,
  pushover_active: 0,
  rl: false,
  rl_scope: 'domain',
  is_relayed: null,
  sender_acl: [],
};

/** `as` is the name as it was asked for: rate limits are found by exactly that text. */
type Asked = { readonly as: string };

function fullRest(store: Store, row: MailboxRow, { as }: Asked): JsonObject {
  const own = store.rateLimits.get(as);
  return {
    max_new_quota: largestQuota(store, row),
    spam_aliases: [...store.spamAliases.values()].filter((user) => fold(user) === fold(row.username)).length,
    pushover_active: 0,
    rl: own ?? store.rateLimits.get(row.domain) ?? false,
    rl_scope: own ? 'mailbox' : 'domain',
    is_relayed: store.domains.get(row.domain)?.backupmx ?? null,
    sender_acl: row.senderAcl,
  };
}

/** The full object of get/mailbox/<address>. */
export function mailboxDetails(
  store: Store,
  row: MailboxRow,
  asked: Asked = { as: row.username },
): JsonObject {
  if (!row.hasQuotaRow) return { ...nullPart, ...nullRest };
  return { ...reducedPart(store, row), ...fullRest(store, row, asked), ...tagsOf(row) };
}

/** The object of get/mailbox/reduced. */
export function reducedDetails(store: Store, row: MailboxRow): JsonObject {
  return row.hasQuotaRow ? { ...reducedPart(store, row), ...tagsOf(row) } : nullPart;
}

function tagsOf(row: MailboxRow): JsonObject {
  return row.tags.length > 0 ? { tags: sortTags(row.tags) } : {};
}

export type MailboxSelection = {
  /** All domains when left out. */
  readonly domains?: readonly string[];
  readonly tags?: readonly string[];
};

/** The mailboxes of the domains in their order, those of one domain by name; resources are not among them. */
export function selectMailboxes(store: Store, { domains, tags }: MailboxSelection): MailboxRow[] {
  const names = domains ?? store.domains.all().map((row) => row.domain);
  return names
    .flatMap((name) => store.mailboxes.inDomain(name))
    .filter((row) => row.kind === '' && (!tags || hasTagLike(row.tags, tags)));
}
