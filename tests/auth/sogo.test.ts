/** The files for SOGo as an operator would find them, and as bootstrap-sogo.sh reads them (facts/auth.md section 5). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoginFile } from '../../src/auth/dovecot.ts';
import type { LoginSettings } from '../../src/auth/settings.ts';
import { renderSogo, type SogoOptions } from '../../src/auth/sogo.ts';
import { findCommand, plistCommands, requirePackages } from '../support/debian.ts';
import { hostile, hostileTexts } from '../support/hostile.ts';
import { expectGolden } from './golden.ts';
import { envsubst, readQualifier, readXmlText } from './readers.ts';
import { loginSettings } from './settings.ts';
import { textsWith } from './templates.ts';

type Given = Partial<LoginSettings> & { readonly template?: string };

function files(reads: SogoOptions['reads'], { template, ...changes }: Given = {}): readonly LoginFile[] {
  const texts = textsWith(template === undefined ? {} : { plist: template });
  return renderSogo(loginSettings(changes), { reads, texts });
}

const legacy = (given?: Given): string => files('plist', given)[0]?.text ?? '';

/** What stands in the property list for a domain: mailcow up to 2025-02. */
const substituted = (given?: Given): string =>
  envsubst(legacy(given), { line: 'example.org', HOME: '/root' });

let folder: string;
beforeAll(() => {
  requirePackages(plistCommands);
  folder = mkdtempSync(join(tmpdir(), 'plist-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What the script prints for a domain: mailcow since 2025-03. */
function printed(domain: string, given?: Given): string {
  const script = join(folder, 'source.sh');
  writeFileSync(script, files('script', given)[0]?.text ?? '');
  const result = spawnSync('bash', [script, domain], { encoding: 'utf8' });
  expect(result).toMatchObject({ stderr: '', status: 0 });
  return result.stdout;
}

/** The values by their keys; a bind field and a mail field have none of their own. */
function valuesIn(plist: string): Readonly<Record<string, string>> {
  const pairs = plist.matchAll(/<key>([^<]*)<\/key>\s*(?:<array>\s*)?<string>([^<]*)<\/string>/g);
  return Object.fromEntries([...pairs].map(([, key = '', value = '']) => [key, readXmlText(value)]));
}

/** GNUstep's own opinion, which is SOGo's. */
function plparse(dict: string): string {
  const file = join(folder, 'sogod.plist');
  writeFileSync(file, `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="0.9">\n${dict}</plist>\n`);
  const { stdout, stderr } = spawnSync(findCommand('plparse') ?? 'plparse', [file], { encoding: 'utf8' });
  return stdout + stderr;
}

const wanted = {
  type: 'ldap',
  id: 'example.org_ldap',
  hostname: 'ldap://dc1.example.org ldap://dc2.example.org:1389',
  baseDN: 'dc=example,dc=org',
  bindDN: 'cn=reader,dc=example,dc=org',
  bindFields: 'mail',
  UIDFieldName: 'mail',
  scope: 'SUB',
  encryption: '',
};

test('up to 2025-02: one file, for its owner alone', () => {
  expect(files('plist').map(({ name, mode, kind }) => [name, mode, kind])).toEqual([
    ['plist_ldap', 0o600, 'replace'],
  ]);
  expectGolden('plist_ldap', legacy());
  expect(valuesIn(substituted())).toMatchObject(wanted);
});

test('since 2025-03: the program that prints the source, and a loader without secrets that mailcow knows', () => {
  const [source, loader] = files('script');
  expect([source, loader].map((file) => [file?.name, file?.mode, file?.kind])).toEqual([
    ['ldap-mailcow-source.sh', 0o700, 'own'],
    ['plist_ldap.sh', 0o755, 'replace'],
  ]);
  expect(loader?.text).not.toContain('change-me');
  expectGolden('source.sh', source?.text ?? '');
  expectGolden('plist_ldap.sh', loader?.text ?? '');
  expect(valuesIn(printed('example.org'))).toMatchObject(wanted);
});

test.each(['', 'a b', 'a/b', 'a&b', '$(id)', 'a\nb', '<x>'])(
  'a domain that is none gets no source: %j',
  (domain) => {
    expect(printed(domain)).toBe('');
  },
);

test.each<[string, Partial<LoginSettings>, Readonly<Record<string, string>>]>([
  ['StartTLS', { startTls: true }, { encryption: 'STARTTLS' }],
  [
    'another login name',
    { login: { attribute: 'samaccountname', localPart: false } },
    { bindFields: 'samaccountname' },
  ],
  [
    'a local part, which SOGo does not know',
    { login: { attribute: 'uid', localPart: true } },
    { bindFields: 'mail' },
  ],
  ['one level', { scope: 'one' }, { scope: 'ONE' }],
])('%s', (_, changes, found) => {
  expect(valuesIn(substituted(changes))).toMatchObject(found);
});

test('any value survives both ways, and the filter is never anything but one condition', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (bindPassword, bindDn, value) => {
      const given: Given = {
        bindPassword,
        bindDn,
        sogoFilter: `(cn=${value.replaceAll(/[\\()*'"=<>]/g, '')}x)`,
      };
      const read = valuesIn(substituted(given));
      expect(read).toMatchObject({ bindPassword, bindDN: bindDn });
      expect(readQualifier(`(mail='x') AND ${read['filter'] ?? ''}`)).toMatch(/^\(&\(mail=x\)\(&\(cn=/);
    }),
    { numRuns: 200 },
  );
});

test('the script prints any value as it is', () => {
  for (const bindPassword of hostileTexts(15)) {
    expect(valuesIn(printed('example.org', { bindPassword }))).toMatchObject({ bindPassword });
  }
});

test('GNUstep reads both as a dictionary', () => {
  for (const bindPassword of hostileTexts(15)) {
    expect(plparse(substituted({ bindPassword }))).toContain('a dictionary');
    expect(plparse(printed('example.org', { bindPassword }))).toContain('a dictionary');
  }
  expect(plparse('<dict><key>a</key><string>b&c</string></dict>')).not.toContain('a dictionary');
});

describe('templates of operators', () => {
  const template = `<!-- $ldap_bind_dn_password -->
<dict>
  <key>id</key><string>$\${line}_ldap</string>
  <key>bindPassword</key><string>$ldap_bind_dn_password</string>
  <key>filter</key><string>\${sogo_ldap_filter}</string>
</dict>`;
  const dialect = template
    .replaceAll('$ldap_bind_dn_password', '@@ldapBindPassword@@')
    .replaceAll('${sogo_ldap_filter}', '@@ldapSogoUserFilter@@')
    .replaceAll('$${line}', '${line}');

  test.each([
    ['Programmierus, rinkp, LazyGatto', template],
    ['linuxmuster-mailcow', dialect],
  ])('as those of %s', (_, text) => {
    const given: Given = { template: text, bindPassword: 'a$HOME&b' };
    const found = { id: 'example.org_ldap', bindPassword: 'a$HOME&b' };
    expect(valuesIn(substituted(given))).toMatchObject(found);
    expect(valuesIn(printed('example.org', given))).toMatchObject(found);
    expect(valuesIn(substituted(given))['filter']).toMatch(/^\(\(\(objectClass='user'\)/);
    expect(legacy(given)).not.toContain('<!-- a');
  });

  test.each([
    ['<string>$nothing</string>', 'there is no value for “$nothing”'],
    ['<string a="$ldap_uri"/>', 'can only stand between <string> and </string>'],
    ['<![CDATA[$ldap_uri]]>', 'can only stand between <string> and </string>'],
    ['<string>$</string>', 'a “$” stands alone'],
  ])('refused: %s', (text, why) => {
    expect(() => legacy({ template: text })).toThrow(why);
  });
});
