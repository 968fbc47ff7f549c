/**
 * Tables with commas, as RFC 4180 has them. A parser of our own: the format is one page, what a package would add
 * (streams, guessed separators, types) is what must not happen to passwords, and the number of the line, which a refused
 * row is told by, is at hand here.
 */

/** One record; `line` is that of its first character in the file, from 1. */
export type CsvRecord = { readonly line: number; readonly fields: readonly string[] };

/** `why` names the line and never what stands in it. */
export type CsvTable =
  | { readonly kind: 'read'; readonly records: readonly CsvRecord[] }
  | { readonly kind: 'malformed'; readonly why: string };

/** One field from here on: in quotes (group 1, the end quote in group 2) or bare, and what follows it. */
const fieldPattern = /(?:"([^"]*(?:""[^"]*)*)("?)|([^,\r\n]*))(,|\r\n|\r|\n)?/y;

const lineEnds = /\r\n|\r|\n/g;

/**
 * Reads it all. A quote within a bare field stands for itself; in a quoted field `""` is one. Ends of lines may be those
 * of any system, a byte order mark is no part of the table, and a line end at the end of the file begins no record.
 */
export function parseCsv(text: string): CsvTable {
  const table = text.replace(/^\uFEFF/, '');
  const records: CsvRecord[] = [];
  let fields: string[] = [];
  let [line, start, at] = [1, 1, 0];
  while (at < table.length || fields.length > 0) {
    fieldPattern.lastIndex = at;
    const [whole = '', quoted, endQuote, bare, end] = fieldPattern.exec(table) ?? [];
    if (quoted !== undefined && endQuote === '')
      return malformed(`the quote that opens in line ${line} is never closed`);
    if (end === undefined && at + whole.length < table.length)
      return malformed(`in line ${line} something follows a closing quote`);
    fields.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    at += whole.length;
    line += whole.match(lineEnds)?.length ?? 0;
    if (end === ',') continue;
    records.push({ line: start, fields });
    [fields, start] = [[], line];
  }
  return { kind: 'read', records };
}

function malformed(why: string): CsvTable {
  return { kind: 'malformed', why };
}
