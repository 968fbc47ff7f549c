/** Entries that no reading shows, on a real OpenLDAP: which part of base, scope and filter keeps them out. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lookUp } from '../../src/directory/lookup.ts';
import type { DirectoryOptions } from '../../src/directory/options.ts';
import type { LookedUp } from '../../src/ports.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { optionsFor } from './setup.ts';

let slapd: Slapd;
beforeAll(async () => {
  slapd = await startSlapd({ ldif: ['tests/sandbox/company.ldif'] });
});
afterAll(() => slapd.stop());

const anna = 'cn=Anna Berger,ou=Management,dc=example,dc=test';

async function found(
  wanted: Parameters<typeof lookUp>[1],
  changes: Partial<DirectoryOptions> = {},
): Promise<readonly LookedUp[]> {
  return (await lookUp(optionsFor(slapd, changes), wanted)).found;
}

describe('an entry is found past the filters', () => {
  test.each([
    ['its DN', { dn: anna, text: anna }],
    ['its DN in another spelling', { dn: 'CN=anna berger, OU=management,DC=example,DC=test', text: '' }],
    ['a further address', { text: 'boss@example.test' }],
    ['its name', { text: 'Anna Berger' }],
  ])('by %s', async (_what, wanted) => {
    const [one, ...others] = await found(wanted);
    expect(others).toEqual([]);
    expect(one?.entry.dn).toBe(anna);
    expect(one?.entry.id).toMatch(/^[0-9a-f]{8}-/);
    expect(one?.entry.attributes['mail']).toEqual(['anna.berger@example.test']);
    expect(one?.asPerson.hits).toBe(true);
    expect(one?.asGroup?.hits).toBe(false);
  });

  test('by its address, as is who has that as a further one', async () => {
    const dns = (await found({ text: 'ANNA.berger@example.test' })).map(({ entry }) => entry.dn);
    expect([...dns].sort()).toEqual([anna, 'cn=Nils Otto,ou=Development,dc=example,dc=test']);
  });

  test.each([
    ['a DN that nobody has', { dn: 'cn=nobody,dc=example,dc=test', text: '' }],
    ['a text that is no DN', { dn: 'cn', text: 'cn' }],
    ['an address that nobody has', { text: 'nobody@example.test' }],
    ['a text that would be a filter', { text: '*)(objectClass=*' }],
  ])('but not by %s', async (_what, wanted) => {
    expect(await found(wanted)).toEqual([]);
  });
});

describe('the first part that does not hold is named', () => {
  test.each([
    [
      '(&(objectClass=user)(objectCategory=person)(mail=*berger@elsewhere.test))',
      '(mail=*berger@elsewhere.test)',
    ],
    ['(&(objectClass=user)(&(sn=Berger)(!(cn=Anna*))))', '(!(cn=Anna*))'],
    ['(&(objectClass=user)(|(sn=Conrad)(sn=Dorn)))', '(|(sn=Conrad)(sn=Dorn))'],
    ['(objectClass=posixAccount)', '(objectClass=posixAccount)'],
    ['(&(sn=Berger)(nosuchattribute=1))', '(nosuchattribute=1)'],
  ])('%s', async (userFilter, failing) => {
    const [one] = await found({ dn: anna, text: anna }, { userFilter });
    expect(one?.asPerson).toMatchObject({ hits: false, filter: userFilter });
    expect(one?.asPerson.failing).toBe(failing);
  });
});

describe('base and scope', () => {
  test.each([
    ['dc=example,dc=test', 'sub', true],
    ['ou=Management,dc=example,dc=test', 'one', true],
    ['OU=management, dc=example,dc=test', 'sub', true],
    ['dc=example,dc=test', 'one', false],
    ['ou=Sales,dc=example,dc=test', 'sub', false],
    ['dc=example,dc=test', 'base', false],
    [anna, 'base', true],
  ] as const)('%s, %s: within is %s', async (baseDn, scope, isInScope) => {
    const [one] = await found({ dn: anna, text: anna }, { baseDn, scope });
    expect(one?.isInScope).toBe(isInScope);
  });
});
