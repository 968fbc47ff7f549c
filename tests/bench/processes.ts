/** What the bench runs beside itself: the stand-in, the program and ldapsearch, each measured from outside. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { findCommand } from '../support/debian.ts';

const here = import.meta.dirname;
const root = join(here, '..', '..');

export type MailcowProcess = {
  readonly url: string;
  readonly apiKey: string;
  readonly stop: () => Promise<void>;
};

const endOf = (child: ChildProcess): Promise<number> =>
  new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => {
      done(code ?? 128);
    });
  });

/** Throws when it ends before it listens. */
export async function startMailcowProcess(writeLatencyMs: number): Promise<MailcowProcess> {
  const child = spawn(process.execPath, [join(here, 'mailcow.ts'), `${writeLatencyMs}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = endOf(child);
  const line = await Promise.race([
    new Promise<string>((done) => {
      child.stdout.once('data', (chunk: Buffer) => {
        done(chunk.toString());
      });
    }),
    ended.then((code) => {
      throw new Error(`the mailcow stand-in ended with code ${code}`);
    }),
  ]);
  const { url, apiKey } = JSON.parse(line) as { readonly url: string; readonly apiKey: string };
  return {
    url,
    apiKey,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** What a process took of the machine. */
export type Usage = { readonly wallMs: number; readonly cpuMs: number; readonly peakMiB: number };

export type ProgramCall = {
  readonly args: readonly string[];
  readonly usageFile: string;
  /** Told of everything that the program logs. */
  readonly onLog?: (text: string) => void;
};

export type StartedProgram = { readonly child: ChildProcess; readonly ended: Promise<Usage> };

/** Starts the built program; `ended` rejects with its log when its exit code is not 0. */
export function startProgram({ args, usageFile, onLog }: ProgramCall): StartedProgram {
  const from = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', join(here, 'usage.mjs'), join(root, 'dist/main.js'), ...args],
    { cwd: root, env: { ...process.env, BENCH_USAGE: usageFile }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000);
    onLog?.(text);
  });
  const ended = endOf(child).then((code) => {
    const wallMs = performance.now() - from;
    if (code !== 0) throw new Error(`ldap-mailcow ${args.join(' ')} ended with code ${code}:\n${log}`);
    const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as Omit<Usage, 'wallMs'>;
    rmSync(usageFile);
    return { wallMs, ...usage };
  });
  return { child, ended };
}

export type Search = { readonly filter: string; readonly attributes: readonly string[] };

export type SearchServer = {
  readonly uri: string;
  readonly baseDn: string;
  readonly bindDn: string;
  readonly passwordFile: string;
  readonly pageSize: number;
};

export type Searched = { readonly wallMs: number; readonly cpuMs: number };

/** Runs ldapsearch once for each search, one after the other, its output thrown away; measured by the shell. */
export async function timeLdapsearch(server: SearchServer, searches: readonly Search[]): Promise<Searched> {
  let wallMs = 0;
  let cpuMs = 0;
  for (const search of searches) {
    const once = await timeOne(server, search);
    wallMs += once.wallMs;
    cpuMs += once.cpuMs;
  }
  return { wallMs, cpuMs };
}

async function timeOne(server: SearchServer, { filter, attributes }: Search): Promise<Searched> {
  const { uri, baseDn, bindDn, passwordFile, pageSize } = server;
  const paging = `pr=${pageSize}/noprompt`;
  const bind = ['-x', '-H', uri, '-D', bindDn, '-y', passwordFile];
  const asked = ['-LLL', '-o', 'ldif-wrap=no', '-E', paging, '-b', baseDn, filter, ...attributes];
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$@" >/dev/null';
  const tool = findCommand('ldapsearch') ?? 'ldapsearch';
  const child = spawn('bash', ['-c', script, 'bash', tool, ...bind, ...asked], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await endOf(child);
  const [real, user, system] = said.trim().split(' ').map(Number);
  if (code !== 0 || real === undefined || user === undefined || system === undefined) {
    throw new Error(`ldapsearch ${filter} ended with code ${code}: ${said}`);
  }
  return { wallMs: real * 1000, cpuMs: (user + system) * 1000 };
}
