/** Who may log in to SOGo, in its words; what it makes of them is that of an LDAP filter (facts/auth.md section 5). */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { equals, parseCondition, renderFilter, type Condition } from '../../src/auth/condition.ts';
import { parseQualifier } from '../../src/auth/qualifier-parser.ts';
import { RenderError } from '../../src/auth/render-error.ts';
import { renderSogoFilter } from '../../src/auth/sogo-filter.ts';
import { renderQualifier } from '../../src/auth/sogo-qualifier.ts';
import { hostile } from '../support/hostile.ts';
import { readQualifier } from './readers.ts';
import { loginSettings } from './settings.ts';

const enabled = "(NOT (userAccountControl:1.2.840.113556.1.4.803:='2'))";

test('the user filter, and nobody who is disabled or has no address', () => {
  expect(renderSogoFilter(loginSettings())).toBe(
    `(((objectClass='user') AND (objectCategory='person')) AND ${enabled} AND (mail='*'))`,
  );
});

describe('SOGO_LDAP_FILTER', () => {
  test.each([
    [
      'that of Programmierus and LazyGatto',
      "objectClass='user' AND objectCategory='person'",
      "((objectClass='user') AND (objectCategory='person'))",
    ],
    [
      'that of linuxmuster-mailcow',
      "(sophomorixRole='student' OR sophomorixRole='teacher')",
      "((sophomorixRole='student') OR (sophomorixRole='teacher'))",
    ],
    ['an LDAP filter', '(|(cn=a)(sn=b*))', "((cn='a') OR (sn='b*'))"],
    ['one condition', 'cn="a"', "(cn='a')"],
    ['a wildcard', "mail='*'", "(mail='*')"],
    ['NOT', "NOT (cn='a') AND not sn='b'", "((NOT (cn='a')) AND (NOT (sn='b')))"],
    ['unequal', "cn != 'a'", "(NOT (cn='a'))"],
    ['like', "cn like 'a*' or cn caseInsensitiveLike 'b*'", "((cn='a*') OR (cn='b*'))"],
    ['a number', 'uidNumber >= 1000', "(uidNumber>='1000')"],
    ['a matching rule', "memberOf:1.2.3:='cn=x,dc=y'", "(memberOf:1.2.3:='cn=x,dc=y')"],
    ['parentheses', "(((cn='a')) AND (sn='b' OR sn='c'))", "((cn='a') AND ((sn='b') OR (sn='c')))"],
    ['names that begin with NOT', '"notes"=\'a\'', '("notes"=\'a\')'],
    [
      'words that begin with AND and OR',
      "organization='a' AND orderNo='b'",
      "((organization='a') AND (orderNo='b'))",
    ],
    ['what is special elsewhere', 'cn=\'50% "x" é\\28\\29\'', String.raw`(cn='50\25 \22x\22 \c3\a9\28\29')`],
  ])('%s', (_, sogoFilter, written) => {
    expect(renderSogoFilter(loginSettings({ sogoFilter }))).toBe(
      `(${written} AND ${enabled} AND (mail='*'))`,
    );
  });

  test.each([
    "cn='a' OR sn='b' AND ou='c'",
    "cn='a' sn='b'",
    "cn='a' AND",
    "(cn='a'",
    "cn='a')",
    'cn=a',
    "cn='a",
    "='a'",
    "cn='a)(b'",
    String.raw`cn='a\'`,
    String.raw`cn='\ff'`,
    "cn < 'a'",
    "cn >= 'a*'",
    "memberOf:1.2.3:='a*'",
    'cn=%@',
    'cn=nil',
    "cn='a' OR 1=1",
    '',
    '(objectClass=user',
    '(&(objectClass=user)(cn~=x))',
    '(:2.5.13.5:=x)',
    '(ou:dn:=x)',
  ])('is refused, never guessed: %s', (sogoFilter) => {
    expect(() => renderSogoFilter(loginSettings({ sogoFilter }))).toThrow(RenderError);
  });
});

test.each(['(cn~=x)', '(:2.5.13.5:=x)', '(ou:dn:=x)'])(
  'what SOGo cannot say is refused: %s',
  (userFilter) => {
    expect(() => renderSogoFilter(loginSettings({ userFilter }))).toThrow(
      /SOGo .*give LDAP_MAILCOW_SOGO_LDAP_FILTER/,
    );
  },
);

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(fc.constantFrom('cn', 'notes', 'organization', 'android'), hostile)
    .map(([name, value]) => equals(name, value)),
  fc
    .array(hostile, { minLength: 2, maxLength: 3 })
    .map((pieces): Condition => ({ kind: 'compare', attribute: 'sn', operator: '=', pieces })),
  hostile.map((value): Condition => ({ kind: 'compare', attribute: 'uid', operator: '>=', pieces: [value] })),
  hostile.map((value): Condition => ({
    kind: 'rule',
    attribute: 'member',
    rule: '1.2.840.113556.1.4.1941',
    ofDn: false,
    value,
  })),
);

const tree = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('tree').map((part): Condition => ({ kind: 'not', part })),
    fc
      .record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        parts: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      })
      .map((list): Condition => list),
  ),
})).tree;

test('SOGo sends the LDAP filter that was meant', () => {
  fc.assert(
    fc.property(tree, (condition) => {
      expect(readQualifier(renderQualifier(condition))).toBe(renderFilter(condition));
    }),
    { numRuns: 500 },
  );
});

test('nothing can step out of the parentheses that SOGo’s own condition stands before', () => {
  fc.assert(
    fc.property(tree, (condition) => {
      const sent = readQualifier(`(mail='login') AND ${renderQualifier(condition)}`);
      expect(sent).toBe(`(&(mail=login)${renderFilter(condition)})`);
      expect(sent === undefined || parseCondition(sent, 'IT').kind).toBe('and');
    }),
  );
});

test('a condition written for SOGo is understood again', () => {
  fc.assert(
    fc.property(tree, (condition) => {
      expect(renderFilter(parseQualifier(renderQualifier(condition)))).toBe(renderFilter(condition));
    }),
  );
});

test('a condition of the operator lets in nobody whom the attribute for that switches off', () => {
  const settings = loginSettings({ sogoFilter: "cn = 'x'", disabled: { kind: 'none' }, active: 'works' });
  expect(renderSogoFilter(settings)).toContain("(NOT (works='*'))");
});
