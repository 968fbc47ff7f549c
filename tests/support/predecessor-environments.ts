/** The environments of the older tools as their READMEs have them (and, where those lack a name, their code asks). */

export type Place = {
  readonly uri: string;
  readonly baseDn: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  readonly apiHost: string;
  readonly apiKey: string;
};

export type Environment = Readonly<Record<string, string>>;

/** What all of them ask for. */
const common = (prefix: string, place: Place): Environment => ({
  [`${prefix}LDAP_URI`]: place.uri,
  [`${prefix}LDAP_BASE_DN`]: place.baseDn,
  [`${prefix}LDAP_BIND_DN`]: place.bindDn,
  [`${prefix}LDAP_BIND_DN_PASSWORD`]: place.bindPassword,
  [`${prefix}API_HOST`]: place.apiHost,
  [`${prefix}API_KEY`]: place.apiKey,
  [`${prefix}SYNC_INTERVAL`]: '300',
});

export const programmierus = (place: Place): Environment => common('LDAP-MAILCOW_', place);

/** The README is still that of Programmierus; the code asks for these two as well. */
export const rinkp = (place: Place): Environment => ({
  ...common('LDAP-MAILCOW_', place),
  'LDAP-MAILCOW_LDAP_GC_URI': 'ldap://dc.example.test:3268',
  'LDAP-MAILCOW_LDAP_DOMAIN': 'example.test',
});

export const lazyGatto = (place: Place): Environment => ({
  ...common('LDAP_MAILCOW_', place),
  LDAP_MAILCOW_LDAP_GC_URI: 'ldap://dc.example.test:3268',
  LDAP_MAILCOW_LDAP_DOMAIN: 'example.test',
  LDAP_MAILCOW_API_QUOTA: '3072',
  LDAP_MAILCOW_LDAP_FILTER: '(&(objectClass=user)(objectCategory=person))',
  LDAP_MAILCOW_SOGO_LDAP_FILTER: "objectClass='user' AND objectCategory='person'",
  LDAP_MAILCOW_LDAP_GROUP_FILTER: '(&(objectClass=group)(mail=*))',
  LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER: '(&(objectClass=person)(mail=*)(distinguishedName={MEMBER_CN}))',
});

/** LDAP_FILTER without SOGO_LDAP_FILTER: so says the README, and with that the tool ended at its start. */
export const lazyGattoAliases = (place: Place): Environment => ({
  ...common('LDAP_MAILCOW_', place),
  LDAP_MAILCOW_LDAP_FILTER: '(&(objectClass=user)(objectCategory=person))',
  LDAP_MAILCOW_LDAP_GROUP_FILTER: '(&(objectClass=group)(mail=*))',
  LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER: '(&(objectClass=person)(mail=*)(distinguishedName={MEMBER_CN}))',
  LDAP_MAILCOW_DISABLE_DELETED_USERS: 'false',
});

export const linuxmuster = ({ uri, baseDn, bindDn, bindPassword, apiKey }: Place): Environment => ({
  LINUXMUSTER_MAILCOW_LDAP_URI: uri,
  LINUXMUSTER_MAILCOW_LDAP_BASE_DN: baseDn,
  LINUXMUSTER_MAILCOW_LDAP_BIND_DN: bindDn,
  LINUXMUSTER_MAILCOW_LDAP_BIND_DN_PASSWORD: bindPassword,
  LINUXMUSTER_MAILCOW_API_KEY: apiKey,
  LINUXMUSTER_MAILCOW_SYNC_INTERVAL: '300',
  LINUXMUSTER_MAILCOW_DOMAIN_QUOTA: '20000',
  LINUXMUSTER_MAILCOW_ENABLE_GAL: '1',
});
