/** Who may log in, in LDAP's words. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  equals,
  filterValue,
  parseCondition,
  renderFilter,
  type Condition,
} from '../../src/auth/condition.ts';
import { renderLoginFilter, renderPeopleFilter } from '../../src/auth/login-filter.ts';
import type { LoginSettings } from '../../src/auth/settings.ts';
import { hostile } from '../support/hostile.ts';
import { loginSettings } from './settings.ts';

const variables = {
  user: '%u',
  localPart: '%n',
  lowerUser: '%Lu',
  lowerOf: (name: string) => `%L{ldap:${name}}`,
};
const filterOf = (changes: Partial<LoginSettings> = {}): string =>
  renderLoginFilter(loginSettings(changes), variables);

const enabled = '(!(userAccountControl:1.2.840.113556.1.4.803:=2))';
const people = '(&(objectClass=user)(objectCategory=person))';

test.each<[string, Partial<LoginSettings>, string]>([
  ['the address', {}, '(mail=%u)'],
  [
    'an attribute, or the address',
    { login: { attribute: 'samaccountname', localPart: false } },
    '(|(samaccountname=%u)(mail=%u))',
  ],
  [
    'what stands before the @',
    { login: { attribute: 'samaccountname', localPart: true } },
    '(samaccountname=%n)',
  ],
  ['the attribute of the address', { login: { attribute: 'MAIL', localPart: false } }, '(MAIL=%u)'],
])('what is typed: %s', (_, changes, typed) => {
  expect(filterOf(changes)).toBe(`(&(&${people}${enabled}(mail=*))${typed})`);
});

test('another attribute of the address', () => {
  expect(filterOf({ mail: 'userprincipalname' })).toBe(
    `(&(&${people}${enabled}(userprincipalname=*))(userprincipalname=%u))`,
  );
});

test.each<[LoginSettings['disabled'], string]>([
  [{ kind: 'none' }, '(cn=x)'],
  [{ kind: 'user-account-control' }, `(&(cn=x)${enabled})`],
  [{ kind: 'ns-account-lock' }, '(&(cn=x)(!(nsAccountLock=TRUE)))'],
  [{ kind: 'pwd-account-locked-time' }, '(&(cn=x)(!(pwdAccountLockedTime=000001010000Z)))'],
  [
    { kind: 'attribute', attribute: 'employeestatus', values: ['left', 'away (long)'] },
    String.raw`(&(cn=x)(!(|(employeestatus=left)(employeestatus=away \28long\29))))`,
  ],
])('nobody who is disabled: %j', (disabled, filter) => {
  expect(renderPeopleFilter(loginSettings({ userFilter: '(cn=x)', disabled }))).toBe(filter);
});

test.each([
  ['( & (cn = x) (sn=y) )', '(&'],
  ['(cn=x))', 'LDAP_FILTER'],
  ['', 'LDAP_FILTER'],
  ['(cn=%u', 'LDAP_FILTER'],
])('what is no filter is refused: %s', (userFilter) => {
  expect(() => filterOf({ userFilter })).toThrow(/^LDAP_MAILCOW_LDAP_FILTER is no LDAP filter/);
});

test('a percent sign of the operator is no variable of Dovecot', () => {
  expect(filterOf({ userFilter: '(cn=%u)' })).toContain(String.raw`(cn=\25u)`);
});

test.each([
  ['(cn=Jürgen)', String.raw`(cn=J\c3\bcrgen)`],
  [String.raw`(cn=J\c3\bcrgen)`, String.raw`(cn=J\c3\bcrgen)`],
  [String.raw`(cn=a\2ab*c*)`, String.raw`(cn=a\2ab*c*)`],
  ['(cn=*)', '(cn=*)'],
  ['(cn>=1)', '(cn>=1)'],
  ['(cn<=1)', '(cn<=1)'],
  ['(cn~=x)', '(cn~=x)'],
  ['(:dn:2.5.13.5:=x)', '(:dn:2.5.13.5:=x)'],
  ['(ou:dn:=x)', '(ou:dn:=x)'],
  [' (& (a=1) (! (b=2) ) ) ', '(&(a=1)(!(b=2)))'],
])('a filter is understood and written anew: %s', (text, written) => {
  expect(renderFilter(parseCondition(text, 'IT'))).toBe(written);
});

test('any value comes back from a filter', () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const filter = renderFilter(equals('cn', value));
      expect(filter).toMatch(/^\(cn=(?:[A-Za-z0-9 ,=._@:+/-]|\\[0-9a-f]{2})*\)$/);
      expect(parseCondition(filter, 'IT')).toEqual(equals('cn', value));
    }),
    { numRuns: 500 },
  );
});

test('a filter written anew says the same', () => {
  const condition = fc.letrec<{ tree: Condition; leaf: Condition }>((tie) => ({
    leaf: fc.oneof(
      hostile.map((value) => equals('cn', value)),
      fc
        .array(hostile, { minLength: 2, maxLength: 3 })
        .map((pieces): Condition => ({ kind: 'compare', attribute: 'sn', operator: '=', pieces })),
      hostile.map((value): Condition => ({
        kind: 'rule',
        attribute: 'member',
        rule: '1.2.3',
        ofDn: false,
        value,
      })),
    ),
    tree: fc.oneof(
      { maxDepth: 3 },
      tie('leaf'),
      tie('tree').map((part): Condition => ({ kind: 'not', part })),
      fc
        .record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          parts: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
        })
        .map((list): Condition => list),
    ),
  })).tree;
  fc.assert(
    fc.property(condition, (tree) => {
      expect(parseCondition(renderFilter(tree), 'IT')).toEqual(tree);
    }),
  );
});

test('blanks at the ends of a value are kept', () => {
  expect(filterValue('  a b ')).toBe(String.raw`\20\20a b\20`);
});

test('any value of a disabled rule comes back from the filter', () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const disabled = { kind: 'attribute', attribute: 'state', values: [value] } as const;
      const people = loginSettings({ userFilter: '(cn=x)', disabled });
      expect(parseCondition(renderPeopleFilter(people), 'IT')).toEqual({
        kind: 'and',
        parts: [equals('cn', 'x'), { kind: 'not', part: equals('state', value) }],
      });
    }),
  );
});

test('nobody whom the attribute for that switches off', () => {
  const settings = loginSettings({ userFilter: '(cn=x)', disabled: { kind: 'none' }, active: 'works' });
  const works = '(|(!(works=*))(works=TRUE)(works=1)(works=yes)(works=y)(works=on))';
  expect(renderPeopleFilter(settings)).toBe(`(&(cn=x)${works})`);
});
