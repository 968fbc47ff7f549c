/** What root may write whatever its mode is tried as somebody else: in a process of its own. */
import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openState } from '../../src/state/state.ts';
import { digestOf, temporaryFiles } from './setup.ts';

const file = temporaryFiles();
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Only root can become somebody else. */
const asNobody = isRoot ? test : test.skip;

/** What openState says to a user who may not write there. */
function openAsNobody(path: string): string {
  const module = resolve('src/state/state.ts');
  const script = `
    const { openState } = await import(${JSON.stringify(module)});
    // Loads the native part, which may lie where only root can go.
    openState(':memory:').close();
    ${isRoot ? `process.setgid(${NOBODY}); process.setuid(${NOBODY});` : ''}
    try { openState(${JSON.stringify(path)}).close(); console.log('opened'); }
    catch (error) { console.log(error.name + ': ' + error.message); }`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return run.stdout + run.stderr;
}

describe('without the right to write, the error says so and the file stays as it is:', () => {
  test('a read-only directory without a file', () => {
    chmodSync(dirname(file()), 0o555);
    expect(openAsNobody(file())).toMatch(/StateError: cannot create .*may write, or set LDAP_MAILCOW_DB/);
    chmodSync(dirname(file()), 0o700);
  });

  test.each([
    ['a read-only file', 0o444, 0o555],
    ['a file that may not even be read', 0o000, 0o555],
  ])('%s', (_what, mode, directoryMode) => {
    openState(file()).close();
    chmodSync(file(), mode);
    const before = isRoot ? digestOf(file()) : '';
    chmodSync(dirname(file()), directoryMode);
    expect(openAsNobody(file())).toMatch(/StateError: .*(cannot be written|Give the program's user)/);
    chmodSync(dirname(file()), 0o700);
    if (isRoot) expect(digestOf(file())).toBe(before);
  });

  // Once a defect (state/database.ts prepare): chmod of a file that belongs to somebody else (another `user:` than before)
  // throws EPERM: a read-only one is refused without a word what to do, a writable one although it could be used.
  asNobody('somebody else’s read-only file in a directory that may be written', () => {
    openState(file()).close();
    chmodSync(file(), 0o444);
    chmodSync(dirname(file()), 0o777);
    expect(openAsNobody(file())).toMatch(/StateError: .*Give the program's user/);
  });

  asNobody('somebody else’s file that may be written is used', () => {
    openState(file()).close();
    chmodSync(file(), 0o666);
    chmodSync(dirname(file()), 0o777);
    expect(openAsNobody(file())).toBe('opened\n');
  });
});
