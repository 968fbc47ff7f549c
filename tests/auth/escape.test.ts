/** Values come back as they were from those who read them (facts/auth.md section 5). */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import {
  dovecot24Value,
  dovecotExpandedValue,
  dovecotValue,
  plistText,
  plistTextForEnvsubst,
  printable,
  quotedHeredoc,
} from '../../src/auth/escape.ts';
import { RenderError } from '../../src/auth/render-error.ts';
import { hostile } from '../support/hostile.ts';
import { envsubst, expand23, expand24, readDovecotSettings, readXmlText } from './readers.ts';

const read = (value: string): string | undefined => readDovecotSettings(`key = ${value}\n`).get('key');

const places: readonly (readonly [string, (text: string) => string | undefined])[] = [
  ['Dovecot 2.3', (text) => read(dovecotValue(text, 'IT'))],
  ['Dovecot 2.3 with variables', (text) => expand23(read(dovecotExpandedValue(text, 'IT')) ?? '')],
  ['Dovecot 2.4', (text) => expand24(read(dovecot24Value(text, 'IT')) ?? '')],
  ['a property list', (text) => readXmlText(plistText(text, 'IT'))],
  [
    'a property list behind envsubst',
    (text) => readXmlText(envsubst(plistTextForEnvsubst(text, 'IT'), { line: 'L', HOME: 'H' })),
  ],
];

describe.each(places)('%s', (_, roundTrip) => {
  test('any printable text survives the round trip', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(roundTrip(text)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test.each(['\n', '\r', '\0', '\t', '\x1b', '\x7f', '\x85', '\uFFFE', '\uFFFF', '\uD800', '\uDC00'])(
    'what is not printable is refused: %j',
    (char) => {
      expect(() => roundTrip(`a${char}b`)).toThrow(RenderError);
    },
  );

  test('the refusal names the setting and not the value', () => {
    expect(() => roundTrip('secret\n')).toThrow(/^IT /);
    expect(() => roundTrip('secret\n')).not.toThrow(/secret/);
  });
});

test('every text is either printable, and kept, or refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const isPrintable = ![...text].some((char) => /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(char));
      if (isPrintable) expect(printable(text, 'IT')).toBe(text);
      else expect(() => printable(text, 'IT')).toThrow(RenderError);
    }),
  );
});

test('a property list is ASCII', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(plistTextForEnvsubst(text, 'IT')).toMatch(/^[ -~]*$/);
    }),
  );
});

test.each([
  [' p"a%s#w&o<r>d$HOME\\ ', String.raw`" p\"a%s#w&o<r>d$HOME\\ "`],
  ['%u', '"%u"'],
])('Dovecot 2.3: %j', (text, written) => {
  expect(dovecotValue(text, 'IT')).toBe(written);
});

test.each([
  ['50 %u', '"50 %%u"'],
  [String.raw`\%`, String.raw`"\\%%"`],
])('Dovecot 2.3 with variables: %j', (text, written) => {
  expect(dovecotExpandedValue(text, 'IT')).toBe(written);
});

test.each([
  ['%u %{user}', '"%u %%{user}"'],
  ['<file', '"<file"'],
])('Dovecot 2.4: %j', (text, written) => {
  expect(dovecot24Value(text, 'IT')).toBe(written);
});

test('the shell prints a quoted here-document as it is', () => {
  const lines = fc.array(hostile, { minLength: 1, maxLength: 5 }).map((some) => some.join('\n'));
  fc.assert(
    fc.property(lines, (text) => {
      const result = spawnSync('bash', { input: `cat ${quotedHeredoc(text)}\n`, encoding: 'utf8' });
      expect(result).toMatchObject({ stdout: `${text}\n`, stderr: '', status: 0 });
    }),
    { numRuns: 50 },
  );
});

test('a line that looks like the end of a here-document is none', () => {
  expect(quotedHeredoc('a\nEND_OF_SOURCE\nEND_OF_SOURCE_\n')).toBe(
    "<<'END_OF_SOURCE__'\na\nEND_OF_SOURCE\nEND_OF_SOURCE_\nEND_OF_SOURCE__",
  );
});
