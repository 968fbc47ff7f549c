/** A real Dovecot on loopback, shaped like mailcow's, in a temporary folder. */
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { LoginFile } from '../../src/auth/dovecot.ts';
import { dovecotCommands, findCommand, requirePackages } from './debian.ts';
import { renderDovecotConfig, renderUserdb, renderVerifier, type DovecotConfig } from './dovecot-config.ts';
import { imapLogin } from './imap-login.ts';
import { startLeashed, type RunningServer } from './leash.ts';
import { freePort } from './slapd-process.ts';

export type DovecotOptions = Pick<DovecotConfig, 'mailboxes' | 'mailcow'> & {
  /** The files for logins; the folder is where Dovecot sees them. */
  readonly render?: (folder: string) => readonly LoginFile[];
};

export type Dovecot = {
  readonly port: number;
  /** Where mailcow's data/conf/dovecot would be. */
  readonly folder: string;
  /** The server's answer, like `OK …` or `NO [AUTHENTICATIONFAILED] …`. */
  readonly login: (user: string, password: string) => Promise<string>;
  /** Writes files for logins; Dovecot does not know it yet. */
  readonly install: (files: readonly LoginFile[]) => void;
  /** What dockerapi does: `dovecot reload`. Returns before all of it is done. */
  readonly reload: () => Promise<void>;
  /** Ends and starts it, as a restart of the container does. */
  readonly restart: () => Promise<void>;
  /** Any other command of doveadm; its output. */
  readonly doveadm: (...args: readonly string[]) => Promise<string>;
  readonly log: () => string;
  readonly close: () => Promise<void>;
};

const run = promisify(execFile);

function install(folder: string, files: readonly LoginFile[]): void {
  for (const { service, name, text, mode } of files) {
    if (service !== 'dovecot') continue;
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
  }
}

function prepare(config: DovecotConfig): void {
  const { folder } = config;
  // Dovecot's processes are not root, and have to get through.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'vmail'), { mode: 0o777 });
  chmodSync(join(folder, 'vmail'), 0o777);
  writeFileSync(join(folder, 'dovecot.conf'), renderDovecotConfig(config));
  writeFileSync(join(folder, 'passwd-verify.lua'), renderVerifier(config));
  writeFileSync(join(folder, 'mailboxes'), renderUserdb(config));
  writeFileSync(join(folder, 'dovecot-master.passwd'), '');
  appendFileSync(join(folder, 'dovecot.log'), '');
}

/** Starts Dovecot; throws with its own words when it does not listen. */
export async function startDovecot({ mailboxes, mailcow, render }: DovecotOptions): Promise<Dovecot> {
  requirePackages(dovecotCommands);
  const folder = mkdtempSync(join(tmpdir(), 'dovecot-'));
  const port = await freePort();
  const { username } = userInfo();
  const isRoot = process.getuid?.() === 0;
  prepare({ folder, port, mailboxes, mailcow, ...(!isRoot && { account: username }) });
  install(folder, render?.(folder) ?? []);
  const conf = join(folder, 'dovecot.conf');
  const log = (): string => readFileSync(join(folder, 'dovecot.log'), 'utf8');
  // Its folder must survive a restart: the leash holds one of its own.
  const start = (): Promise<RunningServer> =>
    startLeashed({
      folder: mkdtempSync(join(tmpdir(), 'dovecot-leash-')),
      program: 'dovecot',
      args: ['-F', '-c', conf],
      host: '127.0.0.1',
      port,
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${log()}`);
    });
  let running = await start();
  const doveadm = async (...args: readonly string[]): Promise<string> => {
    const program = findCommand('doveadm') ?? 'doveadm';
    return (await run(program, ['-c', conf, ...args])).stdout;
  };
  return {
    port,
    folder,
    login: (user, password) => imapLogin(port, user, password),
    install: (files) => {
      install(folder, files);
    },
    reload: async () => {
      await doveadm('reload');
    },
    restart: async () => {
      await running.close();
      running = await start();
    },
    doveadm,
    log,
    close: async () => {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
