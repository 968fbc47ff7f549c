/** Sieve scripts of lists: what is written, and what is read back (RULES.md, "School"). */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readListFilter, renderListScript } from '../../src/core/list-filter.ts';
import type { SieveFilter } from '../../src/core/model.ts';
import { at, markOf, OWNER } from '../support/builders.ts';

const filter = (fields: Partial<SieveFilter> = {}): SieveFilter => ({
  id: 7,
  username: at('team'),
  description: markOf('team'),
  script: renderListScript([at('a'), at('b')]),
  kind: 'prefilter',
  active: true,
  ...fields,
});

const older = `### Auto-generated mailinglist filter by linuxmuster ###\r\n\r\nrequire "copy";\r\n\r\nredirect :copy "b@example.test";\r\nredirect :copy "A@example.test";\r\n\r\ndiscard;stop;`;

test('a script leads to the addresses and keeps nothing', () => {
  expect(renderListScript([at('a'), at('b')])).toBe(
    [
      '# Made by ldap-mailcow from the members of this list. What is changed here is put back by the next audit.',
      'redirect "a@example.test";',
      'redirect "b@example.test";',
      'discard;',
      'stop;',
      '',
    ].join('\n'),
  );
});

test.each([
  'a@example.test"; keep; #',
  'a@example.test\nkeep;',
  'a@example.test\r\n',
  '"a b"@example.test',
  'a\\@example.test',
  'A@example.test',
  '',
])('%j gets into no script', (text) => {
  expect(() => renderListScript([text])).toThrow('no address');
});

test('whatever the directory says, a script is made of redirects alone or not at all', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.emailAddress())), (goto) => {
      let script: string;
      try {
        script = renderListScript(goto);
      } catch {
        return;
      }
      const [comment, ...lines] = script.split('\n');
      expect(comment).toMatch(/^# /);
      expect(lines.slice(-3)).toEqual(['discard;', 'stop;', '']);
      for (const line of lines.slice(0, -3)) expect(line).toMatch(/^redirect "[^"\\\s]+";$/);
      expect(lines).toHaveLength(goto.length + 3);
    }),
  );
});

describe('of the filters of a mailbox', () => {
  const ours = { address: at('team'), id: 7, active: true, hasRival: false };
  const own = { ...ours, goto: [at('a'), at('b')] };
  test.each<[string, readonly SieveFilter[], object]>([
    ['none', [], { address: at('team'), active: false, hasRival: false }],
    ['ours is told by its mark', [filter()], own],
    [
      'ours is read whatever line ends mailcow keeps',
      [filter({ script: filter().script.replace(/\n/g, '\r\n') })],
      own,
    ],
    [
      'ours is told from one of another owner',
      [filter({ description: markOf('team', 'other') })],
      { address: at('team'), active: false, hasRival: true },
    ],
    [
      'one of the older tool is ours',
      [filter({ description: 'Auto-generated mailinglist filter for x', script: older })],
      own,
    ],
    ['a changed script is kept for the journal', [filter({ script: 'keep;' })], { ...ours, script: 'keep;' }],
    [
      'a redirect more than ours is a changed script',
      [filter({ script: `${filter().script}redirect "x@example.test";\n` })],
      { ...ours, script: `${filter().script}redirect "x@example.test";\n` },
    ],
    [
      'a script without the end is a changed one',
      [filter({ script: 'redirect "a@example.test";' })],
      { ...ours, script: 'redirect "a@example.test";' },
    ],
    [
      'another active prefilter is a rival',
      [filter({ active: false }), filter({ id: 8, description: 'mine', script: 'keep;' })],
      { ...own, active: false, hasRival: true },
    ],
    ['an inactive one is none', [filter(), filter({ id: 8, description: 'mine', active: false })], own],
    ['a postfilter is none', [filter(), filter({ id: 8, description: 'mine', kind: 'postfilter' })], own],
    ['the active one of two of ours counts', [filter({ id: 6, active: false }), filter()], own],
  ])('%s', (_what, filters, expected) => {
    expect(readListFilter(at('team'), filters, OWNER)).toEqual(expected);
  });
});
