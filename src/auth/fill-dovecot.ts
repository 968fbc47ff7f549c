/** Values put into a template of Dovecot, each escaped for the line on which it stands (facts/auth.md section 5). */
import { filterValue } from './condition.ts';
import { dovecot24Value, dovecotExpandedValue, dovecotValue } from './escape.ts';
import { RenderError } from './render-error.ts';
import { piecesOf, spellingOf, type Piece, type Template } from './template.ts';
import type { Value, Values } from './values.ts';

/** The file of a passdb, or the main configuration of Dovecot 2.3 or 2.4: three grammars. */
export type DovecotPlace = 'passdb' | 'extra' | 'extra-2.4';

type Line = {
  readonly place: DovecotPlace;
  readonly values: Values;
  readonly spelling: RegExp;
  /** File and number, for messages. */
  readonly where: string;
  readonly text: string;
};

const expandedKeys = /^(?:base|user_filter|pass_filter|iterate_filter|auth_bind_userdn)$/;
const filterKeys = /(?:^|_)filter$/;
const attributeListKeys = /^(?:user|pass|iterate)_attrs$/;

const withoutQuotes = (quoted: string): string => quoted.slice(1, -1);

const refuse = ({ where }: Line, what: string): RenderError => new RenderError(`${where}: ${what}`);

function textInPassdb(line: Line, key: string, value: Value): string {
  const { text, setting, kind } = value;
  if (attributeListKeys.test(key) && kind !== 'word') {
    throw refuse(line, `${setting} has no place in ${key}`);
  }
  return expandedKeys.test(key) ? dovecotExpandedValue(text, setting) : dovecotValue(text, setting);
}

/** The main file does not tell which of its settings have variables: a value that could be one is refused. */
function textInExtra(line: Line, { text, setting }: Value): string {
  if (text.includes('%'))
    throw refuse(line, `${setting} has a “%”, which Dovecot could take for a variable here`);
  return dovecotValue(text, setting);
}

const isName = (piece: Piece): piece is Extract<Piece, { kind: 'name' }> => piece.kind === 'name';

/** What stands for a name between quotes. */
function inQuotes(line: Line, key: string, value: Value): string {
  const { setting, kind } = value;
  if (kind === 'qualifier')
    throw refuse(line, `${setting} is written for SOGo here: it has no place in Dovecot`);
  if (kind === 'filter') return withoutQuotes(dovecotValue(value.text, setting));
  const plain = filterKeys.test(key) ? { ...value, text: filterValue(value.text) } : value;
  switch (line.place) {
    case 'passdb':
      return withoutQuotes(textInPassdb(line, key, plain));
    case 'extra':
      return withoutQuotes(textInExtra(line, plain));
    case 'extra-2.4':
      return withoutQuotes(dovecot24Value(plain.text, setting));
  }
}

/**
 * `mail_plugins = $mail_plugins acl`: Dovecot's own way to add to a setting. The older tools copied this file as it is, so
 * that may stand in it; a name alone is a value that somebody expects to be filled in.
 */
const isDovecotsOwn = ({ place }: Line, key: string, pieces: readonly Piece[]): boolean =>
  place !== 'passdb' && pieces.length > 1 && pieces.every((piece) => !isName(piece) || piece.name === key);

function valueOf(line: Line, { name, source }: Extract<Piece, { kind: 'name' }>): Value {
  const value = line.values(name);
  if (value !== undefined) return value;
  throw refuse(
    line,
    `there is no value for “${source}”: docs/logins.md lists the names; write “$$” for a dollar sign`,
  );
}

/** What the operator wrote without quotes, as it stands between quotes. A comment behind it is dropped. */
function quotedAround(line: Line, key: string, pieces: readonly Piece[]): string {
  const parts: string[] = [];
  for (const piece of pieces) {
    if (isName(piece)) {
      parts.push(inQuotes(line, key, valueOf(line, piece)));
      continue;
    }
    const [text = '', comment] = piece.text.split('#', 2);
    if (/["'$]/.test(text)) throw refuse(line, 'put the whole value into double quotes');
    const last = comment === undefined ? text : text.trimEnd();
    parts.push(last.replaceAll('\\', String.raw`\\`));
    if (comment !== undefined) break;
  }
  return `"${parts.join('')}"`;
}

/** What stands between the operator's quotes stays as it is. */
const insideQuotes = (line: Line, key: string, pieces: readonly Piece[]): string =>
  `"${pieces.map((piece) => (isName(piece) ? inQuotes(line, key, valueOf(line, piece)) : piece.text)).join('')}"`;

function filledValue(line: Line, key: string, raw: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(raw)?.[1];
  const pieces = piecesOf(quoted ?? raw, line.spelling, line.where);
  if (isDovecotsOwn(line, key, pieces)) return raw;
  if (quoted !== undefined) return insideQuotes(line, key, pieces);
  const [only, ...more] = pieces;
  if (only !== undefined && isName(only) && more.length === 0) {
    const value = valueOf(line, only);
    if (value.kind === 'word') return value.text;
  }
  return quotedAround(line, key, pieces);
}

function fillLine(line: Line, continues: boolean): string {
  if (/^\s*#/.test(line.text)) return line.text;
  const pieces = piecesOf(line.text, line.spelling, line.where);
  if (!pieces.some(isName)) return pieces.map((piece) => (isName(piece) ? '' : piece.text)).join('');
  const [, head, key, raw] = /^(\s*([\w./-]+)\s*=\s*)(.*?)\s*$/.exec(line.text) ?? [];
  if (head === undefined || key === undefined || raw === undefined) {
    throw refuse(line, 'a name for a value can only stand behind “setting =”');
  }
  if (continues || raw.endsWith('\\'))
    throw refuse(line, 'write the whole value on one line, without “\\” at its end');
  return head + filledValue(line, key, raw);
}

/** The template with its values. Throws RenderError, with file and line, for what Dovecot would read differently. */
export function fillDovecot(template: Template, place: DovecotPlace, values: Values): string {
  const spelling = spellingOf(template.text);
  const lines = template.text.split(/\r?\n/);
  return lines
    .map((text, index) => {
      const where = `${template.file}, line ${index + 1}`;
      const continues = lines[index - 1]?.trimEnd().endsWith('\\') ?? false;
      return fillLine({ place, values, spelling, where, text }, continues);
    })
    .join('\n');
}
