/** Writes the documents that are generated from the settings, and the generated parts of others; `--check` only says whether they are up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderFindingPage } from '../src/cli/finding-page.ts';
import { renderEnvExample } from '../src/config/example.ts';
import { renderReference } from '../src/config/reference.ts';

const root = join(import.meta.dirname, '..');

const findings = join(root, 'docs', 'findings.md');

const documents: readonly (readonly [path: string, text: string])[] = [
  [join(root, 'docs', 'configuration.md'), renderReference()],
  [join(root, '.env.example'), renderEnvExample()],
  [findings, renderFindingPage(readFileSync(findings, 'utf8'))],
];

const current = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const stale = documents.filter(([path, text]) => current(path) !== text);

if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`${path} is out of date: run npm run docs`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, text] of stale) writeFileSync(path, text);
}
