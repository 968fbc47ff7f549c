/** What OpenLDAP's command line tools do to any server: an independent look, and changes by its administrator. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from './debian.ts';

export type LdapAdmin = {
  readonly uri: string;
  readonly dn: string;
  readonly password: string;
  /** For the file with the password. */
  readonly folder: string;
  /** For ldaps:// URIs: the authority to trust. */
  readonly caFile?: string;
};

/** The password travels in a file, because argv is visible to every user of the machine. */
function passwordFile({ folder, password }: LdapAdmin): string {
  const file = join(folder, 'admin.password');
  if (!existsSync(file)) writeFileSync(file, password, { mode: 0o600 });
  chmodSync(file, 0o600);
  return file;
}

type Call = { readonly tool: string; readonly args: readonly string[]; readonly input: string };

function runTool(admin: LdapAdmin, { tool, args, input }: Call): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(
      findCommand(tool) ?? tool,
      ['-x', '-H', admin.uri, '-D', admin.dn, '-y', passwordFile(admin), ...args],
      { env: { ...process.env, ...(admin.caFile !== undefined && { LDAPTLS_CACERT: admin.caFile }) } },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('error', failed);
    child.once('close', (code) => {
      if (code === 0) done(stdout);
      else failed(new Error(`${tool}: ${stderr.trim()}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Adds the entries and makes the changes of an LDIF text (ldapmodify -a -c); throws when one was refused. */
export async function ldapModify(admin: LdapAdmin, ldif: string): Promise<void> {
  await runTool(admin, { tool: 'ldapmodify', args: ['-a', '-c'], input: ldif });
}

export type Lookup = {
  readonly base: string;
  readonly scope?: 'base' | 'sub';
  readonly filter?: string;
  readonly attributes?: readonly string[];
};

/** The answer as LDIF with unfolded lines, references as comments. */
export function ldapSearch(admin: LdapAdmin, lookup: Lookup): Promise<string> {
  const { base, scope = 'base', filter = '(objectClass=*)', attributes = [] } = lookup;
  const args = ['-LLL', '-o', 'ldif-wrap=no', '-b', base, '-s', scope, filter, ...attributes];
  return runTool(admin, { tool: 'ldapsearch', args, input: '' });
}
