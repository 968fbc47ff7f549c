import { boolean, certificateFile, oneOf, secretText, text, waitSeconds, wholeNumber } from '../kinds.ts';
import { attribute, distinguishedName, ldapUris, searchFilter } from '../kinds-ldap.ts';
import { hostName } from '../kinds-mail.ts';
import { optional, required, withDefault } from '../setting.ts';

/** Where the directory is, and what of it is read. */
export const ldapSettings = {
  uris: required({
    name: 'LDAP_URI',
    kind: ldapUris,
    line: 'The LDAP servers, `ldaps://` or `ldap://`; several, separated by blanks or commas, are tried in order.',
    example: 'ldaps://dc1.example.org',
  }),
  baseDn: required({
    name: 'LDAP_BASE_DN',
    kind: distinguishedName,
    line: 'Where the search for people and groups starts.',
    example: 'dc=example,dc=org',
    detail:
      'A changed base, filter or server starts the grace of vanished people anew, and whatever such a change would remove is held for approval.',
  }),
  bindDn: required({
    name: 'LDAP_BIND_DN',
    kind: text('the DN of an account that may read, like cn=reader,dc=example,dc=org'),
    line: 'The account that reads the directory; Active Directory takes a user principal name too.',
    example: 'cn=ldap-mailcow,ou=services,dc=example,dc=org',
  }),
  bindPassword: required({
    name: 'LDAP_BIND_DN_PASSWORD',
    kind: secretText('the password of the account in LDAP_MAILCOW_LDAP_BIND_DN'),
    line: 'Its password.',
    example: 'change-me',
    secret: true,
    changesPlan: false,
  }),
  userFilter: optional({
    name: 'LDAP_FILTER',
    kind: searchFilter,
    line: 'Which entries are people.',
    unset: 'the filter of the dialect',
    example: '(&(objectClass=user)(objectCategory=person))',
    detail: 'Do not ask for `mail` here: a person who loses the address would look like one who has left.',
  }),
  groupFilter: optional({
    name: 'LDAP_GROUP_FILTER',
    kind: searchFilter,
    line: 'Which entries are lists: groups with an address.',
    unset: 'the filter of the dialect',
    example: '(&(objectClass=group)(mail=*))',
    detail:
      'All other groups are read as well: whoever is a member of one that is nested in a list is reached by the list.',
  }),
  groupMemberFilter: optional({
    name: 'LDAP_GROUP_MEMBER_FILTER',
    kind: searchFilter,
    line: 'Which entries count as members of lists; `{MEMBER_CN}` stands for what a group names as its member.',
    unset: 'the people of LDAP_FILTER count',
    example: '(&(objectClass=person)(mail=*)(distinguishedName={MEMBER_CN}))',
    detail:
      'It alone decides then: nobody else is reached by a list, also none of the people. The condition with `{MEMBER_CN}` says which attribute has the value that a group names: `distinguishedName`, `entryDN` and `dn` mean the DN; it must stand alone in one `(attribute={MEMBER_CN})` outside of `(!…)` and `(|…)`. The other conditions select the entries, in one search for all groups.',
  }),
  scope: withDefault({
    name: 'LDAP_SCOPE',
    kind: oneOf('sub', 'one'),
    line: 'How deep the search goes: `sub` (everything below the base) or `one` (the level directly below it).',
    value: 'sub',
  }),
  dialect: withDefault({
    name: 'LDAP_DIALECT',
    kind: oneOf('auto', 'active-directory', 'openldap', 'freeipa', 'lldap'),
    line: 'The kind of server: `auto`, `active-directory` (Samba too), `openldap`, `freeipa` (389ds too) or `lldap`.',
    value: 'auto',
    detail:
      '`auto` recognises the server by its root DSE. The defaults that follow from it are listed at the end of this page.',
  }),
  idAttribute: optional({
    name: 'LDAP_ID_ATTRIBUTE',
    kind: attribute,
    line: 'The attribute that identifies an entry for ever, also when it is moved or renamed.',
    unset: 'the attribute of the dialect',
    example: 'entryUUID',
  }),
  startTls: withDefault({
    name: 'LDAP_STARTTLS',
    kind: boolean,
    line: 'Encrypt connections to `ldap://` servers with StartTLS before anything is sent.',
    value: false,
    changesPlan: false,
  }),
  tlsCaFile: optional({
    name: 'LDAP_TLS_CA_FILE',
    kind: certificateFile,
    line: "A PEM file with the certificate of the authority that signed the LDAP server's certificate.",
    unset: 'the authorities that node trusts',
    example: '/db/ca.pem',
    changesPlan: false,
  }),
  tlsServerName: optional({
    name: 'LDAP_TLS_SERVER_NAME',
    kind: hostName,
    line: "The name that the LDAP server's certificate must have.",
    unset: 'the host of the URI',
    example: 'dc1.example.org',
    changesPlan: false,
  }),
  tlsVerify: withDefault({
    name: 'LDAP_TLS_VERIFY',
    kind: boolean,
    line: "Check the LDAP server's certificate; `false` lets anyone on the way read and change everything.",
    value: true,
    changesPlan: false,
  }),
  pageSize: withDefault({
    name: 'LDAP_PAGE_SIZE',
    kind: wholeNumber({ unit: 'entries', min: 1, max: 100_000 }),
    line: 'Entries per page of a search.',
    value: 1000,
    changesPlan: false,
  }),
  timeoutSeconds: withDefault({
    name: 'LDAP_TIMEOUT',
    kind: waitSeconds(1),
    line: 'Seconds that one page or one other request may take.',
    value: 120,
    changesPlan: false,
  }),
  connectTimeoutSeconds: withDefault({
    name: 'LDAP_CONNECT_TIMEOUT',
    kind: waitSeconds(1),
    line: 'Seconds that a connection may take, TLS included, before the next server is tried.',
    value: 10,
    changesPlan: false,
  }),
  gcUris: optional({
    name: 'LDAP_GC_URI',
    kind: ldapUris,
    line: 'The global catalog of Active Directory; used for logins only, never for reading people.',
    unset: 'the servers of LDAP_URI',
    example: 'ldaps://dc1.example.org:3269',
    changesPlan: false,
  }),
  domain: optional({
    name: 'LDAP_DOMAIN',
    kind: text('a domain like example.org'),
    line: 'The domain of Active Directory; used for logins only.',
    unset: 'none',
    example: 'example.org',
    changesPlan: false,
  }),
} as const;
