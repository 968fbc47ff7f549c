/** Each taker is a process of its own, as daemon and commands are. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { temporaryFiles } from './setup.ts';

const file = temporaryFiles();
const lockFile = (): string => file('state.sqlite3.lock');

const running = new Set<ChildProcess>();
afterEach(async () => {
  await Promise.all([...running].map(kill));
});

/** Ends by itself after a while, whatever becomes of the test. */
const script = (path: string, waitMs: number): string => `
  setTimeout(() => process.exit(9), 20_000);
  const { takeLock } = await import(${JSON.stringify(resolve('src/state/lock.ts'))});
  let waited = 0;
  const delay = (ms) => new Promise((done) => { waited += ms; setTimeout(done, ms / 20); });
  const lock = await takeLock({ path: ${JSON.stringify(path)}, waitMs: ${waitMs}, delay });
  console.log(JSON.stringify({ got: lock !== undefined, waited }));
  if (lock === undefined) process.exit(0);
  process.stdin.once('data', () => { lock.release(); process.exit(0); });`;

type Taker = {
  readonly child: ChildProcess;
  readonly said: { readonly got: boolean; readonly waited: number };
};

/** Takes the lock, or gives up after `waitMs` of its time, which runs twenty times as fast as ours. */
async function take(waitMs: number, path = lockFile()): Promise<Taker> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script(path, waitMs)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const ended = once(child, 'exit').then(() => [Buffer.from('{"got":false,"waited":-1}')]);
  const [text] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
  return { child, said: JSON.parse(text.toString()) as Taker['said'] };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function release({ child }: Taker): Promise<void> {
  const ended = once(child, 'exit');
  child.stdin?.write('now');
  await ended;
}

describe('one sync at a time (4.15)', () => {
  test('a second taker waits, then gives up', async () => {
    const first = await take(0);
    const second = await take(1000);
    expect([first.said, second.said]).toEqual([
      { got: true, waited: 0 },
      { got: false, waited: 1000 },
    ]);
  });

  test('the lock is free again once it is given back', async () => {
    await release(await take(0));
    expect((await take(0)).said.got).toBe(true);
  });

  test('a taker gets it when the holder gives it back', async () => {
    const first = await take(0);
    const second = take(30_000);
    await release(first);
    expect((await second).said.got).toBe(true);
  });

  test('a holder that is killed with -9 keeps it from nobody', async () => {
    const first = await take(0);
    expect((await take(0)).said.got).toBe(false);
    await kill(first.child);
    expect((await take(0)).said).toEqual({ got: true, waited: 0 });
  });

  test('its file is for its owner alone', async () => {
    await take(0);
    expect(statSync(lockFile()).mode & 0o777).toBe(0o600);
  });

  test('where no file can be made there is no lock', async () => {
    expect((await take(0, file('missing/dir/x.lock'))).said).toEqual({ got: false, waited: -1 });
  });
});
