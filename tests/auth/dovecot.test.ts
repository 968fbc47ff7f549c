/** The files for Dovecot as an operator would find them. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderDovecot, type DovecotOptions, type LoginFile } from '../../src/auth/dovecot.ts';
import type { LoginSettings } from '../../src/auth/settings.ts';
import { readLoginTexts } from '../../src/auth/template-files.ts';
import { hostile } from '../support/hostile.ts';
import { expectGolden } from './golden.ts';
import { expand24, readDovecotSettings } from './readers.ts';
import { loginSettings } from './settings.ts';

const texts = { ...readLoginTexts('/no/such/folder'), ca: '-----BEGIN CERTIFICATE-----\n' };

const render = (
  syntax: DovecotOptions['syntax'],
  changes: Partial<LoginSettings> = {},
): readonly LoginFile[] => renderDovecot(loginSettings(changes), { syntax, texts });

const hard: Partial<LoginSettings> = {
  uris: ['ldaps://dc1.example.org', 'ldaps://dc2.example.org:1636'],
  baseDn: 'ou=50% "off",dc=example,dc=org',
  bindDn: 'cn=bind svc,ou=svc,dc=example,dc=org',
  bindPassword: ` p"a%s#w&o<r>d$HOME\\ 'x' %u %{user} \`id\` $(id) {x} é=; `,
  userFilter: '(&(objectClass=user)(memberOf=cn=mail \\28users\\29 #1,ou=groups,dc=example,dc=org))',
  login: { attribute: 'samaccountname', localPart: true },
  tls: { verify: true, caFile: '/db/ca.pem' },
};

test('Dovecot 2.3: its own passdb file first, then the block that names it', () => {
  const files = render('2.3');
  expect(files.map(({ name, mode, kind }) => [name, mode, kind])).toEqual([
    ['ldap/ldap-mailcow-passdb.conf', 0o600, 'own'],
    ['extra.conf', 0o644, 'block'],
  ]);
  expectGolden('passdb.conf', files[0]?.text ?? '');
  expectGolden('extra.conf', files[1]?.text ?? '');
});

test('Dovecot 2.3: values that are special somewhere, and an authority of one’s own before all else', () => {
  const files = render('2.3', hard);
  expect(files.map(({ name, mode, kind }) => [name, mode, kind])).toEqual([
    ['ldap/ldap-mailcow-ca.pem', 0o644, 'own'],
    ['ldap/ldap-mailcow-passdb.conf', 0o600, 'own'],
    ['extra.conf', 0o644, 'block'],
  ]);
  expectGolden('passdb-hard.conf', files[1]?.text ?? '');
});

// The files for 2.4 were not run against a server of that version: mailcow has none yet (facts/auth.md section 1).
test('Dovecot 2.4: one block, for its owner alone, because the password is in it', () => {
  const files = render('2.4');
  expect(files.map(({ name, mode, kind }) => [name, mode, kind])).toEqual([['extra.conf', 0o600, 'block']]);
  expectGolden('extra-2.4.conf', files[0]?.text ?? '');
  expectGolden('extra-2.4-hard.conf', render('2.4', hard)[1]?.text ?? '');
});

test('Dovecot 2.4: any password and base survives', () => {
  fc.assert(
    fc.property(hostile, hostile, (bindPassword, baseDn) => {
      const [file] = render('2.4', { bindPassword, baseDn });
      const read = readDovecotSettings(file?.text ?? '');
      expect(expand24(read.get('ldap_auth_dn_password') ?? '')).toBe(bindPassword);
      expect(expand24(read.get('ldap_base') ?? '')).toBe(baseDn);
    }),
  );
});

test.each<[string, Partial<LoginSettings>, Readonly<Record<string, string>>]>([
  ['StartTLS', { startTls: true }, { tls: 'yes', tls_require_cert: 'demand' }],
  ['ldaps:// is encrypted anyway', { ...hard, startTls: true }, { tls: 'no' }],
  ['no check of certificates', { tls: { verify: false } }, { tls_require_cert: 'never' }],
  ['one level', { scope: 'one' }, { scope: 'onelevel' }],
  ['several servers', {}, { uris: 'ldap://dc1.example.org ldap://dc2.example.org:1389' }],
  ['an attribute of another name', { mail: 'userprincipalname' }, { pass_attrs: '=user=%Lu' }],
])('%s', (_, changes, wanted) => {
  const passdb = render('2.3', changes).find(({ name }) => name.endsWith('passdb.conf'));
  expect(Object.fromEntries(readDovecotSettings(passdb?.text ?? ''))).toMatchObject(wanted);
});

test.each<[string, Partial<LoginSettings>, string]>([
  [
    'servers of both kinds with StartTLS, which Dovecot cannot do',
    { uris: ['ldap://a.example.org', 'ldaps://b.example.org'], startTls: true },
    'name servers of one kind',
  ],
  ['an attribute that is none', { mail: 'mail}' }, 'is not the name of an LDAP attribute'],
  ['a password with a line break', { bindPassword: 'a\nb' }, 'LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD'],
])('refused: %s', (_, changes, why) => {
  expect(() => render('2.3', changes)).toThrow(why);
});

test('refused: an authority that was not read', () => {
  const options: DovecotOptions = { syntax: '2.3', texts: readLoginTexts('/no/such/folder') };
  expect(() =>
    renderDovecot(loginSettings({ tls: { verify: true, caFile: '/db/ca.pem' } }), options),
  ).toThrow('LDAP_MAILCOW_LDAP_TLS_CA_FILE: /db/ca.pem was not read');
});
