/** The real program as a child process. */
import { spawn, type ChildProcess } from 'node:child_process';

export type Ended = {
  /** 128 and more when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

export type Started = {
  readonly child: ChildProcess;
  /** What it has logged so far. */
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
};

export type ProgramCall = {
  /** The folder of the project, built. */
  readonly root: string;
  readonly args: readonly string[];
};

/** The environment without settings of its own, so that only the env file counts. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^LDAP[-_]MAILCOW_/.test(name));
  return Object.fromEntries(entries);
}

/** Starts `node dist/main.js …` and collects what it says. */
export function startProgram({ root, args }: ProgramCall): Started {
  const child = spawn(process.execPath, ['dist/main.js', ...args], {
    cwd: root,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => {
      done({ code: code ?? 128, stdout, stderr });
    });
  });
  return { child, stderr: () => stderr, ended };
}
