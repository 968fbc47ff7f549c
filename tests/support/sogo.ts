/** A real SOGo on loopback with the database and the cache that it wants, for scripts/test-sogo.ts. Needs root. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LoginFile } from '../../src/auth/dovecot.ts';
import { findCommand, type DebianCommand } from './debian.ts';
import { startLeashed, type RunningServer } from './leash.ts';
import { freePort } from './slapd-process.ts';

export const sogoCommands: readonly DebianCommand[] = [
  { command: 'sogod', package: 'sogo' },
  { command: 'mariadbd', package: 'mariadb-server' },
  { command: 'memcached', package: 'memcached' },
  { command: 'envsubst', package: 'gettext-base' },
];

export type SogoOptions = {
  readonly domain: string;
  readonly reads: 'plist' | 'script';
  readonly files: readonly LoginFile[];
};

export type Sogo = {
  /** HTTP status of a login at the form, or why there was none. */
  readonly login: (user: string, password: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

const view = `
CREATE DATABASE sogo;
CREATE USER sogo@localhost IDENTIFIED BY 'sogo';
GRANT ALL ON sogo.* TO sogo@localhost;
CREATE TABLE sogo._sogo_static_view (c_uid VARCHAR(255), domain VARCHAR(255), c_name VARCHAR(255),
  c_password VARCHAR(255), c_cn VARCHAR(255), mail VARCHAR(255));
`;

function run(program: string, args: readonly string[], input = ''): void {
  const result = spawnSync(findCommand(program) ?? program, args, { encoding: 'utf8', input });
  if (result.status !== 0)
    throw new Error(`${program}: ${result.stderr.trim()}${result.error?.message ?? ''}`);
}

const leashFolder = (): string => mkdtempSync(join(tmpdir(), 'sogo-leash-'));

async function startDatabase(folder: string): Promise<RunningServer> {
  const data = join(folder, 'mysql');
  mkdirSync(data);
  run('chown', ['mysql:mysql', data]);
  const common = [`--datadir=${data}`, '--user=mysql'];
  run('mariadb-install-db', ['--no-defaults', ...common, '--auth-root-authentication-method=normal']);
  const port = await freePort();
  const socket = join(folder, 'mysql.sock');
  const args = [
    '--no-defaults',
    ...common,
    `--socket=${socket}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
  ];
  const server = { folder: leashFolder(), program: 'mariadbd', host: '127.0.0.1', port };
  const running = await startLeashed({ ...server, args: [...args, `--pid-file=${join(data, 'pid')}`] });
  run('mariadb', ['--no-defaults', `--socket=${socket}`, '--user=root'], view);
  return running;
}

/** SOGo uses the socket, which is private to this run; the port only tells that the program is up. */
async function startCache(folder: string): Promise<RunningServer> {
  const port = await freePort();
  const ways = [`-s ${join(folder, 'memcached.sock')} -a 0777`, `-l 127.0.0.1 -p ${port}`];
  const starts = ways.map((way) => `memcached -u memcache ${way} & all="$all $!"`);
  const args = ['-c', `${starts.join('\n')}\ntrap 'kill $all' TERM\nwait\nwait`];
  return startLeashed({ folder: leashFolder(), program: '/bin/bash', args, host: '127.0.0.1', port });
}

function prepare(files: readonly LoginFile[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'sogo-'));
  chmodSync(folder, 0o777);
  for (const name of ['etc', 'home']) mkdirSync(join(folder, name));
  const conf = '{ SOGoLanguage = English; SOGoTimeZone = UTC; SOGoIMAPServer = "imap://127.0.0.1:1"; }\n';
  writeFileSync(join(folder, 'etc/sogo.conf'), conf);
  for (const { service, name, text, mode } of files) {
    if (service !== 'sogo') continue;
    writeFileSync(join(folder, 'etc', name), text);
    chmodSync(join(folder, 'etc', name), mode);
  }
  return folder;
}

async function login(port: number, userName: string, password: string): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/SOGo/connect`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userName, password, domain: null, language: 'English', rememberLogin: 0 }),
    });
    await answer.text();
    return String(answer.status);
  } catch {
    return 'no answer';
  }
}

/** Starts all three; the property list is made as mailcow makes it. Throws with the words of what did not start. */
export async function startSogo({ domain, reads, files }: SogoOptions): Promise<Sogo> {
  const folder = prepare(files);
  const started: RunningServer[] = [];
  const close = async (): Promise<void> => {
    for (const running of started.reverse()) await running.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    started.push(await startDatabase(folder), await startCache(folder));
    const port = await freePort();
    const args = ['-m', resolve('tests/support/sogo-bootstrap.sh'), folder, reads, domain, String(port)];
    started.push(
      await startLeashed({ folder: leashFolder(), program: 'unshare', args, host: '127.0.0.1', port }),
    );
    // The port listens before a worker does.
    await pause(1000);
    return { login: (user, password) => login(port, user, password), close };
  } catch (error) {
    await close();
    throw error;
  }
}
