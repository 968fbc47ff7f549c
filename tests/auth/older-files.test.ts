/**
 * What the older tools left in mailcow's folders, made from what their files set (their repositories, read in November
 * 2026): recognised with any values, and no more once somebody changed it.
 */
import { describe, expect, test } from '@jest/globals';
import { isOlderPassdb, isOlderPlist, isSogoSample, readOlderExtraConf } from '../../src/auth/older-files.ts';

const lines = (...some: readonly string[]): string => `${some.join('\n')}\n`;

const bound = [
  'uris = ldap://gc.example.org:3268',
  'ldap_version = 3',
  'base = dc=example,dc=org',
  'auth_bind = yes',
  'dn = cn=reader,dc=example,dc=org',
  'dnpass = a#b = "c"',
];

const passdbs = {
  programmierus: lines(
    'uris = ldap://dc1.example.org',
    'ldap_version = 3',
    'base = dc=example,dc=org',
    'auth_bind = yes',
    'auth_bind_userdn = %u',
    '',
  ),
  rinkp: lines(
    ...bound,
    String.raw`#auth_bind_userdn = EXAMPLE\%Ln`,
    'pass_attrs = =user=%{ldap:mail}',
    'pass_filter = (mail=%u)',
    'user_attrs = =user=%{ldap:mail}',
  ),
  lazygatto: lines(
    ...bound,
    'scope = subtree',
    'user_filter = (&(ObjectClass=person)(sAMAccountName=%n))',
    'pass_filter = (&(ObjectClass=person)(sAMAccountName=%n))',
  ),
  linuxmuster: lines(
    ...bound,
    'pass_attrs = mail=user',
    'pass_filter = "(&(|(sophomorixRole=student))(sAMAccountName=%u))"',
    'user_filter = "(&(|(sophomorixRole=student))(sAMAccountName=%u))"',
  ),
};

describe.each(Object.entries(passdbs))('ldap/passdb.conf of %s', (tool, text) => {
  test('as it was rendered', () => {
    expect(isOlderPassdb(text)).toBe(tool);
  });

  test.each([
    ['a line more', `${text}tls = yes\n`],
    ['a line less', text.replace(/^base = .*\n/m, '')],
    [
      'another rule',
      text
        .replace('auth_bind = yes', 'auth_bind = no')
        .replace(/%[un]/g, '%Ld')
        .replace('mail=user', 'uid=user'),
    ],
  ])('changed: %s', (_, changed) => {
    expect(isOlderPassdb(changed)).toBeUndefined();
  });
});

test('mailcow’s sample of ldap/passdb.conf and an empty file are nobody’s', () => {
  expect(isOlderPassdb('#hosts = 1.2.3.4\n#dn = cn=admin,dc=example,dc=local\n')).toBeUndefined();
  expect(isOlderPassdb('')).toBeUndefined();
});

const block = lines('passdb {', '  args = /etc/dovecot/ldap/passdb.conf', '  driver = ldap', '}');
const logging = lines(
  '# Logging',
  'auth_verbose = yes',
  'mail_debug = no',
  'auth_debug = no',
  'maildir_stat_dirs=yes',
  '',
);
const doveadm = lines(
  '',
  'service doveadm {',
  '  inet_listener http {',
  '    port = 9000',
  '  }',
  '}',
  'doveadm_api_key = some-key',
);

describe('extra.conf', () => {
  test.each([
    ['programmierus', block, ''],
    ['lazygatto', logging + block, logging],
    ['rinkp', block + doveadm, doveadm],
  ])('of %s: recognised; what an operator may rely on is left', (tool, text, rest) => {
    expect(readOlderExtraConf(text)).toEqual({ tool, rest });
  });

  test.each([block.replace('ldap/passdb.conf', 'ldap/mine.conf'), `${block}mail_debug = yes\n`, '', logging])(
    'is somebody’s own: %j',
    (text) => {
      expect(readOlderExtraConf(text)).toBeUndefined();
    },
  );
});

type Fields = Readonly<Record<'cn' | 'id' | 'uid' | 'bind', string>>;

const entries = (pairs: Readonly<Record<string, string>>): string =>
  Object.entries(pairs)
    .map(([key, value]) => `    <key>${key}</key>\n    <string>${value}</string>\n`)
    .join('');

const plist = ({ cn, id, uid, bind }: Fields): string => {
  const fields = bind.split(' ').map((attribute) => `        <string>${attribute}</string>\n`);
  const before = entries({
    type: 'ldap',
    id: '${line}_ldap',
    CNFieldName: cn,
    IDFieldName: id,
    UIDFieldName: uid,
    baseDN: 'dc=example,dc=org',
    bindDN: 'cn=reader,dc=example,dc=org',
    bindPassword: 'a&b <c>',
  });
  const after = entries({
    bindAsCurrentUser: 'YES',
    hostname: 'ldap://dc1.example.org',
    canAuthenticate: 'YES',
    filter: "objectClass='user'",
    isAddressBook: 'NO',
    displayName: 'Active Directory',
    scope: 'SUB',
  });
  return `<!-- LDAP Configuration -->\n<dict>\n${before}    <key>bindFields</key>\n    <array>\n${fields.join('')}    </array>\n\n${after}</dict>\n`;
};

const upn = 'userPrincipalName';
const sam = 'sAMAccountName';

describe.each([
  ['programmierus', plist({ cn: 'cn', id: 'cn', uid: upn, bind: upn })],
  ['rinkp', plist({ cn: 'cn', id: 'cn', uid: 'mail', bind: 'mail' })],
  ['lazygatto', plist({ cn: 'cn', id: 'cn', uid: 'mail', bind: `${sam} mail` })],
  ['linuxmuster', plist({ cn: 'displayName', id: sam, uid: sam, bind: sam })],
])('plist_ldap of %s', (tool, text) => {
  test('as it was rendered', () => {
    expect(isOlderPlist(text)).toBe(tool);
    expect(isSogoSample(text)).toBe(false);
  });

  test.each([
    ['another key', text.replace('</dict>', '<key>MailFieldNames</key><string>mail</string></dict>')],
    [
      'an address book',
      text.replace('<key>isAddressBook</key>\n    <string>NO', '<key>isAddressBook</key>\n    <string>YES'),
    ],
    ['two sources', text + text],
  ])('changed: %s', (_, changed) => {
    expect(isOlderPlist(changed)).toBeUndefined();
  });
});

describe('mailcow’s own samples for SOGo', () => {
  const example =
    '                <!--\n                <example>\n                    <key>id</key>\n                    <string>${line}_ldap</string>\n                </example>\n                -->';
  const script = `#!/bin/bash\n\ndomain="$1"\ngal_status="$2"\n\necho '\n${example.replace('${line}', `'"\${domain}"'`)}'\n`;

  test('are nobody’s', () => {
    expect(isSogoSample(`${example}\n`)).toBe(true);
    expect(isSogoSample(script)).toBe(true);
  });

  test.each([
    ['in use', example.replaceAll('example>', 'dict>').replace('<!--', '').replace('-->', '')],
    ['followed by a source', `${example}\n<dict></dict>\n`],
    ['a script that does more', `${script}cat /etc/sogo/mine\n`],
    ['a script with a source', script.replace('<!--', '<dict/><!--')],
  ])('are somebody’s when they are %s', (_, text) => {
    expect(isSogoSample(text)).toBe(false);
  });
});
