/** Which kind of server this is, from its root DSE. */
import type { Attributes, DialectName } from '../core/model.ts';

/** Some are operational: they come only when asked for by name. */
export const rootDseAttributes: readonly string[] = [
  'objectClass',
  'supportedCapabilities',
  'supportedControl',
  'vendorName',
  'vendorVersion',
];

/** LDAP_CAP_ACTIVE_DIRECTORY_OID (Samba has it too) and …_ADAM_OID (AD LDS). */
const activeDirectory = ['1.2.840.113556.1.4.800', '1.2.840.113556.1.4.1851'];

export const pagingOid = '1.2.840.113556.1.4.319';

/** The dialect of the server with this root DSE; OpenLDAP's generic defaults for a server that says nothing. */
export function detectDialect(rootDse: Attributes): DialectName {
  const vendor = (rootDse['vendorname'] ?? []).join(' ').toLowerCase();
  const capabilities = rootDse['supportedcapabilities'] ?? [];
  if (activeDirectory.some((oid) => capabilities.includes(oid))) return 'active-directory';
  if (/389 project|fedora|red hat/.test(vendor)) return 'freeipa';
  if (vendor.includes('lldap')) return 'lldap';
  return 'openldap';
}

/** What the server calls itself, for people. */
export function describeVendor(rootDse: Attributes): string {
  const named = [...(rootDse['vendorname'] ?? []), ...(rootDse['vendorversion'] ?? [])].join(' ');
  if (named !== '') return named;
  const classes = (rootDse['objectclass'] ?? []).map((name) => name.toLowerCase());
  if (classes.includes('openldaprootdse')) return 'OpenLDAP';
  return detectDialect(rootDse) === 'active-directory' ? 'Active Directory' : 'unknown';
}
