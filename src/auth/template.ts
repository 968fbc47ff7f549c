/**
 * Templates as the older tools had them: `$name`, `${name}` and `$$` (Python's string.Template: Programmierus, rinkp,
 * LazyGatto), or `@@name@@` (linuxmuster-mailcow, where `$` means nothing). Only taken apart here; how a value stands in
 * its place is the business of the place.
 */
import { RenderError } from './render-error.ts';

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** `source` is how it stood there. */
  | { readonly kind: 'name'; readonly name: string; readonly source: string };

/** A text that an operator or this program provides; `file` names it in messages. */
export type Template = { readonly file: string; readonly text: string };

const dollar = /\$(?:(?<escaped>\$)|(?<bare>[_a-z][_a-z0-9]*)|\{(?<braced>[_a-z][_a-z0-9]*)\}|)/gi;
const at = /@@(?<bare>[a-z]+)@@/gi;

/** Which of both spellings a template has: one name between `@@` makes it the second, `$` is then only a sign. */
export const spellingOf = (text: string): RegExp => (text.search(at) === -1 ? dollar : at);

/** The pieces of a part of a template, text and names in turn. Throws RenderError for a `$` that means nothing. */
export function piecesOf(text: string, spelling: RegExp, file: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(spelling)) {
    const { escaped, bare, braced } = match.groups ?? {};
    const name = bare ?? braced;
    if (name === undefined && escaped === undefined) {
      throw new RenderError(`${file}: a “$” stands alone: write “$$” where a dollar sign is meant`);
    }
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    pieces.push(name === undefined ? { kind: 'text', text: '$' } : { kind: 'name', name, source: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}
