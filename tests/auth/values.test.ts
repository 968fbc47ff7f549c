/** Every name that a template of the older tools may have stands in docs/logins.md, and has a value. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { olderNames, valuesOf } from '../../src/auth/values.ts';
import { loginSettings } from './settings.ts';

const documented = [...readFileSync('docs/logins.md', 'utf8').matchAll(/^\| (`[^|]*`) +\|/gm)]
  .flatMap(([, cell = '']) => cell.split(', '))
  .map((name) => name.replaceAll(/[`@]/g, ''));

const values = valuesOf({
  settings: loginSettings({ baseDn: 'ou=x,DC=ad, dc=example,dc=org' }),
  variables: { user: '%u', localPart: '%n', lowerUser: '%Lu', lowerOf: (name: string) => `%L{ldap:${name}}` },
  passdbFile: '/etc/dovecot/x',
  caFile: '/etc/ssl/x',
});

test.each(olderNames)('%s', (name) => {
  expect(documented).toContain(name);
  expect(values(name)?.text).toBeTruthy();
  expect(values(name.toUpperCase())).toEqual(values(name));
});

test.each(documented.filter((name) => name.startsWith('ldap') && !name.includes('/')))(
  'documented: %s',
  (name) => {
    expect(values(name)).toBeDefined();
  },
);

test('the domain of a directory is that of its base', () => {
  expect(values('ldap_domain')?.text).toBe('ad.example.org');
});
