/** Values put into a template of SOGo's property list, each escaped as the content of its `<string>`. */
import { plistText, plistTextForEnvsubst } from './escape.ts';
import { RenderError } from './render-error.ts';
import { piecesOf, spellingOf, type Template } from './template.ts';
import type { Values } from './values.ts';

/** Who reads it next: `envsubst`, which replaces `$NAME` (up to 2025-02), or the shell in a quoted here-document. */
export type PlistReader = 'envsubst' | 'heredoc';

const markup = /(<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[^>]*>)/;

type Part = { readonly text: string; readonly isMarkup: boolean };

const partsOf = (text: string): readonly Part[] =>
  text.split(markup).map((part, index) => ({ text: part, isMarkup: index % 2 === 1 }));

/** The template with its values; `${line}` is left for who reads it. Throws RenderError. */
export function fillPlist(template: Template, reader: PlistReader, values: Values): string {
  const { file } = template;
  const spelling = spellingOf(template.text);
  const escape = reader === 'envsubst' ? plistTextForEnvsubst : plistText;
  const fill = ({ text, isMarkup }: Part): string => {
    if (text.startsWith('<!--')) return text;
    return piecesOf(text, spelling, file)
      .map((piece) => {
        if (piece.kind === 'text') return piece.text;
        if (isMarkup) {
          throw new RenderError(`${file}: “${piece.source}” can only stand between <string> and </string>`);
        }
        const value = values(piece.name);
        if (value !== undefined) return escape(value.text, value.setting);
        throw new RenderError(
          `${file}: there is no value for “${piece.source}”: docs/logins.md lists the names; write “$$” for a dollar sign`,
        );
      })
      .join('');
  };
  return partsOf(template.text).map(fill).join('');
}
