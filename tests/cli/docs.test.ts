/** The documents say what the program does: codes, settings, commands and links. */
import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { allSettings } from '../../src/config/schema.ts';
import { renderFindingPage } from '../../src/cli/finding-page.ts';
import { anchorFor, findingAdvice, wordAdvice, wordsIn } from '../../src/core/finding-advice.ts';
import { fileVariableOf, variableOf } from '../../src/config/setting.ts';
import { allRecordings } from '../mailcow/recordings.ts';

const root = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const filesBelow = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));

const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesBelow('docs', '.md')];

/** A finding is made as an object with a code, or noted by a helper that takes the code as its second argument. */
const codePatterns = [/\bcode: '([a-z]+(?:-[a-z]+)*)'/g, /\b(?:note|finding)\(\s*notes,\s*'([a-z-]+)'/g];

const codesInSource = (): readonly string[] => {
  const folders = ['src/core', 'src/sync'].flatMap((folder) => filesBelow(folder, '.ts'));
  const found = [...folders, 'src/sync.ts'].flatMap((path) =>
    codePatterns.flatMap((pattern) => [...read(path).matchAll(pattern)].map(([, code]) => code ?? '')),
  );
  return [...new Set(found)].sort();
};

describe('docs/findings.md', () => {
  test('has a paragraph for each code that exists, and for no other', () => {
    const anchors = [...read('docs/findings.md').matchAll(/^### (\S+)$/gm)].map(([, code]) => code ?? '');
    expect(new Set(anchors).size).toBe(anchors.length);
    expect([...anchors].sort()).toEqual(codesInSource());
    expect(anchors.length).toBeGreaterThan(20);
  });

  test('and `findings` have the same sentence of what to do for each code (npm run docs)', () => {
    expect(Object.keys(findingAdvice).sort()).toEqual(codesInSource());
    for (const advice of Object.values(findingAdvice)) expect(advice).toMatch(/^[A-Z].*\.$/);
    const page = read('docs/findings.md');
    expect(page).toBe(renderFindingPage(page));
  });

  test('has one anchor for each code and each word, which are those that `findings` prints', () => {
    const page = read('docs/findings.md');
    const headings = [...page.matchAll(/^### (\S+)$/gm)].map(([, code]) => code ?? '');
    const words = [...page.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id ?? '');
    const anchors = [...headings, ...words];
    expect(new Set(anchors).size).toBe(anchors.length);
    const printed = wordAdvice.flatMap(({ words: said }) =>
      said.flatMap((word) => wordsIn({ code: 'refused-by-mailcow', message: `update alias: ${word} x` })),
    );
    expect(printed.length).toBeGreaterThan(40);
    for (const { anchor } of printed) expect(anchors.map(anchorFor)).toContain(anchor);
    for (const code of Object.keys(findingAdvice)) expect(headings).toContain(code);
  });
});

/** The routes that the adapter writes to, and what they were recorded to refuse for want of what it always sends. */
const routePattern = /(?:name: |modifying\()'((?:add|edit|delete)\/[a-z_/-]+)'/g;
const neverProvoked = new Set([
  'alias_empty',
  'mysql_error',
  'password_mismatch',
  'quarantine_category_invalid',
  'sender_acl_invalid',
]);
/** Known from mailcow's program (facts/mailcow-api.md section 2), not recorded. */
const unrecorded = [
  'aliases_in_use',
  'domain_added_sogo_failed',
  'domain_quota_m_in_use',
  'is_spam_alias',
  'max_quota_in_use',
  'maxquota_empty',
];

const recordedWords = (): readonly string[] => {
  const sources = filesBelow('src/mailcow', '.ts').map(read).join('\n');
  const routes = new Set([...sources.matchAll(routePattern)].map(([, route]) => `POST /api/v1/${route}`));
  return allRecordings
    .filter(({ request }) => routes.has(`${request.method} ${request.path}`))
    .flatMap(({ response }) => [...response.text.matchAll(/"type":"danger".*?"msg":\[?"(\w+)"/g)])
    .map(([, word]) => word ?? '')
    .filter((word) => !neverProvoked.has(word));
};

const wordsOfOurs = (): readonly string[] =>
  [...filesBelow('src/mailcow', '.ts'), ...filesBelow('src/sync', '.ts')].flatMap((path) =>
    [...read(path).matchAll(/(?:refusedHere\(|\[edit\.\w+, |words: \[\{ word: )'(\w+)'/g)].map(
      ([, word]) => word ?? '',
    ),
  );

describe("mailcow's own words in docs/findings.md", () => {
  const page = read('docs/findings.md').split("## mailcow's own words")[1] ?? '';
  const explained = [...page.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z_]+)`/g)].map(([, word]) => word ?? ''),
  );

  test('are all that a write may be refused with, and each stands there once', () => {
    const spoken = [...recordedWords(), ...wordsOfOurs(), ...unrecorded];
    expect([...explained].sort()).toEqual([...new Set(spoken)].sort());
    expect(explained.length).toBeGreaterThan(40);
  });
});

describe('settings that documents name', () => {
  const known = new Set(
    allSettings.flatMap(({ setting }) => [
      variableOf(setting),
      ...(setting.secret === true ? [fileVariableOf(setting)] : []),
    ]),
  );

  test.each(documents)('%s names only those that exist', (path) => {
    const names = [...read(path).matchAll(/LDAP_MAILCOW_[A-Z_]*[A-Z]/g)].map(([name]) => name);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});

const withoutCode = (text: string): string => text.replace(/^```[^]*?^```$/gm, '');

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[`*_]/g, '')
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (path: string): readonly string[] => [
  ...[...withoutCode(read(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? '')),
  ...[...read(path).matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id ?? ''),
];

describe('links', () => {
  test.each(documents)('of %s lead to something', (path) => {
    const links = [...withoutCode(read(path)).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(
      ([, to]) => to ?? '',
    );
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsIn(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe('README.md', () => {
  const text = read('README.md');

  test('has the two lines that do everything by themselves', () => {
    expect(text).toMatch(/^npm ci && npm run demo$/m);
    expect(text).toMatch(/^npm ci && npm test$/m);
  });

  test('shows the compose block of the example file', () => {
    const block = /^```yaml\n([^]*?)^```$/m.exec(text)?.[1] ?? '';
    const bare = (yaml: string): readonly string[] =>
      yaml.split('\n').filter((line) => line.trim() !== '' && !/^\s*#/.test(line));
    const example = bare(read('docker-compose.override.example.yml'));
    expect(bare(block).length).toBeGreaterThan(20);
    expect(bare(block).filter((line) => !example.includes(line))).toEqual([]);
  });

  test('lists every command and every exit code', () => {
    const commands = [...read('src/cli/cli.ts').matchAll(/^ {2}\['(\w+)', \w+Command\]/gm)].map(
      ([, name]) => name ?? '',
    );
    expect(commands.length).toBeGreaterThan(5);
    for (const name of commands) expect(text).toMatch(new RegExp(`^\\| \`${name}[ \`]`, 'm'));
    for (const code of [0, 1, 2, 3, 4, 130, 143]) expect(text).toContain(`**${code}**`);
  });
});

describe('CHANGELOG.md', () => {
  test('has the version of package.json', () => {
    const { version } = JSON.parse(read('package.json')) as { readonly version: string };
    expect(read('CHANGELOG.md')).toContain(`\n## [${version}]`);
  });
});

describe('docs/architecture.md', () => {
  test('names files that exist', () => {
    const files = [...read('docs/architecture.md').matchAll(/`((?:\w+\/)+[a-z-]+\.ts)`/g)].map(
      ([, path]) => path ?? '',
    );
    expect(files.filter((path) => !existsSync(join(root, 'src', path)))).toEqual([]);
    expect(files.length).toBeGreaterThan(20);
  });

  test('names the tables of the state file', () => {
    const tables = filesBelow('src/state/migrations', '.ts').flatMap((path) =>
      [...read(path).matchAll(/CREATE TABLE (\w+)/g)].map(([, name]) => name ?? ''),
    );
    for (const table of tables) expect(read('docs/architecture.md')).toContain(`\`${table}\``);
  });

  test('has a place for each of the nineteen rules', () => {
    const rows = [...read('docs/architecture.md').matchAll(/^\| (\d+) +\|/gm)].map(([, rule]) =>
      Number(rule),
    );
    expect(rows).toEqual(Array.from({ length: 19 }, (_, index) => index + 1));
  });
});

describe('docs/decisions', () => {
  test('are all in their list', () => {
    const files = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d{3}-/.test(name));
    for (const file of files) expect(read('docs/decisions/README.md')).toContain(`](${file})`);
  });
});
