/** Alias domains, templates and resources, as far as recordings show them. */
import { mailboxLog, reporter } from './context.ts';
import type { Context, Write } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import type { MailboxRow, TemplateRow } from './rows.ts';
import type { Store } from './store.ts';
import {
  asArray,
  escapeHtml,
  intOr,
  intval,
  isDomainName,
  isEmpty,
  isSet,
  splitList,
  text,
  textOr,
} from './php.ts';
import { toAscii } from './php.ts';
import { hasDomain } from './domain-read.ts';
import { mailboxDefaults } from './template-defaults.ts';

const mib = 1_048_576;

/** add/alias-domain. */
export const addAliasDomain: Write = (context, { attr, sent }) => {
  const { store } = context;
  const report = reporter(context, mailboxLog(['add', 'alias_domain'], sent));
  const target = toAscii(text(attr['target_domain']).trim());
  if (!isDomainName(target)) return report.danger('target_domain_invalid');
  if (!hasDomain(store, target)) return report.danger('access_denied');
  for (const name of splitList(attr['alias_domain']).filter(Boolean).map(toAscii)) {
    if (!isDomainName(name)) report.danger(['alias_domain_invalid', escapeHtml(name)]);
    else if (name === target) report.danger(['aliasd_targetd_identical', target]);
    else if (hasDomain(store, name)) report.danger(['alias_domain_exists', name]);
    else {
      insertAliasDomain(store, { name, target, active: intval(attr['active']) });
      report.success(['aliasd_added', name]);
    }
  }
  return true;
};

type NewAliasDomain = { readonly name: string; readonly target: string; readonly active: number };

function insertAliasDomain(store: Store, { name, target, active }: NewAliasDomain): void {
  const times = { created: store.now(), modified: null };
  store.aliasDomains.put({ aliasDomain: name, targetDomain: target, active, ...times });
}

/** delete/alias-domain: its aliases go with it. */
export const deleteAliasDomain: Write = (context, { items }) => {
  const { store } = context;
  const report = reporter(context, mailboxLog(['delete', 'alias_domain'], { alias_domain: items }));
  for (const item of items) {
    if (!isDomainName(item)) report.danger('domain_invalid');
    else if (!store.aliasDomains.get(item)) report.danger('access_denied');
    else {
      for (const alias of store.aliases.inDomain(item)) store.aliases.remove(alias.id);
      store.aliasDomains.remove(item);
      report.success(['alias_domain_removed', escapeHtml(item)]);
    }
  }
  return true;
};

/** get/alias-domain/all. */
export function listAliasDomains(store: Store): readonly JsonObject[] {
  return store.aliasDomains.all().map((row) => ({
    alias_domain: row.aliasDomain,
    parent_is_backupmx: store.domains.get(row.targetDomain)?.backupmx ?? 0,
    target_domain: row.targetDomain,
    active: row.active,
    active_int: row.active,
    rl: store.rateLimits.get(row.aliasDomain) ?? false,
    created: row.created,
    modified: row.modified,
  }));
}

type Type = TemplateRow['type'];

/** add/domain/template and add/mailbox/template: quotas in MiB, stored in bytes. */
export function templateAdder(type: Type): Write {
  return (context, { attr, sent }) => {
    const report = reporter(context, mailboxLog(['add', `${type}_templates`], sent));
    const name = text(attr['template']);
    if (name === '') return report.danger('template_name_invalid');
    if (listTemplates(context.store, type).some((row) => row['template'] === name)) {
      return report.danger(['template_exists', name]);
    }
    insertTemplate(context, { name, type, attr });
    return report.success(['template_added', name]);
  };
}

type NewTemplate = { readonly name: string; readonly type: Type; readonly attr: JsonObject };

function insertTemplate({ store }: Context, { name, type, attr }: NewTemplate): void {
  const attributes = type === 'domain' ? domainAttributes(store, attr) : mailboxAttributes(attr);
  const id = store.nextId('template');
  store.templates.set(id, { id, template: name, type, attributes, created: store.now(), modified: null });
}

function domainAttributes(store: Store, attr: JsonObject): TemplateRow['attributes'] {
  const defaults = store.templates.get(1)?.attributes ?? {};
  const inBytes = (key: string, value: Json): Json =>
    key.includes('quota') && isSet(attr[key]) ? intval(attr[key]) * mib : value;
  const entries = Object.entries(defaults).map(([key, value]) => {
    const given = attr[key];
    return [key, key.includes('quota') ? inBytes(key, value) : isSet(given) ? given : value] as const;
  });
  return Object.fromEntries(entries);
}

function mailboxAttributes(attr: JsonObject): TemplateRow['attributes'] {
  const access = asArray(attr['protocol_access']);
  const acl = asArray(attr['acl']);
  const entries = Object.entries(mailboxDefaults).map(([key, value]): readonly [string, Json] => {
    if (key === 'quota') return [key, intval(attr['quota']) * mib];
    if (key === 'tags') return [key, asArray(attr['tags'])];
    if (/^(imap|pop3|smtp|sieve|eas|dav)_access$/.test(key) && isSet(attr['protocol_access'])) {
      return [key, access.includes(key.replace('_access', '')) ? 1 : 0];
    }
    if (key.startsWith('acl_')) return [key, acl.includes(key.slice(4)) ? 1 : 0];
    return [key, typeof value === 'number' ? intOr(attr[key], value) : (attr[key] ?? value)];
  });
  const tagged = isSet(attr['tagged_mail_handler']) ? attr['tagged_mail_handler'] : 'none';
  return {
    ...Object.fromEntries(entries),
    acl_pw_reset: acl.includes('pw_reset') ? 1 : 0,
    tagged_mail_handler: tagged,
  };
}

/** get/domain/template/all and get/mailbox/template/all. */
export function listTemplates(store: Store, type: Type): readonly JsonObject[] {
  return [...store.templates.values()].filter((row) => row.type === type);
}

/** add/resource: a room or thing with an address made of its description. */
export const addResource: Write = (context, { attr, sent }) => {
  const { store } = context;
  const report = reporter(context, mailboxLog(['add', 'resource'], sent));
  const domain = toAscii(text(attr['domain']).trim());
  const description = text(attr['description']);
  const localPart = description.replace(/[^\da-z]/gi, '');
  const username = `${localPart}@${domain}`;
  if (!isDomainName(domain)) return report.danger('domain_invalid');
  if (isEmpty(description)) return report.danger('description_invalid');
  if (!['location', 'thing', 'group'].includes(text(attr['kind']))) return report.danger('resource_invalid');
  if (!hasDomain(store, domain)) return report.danger('access_denied');
  if (store.mailboxes.get(username)) return report.danger(['object_exists', escapeHtml(username)]);
  if (store.aliases.byAddress(username)) return report.danger(['is_alias', escapeHtml(username)]);
  const times = { created: store.now(), modified: null };
  store.mailboxes.put({ ...emptyResource, ...times, ...resourceFields(attr), username, localPart, domain });
  return report.success(['resource_added', escapeHtml(username)]);
};

const emptyResource = {
  password: 'RESOURCE',
  quota: 0,
  authsource: 'mailcow',
  attributes: {},
  customAttributes: {},
  tags: [],
  senderAcl: [],
  externalSenderAcl: [],
  acl: [],
  hasQuotaRow: false,
};

function resourceFields(attr: JsonObject): Pick<MailboxRow, 'name' | 'kind' | 'active' | 'multipleBookings'> {
  return {
    name: text(attr['description']),
    kind: textOr(attr['kind'], 'thing'),
    active: intval(attr['active']),
    multipleBookings: intOr(attr['multiple_bookings'], -1),
  };
}

/** get/resource/all. */
export function listResources(store: Store): readonly JsonObject[] {
  const rows = store.mailboxes.all().filter((row) => row.kind !== '');
  return rows.map((row) => ({
    name: row.username,
    kind: row.kind,
    multiple_bookings: row.multipleBookings,
    description: row.name,
    active: row.active,
    active_int: row.active,
    domain: row.domain,
    local_part: row.localPart,
  }));
}
