/** One slapd with everything that the older tools ask for; each test has an OU of its own in it. */
import { ldapSearch } from '../support/ldap-tools.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { entryLdif, withUnit, type TestedDirectory, type Unit } from './directory-tested.ts';
import { secrets } from './world.ts';

const suffix = 'dc=example,dc=test';

/** At how many entries the server ends a search that does not ask for pages, as Active Directory does. */
export const serverLimit = 1000;

/** With a password that is long enough to be found wherever it leaks. */
const base = [
  entryLdif(suffix, ['objectClass: domain', 'dc: example']),
  entryLdif(`ou=service,${suffix}`, ['objectClass: organizationalUnit', 'ou: service']),
  entryLdif(`cn=sync,ou=service,${suffix}`, [
    'objectClass: organizationalRole',
    'objectClass: simpleSecurityObject',
    'cn: sync',
    `userPassword: ${secrets.bindPassword}`,
  ]),
].join('');

export type OldDirectory = Pick<TestedDirectory, 'baseDn' | 'settings' | 'modify'> & {
  readonly slapd: Slapd;
};

/** Starts it; to be ended with `slapd.stop`. */
export async function openOldDirectory(): Promise<OldDirectory> {
  const slapd = await startSlapd({
    text: base,
    schema: ['tests/support/adlike.schema', 'tests/fixtures/ldif/sophomorix.schema'],
    sizeLimit: serverLimit,
  });
  const { uri, bindDn, bindPassword } = slapd;
  const settings = {
    LDAP_URI: uri,
    LDAP_BIND_DN: bindDn,
    LDAP_BIND_DN_PASSWORD: bindPassword,
    GRACE_SPACING: '0',
  };
  return { slapd, baseDn: suffix, settings, modify: slapd.modify };
}

/** Adds these entries below a new OU and runs with it as base. */
export async function withEntries(
  directory: OldDirectory,
  entries: Readonly<{ name: string; ldif: (unit: string) => string }>,
  run: (unit: Unit) => Promise<void>,
): Promise<void> {
  const { name, ldif } = entries;
  await withUnit(directory, name, async (unit) => {
    await directory.modify(ldif(unit.dn));
    await run(unit);
  });
}

/** What the account of the program gets for a search without pages; throws in the server's words. */
export function searchUnpaged({ slapd }: OldDirectory, { dn, played }: Unit): Promise<string> {
  const { uri, bindDn, bindPassword } = slapd;
  const account = { uri, dn: bindDn, password: bindPassword, folder: played.folder };
  return ldapSearch(account, { base: dn, scope: 'sub', filter: '(objectClass=user)' });
}

export const dnOf = (unit: string, name: string): string => `cn=${name},${unit}`;

type Attributes = Readonly<Record<string, string | readonly string[]>>;

const linesOf = (attributes: Attributes): readonly string[] =>
  Object.entries(attributes).flatMap(([name, values]) =>
    [values].flat().map((value: string) => `${name}: ${value}`),
  );

/** A person as Active Directory has them; an attribute without values is left out. */
export const personLdif = (unit: string, name: string, more: Attributes = {}): string =>
  entryLdif(
    dnOf(unit, name),
    linesOf({
      objectClass: ['inetOrgPerson', 'user'],
      objectCategory: 'person',
      cn: name,
      sn: 'Test',
      displayName: `${name} Test`,
      mail: `${name}@example.test`,
      userPrincipalName: `${name}@example.test`,
      userAccountControl: '512',
      ...more,
    }),
  );

/** A student of linuxmuster. */
export const studentLdif = (unit: string, name: string): string =>
  entryLdif(
    dnOf(unit, name),
    linesOf({
      objectClass: ['inetOrgPerson', 'user', 'sophomorixPerson'],
      cn: name,
      sn: 'Test',
      displayName: `${name} Test`,
      mail: `${name}@school.test`,
      sophomorixRole: 'student',
      sophomorixStatus: 'U',
      sophomorixMailQuotaCalculated: '300',
    }),
  );

export const groupLdif = (unit: string, name: string, members: readonly string[]): string =>
  entryLdif(
    dnOf(unit, name),
    linesOf({
      objectClass: 'group',
      cn: name,
      mail: `${name}@example.test`,
      member: members.map((member) => dnOf(unit, member)),
    }),
  );
