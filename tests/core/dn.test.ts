import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dnKey } from '../../src/core/dn.ts';

describe('two spellings of one DN are equal:', () => {
  test.each([
    ['case of types and values', 'CN=Anna,OU=People,DC=x', 'cn=anna,ou=people,dc=X'],
    ['blanks around commas', 'cn=Anna , ou=People,  dc=x', 'cn=Anna,ou=People,dc=x'],
    ['blanks around =', 'cn = Anna,ou= People', 'cn=Anna,ou=People'],
    ['a blank after the value of a plain DN', 'cn=Anna ,dc=x', 'cn=Anna,dc=x'],
    ['runs of blanks inside a value', 'cn=Anna   Berg,dc=x', 'cn=Anna Berg,dc=x'],
    ['an escaped comma', String.raw`cn=Berg\, Anna,dc=x`, String.raw`cn=Berg\2C Anna,dc=x`],
    ['hex pairs in small letters', String.raw`cn=Berg\2c Anna,dc=x`, String.raw`cn=Berg\2C Anna,dc=x`],
    ['quotes', String.raw`cn="Berg, Anna",dc=x`, String.raw`cn=Berg\, Anna,dc=x`],
    ['UTF-8 as hex pairs', String.raw`cn=J\C3\A4ger,dc=x`, 'cn=Jäger,dc=x'],
    ['four octets as hex pairs', String.raw`cn=\F0\9F\98\80,dc=x`, 'cn=😀,dc=x'],
    ['composed and decomposed letters', 'cn=J\u00e4ger,dc=x', 'cn=Ja\u0308ger,dc=x'],
    ['the order of a multi-valued RDN', 'cn=Anna+uid=7,dc=x', 'uid=7+CN=anna,dc=x'],
    ['an escaped plus', String.raw`cn=A\+B,dc=x`, String.raw`cn=A\2BB,dc=x`],
    ['an escaped backslash', String.raw`cn=a\\b,dc=x`, String.raw`cn=a\5Cb,dc=x`],
    ['an escaped quote', String.raw`cn=a\"b,dc=x`, String.raw`cn=a\22b,dc=x`],
    ['an escaped sharp', String.raw`ou=\#Labor,dc=x`, String.raw`ou=\23Labor,dc=x`],
    ['a plain letter as a hex pair', String.raw`cn=\41nna,dc=x`, 'cn=Anna,dc=x'],
  ])('%s', (_what, left, right) => {
    expect(dnKey(left)).toBe(dnKey(right));
  });

  // Once a defect: the fast path takes "cn= Anna" for plain and keeps its blank.
  test('a blank before the value of a DN that is plain otherwise', () => {
    expect(dnKey('cn= Anna,dc=x')).toBe(dnKey('cn=Anna,dc=x'));
  });
});

describe('different DNs are different:', () => {
  test.each([
    ['other values', 'cn=Anna,dc=x', 'cn=Anne,dc=x'],
    ['a comma that is part of the value', String.raw`cn=a\,dc=x`, 'cn=a,dc=x'],
    ['a plus that is part of the value', String.raw`cn=a\+uid=7,dc=x`, 'cn=a+uid=7,dc=x'],
    ['an equals sign that is part of the value', String.raw`cn=a\=b,dc=x`, 'cn=a,dc=x'],
    ['a parent and its child', 'dc=x', 'cn=a,dc=x'],
    ['swapped RDNs', 'ou=a,ou=b,dc=x', 'ou=b,ou=a,dc=x'],
    ['an umlaut and its base letter', 'cn=Jäger,dc=x', 'cn=Jager,dc=x'],
    ['other types', 'cn=a,dc=x', 'ou=a,dc=x'],
  ])('%s', (_what, left, right) => {
    expect(dnKey(left)).not.toBe(dnKey(right));
  });
});

const word = fc.stringMatching(/^[A-Za-z0-9._@-]{1,6}$/);
const plainDn = fc.tuple(
  fc.array(word, { minLength: 1, maxLength: 3 }),
  fc.array(word, { minLength: 1, maxLength: 3 }),
);

test('the short way for plain DNs gives what the long way gives', () => {
  fc.assert(
    fc.property(plainDn, ([words, parents]) => {
      const dn = [`cn=${words.join(' ')}`, ...parents.map((parent) => `ou=${parent}`)].join(',');
      expect(dnKey(dn)).toBe(dnKey(dn.replaceAll(',', ' , ')));
      expect(dnKey(dn.toUpperCase())).toBe(dnKey(dn));
    }),
    { seed: 2, numRuns: 300 },
  );
});

const hexed = (text: string): string =>
  [...Buffer.from(text, 'utf8')].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('');
const escaped = (text: string): string => text.replaceAll(/[\\,+"<>;=#]/g, String.raw`\$&`);
const inside = (text: string): string => `x${text}y`;

test('a value spelled in hex pairs, escaped or plain is one value', () => {
  const value = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    .filter((text) => !/[\0\r\n]/.test(text));
  fc.assert(
    fc.property(value, (text) => {
      expect(dnKey(`cn=${hexed(inside(text))},dc=x`)).toBe(dnKey(`cn=${escaped(inside(text))},dc=x`));
    }),
    { seed: 3, numRuns: 300 },
  );
});
