/** Programs that end, and whose folders go, when this process ends: in whatever way. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findCommand } from './debian.ts';

type Leashed = {
  /** Its own: removed when the leash pulls. */
  readonly folder: string;
  readonly program: string;
  readonly args: readonly string[];
};

type Leash = {
  readonly hasEnded: () => boolean;
  readonly ended: Promise<number>;
  /** Its last words. */
  readonly output: () => string;
  /** Ends the program and waits until it and its folder are gone. */
  readonly pull: () => Promise<void>;
};

const mostOutput = 10_000;

function leash({ folder, program, args }: Leashed): Leash {
  const command = findCommand(program) ?? program;
  const child = spawn('/bin/sh', [resolve('tests/support/leash.sh'), folder, command, ...args], {
    // In a session of its own: a Ctrl-C in the terminal is ours to answer, not the program's.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<number>((done) => {
    child.once('close', (code) => {
      done(code ?? 128);
    });
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-mostOutput);
    });
  }
  // The other end is closed already when the program has ended by itself.
  child.stdin.on('error', () => undefined);
  const pull = async (): Promise<void> => {
    child.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { hasEnded: () => child.exitCode !== null, ended, output: () => output.trim(), pull };
}

/** Runs a program to its end; throws with its last words, and removes the folder, when it failed. */
export async function runLeashed(leashed: Leashed): Promise<void> {
  const running = leash(leashed);
  if ((await running.ended) === 0) return;
  await running.pull();
  throw new Error(`${leashed.program} ${leashed.args.slice(0, 2).join(' ')} failed: ${running.output()}`);
}

const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => {
      done(false);
    });
  });

export type LeashedServer = Leashed & { readonly host: string; readonly port: number };

export type RunningServer = {
  /** Ends the server and waits until it and its folder are gone. */
  readonly close: () => Promise<void>;
};

/** Starts a server in the foreground and waits until it listens; throws with its last words when it does not. */
export async function startLeashed(server: LeashedServer): Promise<RunningServer> {
  const { program, host, port } = server;
  const running = leash(server);
  const deadline = Date.now() + 20_000;
  while (!running.hasEnded() && Date.now() < deadline) {
    if (await answers(host, port)) return { close: running.pull };
    await pause(20);
  }
  await running.pull();
  throw new Error(`${program} did not start on ${host}:${port}: ${running.output()}`);
}
