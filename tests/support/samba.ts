/**
 * A real Samba AD domain controller on a loopback address of its own, in a temporary folder. It runs as root:
 * the ports of AD are fixed and privileged, and its database knows no other owner. Only LDAP is served.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificateFor, type CertificateSet } from './certificates.ts';
import { requirePackages, sambaCommands } from './debian.ts';
import { ldapModify, ldapSearch, type LdapAdmin, type Lookup } from './ldap-tools.ts';
import { runLeashed, startLeashed, type RunningServer } from './leash.ts';
import { provisionOptions, renderSambaConfig, sambaDomain, sambaFolders } from './samba-config.ts';

export type Samba = {
  /** ldaps://; the plain port 389 refuses simple binds. */
  readonly uri: string;
  readonly plainUri: string;
  /** The authority of its certificate. */
  readonly caFile: string;
  readonly baseDn: string;
  /** Administrator: adds entries and makes changes; throws when one was refused. */
  readonly modify: (ldif: string) => Promise<void>;
  /** What Administrator sees, as LDIF. */
  readonly search: (lookup: Lookup) => Promise<string>;
  /** Ends it; nothing of it is left then. */
  readonly close: () => Promise<void>;
};

const ports = [389, 636, 3268, 3269];

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((done, failed) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') done(false);
      else failed(new Error(`The tests with Samba have to listen on ${host}:${port}: ${error.message}`));
    });
    server.listen(port, host, () => {
      server.close(() => {
        done(true);
      });
    });
  });

const octet = (): number => 2 + Math.floor(Math.random() * 250);

/** A 127.x address with AD's ports free: chance keeps two test runs apart, the look makes sure. */
async function freeAddress(): Promise<string> {
  for (;;) {
    const address = `127.${octet()}.${octet()}.${octet()}`;
    const free = await Promise.all(ports.map((port) => isFree(address, port)));
    if (free.every(Boolean)) return address;
  }
}

type Place = { readonly folder: string; readonly address: string; readonly tls: CertificateSet };

async function launch(place: Place): Promise<RunningServer> {
  const { folder, address } = place;
  const provision = ['domain', 'provision', ...provisionOptions(place)];
  await runLeashed({ folder, program: 'samba-tool', args: provision });
  for (const name of sambaFolders) mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  const file = join(folder, 'smb.conf');
  writeFileSync(file, renderSambaConfig(place));
  const args = ['--foreground', '--no-process-group', '--model=single', '--debug-stdout', '-s', file];
  return startLeashed({ folder, program: 'samba', args, host: address, port: 636 });
}

/** Provisions a new domain and starts its controller (about five seconds). */
export async function startSamba(): Promise<Samba> {
  requirePackages(sambaCommands);
  const address = await freeAddress();
  const folder = mkdtempSync(join(tmpdir(), 'samba-'));
  const tls = makeCertificateFor(address, folder);
  const running = await launch({ folder, address, tls });
  const uri = `ldaps://${address}`;
  const { administrator: dn, password, baseDn } = sambaDomain;
  const admin: LdapAdmin = { uri, dn, password, folder, caFile: tls.ca };
  return {
    uri,
    plainUri: `ldap://${address}`,
    caFile: tls.ca,
    baseDn,
    modify: (ldif) => ldapModify(admin, ldif),
    search: (lookup) => ldapSearch(admin, lookup),
    close: running.close,
  };
}
