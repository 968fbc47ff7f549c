/** What `check` says about lists, other groups, and who may be a member. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { startMailcow, type MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { envFile, run, temporaryFolder, type Printed } from './program.ts';

const base = 'dc=example,dc=test';

const ldif = `dn: ${base}
objectClass: domain
dc: example

dn: uid=anna,${base}
objectClass: inetOrgPerson
uid: anna
cn: Anna
sn: Anna
mail: anna@example.test

dn: cn=office,${base}
objectClass: groupOfNames
objectClass: extensibleObject
mail: office@example.test
member: cn=inner,${base}

dn: cn=customers,${base}
objectClass: groupOfNames
objectClass: extensibleObject
mail: customers@example.test
member: cn=Contact,${base}

dn: cn=Contact,${base}
objectClass: person
objectClass: extensibleObject
sn: Contact
mail: contact@customer.test

dn: cn=inner,${base}
objectClass: groupOfNames
member: uid=anna,${base}

dn: cn=unix,${base}
objectClass: posixGroup
gidNumber: 1
memberUid: anna
`;

const folder = temporaryFolder();
let slapd: Slapd;
let mailcow: MailcowStandIn;
beforeAll(async () => {
  slapd = await startSlapd({ text: ldif });
  mailcow = await startMailcow({ state: { domains: [{ domain: 'example.test' }] } });
});
afterAll(async () => {
  await Promise.all([slapd.stop(), mailcow.close()]);
  folder.remove();
});

const check = (settings: Readonly<Record<string, string>>): Promise<Printed> =>
  run(
    'check',
    '--env',
    envFile(folder.path, {
      LDAP_URI: slapd.uri,
      LDAP_BASE_DN: slapd.baseDn,
      LDAP_BIND_DN: slapd.bindDn,
      LDAP_BIND_DN_PASSWORD: slapd.bindPassword,
      API_HOST: mailcow.url,
      API_KEY: mailcow.apiKey,
      API_QUOTA: '1024',
      DB: join(folder.path, 'state', 'state.sqlite3'),
      ...settings,
    }),
  );

test('lists and other groups are counted', async () => {
  const { out } = await check({});
  expect(out).toContain('2 lists, 2 other groups');
  expect(out).not.toContain('members of lists:');
});

test('the entries that a member filter selects are counted', async () => {
  const { out } = await check({ LDAP_GROUP_MEMBER_FILTER: '(&(mail=a*)(uid={MEMBER_CN}))' });
  expect(out).toContain(
    'members of lists: 1 entry selected by LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER, which groups name by uid',
  );
});

test('a member filter that selects nobody is a problem', async () => {
  const { out, code } = await check({ LDAP_GROUP_MEMBER_FILTER: '(&(mail=x*)(dn={MEMBER_CN}))' });
  expect(out).toContain('LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER selects no entry');
  expect(code).toBe(1);
});

test('external members are counted', async () => {
  const { out } = await check({ GROUP_EXTERNAL_MEMBERS: 'true' });
  expect(out).toMatch(
    /members of lists: the people, and whoever else of [2-9] entries with an address a group names/,
  );
});

test.each([
  ['without settings', {}, true],
  ['with external members', { GROUP_EXTERNAL_MEMBERS: 'true' }, false],
  ['with a member filter', { LDAP_GROUP_MEMBER_FILTER: '(&(mail=*)(dn={MEMBER_CN}))' }, false],
  ['with a policy by which it is no list', { GROUP_POLICY: 'customers=ignore' }, false],
])('a list of contacts alone is understood as a sync would: %s', async (_, settings, empty) => {
  const { out } = await check(settings);
  expect(out).toContain('2 lists, 2 other groups');
  expect(out.includes('customers@example.test has no member')).toBe(empty);
});

test('a member filter that no single search could stand for is refused before anything is asked', async () => {
  const filter = '(|(mail=*)(distinguishedName={MEMBER_CN}))';
  const { code, out, err } = await check({ LDAP_GROUP_MEMBER_FILTER: filter });
  expect(out + err).toContain(
    'LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER: {MEMBER_CN} has to stand alone in a condition that every entry must meet, and here it is inside a “|”',
  );
  expect(code).not.toBe(0);
});
