/** The two servers of the sandbox, the demo and the integration tests, with a folder of their own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowOptions, MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { startSlapd, type Slapd, type SlapdOptions } from '../support/slapd.ts';
import { renderEnv, ruleSettings, type EnvSettings } from './env-file.ts';

/** mailcow's side of a sandbox, and the file that tells the program of both sides. */
export type MailcowSide = {
  readonly mailcow: MailcowStandIn;
  /** Readable by this user only; gone after `stop`. */
  readonly folder: string;
  /** Everything the program needs. */
  readonly envFile: string;
  /** A second env file: the same lines, then these. */
  writeEnv(name: string, settings: EnvSettings): string;
  stop(): Promise<void>;
};

export type ServersOptions = {
  readonly slapd: SlapdOptions;
  readonly mailcow?: MailcowOptions;
};

export type Servers = MailcowSide & { readonly slapd: Slapd };

const settingsOf = (slapd: Slapd): EnvSettings => ({
  LDAP_URI: slapd.uri,
  LDAP_BASE_DN: slapd.baseDn,
  LDAP_BIND_DN: slapd.bindDn,
  LDAP_BIND_DN_PASSWORD: slapd.bindPassword,
});

function openFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'ldap-mailcow-sandbox-'));
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}

/** Throws a sentence when the port is taken. */
function startStandIn(options: MailcowOptions = {}): Promise<MailcowStandIn> {
  return startMailcow(options).catch((error: unknown) => {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new Error(`The mailcow stand-in cannot listen on port ${options.port ?? 0}: ${error.message}`, {
      cause: error,
    });
  });
}

/** Starts the stand-in beside a directory that these settings describe, names without the prefix. */
export async function startMailcowSide(
  directory: EnvSettings,
  options?: MailcowOptions,
): Promise<MailcowSide> {
  const mailcow = await startStandIn(options);
  const folder = openFolder();
  const settings = {
    API_HOST: mailcow.url,
    API_KEY: mailcow.apiKey,
    DB: join(folder.path, 'ldap-mailcow.sqlite3'),
    ...directory,
  };
  const writeEnv = (name: string, more: EnvSettings): string => {
    const path = join(folder.path, name);
    writeFileSync(path, renderEnv(settings) + renderEnv(more), { mode: 0o600 });
    return path;
  };
  return {
    mailcow,
    folder: folder.path,
    envFile: writeEnv('sandbox.env', {}),
    writeEnv,
    stop: async () => {
      await mailcow.close();
      folder.remove();
    },
  };
}

/**
 * Starts slapd and the stand-in, with the settings of RULES.md. Throws a sentence when one of them cannot start;
 * then neither is left.
 */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const slapd = await startSlapd(options.slapd);
  const settings = { ...settingsOf(slapd), ...ruleSettings };
  const side = await startMailcowSide(settings, options.mailcow).catch(async (error: unknown) => {
    await slapd.stop();
    throw error;
  });
  return {
    ...side,
    slapd,
    stop: async () => {
      await Promise.all([slapd.stop(), side.stop()]);
    },
  };
}
