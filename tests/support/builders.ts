/** Objects of both sides with ordinary values; a test names only what it is about. */
import type { Change, Fields } from '../../src/core/change.ts';
import type { CurrentState } from '../../src/core/current.ts';
import type { SnapshotEntry } from '../../src/core/grace.ts';
import type { LedgerEntry } from '../../src/core/ledger.ts';
import { resolveMapping, type Mapping } from '../../src/core/mapping.ts';
import type { Alias, DirectoryEntry, Domain, Finding, Mailbox, Reading } from '../../src/core/model.ts';

export const OWNER = 'tests';
export const markOf = (id: string, owner = OWNER): string => `ldap-mailcow:${owner}:${id}`;

/** A short name stands for an address of example.test. */
export const at = (name: string): string => (name.includes('@') ? name : `${name}@example.test`);

/** The settings of RULES.md. */
export const mapping: Mapping = resolveMapping({ quota: 'mailQuota' }, 'active-directory');

export type PersonFields = {
  readonly mail?: string | readonly string[] | undefined;
  readonly name?: string;
  /** Without `@`: an alias of example.test. */
  readonly aliases?: readonly string[];
  readonly quotaMiB?: number;
  readonly disabled?: boolean;
  readonly dn?: string;
  readonly account?: string;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  readonly partial?: readonly string[];
};

const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

const withoutEmpty = (attributes: Record<string, readonly string[]>): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(attributes).filter(([, values]) => values.length > 0));

/** A person of the directory: name and address follow from the id, `mail: undefined` takes the address away. */
export function person(id: string, fields: PersonFields = {}): DirectoryEntry {
  const mail = 'mail' in fields ? fields.mail : id;
  return {
    id,
    dn: fields.dn ?? personDn(id),
    attributes: withoutEmpty({
      mail: listed(mail).map(at),
      displayname: [fields.name ?? id.toUpperCase()],
      samaccountname: listed(fields.account),
      proxyaddresses: (fields.aliases ?? []).map((alias) => `smtp:${at(alias)}`),
      mailquota: fields.quotaMiB === undefined ? [] : [String(fields.quotaMiB)],
      useraccountcontrol: [fields.disabled === true ? '514' : '512'],
      ...fields.attributes,
    }),
    ...(fields.partial && { partial: fields.partial }),
  };
}

export type GroupFields = {
  readonly aliases?: readonly string[];
  /** Names of people or groups, or DNs. */
  readonly members?: readonly string[];
  readonly mail?: string | readonly string[] | undefined;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  readonly partial?: readonly string[];
};

/** The DN that `person` gives to an id. */
export const personDn = (id: string): string => `cn=${id},ou=People,dc=example,dc=test`;

/** The DN that `group` gives to an id. */
export const groupDn = (id: string): string => `cn=${id},ou=Groups,dc=example,dc=test`;

/** A group with an address; `mail: undefined` makes it one that only counts where it is nested. */
export function group(id: string, fields: GroupFields = {}): DirectoryEntry {
  const mail = 'mail' in fields ? fields.mail : id;
  return {
    id,
    dn: groupDn(id),
    attributes: withoutEmpty({
      mail: listed(mail).map(at),
      cn: [id],
      proxyaddresses: (fields.aliases ?? []).map((a) => `smtp:${at(a)}`),
      member: (fields.members ?? []).map((name) => (name.includes('=') ? name : personDn(name))),
      ...fields.attributes,
    }),
    ...(mail === undefined && { nestedOnly: true as const }),
    ...(fields.partial && { partial: fields.partial }),
  };
}

export function reading(
  people: readonly DirectoryEntry[],
  more: Partial<Omit<Reading, 'people'>> = {},
): Reading {
  return { dialect: 'active-directory', people, groups: [], problems: [], ...more };
}

export function mailbox(name: string, fields: Partial<Mailbox> = {}): Mailbox {
  return {
    address: at(name),
    name: name.toUpperCase(),
    quotaMiB: 3072,
    active: 1,
    authSource: 'mailcow',
    tlsEnforceIn: false,
    tlsEnforceOut: false,
    tags: [],
    ...fields,
  };
}

/** The id of an alias follows from its address. */
export function alias(name: string, goto: string | readonly string[], fields: Partial<Alias> = {}): Alias {
  return {
    id: 1000 + [...name].reduce((sum, char, index) => sum + (char.codePointAt(0) ?? 0) * (index + 1), 0),
    address: at(name),
    goto: listed(goto).map(at).sort(),
    active: 1,
    privateComment: '',
    internal: false,
    sogoVisible: true,
    senderAllowed: true,
    ...fields,
  };
}

/** A domain with room for everything. */
export function domain(name = 'example.test', fields: Partial<Domain> = {}): Domain {
  return {
    name,
    description: name,
    active: 1,
    defaultQuotaMiB: 3072,
    maxMailboxQuotaMiB: 1_048_576,
    quotaMiB: 1_048_576_000,
    quotaUsedMiB: 0,
    mailboxes: 0,
    maxMailboxes: 100_000,
    aliases: 0,
    maxAliases: 100_000,
    gal: true,
    ...fields,
  };
}

export function row(
  resource: LedgerEntry['resource'],
  name: string,
  fields: Partial<LedgerEntry> & { readonly directoryId: string },
): LedgerEntry {
  return {
    resource,
    key: at(name),
    origin: 'created',
    since: '2026-01-01T00:00:00.000Z',
    lastActive: true,
    movedTo: undefined,
    ...fields,
  };
}

export type Owned = {
  readonly mailbox?: Mailbox;
  readonly alias?: Alias;
  readonly row: LedgerEntry;
};

/** A mailbox that we made for this id, marked and in the ledger; the address follows from the id. */
export function ownedMailbox(
  id: string,
  fields: {
    readonly at?: string;
    readonly mailbox?: Partial<Mailbox>;
    readonly row?: Partial<LedgerEntry>;
  } = {},
): Owned {
  const name = fields.at ?? id;
  const tags = [markOf(id)];
  const box = mailbox(name, { name: id.toUpperCase(), tags, ...fields.mailbox });
  const lastActive = box.active === 1;
  return { mailbox: box, row: row('mailbox', name, { directoryId: id, lastActive, ...fields.row }) };
}

/** An alias that we made for this id. */
export function ownedAlias(
  name: string,
  id: string,
  fields: {
    readonly goto?: string | readonly string[];
    readonly alias?: Partial<Alias>;
    readonly row?: Partial<LedgerEntry>;
  } = {},
): Owned {
  const one = alias(name, fields.goto ?? id, { privateComment: markOf(id), ...fields.alias });
  const lastActive = one.active === 1;
  return { alias: one, row: row('alias', name, { directoryId: id, lastActive, ...fields.row }) };
}

export function currentOf(parts: {
  readonly domains?: readonly Domain[];
  readonly mailboxes?: readonly Mailbox[];
  readonly aliases?: readonly Alias[];
}): CurrentState {
  const domains = parts.domains ?? [domain(), domain('other.test')];
  return {
    domains: new Map(domains.map((one) => [one.name, one])),
    mailboxes: new Map((parts.mailboxes ?? []).map((one) => [one.address, one])),
    aliases: new Map((parts.aliases ?? []).map((one) => [one.address, one])),
  };
}

export function snapshotEntry(entry: DirectoryEntry, fields: Partial<SnapshotEntry> = {}): SnapshotEntry {
  return {
    kind: 'person',
    entry,
    missing: 0,
    missingSince: undefined,
    countedAt: undefined,
    scopeChanged: false,
    arrivedByScope: false,
    ...fields,
  };
}

export function change(
  text: string,
  fields: Partial<Omit<Change, 'kind' | 'resource' | 'key'>> = {},
): Change {
  const [kind = '', resource = '', key = ''] = text.split(' ');
  return {
    kind: kind as Change['kind'],
    resource: resource as Change['resource'],
    key: at(key),
    directoryId: key,
    before: {},
    after: {},
    reason: 'because',
    needs: [],
    stage: 4,
    ...fields,
  };
}

const shortAddress = (address: string): string => address.replace(/@example\.test$/, '');

const shown = (value: Fields[keyof Fields]): string =>
  Array.isArray(value)
    ? value.map((one: string) => shortAddress(one)).join('+')
    : shortAddress(String(value));

const isKey = (name: string): name is keyof Fields => name !== '';

/** `update mailbox anna name=A->B`; addresses of example.test without their domain. */
export function brief({ kind, resource, key, before, after }: Change): string {
  const fields = Object.keys(after)
    .filter(isKey)
    .sort()
    .map((name) => {
      const old = before[name];
      return `${name}=${old === undefined ? '' : `${shown(old)}->`}${shown(after[name])}`;
    });
  return [kind, resource, shortAddress(key), ...fields].join(' ');
}

/** `duplicate-address anna`. */
export const briefFinding = ({ code, subject }: Finding): string => `${code} ${shortAddress(subject)}`;
