/** The two servers of the sandbox, the demo and the integration tests, with a folder of their own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowOptions, MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { startSlapd, type Slapd, type SlapdOptions } from '../support/slapd.ts';
import { renderEnv, ruleSettings, type EnvSettings } from './env-file.ts';

export type ServersOptions = {
  readonly slapd: SlapdOptions;
  readonly mailcow?: MailcowOptions;
};

export type Servers = {
  readonly slapd: Slapd;
  readonly mailcow: MailcowStandIn;
  /** Readable by this user only; gone after `stop`. */
  readonly folder: string;
  /** Everything the program needs, with the settings of RULES.md. */
  readonly envFile: string;
  /** A second env file: the same lines, then these. */
  writeEnv(name: string, settings: EnvSettings): string;
  stop(): Promise<void>;
};

const serverSettings = (slapd: Slapd, mailcow: MailcowStandIn): EnvSettings => ({
  LDAP_URI: slapd.uri,
  LDAP_BASE_DN: slapd.baseDn,
  LDAP_BIND_DN: slapd.bindDn,
  LDAP_BIND_DN_PASSWORD: slapd.bindPassword,
  API_HOST: mailcow.url,
  API_KEY: mailcow.apiKey,
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

/** Starts slapd and the stand-in. Throws a sentence when one of them cannot start; then neither is left. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const slapd = await startSlapd(options.slapd);
  const mailcow = await startMailcow(options.mailcow).catch(async (error: unknown) => {
    await slapd.stop();
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new Error(
      `The mailcow stand-in cannot listen on port ${options.mailcow?.port ?? 0}: ${error.message}`,
      { cause: error },
    );
  });
  const folder = openFolder();
  const settings = {
    ...serverSettings(slapd, mailcow),
    DB: join(folder.path, 'ldap-mailcow.sqlite3'),
    ...ruleSettings,
  };
  const writeEnv = (name: string, more: EnvSettings): string => {
    const path = join(folder.path, name);
    writeFileSync(path, renderEnv(settings) + renderEnv(more), { mode: 0o600 });
    return path;
  };
  return {
    slapd,
    mailcow,
    folder: folder.path,
    envFile: writeEnv('sandbox.env', {}),
    writeEnv,
    stop: async () => {
      await Promise.all([slapd.stop(), mailcow.close()]);
      folder.remove();
    },
  };
}
