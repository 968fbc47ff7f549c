/** Search filters as operators write them, made plain: no white space between brackets, non-ASCII as characters. */

/** The text is no filter; the message says where. */
class FilterProblem extends Error {}

type Cursor = { readonly text: string; at: number };

const skipBlanks = (cursor: Cursor): void => {
  while (/\s/.test(cursor.text.charAt(cursor.at))) cursor.at += 1;
};

const expectBracket = (cursor: Cursor, bracket: '(' | ')'): void => {
  skipBlanks(cursor);
  if (cursor.text.charAt(cursor.at) !== bracket) {
    const where = cursor.at >= cursor.text.length ? 'at the end' : `before “${cursor.text.slice(cursor.at)}”`;
    const what = bracket === '(' ? 'an opening' : 'a closing';
    throw new FilterProblem(`${what} bracket is missing ${where}`);
  }
  cursor.at += 1;
};

/**
 * ldapts takes each escape above \7f as a character of its own and so sends other bytes than were meant
 * (facts/ldap.md section 3): such runs become the characters that they stand for.
 */
const literalEscapes = (item: string): string =>
  item.replaceAll(/(?:\\[89a-f][0-9a-f])+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll('\\', ''), 'hex');
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw new FilterProblem(`“${run}” is not UTF-8: a filter cannot compare with binary values`);
    }
  });

const readItem = (cursor: Cursor): string => {
  const end = cursor.text.slice(cursor.at).search(/[()]/);
  const item = end === -1 ? cursor.text.slice(cursor.at) : cursor.text.slice(cursor.at, cursor.at + end);
  cursor.at += item.length;
  if (item.trim() === '') throw new FilterProblem('a pair of brackets is empty');
  return literalEscapes(item.trimStart());
};

const readList = (cursor: Cursor): string => {
  const operator = cursor.text.charAt(cursor.at);
  cursor.at += 1;
  const children: string[] = [];
  skipBlanks(cursor);
  while (cursor.text.charAt(cursor.at) === '(') {
    children.push(readFilter(cursor));
    skipBlanks(cursor);
  }
  if (children.length === 0) throw new FilterProblem(`“${operator}” has nothing to combine`);
  if (operator === '!' && children.length > 1) throw new FilterProblem('“!” takes exactly one condition');
  return operator + children.join('');
};

function readFilter(cursor: Cursor): string {
  expectBracket(cursor, '(');
  skipBlanks(cursor);
  const isList = ['&', '|', '!'].includes(cursor.text.charAt(cursor.at));
  const inner = isList ? readList(cursor) : readItem(cursor);
  expectBracket(cursor, ')');
  return `(${inner})`;
}

/**
 * The filter without white space between its brackets, its non-ASCII escapes as characters. Throws FilterProblem for
 * an empty or an unbalanced one: servers and ldapts read them as something else. Its items are not looked at.
 */
export function plainFilter(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new FilterProblem('it is empty');
  const cursor: Cursor = { text: trimmed.startsWith('(') ? trimmed : `(${trimmed})`, at: 0 };
  const filter = readFilter(cursor);
  skipBlanks(cursor);
  if (cursor.at < cursor.text.length) {
    throw new FilterProblem(`there is more after its end: “${cursor.text.slice(cursor.at)}”`);
  }
  return filter;
}
