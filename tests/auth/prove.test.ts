/** Templates of operators that would lock everybody out, those of mailcow too: told before anything is written. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openLoginFiles } from '../../src/auth/login-files.ts';
import { provePlist } from '../../src/auth/prove-plist.ts';
import { loginSettings } from './settings.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ldap-mailcow-prove-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const write = (name: string, text: string): void => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
};

function install(templates: Readonly<Record<string, string>>): void {
  write('dovecot/dovecot.conf', 'protocols = imap\n');
  write('sogo/sogo.conf', '{\n}\n');
  for (const [name, text] of Object.entries(templates)) write(`templates/${name}`, text);
  const { userFilter: _filter, disabled: _rule, mail: _mail, ...settings } = loginSettings();
  openLoginFiles({
    folders: { dovecot: join(root, 'dovecot'), sogo: join(root, 'sogo') },
    templates: join(root, 'templates'),
    backup: join(root, 'state'),
    settings,
    mapping: {},
  }).install({ syntax: '2.3', sogo: 'plist' }, { dialect: 'active-directory', seen: new Set() });
}

const passdb = 'dovecot/ldap/passdb.conf';
const extra = 'dovecot/extra.conf';
const older = 'passdb {\n  args = /etc/dovecot/ldap/passdb.conf\n  driver = ldap\n}\n';

describe('refused, with nothing written', () => {
  test.each([
    [
      'a word that Dovecot does not know',
      passdb,
      'uris = $ldap_uri\nbase = $ldap_base_dn\nscop = sub\n',
      'scop',
    ],
    ['no setting at all', passdb, 'uris = $ldap_uri\nbase = $ldap_base_dn\nhello\n', 'hello'],
    ['no base', passdb, 'uris = $ldap_uri\n', 'base ='],
    ['no server', passdb, 'base = $ldap_base_dn\n', 'uris ='],
    ['a brace without its other half', extra, 'passdb {\n  driver = ldap\n', 'other half'],
    ['the same the other way', extra, '}\npassdb {\n', 'other half'],
    [
      'a file that is not there',
      extra,
      'passdb {\n driver = ldap\n args = /etc/dovecot/ldap/x.conf\n}\n',
      'x.conf',
    ],
    ['what we installed, copied', extra, `# BEGIN ldap-mailcow\n${older}# END ldap-mailcow\n`, 'BEGIN'],
    [
      'a plist with an open element',
      'sogo/plist_ldap',
      '<dict><key>id</key><string>x</dict>',
      'property list',
    ],
  ])('%s', (_, name, text, message) => {
    expect(() => {
      install({ [name]: text });
    }).toThrow(message);
    expect(existsSync(join(root, 'dovecot/extra.conf'))).toBe(false);
  });
});

test('what the older tools had is written', () => {
  install({ [extra]: `${older}service doveadm {\n  inet_listener http {\n    port = 9000\n  }\n}\n` });
  expect(existsSync(join(root, 'dovecot/extra.conf'))).toBe(true);
});

test.each([
  '<dict><key>a</key><string>b &amp; c</string><key>d</key><array><string>e</string></array></dict>',
  '<!-- & < --> <dict>\n</dict>\n<dict><key>a</key><true/></dict>',
  '',
])('a property list: %s', (text) => {
  expect(() => {
    provePlist(text, 'it');
  }).not.toThrow();
});

test.each([
  '<dict><key>a</key></dict>',
  '<dict><string>a</string><key>b</key></dict>',
  '<dict><key>a</key><string>b & c</string></dict>',
  '<dict><key>a</key><string>b</key></dict>',
  '<dict>a</dict>',
  'x<dict></dict>',
  '<dict></dict>x',
  '<string>a</string>',
  '</dict>',
  '<example><key>a</key></example>',
])('no property list: %s', (text) => {
  expect(() => {
    provePlist(text, 'it');
  }).toThrow(/^it: /);
});
