/** Tables with commas. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCsv } from '../../src/imap/csv.ts';

const fieldsOf = (text: string): unknown => {
  const table = parseCsv(text);
  return table.kind === 'read' ? table.records.map(({ fields }) => fields) : table.why;
};

describe('a table', () => {
  test.each<[string, string, readonly (readonly string[])[]]>([
    ['nothing', '', []],
    ['plain', 'a,b\nc,d\n', [['a', 'b'], ['c', 'd']]], // prettier-ignore
    ['no line end at the end', 'a,b', [['a', 'b']]],
    ['CRLF', 'a,b\r\nc,d\r\n', [['a', 'b'], ['c', 'd']]], // prettier-ignore
    ['CR alone', 'a\rb', [['a'], ['b']]],
    ['a byte order mark', '\uFEFFa,b', [['a', 'b']]],
    ['quotes around commas and lines', '"a,1","b\r\n2"\nc,d', [['a,1', 'b\r\n2'], ['c', 'd']]], // prettier-ignore
    ['doubled quotes', '"say ""hi""",""""', [['say "hi"', '"']]],
    ['a quote within a bare field', 'pa"ss,it"', [['pa"ss', 'it"']]],
    ['empty fields', ',"",\n', [['', '', '']]],
    ['empty lines', 'a\n\nb', [['a'], [''], ['b']]],
  ])('with %s is read', (_what, text, fields) => {
    expect(fieldsOf(text)).toEqual(fields);
  });

  test.each([
    ['a\n"b', 'the quote that opens in line 2 is never closed'],
    ['a\n"b""', 'the quote that opens in line 2 is never closed'],
    ['"a\nb"c,d', 'in line 1 something follows a closing quote'],
  ])('%j is malformed', (text, why) => {
    expect(fieldsOf(text)).toBe(why);
  });

  test('counts lines, also those within quotes', () => {
    const table = parseCsv('a\n"b\nb"\r\n\r\nc');
    expect(table.kind === 'read' ? table.records.map(({ line }) => line) : []).toEqual([1, 2, 4, 5]);
  });

  test('comes back as it was written', () => {
    const quote = (field: string): string => `"${field.replaceAll('"', '""')}"`;
    const records = fc.array(fc.array(fc.string(), { minLength: 1 }), { minLength: 1 });
    fc.assert(
      fc.property(records, fc.constantFrom('\n', '\r\n'), (rows, end) => {
        expect(fieldsOf(rows.map((row) => row.map(quote).join(',') + end).join(''))).toEqual(rows);
      }),
    );
  });

  test('of a megabyte in one open quote is no burden', () => {
    expect(fieldsOf(`"${'a"",\n'.repeat(200_000)}`)).toMatch(/never closed/);
  });
});
