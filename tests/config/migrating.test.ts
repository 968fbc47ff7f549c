/** docs/migrating.md and the table in the program say the same. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { predecessors } from '../../src/config/predecessors.ts';

const text = readFileSync(join(__dirname, '..', '..', 'docs', 'migrating.md'), 'utf8');

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const rowsOf = (name: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsOf)
    .filter((cells) => cells.includes(`\`${name}\``));

const sectionBehind = (link: string): string => {
  const anchor = /\(#(.*)\)/.exec(link)?.[1];
  const sections = text.split(/^## /m).slice(1);
  const anchorOf = (section: string): string =>
    (section.split('\n')[0] ?? '').toLowerCase().replace(/,/g, '').replaceAll(' ', '-');
  return sections.find((section) => anchorOf(section) === anchor) ?? '';
};

describe.each(predecessors.map((predecessor) => [predecessor.name, predecessor] as const))(
  '%s in docs/migrating.md',
  (name, { sets, needs }) => {
    test('has its settings as the program sets them', () => {
      const row = rowsOf(name).find((cells) => cells.length === 2);
      expect(row?.[1]).toBe(sets.map((preset) => `\`${preset.name}=${preset.value}\``).join(', '));
    });

    test('has a row that says what tells it, and a section with what to know', () => {
      const [tool = '', , toldBy = ''] = rowsOf(name).find((cells) => cells.length === 4) ?? [];
      const prefixes = [...new Set(needs.flat().map((one) => /^[A-Z]+[-_]MAILCOW_/.exec(one)?.[0] ?? ''))];
      for (const prefix of prefixes.filter((one) => one !== 'LDAP_MAILCOW_'))
        expect(toldBy).toContain(prefix);
      for (const word of ['Stays', 'Changes', 'Look at in `plan`', 'Back']) {
        expect(sectionBehind(tool)).toContain(`**${word}:**`);
      }
    });
  },
);
