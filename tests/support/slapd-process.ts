/** Starting and ending the process of slapd. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findCommand } from './debian.ts';
import { pidFile } from './slapd-config.ts';

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => {
        done(port);
      });
    });
  });
}

/** The path of a program, or its name when it is nowhere. */
export const command = (name: string): string => findCommand(name) ?? name;

export type Running = { readonly child: ChildProcess; readonly stderr: () => string };

const answers = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => {
      done(false);
    });
  });

/**
 * In the foreground (-d; “none” are the messages that are always shown), as a child that is ended by its own
 * process id. Throws with slapd's words when it cannot start.
 */
export async function launch(folder: string, urls: readonly string[], port: number): Promise<Running> {
  const child = spawn(
    command('slapd'),
    ['-d', 'none', '-h', urls.join(' '), '-f', join(folder, 'slapd.conf')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-10_000);
  });
  child.once('error', (error) => {
    stderr += error.message;
  });
  for (let tries = 0; tries < 1000; tries += 1) {
    if (child.exitCode !== null || child.pid === undefined) break;
    // The file proves that it is our server that answers, and not another one that took the port.
    if (existsSync(pidFile(folder)) && (await answers(port))) return { child, stderr: () => stderr };
    await pause(10);
  }
  child.kill('SIGKILL');
  throw new Error(`slapd did not start on ${urls.join(' ')}: ${stderr.trim()}`);
}

/** Ends it in order, after five seconds by force; harmless when it has ended already. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => {
    child.once('exit', () => {
      done();
    });
  });
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(patience);
}

/** A started slapd stands in this list, so that a process that ends in between leaves nothing behind. */
const leftovers = new Map<ChildProcess, string>();
let cleansUp = false;

function cleanUp(): void {
  for (const [child, folder] of leftovers) {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From now on the process takes this slapd and its folder along when it ends. */
export function remember(child: ChildProcess, folder: string): void {
  if (!cleansUp) process.once('exit', cleanUp);
  cleansUp = true;
  leftovers.set(child, folder);
}

/** A slapd that was stopped in order needs no clean-up. */
export function forget(child: ChildProcess): void {
  leftovers.delete(child);
}
