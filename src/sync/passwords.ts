/**
 * The hashes that the directory shows, taken out of a reading before anything else sees it: they live in memory, for as
 * long as a sync lasts. What is kept is a digest with a key of our own, which tells that a hash has changed and nothing else.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { chooseHash } from '../core/password-hash.ts';
import type { DirectoryEntry, Finding, Reading } from '../core/model.ts';
import type { Facts } from '../ports-state.ts';
import type { Passwords } from './perform-context.ts';

export type Taken = {
  /** Without the attribute. */
  readonly reading: Reading;
  /** By directory id; undefined: hashes are none of our business. */
  readonly passwords?: Passwords;
  readonly findings: readonly Finding[];
  /** To remember before anything is written. */
  readonly facts: Pick<Facts, 'passwordKey'>;
};

function without(entry: DirectoryEntry, attribute: string): DirectoryEntry {
  if (entry.attributes[attribute] === undefined) return entry;
  const { [attribute]: _secret, ...attributes } = entry.attributes;
  return { ...entry, attributes };
}

function withoutAttribute(reading: Reading, attribute: string): Reading {
  const strip = (entries: readonly DirectoryEntry[]): readonly DirectoryEntry[] =>
    entries.map((entry) => without(entry, attribute));
  const { members } = reading;
  return {
    ...reading,
    people: strip(reading.people),
    groups: strip(reading.groups),
    ...(members && { members: { ...members, entries: strip(members.entries) } }),
  };
}

const wrongScheme = (dn: string, attribute: string, schemes: readonly string[]): Finding => ({
  code: 'password-scheme',
  subject: dn,
  message: `mailcow cannot check what is in ${attribute} (${schemes.join(', ')}), so it is not sent: a password that was set before stays. Have the directory keep one of {ARGON2}, {BLF-CRYPT}, {CRYPT}$6$, {SSHA512} or {SSHA}`,
});

const unread = (attribute: string): Finding => ({
  code: 'passwords-unread',
  subject: attribute,
  message: `nobody in the directory shows ${attribute} to the bind user, so no password can be set: give the account of LDAP_MAILCOW_LDAP_BIND_DN the right to read it, or use another LDAP_MAILCOW_AUTH (Active Directory never shows it)`,
});

/** Takes the hashes out of a reading. `attribute` in lower case; undefined: there are none in it. */
export function takePasswords(
  reading: Reading,
  { attribute, facts }: { readonly attribute: string | undefined; readonly facts: Facts },
): Taken {
  if (attribute === undefined) return { reading, findings: [], facts: {} };
  const passwordKey = facts.passwordKey ?? randomBytes(32).toString('base64');
  const digest = (hash: string): string =>
    createHmac('sha256', Buffer.from(passwordKey, 'base64')).update(hash).digest('hex');
  const passwords = new Map<string, { readonly hash: string; readonly digest: string }>();
  const findings: Finding[] = [];
  const shown = reading.people.filter(({ attributes }) => attributes[attribute] !== undefined);
  for (const { id, dn, attributes } of shown) {
    const chosen = chooseHash(attributes[attribute] ?? []);
    if (chosen.kind === 'hash') passwords.set(id, { hash: chosen.hash, digest: digest(chosen.hash) });
    else findings.push(wrongScheme(dn, attribute, chosen.schemes));
  }
  if (shown.length === 0 && reading.people.length > 0) findings.push(unread(attribute));
  return { reading: withoutAttribute(reading, attribute), passwords, findings, facts: { passwordKey } };
}

/** The digests alone, for a draft. */
export function digestsOf({ passwords }: Taken): { readonly passwords?: ReadonlyMap<string, string> } {
  if (passwords === undefined) return {};
  return { passwords: new Map([...passwords].map(([id, { digest }]) => [id, digest])) };
}

/** The hashes too, for what writes them. */
export function passwordsOf({ passwords }: Taken): { readonly passwords?: Passwords } {
  return passwords === undefined ? {} : { passwords };
}
