/** Servers of tests do not outlive them, whatever ends the tests. */
import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from './world.ts';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A process that runs a program on a leash: the program writes its pid and then sleeps. */
const keeper = (folder: string): string => `
  import { runLeashed } from ${JSON.stringify(resolve('tests/support/leash.ts'))};
  const script = 'echo $$ > ${folder}/new && mv ${folder}/new ${folder}/pid && exec sleep 600';
  await runLeashed({ folder: ${JSON.stringify(folder)}, program: '/bin/sh', args: ['-c', script] });
`;

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'a program on a leash ends with its folder when %s ends the process that holds it',
  async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'leash-'));
    const child = spawn(process.execPath, ['--input-type=module', '-e', keeper(folder)], { stdio: 'ignore' });
    await eventually('the program runs', () => existsSync(join(folder, 'pid')));
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    expect(isAlive(pid)).toBe(true);
    child.kill(signal);
    await eventually('the folder is gone', () => !existsSync(folder));
    expect(isAlive(pid)).toBe(false);
  },
);
