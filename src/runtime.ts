/** Which node runs us: better-sqlite3 crashes on versions before 22, so it is never loaded there. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const OLDEST = 22;
/** Not a setting: those begin with LDAP_MAILCOW_. */
const RELAUNCHED = 'LDAPMAILCOW_RELAUNCHED';

/** Whether this node can load what we need. */
export function isSupported(version: string): boolean {
  return Number(version.split('.')[0]) >= OLDEST;
}

/** A node that `npm ci` brought along with the project, if any. */
export function bundledNode(root: string): string | undefined {
  const path = join(root, 'node_modules', '.bin', 'node');
  return existsSync(path) ? path : undefined;
}

/**
 * Runs the same command line under another node, as if it were this process: same streams, same signals, same
 * exit code; ends with it even when this process is killed.
 */
export function relaunch(node: string, args: readonly string[]): Promise<number> {
  const child = spawn(node, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [RELAUNCHED]: '1' },
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 128);
    });
  });
}

/** In a relaunched process: dies with the one that started it, as a single process would. */
export function dieWithParent(): void {
  if (process.env[RELAUNCHED] === undefined || process.channel === undefined) return;
  process.channel.unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}
