/** A real 389 Directory Server on loopback, in a temporary folder, as whatever user we are. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { ds389Commands, requirePackages } from './debian.ts';
import { ldapModify, ldapSearch, type LdapAdmin, type Lookup } from './ldap-tools.ts';
import { startLeashed } from './leash.ts';
import { freePort } from './slapd-process.ts';

export type Ds389 = {
  readonly uri: string;
  readonly baseDn: string;
  /** Directory Manager: adds entries and makes changes; throws when one was refused. */
  readonly modify: (ldif: string) => Promise<void>;
  /** What Directory Manager sees, as LDIF. */
  readonly search: (lookup: Lookup) => Promise<string>;
  /** Ends it; nothing of it is left then. */
  readonly close: () => Promise<void>;
};

const baseDn = 'dc=example,dc=test';
const rootDn = 'cn=Directory Manager';

/** Of a hashed password only: the server refuses to start with one in clear. */
function saltedHash(password: string): string {
  const salt = randomBytes(8);
  const digest = createHash('sha512').update(password).update(salt).digest();
  return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`;
}

const folders = ['schema', 'lock', 'tmp', 'ldif', 'bak', 'run', 'inst', 'log', 'db'];

type Instance = { readonly folder: string; readonly port: number; readonly password: string };

/** What the templates of the package leave open. */
const variables = ({ folder, port, password }: Instance): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(folders.map((name) => [`${name}_dir`, join(folder, name)])),
  cert_dir: folder,
  config_dir: '/etc/dirsrv/config',
  db_home_dir: join(folder, 'db'),
  db_lib: 'bdb',
  ds_bename: 'userRoot',
  ds_passwd: saltedHash(password),
  ds_port: String(port),
  ds_suffix: baseDn,
  ds_user: userInfo().username,
  fqdn: 'localhost',
  ldapi: join(folder, 'run', 'ldapi'),
  ldapi_autobind: 'off',
  ldapi_enabled: 'off',
  rootdn: rootDn,
});

const template = (name: string): string =>
  readFileSync(`/usr/share/dirsrv/data/${name}`, 'utf8').replace(/^#.*\n/gm, '');

/**
 * Writes what `dscreate` would: that wants systemd, and takes ten times as long. Throws when a template has
 * something that we do not know.
 */
function writeInstance(instance: Instance): void {
  const { folder } = instance;
  for (const name of folders) mkdirSync(join(folder, name));
  const known = variables(instance);
  // Two blank lines in a row, like a folder of schemas without a file, make the server end without a word.
  const text = [template('template-dse.ldif'), template('template-suffix-db.ldif')]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
  const config = text
    .replace(/^dn: cn=config\n/m, 'dn: cn=config\nnsslapd-listenhost: 127.0.0.1\n')
    .replace(/%([a-z_]+)%/g, (_, name: string) => {
      const value = known[name];
      if (value === undefined) throw new Error(`The template of 389ds has an unknown variable: ${name}`);
      return value;
    });
  writeFileSync(join(folder, 'dse.ldif'), config, { mode: 0o600 });
  writeFileSync(join(folder, 'schema', '99user.ldif'), 'dn: cn=schema\n');
}

/** Starts a server with an empty suffix dc=example,dc=test (about a second). */
export async function startDs389(): Promise<Ds389> {
  requirePackages(ds389Commands);
  const folder = mkdtempSync(join(tmpdir(), 'ds389-'));
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  writeInstance({ folder, port, password });
  const args = ['-D', folder, '-i', join(folder, 'run', 'pid'), '-d', '0'];
  const running = await startLeashed({ folder, program: 'ns-slapd', args, host: '127.0.0.1', port });
  const uri = `ldap://127.0.0.1:${port}`;
  const admin: LdapAdmin = { uri, dn: rootDn, password, folder };
  return {
    uri,
    baseDn,
    modify: (ldif) => ldapModify(admin, ldif),
    search: (lookup) => ldapSearch(admin, lookup),
    close: async () => {
      await running.close();
      rmSync(join('/dev/shm', `sem.${basename(folder)}.stats`), { force: true });
    },
  };
}
