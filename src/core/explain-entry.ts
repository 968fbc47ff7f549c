/** What an entry of the directory comes to, value by value, each with the rule that it follows from. */
import { disabledAttributes, type Mapping } from './mapping.ts';
import type { DirectoryEntry } from './model.ts';
import { aliasValuesOf, isDisabled, nameRuleOf, parseEntryAddress, readPerson } from './person.ts';

export type MappedValue = {
  readonly what: 'address' | 'name' | 'quota' | 'active' | 'further address' | 'TLS' | 'account' | 'members';
  readonly value: string;
  readonly rule: string;
};

export type MappingContext = {
  /** LDAP_MAILCOW_API_QUOTA. */
  readonly newQuotaMiB: number | undefined;
  /** Lower case: never shown, whatever it is mapped to. */
  readonly passwordAttribute?: string;
};

/** Stands in the place of a password or its hash. */
export const HIDDEN = '[hidden]';

/** Names of attributes that hold passwords or hashes of them, on the servers that we know. Lower case. */
const passwordNames =
  /passw(?:or)?[dt]$|^unicodepwd$|^dbcspwd$|pwdhistory|nthash|lmhash|krbprincipalkey|ipanthash/;

const isSecret = (name: string, { passwordAttribute }: MappingContext): boolean =>
  passwordNames.test(name) || name === passwordAttribute;

/** What an entry shows of passwords: no answer may have it, whatever an attribute is mapped to. */
export const secretValuesOf = (
  { attributes }: Pick<DirectoryEntry, 'attributes'>,
  context: MappingContext,
): readonly string[] =>
  Object.entries(attributes)
    .filter(([name]) => isSecret(name, context))
    .flatMap(([, values]) => values);

function shownValues(entry: DirectoryEntry, name: string, context: MappingContext): string {
  const values = entry.attributes[name] ?? [];
  if (values.length === 0) return 'none';
  return isSecret(name, context) ? HIDDEN : values.map((value) => `"${value}"`).join(', ');
}

/** `mail: "anna@example.org"`. */
const from = (entry: DirectoryEntry, names: readonly string[], context: MappingContext): string =>
  names.map((name) => `${name}: ${shownValues(entry, name, context)}`).join('; ');

function addressValue(entry: DirectoryEntry, { mail }: Mapping, context: MappingContext): MappedValue {
  const parsed = parseEntryAddress(entry, mail);
  const value = parsed.kind === 'address' ? parsed.address : `none (${parsed.finding.code})`;
  return { what: 'address', value, rule: from(entry, [mail], context) };
}

function activeValue(entry: DirectoryEntry, mapping: Mapping, context: MappingContext): MappedValue {
  const { enabled } = readPerson(entry, mapping, 'x@x');
  const names = [...disabledAttributes(mapping.disabled), ...(mapping.active ? [mapping.active] : [])];
  const whose = isDisabled(entry.attributes, mapping.disabled) ? 'disabled by ' : '';
  const rule = names.length === 0 ? 'nothing is set that disables anybody' : from(entry, names, context);
  return { what: 'active', value: enabled ? 'yes' : 'no', rule: `${whose}${rule}` };
}

function nameValue(entry: DirectoryEntry, mapping: Mapping, context: MappingContext): readonly MappedValue[] {
  const parsed = parseEntryAddress(entry, mapping.mail);
  if (parsed.kind !== 'address') return [];
  const names = nameRuleOf(entry, mapping.name);
  const isHidden = names?.some((name) => isSecret(name, context)) === true;
  const rule = names === undefined ? 'the local part of the address' : from(entry, names, context);
  const { name } = readPerson(entry, mapping, parsed.address);
  return [{ what: 'name', value: isHidden ? HIDDEN : name, rule }];
}

function quotaValue(entry: DirectoryEntry, mapping: Mapping, context: MappingContext): MappedValue {
  const { quotaMiB } = readPerson(entry, mapping, 'x@x');
  if (quotaMiB !== undefined) {
    return { what: 'quota', value: `${quotaMiB} MiB`, rule: from(entry, [mapping.quota ?? ''], context) };
  }
  const { newQuotaMiB } = context;
  const ofNew = newQuotaMiB === undefined ? "the domain's default" : `${newQuotaMiB} MiB`;
  const has = mapping.quota === undefined ? '' : `; ${from(entry, [mapping.quota], context)}`;
  return { what: 'quota', value: 'as it is in mailcow', rule: `a new mailbox gets ${ofNew}${has}` };
}

function tlsValues(entry: DirectoryEntry, mapping: Mapping, context: MappingContext): readonly MappedValue[] {
  const { tlsEnforceIn, tlsEnforceOut } = readPerson(entry, mapping, 'x@x');
  const one = (way: string, value: boolean | undefined, name: string | undefined): readonly MappedValue[] =>
    value === undefined
      ? []
      : [
          {
            what: 'TLS',
            value: `${way}: ${value ? 'enforced' : 'not enforced'}`,
            rule: name === undefined ? 'set for everybody' : from(entry, [name], context),
          },
        ];
  return [
    ...one('incoming', tlsEnforceIn, mapping.tlsEnforceIn),
    ...one('outgoing', tlsEnforceOut, mapping.tlsEnforceOut),
  ];
}

const furtherValues = (entry: DirectoryEntry, mapping: Mapping, context: MappingContext): MappedValue[] =>
  mapping.aliases.flatMap((name) =>
    aliasValuesOf(entry, [name]).map(({ text, address }) => ({
      what: 'further address' as const,
      value: isSecret(name, context) ? HIDDEN : `${text}${address === undefined ? ' (invalid-alias)' : ''}`,
      rule: name,
    })),
  );

const accountValue = (entry: DirectoryEntry, { account }: Mapping, context: MappingContext): MappedValue => ({
  what: 'account',
  value: shownValues(entry, account, context),
  rule: account,
});

/** Everything that the mapping says about a person. Values of password attributes are hidden. */
export function explainPerson(
  entry: DirectoryEntry,
  mapping: Mapping,
  context: MappingContext,
): readonly MappedValue[] {
  return [
    addressValue(entry, mapping, context),
    ...nameValue(entry, mapping, context),
    activeValue(entry, mapping, context),
    quotaValue(entry, mapping, context),
    ...furtherValues(entry, mapping, context),
    ...tlsValues(entry, mapping, context),
    accountValue(entry, mapping, context),
  ];
}

/** What the mapping says about a group; who its members are is another question. */
export function explainGroup(
  entry: DirectoryEntry,
  mapping: Mapping,
  context: MappingContext,
): readonly MappedValue[] {
  const named = [...mapping.memberDn, ...mapping.memberAccount].map(
    (name) => [name, entry.attributes[name]?.length ?? 0] as const,
  );
  const members = named.filter(([, count]) => count > 0);
  return [
    addressValue(entry, mapping, context),
    ...furtherValues(entry, mapping, context),
    {
      what: 'members',
      value: String(members.reduce((sum, [, count]) => sum + count, 0)),
      rule: members.map(([name]) => name).join(', ') || 'none named',
    },
  ];
}
