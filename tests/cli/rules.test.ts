/** Every rule of DESIGN.md section 4 has a test that names it. */
import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const RULES = 19;
const title = /(?:test|describe)(?:\.each)?[^\n]*?\((['"`])(?<title>.*?)\1,/g;
/** Rows of a table carry titles too. */
const row = /^\s*\[?(['"`])(?<title>.*\(4\.\d+.*?)\1,/gm;

const testFiles = readdirSync('tests', { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.test.ts'),
);

const titles = testFiles.flatMap((name) => {
  const text = readFileSync(join('tests', name), 'utf8');
  return [...text.matchAll(title), ...text.matchAll(row)].map((match) => match.groups?.['title'] ?? '');
});

test.each(Array.from({ length: RULES }, (_, index) => `4.${index + 1}`))(
  'rule %s is named by a test title',
  (rule) => {
    const named = new RegExp(`\\b${rule.replace('.', '\\.')}(?!\\d)`);
    expect(titles.filter((text) => named.test(text))).not.toEqual([]);
  },
);
