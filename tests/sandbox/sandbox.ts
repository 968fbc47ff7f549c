/** The sandbox: two servers for hand work, one line of JSON, nothing left behind. */
import { ensurePackages, ldapCommands } from '../support/debian.ts';
import { listenForEnd } from './lifetime.ts';
import { parseSandboxOptions, SandboxUsageError, usage, type SandboxOptions } from './options.ts';
import { startServers, type Servers } from './servers.ts';

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** The line on stdout: how to reach the servers. */
function renderAccess({ slapd, mailcow, envFile }: Servers): string {
  const { uri, baseDn, bindDn, bindPassword, adminDn, adminPassword } = slapd;
  return JSON.stringify({
    ldapUri: uri,
    baseDn,
    bindDn,
    bindPassword,
    adminDn,
    adminPassword,
    apiHost: mailcow.url,
    apiKey: mailcow.apiKey,
    envFile,
  });
}

async function keepUp(options: SandboxOptions): Promise<void> {
  const end = listenForEnd();
  ensurePackages(ldapCommands);
  const { ldif, schema, state, latencyMs, port } = options;
  const servers = await startServers({
    slapd: { ldif, schema },
    mailcow: { port, latencyMs, ...(state && { state }) },
  });
  try {
    if (end.isRequested()) return;
    say(`slapd ${servers.slapd.uri}, mailcow stand-in ${servers.mailcow.url}; Ctrl-C ends both`);
    process.stdout.write(`${renderAccess(servers)}\n`);
    say(`${await end.requested}: shutting down`);
  } finally {
    await servers.stop();
  }
}

export type SandboxCall = {
  readonly args: readonly string[];
  readonly root: string;
  readonly typedIn: string;
};

/** Runs the sandbox until it is told to end; the exit code is 0, 1 for a server that fails, 2 for bad options. */
export async function runSandbox(call: SandboxCall): Promise<number> {
  try {
    const options = parseSandboxOptions(call);
    if (options === undefined) process.stderr.write(usage);
    else await keepUp(options);
    return 0;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    if (!(error instanceof SandboxUsageError)) return 1;
    say('npm run sandbox -- --help shows the options.');
    return 2;
  }
}
