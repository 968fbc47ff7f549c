/** The folder that everybody in mailcow's Dovecot may write into: nothing there is followed, waited for, or read whole. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runFiles } from '../../src/app-imapsync-files.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('reads the process, also of a file that is larger than memory', () => {
  writeFileSync(at('a.pid'), '4711\n');
  expect(runFiles.readPid(at('a.pid'))).toBe(4711);
  truncateSync(at('a.pid'), 8 * 1024 ** 3);
  expect(runFiles.readPid(at('a.pid'))).toBe(4711);
  expect(runFiles.readPid(at('none.pid'))).toBeUndefined();
});

test('does not wait at a pipe', () => {
  execFileSync('mkfifo', [at('a.pid')]);
  const code = `import('${join(import.meta.dirname, '../../src/app-imapsync-files.ts')}').then(({ runFiles }) => console.log(String(runFiles.readPid(process.argv[1]))))`;
  const { stdout, status } = spawnSync(process.execPath, ['-e', code, at('a.pid')], { timeout: 8000 });
  expect([status, stdout.toString()]).toEqual([0, 'undefined\n']);
});

test('reads through no link', () => {
  writeFileSync(at('elsewhere'), '4711\n');
  symlinkSync(at('elsewhere'), at('a.pid'));
  expect(() => runFiles.readPid(at('a.pid'))).toThrow(/ELOOP/);
});

test('asks a process to end, with what earlier ones left taken away', () => {
  writeFileSync(at('elsewhere'), 'kept');
  symlinkSync(at('elsewhere'), at('a.pidabort4711'));
  writeFileSync(at('a.pidabort12'), '');
  runFiles.requestAbort(at('a.pid'), 4711);
  expect(readFileSync(at('a.pidabort4711'), 'utf8')).toBe('');
  expect(readFileSync(at('elsewhere'), 'utf8')).toBe('kept');
  expect(() => readFileSync(at('a.pidabort12'))).toThrow(/ENOENT/);
});
