/** add/mailbox and what it checks, in mailcow's order. */
import { mailboxLog, reporter, requireFits } from './context.ts';
import type { Context, Report, Write } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import type { DomainRow, MailboxRow } from './rows.ts';
import type { Store } from './store.ts';
import {
  asArray,
  escapeHtml,
  fold,
  intOr,
  isDomainName,
  isEmpty,
  isMailAddress,
  isSet,
  text,
} from './php.ts';
import { textOr, toAscii } from './php.ts';
import { hasDomain } from './domain-read.ts';
import { checkPassword, storedPassword } from './password.ts';
import { editRateLimit } from './ratelimit.ts';

const mib = 1_048_576;
const tagLimit = 25;

/** The protocols of `protocol_access`, each stored as `<name>_access`. */
export const protocols = ['imap', 'pop3', 'smtp', 'sieve', 'eas', 'dav'] as const;

/** add/mailbox: names in lower case; unknown fields are ignored without a word. */
export const addMailbox: Write = (context, { attr, sent }) => {
  const { store } = context;
  const report = reporter(context, mailboxLog(['add', 'mailbox'], sent));
  const localPart = text(attr['local_part']).trim().toLowerCase();
  const domain = toAscii(text(attr['domain']).trim());
  const username = `${localPart}@${domain}`;
  const template = mailboxTemplate(store, attr['template']);
  const quotaMiB = intOr(attr['quota'], intOr(template['quota'], 0) / mib);
  const authsource = knownAuthSource(store, attr['authsource']);
  const refusal = refusalOfName(store, { username, domain, attr }) ?? refusalOfClash(store, username);
  if (refusal) return report.danger(refusal);
  const passwords = { first: attr['password'], second: attr['password2'] };
  if (authsource === 'mailcow' && !checkPassword(context, passwords)) return false;
  const full = refusalOfSpace(store, domain, quotaMiB);
  if (full) return report.danger(full);
  const password = authsource === 'mailcow' ? storedPassword(text(attr['password'])) : '';
  const fields = { username, localPart, domain, authsource, password, quota: quotaMiB * mib };
  insertMailbox(context, newRow(store, { attr, template }, fields));
  addMailboxTags(context, { username, tags: attr['tags'] ?? template['tags'], report });
  setDelimiterAction(context, username, attr['tagged_mail_handler']);
  editRateLimit(context, 'mailbox', {
    object: username,
    rl_frame: attr['rl_frame'] ?? template['rl_frame'] ?? 's',
    rl_value: attr['rl_value'] ?? template['rl_value'] ?? '',
  });
  return report.success(['mailbox_added', escapeHtml(username)]);
};

function mailboxTemplate(store: Store, id: Json | undefined): JsonObject {
  const asked = store.templates.get(intOr(id, 0));
  const found = asked?.type === 'mailbox' ? asked : store.templates.get(2);
  return found?.attributes ?? {};
}

/** `mailcow`, or the type of the one configured identity provider; anything else becomes `mailcow` silently. */
export function knownAuthSource(store: Store, wanted: Json | undefined): string {
  const provider = store.identityProvider.get('authsource');
  return isSet(wanted) && wanted === provider ? text(wanted) : 'mailcow';
}

type Name = { readonly username: string; readonly domain: string; readonly attr: JsonObject };

function refusalOfName(store: Store, { username, domain, attr }: Name): string | undefined {
  if (isEmpty(attr['local_part']) || !isMailAddress(username)) return 'mailbox_invalid';
  const category = attr['quarantine_category'];
  if (isSet(category) && !['add_header', 'reject', 'all'].includes(text(category))) {
    return 'quarantine_category_invalid';
  }
  if (!isDomainName(domain)) return 'domain_invalid';
  return hasDomain(store, domain) ? undefined : 'access_denied';
}

function refusalOfClash(store: Store, username: string): Json | undefined {
  if (store.mailboxes.get(username)) return ['object_exists', escapeHtml(username)];
  if (store.aliases.byAddress(username)) return ['is_alias', escapeHtml(username)];
  return store.spamAliases.has(username) ? ['is_spam_alias', escapeHtml(username)] : undefined;
}

function refusalOfSpace(store: Store, name: string, quotaMiB: number): Json | undefined {
  const domain: DomainRow | undefined = store.domains.get(name);
  if (!domain) return ['domain_not_found', name];
  const usage = store.mailboxes.usage(name);
  const usedMiB = Math.round(usage.bytes / mib);
  if (usage.count >= domain.mailboxes) return ['max_mailbox_exceeded', usage.count, domain.mailboxes];
  if (quotaMiB > domain.maxquota) return ['mailbox_quota_exceeded', domain.maxquota];
  return usedMiB + quotaMiB > domain.quota
    ? ['mailbox_quota_left_exceeded', domain.quota - usedMiB]
    : undefined;
}

type Given = { readonly attr: JsonObject; readonly template: JsonObject };
type Fields = Pick<MailboxRow, 'username' | 'localPart' | 'domain' | 'authsource' | 'password' | 'quota'>;

function newRow(store: Store, { attr, template }: Given, fields: Fields): MailboxRow {
  const now = store.now();
  return {
    ...fields,
    name: plainName(text(attr['name'])),
    active: intOr(attr['active'], intOr(template['active'], 1)),
    kind: '',
    multipleBookings: -1,
    attributes: newAttributes({ attr: withProtocols(attr), template }, now),
    customAttributes: {},
    tags: [],
    senderAcl: [],
    externalSenderAcl: [],
    acl: asArray(attr['acl']).map(text),
    hasQuotaRow: true,
    created: now,
    // The row is touched again at once, to set passwd_update.
    modified: now,
  };
}

/** The name as it is stored: one kind of bracket is cut from each end. */
export function plainName(name: string): string {
  return name.replace(/>+$/, '').replace(/^<+/, '');
}

/** The request with `protocol_access:[…]` spelled out as `<name>_access` flags. */
export function withProtocols(attr: JsonObject): JsonObject {
  if (!isSet(attr['protocol_access'])) return attr;
  const given = asArray(attr['protocol_access']);
  const flags = protocols.map((name) => [`${name}_access`, given.includes(name) ? 1 : 0]);
  return { ...attr, ...(Object.fromEntries(flags) as JsonObject) };
}

function newAttributes({ attr, template }: Given, now: string): MailboxRow['attributes'] {
  const flag = (key: string): string => String(intOr(attr[key], intOr(template[key], 0)));
  const word = (key: string): string => textOr(attr[key], text(template[key]));
  const access = protocols.map((name) => [`${name}_access`, flag(`${name}_access`)]);
  return {
    force_pw_update: flag('force_pw_update'),
    force_tfa: flag('force_tfa'),
    tls_enforce_in: flag('tls_enforce_in'),
    tls_enforce_out: flag('tls_enforce_out'),
    sogo_access: flag('sogo_access'),
    ...(Object.fromEntries(access) as Record<string, string>),
    relayhost: flag('relayhost'),
    passwd_update: now,
    mailbox_format: 'maildir:',
    quarantine_notification: word('quarantine_notification'),
    quarantine_category: word('quarantine_category'),
    attribute_hash: '',
  };
}

function insertMailbox({ store }: Context, row: MailboxRow): void {
  requireFits('name', [...row.name].length <= 255);
  store.mailboxes.put(row);
  store.aliases.put({
    id: store.nextId('alias'),
    address: row.username,
    goto: row.username,
    domain: row.domain,
    publicComment: null,
    privateComment: null,
    active: row.active,
    internal: 0,
    sogoVisible: 1,
    senderAllowed: 1,
    created: row.created,
    modified: null,
  });
}

type NewTags = { readonly username: string; readonly tags: Json | undefined; readonly report: Report };

/** Adds tags; those that are already there are skipped without a word. */
export function addMailboxTags({ store }: Context, { username, tags, report }: NewTags): void {
  for (const [index, item] of asArray(tags).entries()) {
    const row = store.mailboxes.get(username);
    if (isEmpty(item) || !row) continue;
    if (index > tagLimit) {
      report.warning(['tag_limit_exceeded', `limit ${tagLimit}`]);
      return;
    }
    const tag = text(item);
    const known = row.tags.some((other) => fold(other) === fold(tag));
    if (!known && [...tag].length <= 255) store.mailboxes.put({ ...row, tags: [...row.tags, tag] });
  }
}

/** What happens with mail to user+tag is not kept here, only reported as mailcow does. */
export function setDelimiterAction(context: Context, username: string, handler: Json | undefined): void {
  if (!isSet(handler)) return;
  const data = { username, tagged_mail_handler: handler };
  const report = reporter(context, mailboxLog(['edit', 'delimiter_action'], data));
  report.success(['mailbox_modified', escapeHtml(username)]);
}
