/** What Pigeonhole, Dovecot's sieve, does with the script of a list: the redirects and nothing else. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderListScript } from '../../src/core/list-filter.ts';
import { dovecotCommands, findCommand, requirePackages } from '../support/debian.ts';

let folder: string;
beforeAll(() => {
  requirePackages(dovecotCommands);
  folder = mkdtempSync(join(tmpdir(), 'sieve-'));
  chmodSync(folder, 0o777);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** mailcow's limits; a user who owns nothing, because sieve-test does not want to be root. */
const config = (): string => {
  const isRoot = process.getuid?.() === 0;
  return `
log_path = ${join(folder, 'log')}
ssl = no
mail_uid = ${isRoot ? 65534 : (process.getuid?.() ?? 0)}
mail_gid = ${isRoot ? 65534 : (process.getgid?.() ?? 0)}
mail_home = ${folder}/home
mail_location = maildir:~/mail
plugin {
  sieve_max_redirects = 100
  sieve_max_actions = 101
}
`;
};

/** sieve-test's account of the actions for one message, mailcow's limits set (its dovecot.conf). */
function actionsOf(script: string): string {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const conf = file('dovecot.conf', config());
  const mail = file('mail', 'From: a@elsewhere.test\nTo: list@example.test\nSubject: x\n\nHello\n');
  const result = spawnSync(
    findCommand('sieve-test') ?? 'sieve-test',
    ['-c', conf, '-r', 'list@example.test', file('list.sieve', script), mail],
    { encoding: 'utf8' },
  );
  expect(result.stderr.trim()).toBe('sieve-test: Info: final result: success');
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
