/** A real OpenLDAP server on loopback, in a temporary folder, for tests, the sandbox and the demo. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ldapCommands, requirePackages } from './debian.ts';
import { ldapModify, ldapSearch, type LdapAdmin, type Lookup } from './ldap-tools.ts';
import { renderSlapdConfig, type ServerTls } from './slapd-config.ts';
import { isChangeLdif, parseLdif, serviceAccounts, type ServiceAccount } from './slapd-ldif.ts';
import { command, forget, freePort, launch, remember, stopChild, type Running } from './slapd-process.ts';

export type SlapdOptions = {
  /** Files: entries are loaded with slapadd, files of changes are then applied with ldapmodify. */
  readonly ldif?: readonly string[];
  /** Entries as text, after those of the files. */
  readonly text?: string;
  /** Files, in order, after core, cosine, inetorgperson and nis; default: adlike.schema. */
  readonly schema?: readonly string[];
  readonly port?: number;
  readonly tls?: ServerTls;
  /** For `limited`, and for unpaged searches of the service bind; default: a quarter of the entries, at most 500. */
  readonly sizeLimit?: number;
  /** Access lines of slapd.conf, before the default ones. */
  readonly extraAcl?: readonly string[];
  readonly requireAuthc?: boolean;
  /** Like `ppolicy`. */
  readonly overlays?: readonly string[];
  /** Counts operations under cn=monitor, for the administrator. */
  readonly counts?: boolean;
};

export type Slapd = {
  readonly uri: string;
  readonly ldapsUri?: string;
  readonly port: number;
  readonly baseDn: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  readonly adminDn: string;
  readonly adminPassword: string;
  /** Cut off by a size limit even when it pages. */
  readonly limited: ServiceAccount;
  /** May read nothing at all. */
  readonly nothing: ServiceAccount;
  /** Applies LDIF changes as admin; throws when one of them was refused. */
  readonly modify: (ldif: string) => Promise<void>;
  /** What the admin sees, as LDIF. */
  readonly search: (lookup: Lookup) => Promise<string>;
  readonly stop: () => Promise<void>;
};

const adminPassword = 'admin';
const defaultSchema = 'tests/support/adlike.schema';

type Data = { readonly entries: string; readonly changes: readonly string[] };

function readData(options: SlapdOptions): Data {
  const texts = [...(options.ldif ?? []).map((file) => readFileSync(file, 'utf8')), options.text ?? ''];
  const entries = texts
    .filter((text) => !isChangeLdif(text))
    .map((text) => text.replace(/^version:.*$/im, ''));
  return { entries: entries.join('\n\n'), changes: texts.filter(isChangeLdif) };
}

type Prepared = {
  readonly folder: string;
  readonly baseDn: string;
  readonly accounts: ReturnType<typeof serviceAccounts>['accounts'];
};

/** Writes the configuration and loads the entries; the server is not running yet. */
function prepare(options: SlapdOptions, entries: string): Prepared {
  const records = parseLdif(entries);
  const baseDn = records[0]?.dn;
  if (baseDn === undefined) throw new Error('The LDIF for slapd has no entry.');
  const { accounts, ldif } = serviceAccounts(records, baseDn);
  const folder = mkdtempSync(join(tmpdir(), 'slapd-'));
  mkdirSync(join(folder, 'db'));
  const config = renderSlapdConfig({
    folder,
    baseDn,
    adminPassword,
    accounts,
    schema: (options.schema ?? [defaultSchema]).map((file) => resolve(file)),
    sizeLimit: options.sizeLimit ?? Math.max(1, Math.min(500, Math.floor(records.length / 4))),
    tls: options.tls,
    extraAcl: options.extraAcl ?? [],
    requireAuthc: options.requireAuthc ?? false,
    overlays: options.overlays ?? [],
    counts: options.counts ?? false,
  });
  writeFileSync(join(folder, 'slapd.conf'), config);
  const added = spawnSync(command('slapadd'), ['-q', '-f', join(folder, 'slapd.conf')], {
    input: `${entries}\n\n${ldif}`,
    encoding: 'utf8',
  });
  if (added.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`slapadd refused the LDIF: ${added.stderr.trim()}`);
  }
  return { folder, baseDn, accounts };
}

type Listening = Running & { readonly port: number; readonly uri: string; readonly ldapsUri?: string };

/** A free port may be taken between asking and listening: then another one. */
async function listen(options: SlapdOptions, folder: string): Promise<Listening> {
  for (let tries = 1; ; tries += 1) {
    const port = options.port ?? (await freePort());
    const uri = `ldap://127.0.0.1:${port}`;
    const ldapsUri = options.tls ? `ldaps://127.0.0.1:${await freePort()}` : undefined;
    try {
      const running = await launch(folder, ldapsUri ? [uri, ldapsUri] : [uri], port);
      return { ...running, port, uri, ...(ldapsUri && { ldapsUri }) };
    } catch (error) {
      if (options.port !== undefined || tries === 5) throw error;
    }
  }
}

/**
 * Starts slapd with the given entries. The base DN is that of the first one; service binds that the LDIF
 * lacks are added under ou=service. Throws with slapd's own words when it cannot start.
 */
export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  requirePackages(ldapCommands);
  const data = readData(options);
  const { folder, baseDn, accounts } = prepare(options, data.entries);
  const { child, port, uri, ldapsUri } = await listen(options, folder).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  remember(child, folder);
  const adminDn = `cn=admin,${baseDn}`;
  const admin: LdapAdmin = { uri, dn: adminDn, password: adminPassword, folder };
  const slapd: Slapd = {
    uri,
    ...(ldapsUri !== undefined && { ldapsUri }),
    port,
    baseDn,
    bindDn: accounts.sync.dn,
    bindPassword: accounts.sync.password,
    adminDn,
    adminPassword,
    limited: accounts.limited,
    nothing: accounts.nothing,
    modify: (ldif) => ldapModify(admin, ldif),
    search: (lookup) => ldapSearch(admin, lookup),
    stop: async () => {
      await stopChild(child);
      forget(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  for (const changes of data.changes) await slapd.modify(changes);
  return slapd;
}
