/** The generated parts of docs/findings.md: what to do about each code, and the table of mailcow's words. */
import { findingAdvice, wordAdvice } from '../core/finding-advice.ts';

const TO_DO = '**To do:** ';
const WORDS = "## mailcow's own words";

/** Names of settings are code on the page. */
const asCode = (text: string): string => text.replaceAll(/(?<![`\w])LDAP_MAILCOW_[A-Z_]+(=\w+)?/g, '`$&`');

/** The line below the heading of a code, replaced or put in. */
function withToDo(section: string): string {
  const [heading = '', ...rest] = section.split('\n\n');
  const advice = findingAdvice[/^### (\S+)$/m.exec(heading)?.[1] ?? ''];
  if (advice === undefined) return section;
  const others = rest.filter((paragraph) => !paragraph.startsWith(TO_DO));
  return [heading, `${TO_DO}${asCode(advice)}`, ...others].join('\n\n');
}

const anchored = (anchor: string, text: string): string => `<a id="${anchor}"></a>${text}`;

const cellsOf = ({ words, shown, means }: (typeof wordAdvice)[number]): readonly string[] => {
  const named = words.map((word) => anchored(word, `\`${word}\``)).join(', ');
  return [shown === undefined ? named : anchored(shown.anchor, shown.text), asCode(means)];
};

/** Aligned, as prettier wants it. */
function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill: string): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head, ' '), line(['', ''], '-'), ...body.map((cells) => line(cells, ' '))].join('\n');
}

/** The page with its generated parts up to date; everything else is as it was. */
export function renderFindingPage(page: string): string {
  const [sections = ''] = page.split(`\n${WORDS}\n`);
  const table = renderTable([['Word', 'What it means'], ...wordAdvice.map(cellsOf)]);
  const codes = sections
    .split(/^(?=### )/m)
    .map(withToDo)
    .join('');
  return `${codes}\n${WORDS}\n\n${table}\n`;
}
