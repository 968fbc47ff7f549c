import { describe, expect, test } from '@jest/globals';
import { resolveMapping, type DisabledRule, type MappingSettings } from '../../src/core/mapping.ts';
import type { Attributes, DirectoryEntry } from '../../src/core/model.ts';
import {
  aliasValuesOf,
  attributeFindings,
  isDisabled,
  parseEntryAddress,
  readPerson,
  storedName,
  type Person,
} from '../../src/core/person.ts';

const entry = (attributes: Attributes): DirectoryEntry => ({ id: 'id', dn: 'cn=Anna', attributes });
const read = (attributes: Attributes, settings: MappingSettings = {}): Person =>
  readPerson(entry(attributes), resolveMapping(settings, 'active-directory'), 'anna.berg@example.test');

describe('the address of an entry', () => {
  test.each<[string, readonly string[], string]>([
    ['one value', ['Anna@Example.Test'], 'anna@example.test'],
    ['a value with blanks around it', ['  anna@example.test '], 'anna@example.test'],
    ['the same value in two spellings', ['Anna@example.test', 'anna@EXAMPLE.test '], 'anna@example.test'],
    ['a value beside empty ones', ['', ' ', 'anna@example.test'], 'anna@example.test'],
  ])('is found in %s', (_what, mail, address) => {
    expect(parseEntryAddress(entry({ mail }), 'mail')).toEqual({ kind: 'address', address });
  });

  test.each<[string, Attributes, string]>([
    ['no value', {}, 'no-address'],
    ['only blanks', { mail: [' ', ''] }, 'no-address'],
    ['two different values', { mail: ['a@x.test', 'b@x.test'] }, 'several-addresses'],
    ['a valid value beside an invalid one', { mail: ['a@x.test', 'b'] }, 'several-addresses'],
    ['something that is no address', { mail: ['anna'] }, 'invalid-address'],
    ['an umlaut', { mail: ['jäger@x.test'] }, 'invalid-address'],
    ['a Kelvin sign', { mail: ['\u212Aarl@x.test'] }, 'invalid-address'],
  ])('is unresolved with %s', (_what, attributes, code) => {
    const parsed = parseEntryAddress(entry(attributes), 'mail');
    expect(parsed).toMatchObject({ kind: 'unresolved', finding: { code, subject: 'cn=Anna' } });
  });
});

describe('the name is', () => {
  test.each<[string, Attributes, MappingSettings, string]>([
    ['displayName', { displayname: ['Anna B'], givenname: ['A'], sn: ['B'], cn: ['c'] }, {}, 'Anna B'],
    [
      'givenName and sn without displayName',
      { givenname: ['Anna'], sn: ['Berg'], cn: ['c'] },
      {},
      'Anna Berg',
    ],
    [
      'givenName and sn when displayName is blank',
      { displayname: [' '], givenname: ['Anna'], sn: ['Berg'] },
      {},
      'Anna Berg',
    ],
    ['cn when sn is missing', { givenname: ['Anna'], cn: ['Anna (cn)'] }, {}, 'Anna (cn)'],
    ['cn when givenName is missing', { sn: ['Berg'], cn: ['Anna (cn)'] }, {}, 'Anna (cn)'],
    ['the local part when there is nothing', {}, {}, 'anna.berg'],
    ['what the operator named', { cn: ['c'], displayname: ['d'] }, { name: ['cn'] }, 'c'],
    [
      'two attributes that the operator joined',
      { sn: ['Berg'], title: ['Dr.'] },
      { name: ['title + sn'] },
      'Dr. Berg',
    ],
    ['the next rule when the operator’s is empty', { displayname: ['d'] }, { name: ['cn'] }, 'd'],
    ['the first of several values, trimmed', { displayname: ['  Anna ', 'Other'] }, {}, 'Anna'],
    [
      'the next rule when mailcow would store nothing of it',
      { displayname: ['<>'], cn: ['Anna'] },
      {},
      'Anna',
    ],
  ])('%s', (...[_what, attributes, settings, name]) => {
    expect(read(attributes, settings).name).toBe(name);
  });
});

describe('a name is as mailcow stores it:', () => {
  test.each([
    ['Anna Berg', 'Anna Berg'],
    ['<Anna>', 'Anna'],
    ['<<Anna>>', 'Anna'],
    ['a <b> c', 'a <b> c'],
    ['x'.repeat(255), 'x'.repeat(255)],
    ['x'.repeat(300), 'x'.repeat(255)],
    ['😀'.repeat(300), '😀'.repeat(255)],
    [`${'x'.repeat(254)}>yz`, 'x'.repeat(254)],
    ['', ''],
  ])('%.20s', (name, stored) => {
    expect(storedName(name)).toBe(stored);
  });
});

const uac: DisabledRule = { kind: 'user-account-control' };
const byStatus: DisabledRule = { kind: 'attribute', attribute: 'sophomorixStatus', values: ['L', 'd'] };

describe('an entry is disabled', () => {
  test.each<[boolean, string, DisabledRule, Attributes]>([
    [false, 'without a rule', { kind: 'none' }, { useraccountcontrol: ['514'], nsaccountlock: ['TRUE'] }],
    [false, 'with a normal account', uac, { useraccountcontrol: ['512'] }],
    [true, 'with bit 2', uac, { useraccountcontrol: ['514'] }],
    [true, 'with bit 2 among others', uac, { useraccountcontrol: ['66050'] }],
    [true, 'with bit 2 in a negative number', uac, { useraccountcontrol: ['-2147483134'] }],
    [false, 'without userAccountControl', uac, {}],
    [false, 'with a userAccountControl that is no number', uac, { useraccountcontrol: ['normal'] }],
    [true, 'with nsAccountLock true', { kind: 'ns-account-lock' }, { nsaccountlock: ['TRUE'] }],
    [true, 'with nsAccountLock in small letters', { kind: 'ns-account-lock' }, { nsaccountlock: ['true'] }],
    [false, 'with nsAccountLock false', { kind: 'ns-account-lock' }, { nsaccountlock: ['FALSE'] }],
    [
      true,
      'locked for ever',
      { kind: 'pwd-account-locked-time' },
      { pwdaccountlockedtime: ['000001010000Z'] },
    ],
    [
      false,
      'locked for a while after wrong passwords',
      { kind: 'pwd-account-locked-time' },
      { pwdaccountlockedtime: ['20260101120000Z'] },
    ],
    [true, 'with a value of the named attribute', byStatus, { sophomorixstatus: ['L'] }],
    [true, 'with a value in another case', byStatus, { sophomorixstatus: ['D'] }],
    [true, 'with one of several values', byStatus, { sophomorixstatus: ['U', ' l '] }],
    [false, 'with another value', byStatus, { sophomorixstatus: ['U'] }],
    [false, 'without the named attribute', byStatus, {}],
  ])('%s: %s', (...[disabled, _what, rule, attributes]) => {
    expect(isDisabled(attributes, rule)).toBe(disabled);
  });
});

describe('an active attribute says', () => {
  test.each<[boolean, readonly string[]]>([
    [true, ['TRUE']],
    [true, ['1']],
    [true, ['yes']],
    [false, ['FALSE']],
    [false, ['0']],
    [false, ['no']],
    [true, ['']],
    [true, []],
  ])('%s for %j', (enabled, values) => {
    expect(read({ mailactive: values }, { active: 'mailActive' }).enabled).toBe(enabled);
  });

  test('a disabled entry is disabled whatever it says', () => {
    const both = { mailactive: ['TRUE'], useraccountcontrol: ['514'] };
    expect(read(both, { active: 'mailActive' }).enabled).toBe(false);
  });
});

describe('the quota', () => {
  test.each<[number | undefined, readonly string[], readonly string[]]>([
    [2048, ['2048'], []],
    [2048, [' 2048 '], []],
    [0, ['0'], []],
    [undefined, [], []],
    [undefined, [''], []],
    [undefined, ['2 GB'], ['invalid-quota']],
    [undefined, ['-1'], ['invalid-quota']],
    [undefined, ['1.5'], ['invalid-quota']],
    [undefined, ['1e3'], ['invalid-quota']],
  ])('is %s for %j', (quotaMiB, values, codes) => {
    const attributes = { mailquota: values };
    expect(read(attributes, { quota: 'mailQuota' }).quotaMiB).toBe(quotaMiB);
    const mapping = resolveMapping({ quota: 'mailQuota' }, 'active-directory');
    expect(attributeFindings(entry(attributes), mapping).map(({ code }) => code)).toEqual(codes);
  });

  test('is unknown when no attribute is named for it', () => {
    expect(read({ mailquota: ['2048'] }).quotaMiB).toBeUndefined();
  });
});

describe('an alias value', () => {
  test.each<[string, readonly string[]]>([
    ['smtp:Sales@Example.Test', ['sales@example.test']],
    ['SMTP:sales@example.test', ['sales@example.test!']],
    ['Smtp: sales@example.test ', ['sales@example.test']],
    ['sales@example.test', ['sales@example.test']],
    ['x500:/o=Org/cn=anna@example.test', []],
    ['sip:anna@example.test', []],
    ['X400:c=de', []],
    ['anna', []],
    ['', []],
    ['smtp:', ['?']],
    ['smtp:nodomain', ['nodomain?']],
    ['smtp:müller@example.test', ['müller@example.test?']],
    ['smtp:smtp:a@example.test', ['smtp:a@example.test?']],
  ])('%s', (value, expected) => {
    const values = aliasValuesOf(entry({ proxyaddresses: [value] }), ['proxyaddresses']);
    const shown = values.map(
      ({ text, address, primary }) => `${text}${address === undefined ? '?' : ''}${primary ? '!' : ''}`,
    );
    expect(shown).toEqual(expected);
  });

  test('is read from every attribute that is named', () => {
    const values = aliasValuesOf(entry({ a: ['x@example.test'], b: ['y@example.test'] }), ['a', 'b', 'c']);
    expect(values.map(({ address }) => address)).toEqual(['x@example.test', 'y@example.test']);
  });
});
