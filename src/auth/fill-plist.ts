/** Values put into a template of SOGo's property list, each escaped as the content of its `<string>`. */
import { plistTextForEnvsubst } from './escape.ts';
import { RenderError } from './render-error.ts';
import { piecesOf, spellingOf, type Template } from './template.ts';
import type { Values } from './values.ts';

const markup = /(<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[^>]*>)/;

type Part = { readonly text: string; readonly isMarkup: boolean };

const partsOf = (text: string): readonly Part[] =>
  text.split(markup).map((part, index) => ({ text: part, isMarkup: index % 2 === 1 }));

/**
 * The template with its values. `${line}` is left for who puts the domain there, and no value can hold one: envsubst (up
 * to 2025-02) or our script. Throws RenderError.
 */
export function fillPlist({ file, text: template }: Template, values: Values): string {
  const spelling = spellingOf(template);
  const fill = ({ text, isMarkup }: Part): string => {
    if (text.startsWith('<!--')) return text;
    return piecesOf(text, spelling, file)
      .map((piece) => {
        if (piece.kind === 'text') return piece.text;
        if (isMarkup) {
          throw new RenderError(`${file}: “${piece.source}” can only stand between <string> and </string>`);
        }
        const value = values(piece.name);
        if (value !== undefined) return plistTextForEnvsubst(value.text, value.setting);
        throw new RenderError(
          `${file}: there is no value for “${piece.source}”: docs/logins.md lists the names; write “$$” for a dollar sign`,
        );
      })
      .join('');
  };
  return partsOf(template).map(fill).join('');
}
