import { describe, expect, test } from '@jest/globals';
import { describeVendor, detectDialect } from '../../src/directory/dialect.ts';

describe('the dialect shows in the root DSE', () => {
  test.each([
    ['active-directory', { supportedcapabilities: ['1.2.840.113556.1.4.800', '1.2.840.113556.1.4.1670'] }],
    [
      'active-directory',
      {
        vendorname: ['Samba Team (https://www.samba.org)'],
        supportedcapabilities: ['1.2.840.113556.1.4.800'],
      },
    ],
    ['active-directory', { supportedcapabilities: ['1.2.840.113556.1.4.1851'] }],
    ['freeipa', { vendorname: ['389 Project'], vendorversion: ['389-Directory/2.3.1 B2024.001.0000'] }],
    ['freeipa', { vendorname: ['Fedora Project'] }],
    ['lldap', { vendorname: ['LLDAP'], vendorversion: ['lldap_0.6.1'] }],
    ['openldap', { objectclass: ['top', 'OpenLDAProotDSE'] }],
    ['openldap', { vendorname: ['Some Other Server'] }],
    ['openldap', {}],
  ] as const)('%s: %j', (dialect, rootDse) => {
    expect(detectDialect(rootDse)).toBe(dialect);
  });
});

test.each([
  ['OpenLDAP', { objectclass: ['top', 'OpenLDAProotDSE'] }],
  ['Active Directory', { supportedcapabilities: ['1.2.840.113556.1.4.800'] }],
  ['LLDAP lldap_0.6.1', { vendorname: ['LLDAP'], vendorversion: ['lldap_0.6.1'] }],
  ['unknown', {}],
] as const)('a server calls itself %s', (name, rootDse) => {
  expect(describeVendor(rootDse)).toBe(name);
});
