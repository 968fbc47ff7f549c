/** Programs that tests start and that Debian packages: found, or installed when that is possible. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** A program by its name, or any file by its path. */
export type DebianCommand = { readonly command: string; readonly package: string };

export const ldapCommands: readonly DebianCommand[] = [
  { command: 'slapd', package: 'slapd' },
  { command: 'slapadd', package: 'slapd' },
  { command: 'ldapmodify', package: 'ldap-utils' },
  { command: 'openssl', package: 'openssl' },
];

/** The data that a domain is provisioned from is a recommended package only. */
export const sambaCommands: readonly DebianCommand[] = [
  { command: 'samba', package: 'samba-ad-dc' },
  { command: 'samba-tool', package: 'samba-ad-dc' },
  { command: '/usr/share/samba/setup/provision.ldif', package: 'samba-ad-provision' },
  { command: 'ldapmodify', package: 'ldap-utils' },
  { command: 'openssl', package: 'openssl' },
];

export const ds389Commands: readonly DebianCommand[] = [
  { command: 'ns-slapd', package: '389-ds-base' },
  { command: '/usr/share/dirsrv/data/template-dse.ldif', package: '389-ds-base' },
  { command: 'ldapmodify', package: 'ldap-utils' },
];

/** Lua stands in for mailcow's own passdb; sieve-test reads a script as mailcow's Dovecot would. */
export const dovecotCommands: readonly DebianCommand[] = [
  { command: 'dovecot', package: 'dovecot-core' },
  { command: '/usr/lib/dovecot/imap', package: 'dovecot-imapd' },
  { command: '/usr/lib/dovecot/modules/auth/libauthdb_ldap.so', package: 'dovecot-ldap' },
  { command: '/usr/lib/dovecot/modules/auth/libauthdb_lua.so', package: 'dovecot-auth-lua' },
  { command: 'sieve-test', package: 'dovecot-sieve' },
];

/** Dovecot as a server for mail: what comes in by LMTP goes through the sieve scripts. */
export const mailServerCommands: readonly DebianCommand[] = [
  { command: 'dovecot', package: 'dovecot-core' },
  { command: '/usr/lib/dovecot/imap', package: 'dovecot-imapd' },
  { command: '/usr/lib/dovecot/lmtp', package: 'dovecot-lmtpd' },
  { command: '/usr/lib/dovecot/modules/lib95_imap_filter_sieve_plugin.so', package: 'dovecot-sieve' },
  { command: 'openssl', package: 'openssl' },
];

/** Says whether a property list is one for SOGo. */
export const plistCommands: readonly DebianCommand[] = [
  { command: 'plparse', package: 'gnustep-base-runtime' },
];

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The path of a program, or undefined; servers live where the PATH of ordinary users does not look. */
export function findCommand(command: string): string | undefined {
  if (isAbsolute(command)) return existsSync(command) ? command : undefined;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

const missingPackages = (commands: readonly DebianCommand[]): readonly string[] => [
  ...new Set(commands.filter(({ command }) => !findCommand(command)).map((needed) => needed.package)),
];

const sentence = (packages: readonly string[]): string =>
  `The tests need programs that are not installed here. On Debian, as root: apt-get update && apt-get install ${packages.join(' ')}`;

/** Throws a sentence that says what to install when one of the programs is missing. */
export function requirePackages(commands: readonly DebianCommand[]): void {
  const packages = missingPackages(commands);
  if (packages.length > 0) throw new Error(sentence(packages));
}

const policyFile = '/usr/sbin/policy-rc.d';

/** Debian starts a server when it installs one, unless this file forbids it. */
function withoutStartingServices(install: () => void): void {
  if (existsSync(policyFile)) {
    install();
    return;
  }
  writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    install();
  } finally {
    rmSync(policyFile, { force: true });
  }
}

function aptGet(args: readonly string[], packages: readonly string[]): void {
  const result = spawnSync(
    findCommand('apt-get') ?? 'apt-get',
    ['-o', 'DPkg::Lock::Timeout=300', '-qq', ...args],
    {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    },
  );
  if (result.status === 0) return;
  const why = result.stderr.trim().split('\n').slice(-3).join(' ');
  throw new Error(`${sentence(packages)} (apt-get ${args.join(' ')} failed here: ${why})`);
}

/**
 * Installs the packages of the programs that are missing, with apt-get, without starting their services.
 * Throws a sentence that says what to install when that is impossible. Not to be called by tests: two of
 * them at once would fight; they call requirePackages.
 */
export function ensurePackages(commands: readonly DebianCommand[]): void {
  const packages = missingPackages(commands);
  if (packages.length === 0) return;
  if (process.getuid?.() !== 0 || !findCommand('apt-get')) throw new Error(sentence(packages));
  process.stderr.write(`Installing ${packages.join(', ')} with apt-get …\n`);
  aptGet(['update'], packages);
  withoutStartingServices(() => {
    aptGet(['install', '-y', '--no-install-recommends', ...packages], packages);
  });
  requirePackages(commands);
}
