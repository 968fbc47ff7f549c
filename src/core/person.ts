/** One directory entry read as a person: address, name, quota, active, aliases (RULES.md 1 to 7). */
import { localPartOf, parseAddress } from './address.ts';
import type { DisabledRule, Mapping } from './mapping.ts';
import type { Attributes, DirectoryEntry, Finding } from './model.ts';

/** An additional address as the entry spells it; `address` is undefined when mailcow would not take it. */
export type AliasValue = {
  readonly text: string;
  readonly address: string | undefined;
  /** Spelled with `SMTP:` in capitals: Exchange's primary address. */
  readonly primary: boolean;
};

export type Person = {
  readonly id: string;
  readonly dn: string;
  readonly address: string;
  readonly name: string;
  /** Undefined: the directory says nothing. */
  readonly quotaMiB: number | undefined;
  readonly enabled: boolean;
  readonly tlsEnforceIn: boolean | undefined;
  readonly tlsEnforceOut: boolean | undefined;
  readonly aliases: readonly AliasValue[];
};

export type ParsedAddress =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'unresolved'; readonly finding: Finding };

const NO_VALUES: readonly string[] = [];
const valuesOf = (attributes: Attributes, name: string): readonly string[] => attributes[name] ?? NO_VALUES;

const firstText = (attributes: Attributes, name: string): string | undefined => {
  const text = valuesOf(attributes, name)[0]?.trim();
  return text === '' ? undefined : text;
};

const unresolved = (finding: Finding): ParsedAddress => ({ kind: 'unresolved', finding });

/** The one address of an entry (rule 1), for people and groups alike. */
export function parseEntryAddress(entry: DirectoryEntry, attribute: string): ParsedAddress {
  const raw = valuesOf(entry.attributes, attribute);
  const texts = new Set(raw.map((value) => value.trim().toLowerCase()).filter((value) => value !== ''));
  const first = [...texts][0];
  if (first === undefined) {
    const message = `no value in ${attribute}: give the entry an address, or exclude it by the filter`;
    return unresolved({ code: 'no-address', subject: entry.dn, message });
  }
  if (texts.size > 1) {
    const message = `${attribute} has ${texts.size} different values (${[...texts].sort().join(', ')}): leave one, make the others aliases`;
    return unresolved({ code: 'several-addresses', subject: entry.dn, message });
  }
  const address = parseAddress(raw.find((value) => value.trim() !== '') ?? first);
  if (address === undefined) {
    const message = `"${first}" in ${attribute} is not an address that mailcow takes: correct it`;
    return unresolved({ code: 'invalid-address', subject: entry.dn, message });
  }
  return { kind: 'address', address };
}

const joinedName = (attributes: Attributes, parts: readonly string[]): string | undefined => {
  const texts = parts.map((part) => firstText(attributes, part));
  return texts.includes(undefined) ? undefined : texts.join(' ');
};

/**
 * As mailcow stores it: cut to 255 characters, outer `<` and `>` gone (an unshortened name is an empty reply,
 * facts/mailcow-api.md section 0).
 */
export function storedName(name: string): string {
  const cut = [...name].slice(0, 255).join('');
  return cut.replace(/^<+/, '').replace(/>+$/, '');
}

/** The attributes that a name comes from: the first of the rules that gives one; undefined: none does. */
export const nameRuleOf = (
  { attributes }: Pick<DirectoryEntry, 'attributes'>,
  rules: Mapping['name'],
): readonly string[] | undefined =>
  rules.find((parts) => {
    const name = joinedName(attributes, parts);
    return name !== undefined && storedName(name) !== '';
  });

const nameOf = (entry: DirectoryEntry, rules: Mapping['name'], address: string): string => {
  const rule = nameRuleOf(entry, rules);
  const name = rule === undefined ? undefined : joinedName(entry.attributes, rule);
  return name === undefined ? localPartOf(address) : storedName(name);
};

const truths = new Set(['true', '1', 'yes', 'y', 'on']);
const booleanOf = (attributes: Attributes, name: string | undefined): boolean | undefined => {
  const text = name === undefined ? undefined : firstText(attributes, name);
  return text === undefined ? undefined : truths.has(text.toLowerCase());
};

/** What AD calls ACCOUNTDISABLE. */
const ACCOUNT_DISABLED = 2;
/** Only this value is a lock by an administrator; a time is a temporary lock-out (facts/ldap.md). */
const LOCKED_FOR_EVER = '000001010000Z';

/** Whether the entry is disabled by the rule; an attribute that is absent disables nobody. */
export function isDisabled(attributes: Attributes, rule: DisabledRule): boolean {
  switch (rule.kind) {
    case 'none':
      return false;
    case 'user-account-control': {
      const flags = Number(firstText(attributes, 'useraccountcontrol') ?? '0');
      return Number.isInteger(flags) && (flags & ACCOUNT_DISABLED) !== 0;
    }
    case 'ns-account-lock':
      return firstText(attributes, 'nsaccountlock')?.toLowerCase() === 'true';
    case 'pwd-account-locked-time':
      return firstText(attributes, 'pwdaccountlockedtime') === LOCKED_FOR_EVER;
    case 'attribute': {
      const wanted = new Set(rule.values.map((value) => value.toLowerCase()));
      return valuesOf(attributes, rule.attribute.toLowerCase()).some((value) =>
        wanted.has(value.trim().toLowerCase()),
      );
    }
  }
}

/** The quota in MiB; undefined when the entry has none or it is not a whole number of at least 0. */
const quotaOf = (attributes: Attributes, name: string | undefined): number | undefined => {
  const text = name === undefined ? undefined : firstText(attributes, name);
  if (text === undefined || !/^\d{1,12}$/.test(text)) return undefined;
  return Number(text);
};

const prefixPattern = /^([A-Za-z0-9-]+):/;

const parseAliasValue = (value: string): AliasValue | undefined => {
  const prefix = prefixPattern.exec(value.trimStart())?.[1];
  const rest = prefix === undefined ? value : value.trimStart().slice(prefix.length + 1);
  if (prefix === undefined && !value.includes('@')) return undefined;
  if (prefix !== undefined && prefix.toLowerCase() !== 'smtp') return undefined;
  const text = rest.trim().toLowerCase();
  return { text, address: parseAddress(rest), primary: prefix === 'SMTP' };
};

/** The additional addresses of an entry (rule 5); other prefixes than smtp are ignored. */
export function aliasValuesOf(entry: DirectoryEntry, attributes: readonly string[]): readonly AliasValue[] {
  return attributes
    .flatMap((name) => valuesOf(entry.attributes, name))
    .map(parseAliasValue)
    .filter((value) => value !== undefined);
}

/** Findings about single attributes of an entry that is a person all the same. */
export function attributeFindings(entry: DirectoryEntry, mapping: Mapping): readonly Finding[] {
  const text = mapping.quota === undefined ? undefined : firstText(entry.attributes, mapping.quota);
  if (text === undefined || quotaOf(entry.attributes, mapping.quota) !== undefined) return [];
  const message = `"${text}" in ${mapping.quota ?? ''} is not a number of MiB: the quota is left as it is`;
  return [{ code: 'invalid-quota', subject: entry.dn, message }];
}

/** Neither disabled by the rule nor set inactive by the attribute for that. */
export const isEnabled = ({ attributes }: DirectoryEntry, mapping: Mapping): boolean =>
  booleanOf(attributes, mapping.active) !== false && !isDisabled(attributes, mapping.disabled);

/** Everything the mapping says about an entry whose address is known. */
export function readPerson(entry: DirectoryEntry, mapping: Mapping, address: string): Person {
  return {
    id: entry.id,
    dn: entry.dn,
    address,
    name: nameOf(entry, mapping.name, address),
    quotaMiB: quotaOf(entry.attributes, mapping.quota),
    enabled: isEnabled(entry, mapping),
    tlsEnforceIn: booleanOf(entry.attributes, mapping.tlsEnforceIn) ?? mapping.tlsEnforceInAlways,
    tlsEnforceOut: booleanOf(entry.attributes, mapping.tlsEnforceOut) ?? mapping.tlsEnforceOutAlways,
    aliases: aliasValuesOf(entry, mapping.aliases),
  };
}
