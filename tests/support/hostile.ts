/** Texts that programs like to read as something else than themselves. */
import fc from 'fast-check';

const fragments = [
  '"',
  "'",
  '\\',
  '\\"',
  '#',
  ' #',
  '%',
  '%%',
  '%u',
  '%{user}',
  '%%{',
  '%{',
  '$',
  '$HOME',
  '${HOME}',
  '${line}',
  '$$',
  '`id`',
  '$(id)',
  '<',
  '<file',
  '>',
  '&',
  '&amp;',
  '&#36;',
  ']]>',
  '<!--',
  '-->',
  '{',
  '}',
  '(',
  ')',
  '*',
  '=',
  ';',
  ',',
  '!',
  '|',
  '~',
  ' ',
  '  ',
  'END_OF_SOURCE',
  '@@',
  '@@line@@',
  '/',
  'é',
  'ü',
  '€',
  '日本',
  '😀',
  '\u00A0',
  '\u2028',
  'a',
  'Z',
  '0',
] as const;

/** Printable texts of at least one character, full of what is special somewhere. */
export const hostile: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...fragments) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 4 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }) },
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  .filter((text) => !/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(text));

/** Always the same ones, so that a failure can be looked at again. */
export const hostileTexts = (count: number): readonly string[] =>
  fc.sample(hostile, { numRuns: count, seed: 20261121 });
