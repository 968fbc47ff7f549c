/** One Samba AD for a file of tests: each test has an OU, a mailcow and a state file of its own in it. */
import type { EnvSettings } from '../sandbox/env-file.ts';
import { settingsOf } from '../support/directories-page.ts';
import { startSamba, type Samba } from '../support/samba.ts';
import { withDirectory, type Played } from './world.ts';

const reader = { name: 'ldap-mailcow', password: 'Passw0rd-of-the-reader' };

/** As AD wants a password: in quotes, UTF-16, in base64. */
const unicodePwd = (password: string): string => Buffer.from(`"${password}"`, 'utf16le').toString('base64');

export type User = {
  readonly name: string;
  readonly lines?: readonly string[];
  /** Default: enabled, without a password. */
  readonly control?: number;
};

export const enabled = 544;
export const disabled = 546;

const userLdif = (dn: string, { name, lines = [], control = enabled }: User): string =>
  [
    `dn: ${dn}`,
    'objectClass: user',
    `sAMAccountName: ${name}`,
    `userAccountControl: ${control}`,
    ...lines,
    '',
    '',
  ].join('\n');

/** A person in an OU whose account name is the local part of the address. */
export const personLdif = (unit: string, name: string, more: Omit<User, 'name'> = {}): string =>
  userLdif(`CN=${name},${unit}`, {
    name,
    ...more,
    lines: [`displayName: ${name} Test`, `mail: ${name}@example.test`, ...(more.lines ?? [])],
  });

export type Domain = Samba & {
  /** What is the same for every test: the block of docs/directories.md, and this server. */
  readonly settings: EnvSettings;
};

/** Starts the domain and adds the account that reads: an ordinary user. */
export async function openDomain(): Promise<Domain> {
  const samba = await startSamba();
  await samba.modify(
    userLdif(`CN=${reader.name},CN=Users,${samba.baseDn}`, {
      name: reader.name,
      control: 66_048,
      lines: [
        `userPrincipalName: ${reader.name}@ad.example.test`,
        `unicodePwd:: ${unicodePwd(reader.password)}`,
      ],
    }),
  );
  const settings = {
    ...settingsOf('Samba AD'),
    LDAP_URI: samba.uri,
    LDAP_BIND_DN: `${reader.name}@ad.example.test`,
    LDAP_BIND_DN_PASSWORD: reader.password,
    LDAP_TLS_CA_FILE: samba.caFile,
    API_QUOTA: '3072',
    GRACE_SPACING: '0',
    OWNER: 'test',
  };
  return { ...samba, settings };
}

export type Unit = { readonly dn: string; readonly played: Played };

/** Adds an OU and runs with it as base, and a mailcow that has nothing yet. */
export async function withUnit(
  domain: Domain,
  name: string,
  run: (unit: Unit) => Promise<void>,
): Promise<void> {
  const dn = `OU=${name},${domain.baseDn}`;
  await domain.modify(`dn: ${dn}\nobjectClass: organizationalUnit\n`);
  await withDirectory({ ...domain.settings, LDAP_BASE_DN: dn }, (played) => run({ dn, played }));
}
