/** A real server of some kind, spoken to in the same words whatever its kind. */
import type { EnvSettings } from '../sandbox/env-file.ts';
import { withDirectory, type Played } from './world.ts';

export type PersonToAdd = {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly disabled?: boolean;
};

export type GroupToAdd = {
  readonly name: string;
  /** Without one: only to be nested in others. */
  readonly address?: string;
  /** DNs; at least one, which is there already. */
  readonly members: readonly string[];
};

export type TestedDirectory = {
  readonly baseDn: string;
  /** Where the server is and who binds, and the rest of its block in docs/directories.md. */
  readonly settings: EnvSettings;
  readonly modify: (ldif: string) => Promise<void>;
  readonly dnOf: (unit: string, name: string) => string;
  /** LDIF of a person `<name> Test` with the address `<name>@example.test`. */
  readonly person: (unit: string, person: PersonToAdd) => string;
  readonly group: (unit: string, group: GroupToAdd) => string;
  /** LDIF that disables a person, or ends that. */
  readonly disable: (dn: string) => string;
  readonly enable: (dn: string) => string;
  /** What the server itself finds under a directory id, as LDIF. */
  readonly findById: (id: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

/** What every test sets beside a server's own. */
export const commonSettings: EnvSettings = { API_QUOTA: '3072', GRACE_SPACING: '0', OWNER: 'test' };

export type Unit = { readonly dn: string; readonly played: Played };

/** Adds an OU and runs with it as base, a mailcow that has nothing yet and a state file of its own. */
export async function withUnit(
  directory: Pick<TestedDirectory, 'baseDn' | 'settings' | 'modify'>,
  name: string,
  run: (unit: Unit) => Promise<void>,
): Promise<void> {
  const dn = `ou=${name},${directory.baseDn}`;
  await directory.modify(`dn: ${dn}\nobjectClass: organizationalUnit\nou: ${name}\n`);
  await withDirectory({ ...directory.settings, LDAP_BASE_DN: dn }, (played) => run({ dn, played }));
}

/** The directory id in the mark of a mailbox; throws when it has none. */
export function idIn({ mailcow }: Played, address: string): string {
  const row = mailcow.store.snapshot().mailboxes.find(({ username }) => username === address);
  const id = /^ldap-mailcow:test:(\S+)$/.exec(row?.tags.join(' ') ?? '')?.[1];
  if (id === undefined) throw new Error(`${address} bears no mark: ${JSON.stringify(row?.tags)}`);
  return id;
}

/** Address and state of each mailbox. */
export const activeOf = (played: Played): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(played.held().mailboxes).map(([address, { active }]) => [address, active]),
  );

type Change = { readonly attribute: string; readonly values: readonly string[] };

const editLdif = (dn: string, how: 'add' | 'replace' | 'delete', { attribute, values }: Change): string =>
  [
    `dn: ${dn}`,
    'changetype: modify',
    `${how}: ${attribute}`,
    ...values.map((value) => `${attribute}: ${value}`),
    '-',
    '',
    '',
  ].join('\n');

export const replaceLdif = (dn: string, attribute: string, ...values: readonly string[]): string =>
  editLdif(dn, 'replace', { attribute, values });
export const addValueLdif = (dn: string, attribute: string, value: string): string =>
  editLdif(dn, 'add', { attribute, values: [value] });
export const deleteLdif = (dn: string): string => `dn: ${dn}\nchangetype: delete\n\n`;

/** An entry as LDIF. */
export const entryLdif = (dn: string, lines: readonly string[]): string =>
  [`dn: ${dn}`, ...lines, '', ''].join('\n');

/** The OUs Old and New below another one. */
export const placesLdif = (dn: string): string =>
  ['Old', 'New']
    .map((name) => `dn: ou=${name},${dn}\nobjectClass: organizationalUnit\nou: ${name}\n`)
    .join('\n');

/** Moves an entry below another one. */
export const moveLdif = (dn: string, unit: string): string =>
  `dn: ${dn}\nchangetype: modrdn\nnewrdn: ${dn.slice(0, dn.indexOf(','))}\ndeleteoldrdn: 1\nnewsuperior: ${unit}\n`;
