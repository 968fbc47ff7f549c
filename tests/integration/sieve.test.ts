/** What Pigeonhole, Dovecot's sieve, does with the script of a list: the redirects and nothing else. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderListScript } from '../../src/core/list-filter.ts';
import { dovecotCommands, findCommand, requirePackages } from '../support/debian.ts';

let folder: string;
beforeAll(() => {
  requirePackages(dovecotCommands);
  folder = mkdtempSync(join(tmpdir(), 'sieve-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** sieve-test's account of the actions for one message, mailcow's limits set (its dovecot.conf). */
function actionsOf(script: string): string {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const conf = file(
    'dovecot.conf',
    `log_path = ${join(folder, 'log')}\nssl = no\nplugin {\n  sieve_max_redirects = 100\n  sieve_max_actions = 101\n}\n`,
  );
  const mail = file('mail', 'From: a@elsewhere.test\nTo: list@example.test\nSubject: x\n\nHello\n');
  const result = spawnSync(
    findCommand('sieve-test') ?? 'sieve-test',
    ['-c', conf, '-r', 'list@example.test', file('list.sieve', script), mail],
    { encoding: 'utf8' },
  );
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
  return result.stdout;
}

const redirectsIn = (actions: string): readonly string[] =>
  [...actions.matchAll(/\* redirect message to: <?([^>\s]+)>?/g)].map(([, address = '']) => address);

test('a list leads to its members, and keeps nothing', () => {
  const actions = actionsOf(renderListScript(['a@example.test', 'b@example.test']));
  expect(redirectsIn(actions)).toEqual(['a@example.test', 'b@example.test']);
  const others = [...actions.matchAll(/^ *\* (.*)$/gm)].map(([, what = '']) => what.trim());
  expect(others.filter((what) => !what.startsWith('redirect'))).toEqual(['discard']);
});

test('an odd address is only an address', () => {
  const odd = [`o'neil+x@example.test`, 'a{b}$c@example.test'];
  expect(redirectsIn(actionsOf(renderListScript(odd)))).toEqual(odd);
});

test('a hundred members are as many as mailcow lets a script have', () => {
  const many = Array.from({ length: 100 }, (_, at) => `p${at}@example.test`);
  expect(redirectsIn(actionsOf(renderListScript(many)))).toEqual(many);
});
