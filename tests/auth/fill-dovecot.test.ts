/** Templates of operators for Dovecot: those of the older tools go on working, whatever the values. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderDovecot, type DovecotOptions } from '../../src/auth/dovecot.ts';
import { RenderError } from '../../src/auth/render-error.ts';
import type { LoginSettings } from '../../src/auth/settings.ts';
import { hostile } from '../support/hostile.ts';
import { expand23, readDovecotSettings } from './readers.ts';
import { loginSettings } from './settings.ts';
import { textsWith } from './templates.ts';

type Given = Partial<LoginSettings> & { readonly gcUri?: string };

function rendered(
  theirs: Parameters<typeof textsWith>[0],
  { gcUri, ...changes }: Given = {},
): readonly string[] {
  const options: DovecotOptions = {
    syntax: '2.3',
    texts: textsWith(theirs),
    ...(gcUri !== undefined && { gcUri }),
  };
  return renderDovecot(loginSettings(changes), options).map(({ text }) => text);
}

const passdbOf = (text: string, changes: Given = {}): string => rendered({ passdb: text }, changes)[0] ?? '';
const extraOf = (text: string, changes: Given = {}): string => rendered({ extra: text }, changes)[1] ?? '';

describe('values in a passdb file', () => {
  test('as Programmierus, rinkp and LazyGatto have them', () => {
    const template = `
uris = $ldap_gc_uri
base = \${ldap_base_dn}
dn = $LDAP_BIND_DN
dnpass = $ldap_bind_dn_password
#auth_bind_userdn = $ldap_domain\\%Ln
pass_attrs = =user=%{ldap:mail}
pass_filter = (mail=%u)
`;
    expect(passdbOf(template, { bindPassword: 'a"b#c$d\\' })).toBe(String.raw`
uris = "ldap://dc1.example.org ldap://dc2.example.org:1389"
base = "dc=example,dc=org"
dn = "cn=reader,dc=example,dc=org"
dnpass = "a\"b#c$d\\"
#auth_bind_userdn = $ldap_domain\%Ln
pass_attrs = =user=%{ldap:mail}
pass_filter = (mail=%u)
`);
  });

  test('as linuxmuster-mailcow has them', () => {
    const template =
      'base = @@ldapBaseDn@@\npass_filter = "(&@@ldapUserFilter@@(sAMAccountName=%u))"\nx = $y';
    expect(passdbOf(template, { disabled: { kind: 'none' } })).toBe(
      'base = "dc=example,dc=org"\npass_filter = "(&(&(objectClass=user)(objectCategory=person))(sAMAccountName=%u))"\nx = $y',
    );
  });

  test.each([
    ['uris = $ldap_gc_uri', 'uris = "ldap://gc:3268"'],
    ['auth_bind_userdn = $ldap_domain\\%Ln', String.raw`auth_bind_userdn = "example.org\\%Ln"`],
    ['base = ou=people,$ldap_base_dn', 'base = "ou=people,dc=example,dc=org"'],
    ['base = $ldap_base_dn # where people are', 'base = "dc=example,dc=org"'],
    ['pass_filter = (ou=$ldap_base_dn)', 'pass_filter = "(ou=dc=example,dc=org)"'],
    ['scope = $dovecot_scope', 'scope = subtree'],
    ['price = $$5', 'price = $5'],
  ])('%s', (template, line) => {
    expect(passdbOf(template, { gcUri: 'ldap://gc:3268' })).toBe(line);
  });

  test('$ldap_filter is the user filter, and nobody who is disabled', () => {
    expect(passdbOf('pass_filter = (&$ldap_filter(mail=%u))', { userFilter: '(cn=a)' })).toBe(
      'pass_filter = "(&(&(cn=a)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))(mail=%u))"',
    );
  });

  test.each([
    ['an unknown name', 'dn = $ldap_bind_nd', 'there is no value for “$ldap_bind_nd”'],
    ['a lonely dollar sign', 'dn = $ $ldap_bind_dn', 'a “$” stands alone'],
    ['no setting', '$ldap_bind_dn', 'can only stand behind “setting =”'],
    ['a quote before it', 'dn = a"$ldap_bind_dn', 'put the whole value into double quotes'],
    ['single quotes', "dn = '$ldap_bind_dn'", 'put the whole value into double quotes'],
    ['a variable of the environment beside it', 'dn = $$HOME$ldap_bind_dn', 'put the whole value'],
    ['a line that goes on', 'dn = $ldap_bind_dn\\', 'write the whole value on one line'],
    ['a line that is the rest of another', 'dn = a\\\nb = $ldap_bind_dn', 'on one line'],
    ['a filter of SOGo', 'pass_filter = $sogo_ldap_filter', 'is written for SOGo'],
    ['a DN among attributes', 'pass_attrs = $ldap_base_dn', 'has no place in pass_attrs'],
  ])('refused: %s', (_, template, why) => {
    expect(() => passdbOf(`# first\n${template}`)).toThrow(RenderError);
    expect(() => passdbOf(`# first\n${template}`)).toThrow(why);
    expect(() => passdbOf(`# first\n${template}`)).toThrow(/^\/templates\/passdb, line [23]/);
  });

  test('any password, DN and base survives, with and without quotes around its name', () => {
    const template = 'dn = $ldap_bind_dn\ndnpass = "$ldap_bind_dn_password"\nbase = x,$ldap_base_dn\n';
    fc.assert(
      fc.property(hostile, hostile, hostile, (bindDn, bindPassword, baseDn) => {
        const read = readDovecotSettings(passdbOf(template, { bindDn, bindPassword, baseDn }));
        expect(read.get('dn')).toBe(bindDn);
        expect(read.get('dnpass')).toBe(bindPassword);
        expect(expand23(read.get('base') ?? '')).toBe(`x,${baseDn}`);
      }),
      { numRuns: 300 },
    );
  });
});

describe('extra.conf', () => {
  test('names our passdb file in the place of that of the older tools, whose name mailcow’s git knows', () => {
    const text = 'auth_verbose = yes\npassdb {\n  args = /etc/dovecot/ldap/passdb.conf\n  driver = ldap\n}\n';
    expect(extraOf(text)).toBe(
      'auth_verbose = yes\npassdb {\n  args = /etc/dovecot/ldap/ldap-mailcow-passdb.conf\n  driver = ldap\n}\n',
    );
  });

  test.each([
    'mail_plugins = $mail_plugins acl',
    'protocol imap {\n  mail_plugins = $mail_plugins imap_quota\n}',
    'mail_plugins = "$mail_plugins acl"',
  ])('Dovecot’s own variables stay: %s', (text) => {
    expect(extraOf(text)).toBe(text);
  });

  test('a name alone is one of ours, or refused: rinkp had $doveadm_api_key', () => {
    expect(() => extraOf('doveadm_api_key = $doveadm_api_key')).toThrow('there is no value for');
  });

  test('a value that Dovecot could take for a variable is refused', () => {
    expect(() => extraOf('x = $ldap_base_dn', { baseDn: 'ou=50%' })).toThrow('has a “%”');
  });

  test('a template for 2.3 is not given to a Dovecot 2.4', () => {
    const options: DovecotOptions = { syntax: '2.4', texts: textsWith({ extra: 'passdb {' }) };
    expect(() => renderDovecot(loginSettings(), options)).toThrow('is written for Dovecot 2.3');
  });
});

test('no refusal tells a password', () => {
  const secret = 'line\nbreak-of-a-password';
  expect(() => passdbOf('dnpass = $ldap_bind_dn_password', { bindPassword: secret })).toThrow(
    /^LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD holds a line break/,
  );
  expect(() => passdbOf('dnpass = $ldap_bind_dn_password', { bindPassword: secret })).not.toThrow(
    'of-a-password',
  );
});
