/** A Samba AD that the program reads as an ordinary user. */
import { settingsOf } from '../support/directories-page.ts';
import { startSamba, type Samba } from '../support/samba.ts';
import { commonSettings, entryLdif, replaceLdif, type TestedDirectory } from './directory-tested.ts';

const reader = { name: 'ldap-mailcow', password: 'Passw0rd-of-the-reader' };

/** As AD wants a password: in quotes, UTF-16, in base64. */
const unicodePwd = (password: string): string => Buffer.from(`"${password}"`, 'utf16le').toString('base64');

/** userAccountControl of a normal account: one that needs no password, one whose password never expires. */
const enabled = '544';
const disabled = '546';
const withPassword = '66048';

const readerLdif = (baseDn: string): string =>
  entryLdif(`CN=${reader.name},CN=Users,${baseDn}`, [
    'objectClass: user',
    `sAMAccountName: ${reader.name}`,
    `userPrincipalName: ${reader.name}@ad.example.test`,
    `unicodePwd:: ${unicodePwd(reader.password)}`,
    `userAccountControl: ${withPassword}`,
  ]);

const dnOf = (unit: string, name: string): string => `CN=${name},${unit}`;

const person: TestedDirectory['person'] = (unit, { name, aliases = [], disabled: isDisabled = false }) =>
  entryLdif(dnOf(unit, name), [
    'objectClass: user',
    `sAMAccountName: ${name}`,
    `displayName: ${name} Test`,
    `userAccountControl: ${isDisabled ? disabled : enabled}`,
    `mail: ${name}@example.test`,
    // As Exchange leaves them: the own address in capitals, and one that is no address of mail.
    `proxyAddresses: SMTP:${name}@example.test`,
    'proxyAddresses: x500:/o=Old',
    ...aliases.map((alias) => `proxyAddresses: smtp:${alias}`),
  ]);

const group: TestedDirectory['group'] = (unit, { name, address, members }) =>
  entryLdif(dnOf(unit, name), [
    'objectClass: group',
    `sAMAccountName: ${name}`,
    ...(address === undefined ? [] : [`mail: ${address}`]),
    ...members.map((member) => `member: ${member}`),
  ]);

export type SambaDirectory = TestedDirectory & Pick<Samba, 'plainUri' | 'search'>;

/** Starts the domain and adds the account that reads. */
export async function openSambaDirectory(): Promise<SambaDirectory> {
  const samba = await startSamba();
  await samba.modify(readerLdif(samba.baseDn));
  return {
    ...samba,
    settings: {
      ...settingsOf('Samba AD'),
      ...commonSettings,
      LDAP_URI: samba.uri,
      LDAP_BIND_DN: `${reader.name}@ad.example.test`,
      LDAP_BIND_DN_PASSWORD: reader.password,
      LDAP_TLS_CA_FILE: samba.caFile,
    },
    dnOf,
    person,
    group,
    disable: (dn) => replaceLdif(dn, 'userAccountControl', disabled),
    enable: (dn) => replaceLdif(dn, 'userAccountControl', enabled),
    // AD takes an id as the name of an entry: it must be spelled as AD spells it.
    findById: (id) => samba.search({ base: `<GUID=${id}>`, attributes: ['cn'] }),
  };
}
