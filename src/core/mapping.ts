/** Which attribute means what: the settings of the operator over the defaults of the dialect. */
import type { DialectName } from './model.ts';

/** What people type to log in. */
export type LoginName = {
  readonly attribute: string;
  /** Compared with what stands before the `@` alone. */
  readonly localPart: boolean;
};

export type DisabledRule =
  | { readonly kind: 'none' }
  | { readonly kind: 'user-account-control' }
  | { readonly kind: 'ns-account-lock' }
  | { readonly kind: 'pwd-account-locked-time' }
  /** Disabled when the attribute has one of the values (compared without case). */
  | { readonly kind: 'attribute'; readonly attribute: string; readonly values: readonly string[] };

/** All attribute names in lower case. */
export type Mapping = {
  readonly mail: string;
  /** Tried in order; each is one attribute, or several joined by a blank when all of them are there. */
  readonly name: readonly (readonly string[])[];
  readonly aliases: readonly string[];
  readonly quota?: string;
  /** A boolean attribute: TRUE/1/yes = active. */
  readonly active?: string;
  readonly tlsEnforceIn?: string;
  readonly tlsEnforceOut?: string;
  /** For entries that say nothing about it. */
  readonly tlsEnforceInAlways?: boolean;
  readonly tlsEnforceOutAlways?: boolean;
  /** Undefined: the address. */
  readonly login?: LoginName;
  /** The account name: tells a re-created account from a stranger who got a former address (DESIGN.md 4.6). */
  readonly account: string;
  readonly disabled: DisabledRule;
  /** Attributes of a group with its members' DNs. */
  readonly memberDn: readonly string[];
  /** Attributes of a group with its members' account names. */
  readonly memberAccount: readonly string[];
  /** AD: a person's primary group, named by number on both sides; no group lists it as a member. */
  readonly primaryGroup?: PrimaryGroup;
  /** The attribute of a group with the words of its policy. */
  readonly groupPolicy?: string;
};

type PrimaryGroup = { readonly ofPerson: string; readonly ofGroup: string };

/** What the operator set; everything left out comes from the dialect. */
export type MappingSettings = {
  readonly mail?: string;
  readonly name?: readonly string[];
  readonly aliases?: readonly string[];
  readonly quota?: string;
  readonly active?: string;
  readonly tlsEnforceIn?: string;
  readonly tlsEnforceOut?: string;
  readonly tlsEnforceInAlways?: boolean;
  readonly tlsEnforceOutAlways?: boolean;
  readonly login?: LoginName;
  readonly disabled?: DisabledRule;
  readonly groupPolicy?: string;
};

type DialectDefaults = {
  readonly idAttribute: string;
  readonly userFilter: string;
  readonly groupFilter: string;
  readonly aliases: readonly string[];
  readonly account: string;
  readonly disabled: DisabledRule;
  readonly memberDn: readonly string[];
  readonly memberAccount: readonly string[];
  readonly primaryGroup?: PrimaryGroup;
};

/**
 * Every group, with and without an address, whatever the dialect: those that are no lists may be nested in one. A
 * class that a server does not know finds nothing there, and does no harm in an OR.
 */
export const anyGroup =
  '(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))';

const unixGroups = '(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))';

/**
 * Source: facts/ldap.md and the vendors' schemas. The id attributes are immutable on their servers. The user
 * filters do not ask for `mail`: a person who loses it must stay visible as unresolved, not look absent.
 */
export const dialectDefaults: Readonly<Record<DialectName, DialectDefaults>> = {
  'active-directory': {
    idAttribute: 'objectGUID',
    userFilter: '(&(objectClass=user)(objectCategory=person))',
    groupFilter: '(&(objectClass=group)(mail=*))',
    aliases: ['proxyaddresses'],
    account: 'samaccountname',
    disabled: { kind: 'user-account-control' },
    memberDn: ['member'],
    memberAccount: [],
    primaryGroup: { ofPerson: 'primarygroupid', ofGroup: 'primarygrouptoken' },
  },
  openldap: {
    idAttribute: 'entryUUID',
    userFilter: '(objectClass=inetOrgPerson)',
    groupFilter: `(&${unixGroups}(mail=*))`,
    aliases: ['mailalternateaddress', 'mailalias'],
    account: 'uid',
    disabled: { kind: 'pwd-account-locked-time' },
    memberDn: ['member', 'uniquemember'],
    memberAccount: ['memberuid'],
  },
  freeipa: {
    idAttribute: 'ipaUniqueID',
    userFilter: '(objectClass=inetOrgPerson)',
    groupFilter: `(&${unixGroups}(mail=*))`,
    aliases: ['mailalternateaddress'],
    account: 'uid',
    disabled: { kind: 'ns-account-lock' },
    memberDn: ['member', 'uniquemember'],
    memberAccount: ['memberuid'],
  },
  lldap: {
    idAttribute: 'entryUUID',
    userFilter: '(objectClass=person)',
    groupFilter: '(objectClass=groupOfUniqueNames)',
    aliases: ['mailalias'],
    account: 'uid',
    disabled: { kind: 'none' },
    memberDn: ['member', 'uniquemember'],
    memberAccount: [],
  },
};

const lower = (name: string): string => name.toLowerCase();

/** `givenName+sn` means both joined by a blank. */
const parseNameRule = (rule: string): readonly string[] => rule.split('+').map((part) => lower(part.trim()));

/** Tried after whatever the operator named (RULES.md 4): first and last name, then cn, then the local part. */
const nameFallbacks: readonly (readonly string[])[] = [['displayname'], ['givenname', 'sn'], ['cn']];

const optional = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [key]: lower(value) } as Record<K, string>);

/** The operator's settings over the dialect's defaults; every attribute name in lower case. */
export function resolveMapping(settings: MappingSettings, dialect: DialectName): Mapping {
  const defaults = dialectDefaults[dialect];
  const named = (settings.name ?? []).map(parseNameRule);
  return {
    mail: lower(settings.mail ?? 'mail'),
    name: [...named, ...nameFallbacks],
    aliases: (settings.aliases ?? defaults.aliases).map(lower),
    ...optional('quota', settings.quota),
    ...optional('active', settings.active),
    ...optional('tlsEnforceIn', settings.tlsEnforceIn),
    ...optional('tlsEnforceOut', settings.tlsEnforceOut),
    ...(settings.tlsEnforceInAlways !== undefined && { tlsEnforceInAlways: settings.tlsEnforceInAlways }),
    ...(settings.tlsEnforceOutAlways !== undefined && { tlsEnforceOutAlways: settings.tlsEnforceOutAlways }),
    ...(settings.login && { login: { ...settings.login, attribute: lower(settings.login.attribute) } }),
    account: defaults.account,
    disabled: settings.disabled ?? defaults.disabled,
    memberDn: defaults.memberDn,
    memberAccount: defaults.memberAccount,
    ...(defaults.primaryGroup && { primaryGroup: defaults.primaryGroup }),
    ...optional('groupPolicy', settings.groupPolicy),
  };
}

/** The attributes that a disabled rule looks at, lower case. */
export const disabledAttributes = (rule: DisabledRule): readonly string[] => {
  switch (rule.kind) {
    case 'none':
      return [];
    case 'user-account-control':
      return ['useraccountcontrol'];
    case 'ns-account-lock':
      return ['nsaccountlock'];
    case 'pwd-account-locked-time':
      return ['pwdaccountlockedtime'];
    case 'attribute':
      return [lower(rule.attribute)];
  }
};

/** Every attribute of a person that the mapping looks at: only these are asked for. Sorted, lower case. */
export function attributesOfPeople(mapping: Mapping): readonly string[] {
  const single = [mapping.quota, mapping.active, mapping.tlsEnforceIn, mapping.tlsEnforceOut];
  const all = [
    mapping.mail,
    mapping.account,
    ...mapping.name.flat(),
    ...mapping.aliases,
    ...single.filter((name) => name !== undefined),
    ...disabledAttributes(mapping.disabled),
    ...(mapping.primaryGroup ? [mapping.primaryGroup.ofPerson] : []),
  ];
  return [...new Set(all)].sort();
}

/** Every attribute of a group that says what its addresses, members and policy are. Sorted, lower case. */
export function attributesOfGroups(mapping: Mapping): readonly string[] {
  const single = [mapping.primaryGroup?.ofGroup, mapping.groupPolicy];
  const all = [
    mapping.mail,
    'cn',
    mapping.account,
    ...mapping.aliases,
    ...mapping.memberDn,
    ...mapping.memberAccount,
    ...single.filter((name) => name !== undefined),
  ];
  return [...new Set(all)].sort();
}

/** What is asked of an entry that may be a member of a list without being one of the people. Sorted, lower case. */
export function attributesOfMembers(mapping: Mapping): readonly string[] {
  const active = mapping.active === undefined ? [] : [mapping.active];
  const all = [mapping.mail, mapping.account, ...active, ...disabledAttributes(mapping.disabled)];
  return [...new Set(all)].sort();
}
