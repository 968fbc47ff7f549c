/** OpenLDAP and 389ds with the schemas that they come with. */
import { settingsOf } from '../support/directories-page.ts';
import { startDs389 } from '../support/ds389.ts';
import { startSlapd } from '../support/slapd.ts';
import { commonSettings, entryLdif, replaceLdif, type TestedDirectory } from './directory-tested.ts';

/** How one server writes down what all of them have. */
type Spelling = {
  readonly aliasClass: string;
  readonly aliasAttribute: string;
  /** groupOfNames has no address of its own. */
  readonly groupClass: string;
  readonly lock: readonly [attribute: string, value: string];
};

type Spelled = Pick<TestedDirectory, 'dnOf' | 'person' | 'group' | 'disable' | 'enable'>;

/** People by `uid`, groups by `cn`, both below the same unit. */
function spell({ aliasClass, aliasAttribute, groupClass, lock }: Spelling): Spelled {
  const [lockAttribute, locked] = lock;
  const groups = new Set<string>();
  const dnOf = (unit: string, name: string): string => `${groups.has(name) ? 'cn' : 'uid'}=${name},${unit}`;
  return {
    dnOf,
    person: (unit, { name, aliases = [], disabled = false }) =>
      entryLdif(dnOf(unit, name), [
        'objectClass: inetOrgPerson',
        `objectClass: ${aliasClass}`,
        `uid: ${name}`,
        `cn: ${name} Test`,
        'sn: Test',
        `mail: ${name}@example.test`,
        ...aliases.map((alias) => `${aliasAttribute}: ${alias}`),
        ...(disabled ? [`${lockAttribute}: ${locked}`] : []),
      ]),
    group: (unit, { name, address, members }) => {
      groups.add(name);
      return entryLdif(dnOf(unit, name), [
        'objectClass: groupOfNames',
        `cn: ${name}`,
        ...(address === undefined ? [] : [`objectClass: ${groupClass}`, `mail: ${address}`]),
        ...members.map((member) => `member: ${member}`),
      ]);
    },
    disable: (dn) => replaceLdif(dn, lockAttribute, locked),
    enable: (dn) => replaceLdif(dn, lockAttribute),
  };
}

const suffix = 'dc=example,dc=test';
export const reader = { dn: `cn=ldap-mailcow,${suffix}`, password: 'password-of-the-reader' };

const readerLdif = entryLdif(reader.dn, [
  'objectClass: organizationalRole',
  'objectClass: simpleSecurityObject',
  'cn: ldap-mailcow',
  `userPassword: ${reader.password}`,
]);

const settingsFor = (server: string, uri: string): TestedDirectory['settings'] => ({
  ...settingsOf(server),
  ...commonSettings,
  LDAP_URI: uri,
  LDAP_BIND_DN: reader.dn,
  LDAP_BIND_DN_PASSWORD: reader.password,
});

/** slapd with the password policy overlay and, of Debian's schemas, `misc`. */
export async function openOpenLdap(): Promise<TestedDirectory> {
  const organization = entryLdif(suffix, [
    'objectClass: dcObject',
    'objectClass: organization',
    'dc: example',
    'o: Example',
  ]);
  const slapd = await startSlapd({
    text: `${organization}${readerLdif}`,
    schema: ['/etc/ldap/schema/misc.schema'],
    overlays: ['ppolicy'],
  });
  return {
    baseDn: suffix,
    settings: settingsFor('OpenLDAP', slapd.uri),
    modify: slapd.modify,
    findById: (id) => slapd.search({ base: suffix, scope: 'sub', filter: `(entryUUID=${id})` }),
    close: slapd.stop,
    ...spell({
      aliasClass: 'inetLocalMailRecipient',
      aliasAttribute: 'mailLocalAddress',
      groupClass: 'extensibleObject',
      lock: ['pwdAccountLockedTime', '000001010000Z'],
    }),
  };
}

const mayRead = `aci: (targetattr != "userPassword")(version 3.0; acl "ldap-mailcow reads"; allow (read, search, compare) userdn = "ldap:///${reader.dn}";)`;

/** 389ds as it comes. */
export async function openDs389(): Promise<TestedDirectory> {
  const ds389 = await startDs389();
  await ds389.modify(entryLdif(suffix, ['objectClass: domain', 'dc: example', mayRead]) + readerLdif);
  return {
    baseDn: suffix,
    settings: settingsFor('FreeIPA and 389ds', ds389.uri),
    modify: ds389.modify,
    findById: (id) => ds389.search({ base: suffix, scope: 'sub', filter: `(nsUniqueId=${id})` }),
    close: ds389.close,
    ...spell({
      aliasClass: 'mailRecipient',
      aliasAttribute: 'mailAlternateAddress',
      groupClass: 'mailGroup',
      lock: ['nsAccountLock', 'true'],
    }),
  };
}
