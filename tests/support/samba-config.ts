/** The domain of the Samba AD for tests, and its configuration file. */
import { join } from 'node:path';
import type { CertificateSet } from './certificates.ts';

export const sambaDomain = {
  realm: 'AD.EXAMPLE.TEST',
  baseDn: 'DC=ad,DC=example,DC=test',
  administrator: 'Administrator@ad.example.test',
  password: 'Passw0rd-of-the-Administrator',
} as const;

type Place = { readonly folder: string; readonly address: string };

/**
 * Access lists of SYSVOL go to a file instead of extended attributes: a container may not set those, and nobody
 * reads SYSVOL here.
 */
const withoutAttributes = (folder: string): readonly string[] => [
  'vfs objects = dfs_samba4 acl_xattr xattr_tdb',
  `xattr_tdb:file = ${join(folder, 'xattr.tdb')}`,
];

/** Arguments of `samba-tool domain provision`. */
export function provisionOptions({ folder, address }: Place): readonly string[] {
  const options = [`interfaces=${address}/8`, 'bind interfaces only=yes', ...withoutAttributes(folder)];
  return [
    `--targetdir=${folder}`,
    `--realm=${sambaDomain.realm}`,
    '--domain=ADTEST',
    '--server-role=dc',
    '--dns-backend=NONE',
    `--adminpass=${sambaDomain.password}`,
    '--host-name=dc1',
    `--host-ip=${address}`,
    ...options.map((option) => `--option=${option}`),
  ];
}

/** Each file that samba writes lies in one of these. */
export const sambaFolders = ['run', 'log', 'ncalrpc', 'bind-dns', 'ntp_signd', 'winbindd', 'cache', 'lock'];

const folderSettings: Readonly<Record<string, string>> = {
  'private dir': 'private',
  'state directory': 'state',
  'cache directory': 'cache',
  'lock directory': 'lock',
  'pid directory': 'run',
  'ncalrpc dir': 'ncalrpc',
  'binddns dir': 'bind-dns',
  'ntp signd socket directory': 'ntp_signd',
  'winbindd socket directory': 'winbindd',
};

/** The text of smb.conf: LDAP alone, on one address. */
export function renderSambaConfig(place: Place & { readonly tls: CertificateSet }): string {
  const { folder, address, tls } = place;
  const lines = [
    '[global]',
    'netbios name = DC1',
    `realm = ${sambaDomain.realm}`,
    'workgroup = ADTEST',
    'server role = active directory domain controller',
    'server role check:inhibit = yes',
    'server services = ldap',
    `interfaces = ${address}/8`,
    'bind interfaces only = yes',
    ...Object.entries(folderSettings).map(([setting, name]) => `${setting} = ${join(folder, name)}`),
    `log file = ${join(folder, 'log', 'log.%m')}`,
    'log level = 1',
    'tls enabled = yes',
    `tls keyfile = ${tls.key}`,
    `tls certfile = ${tls.cert}`,
    `tls cafile = ${tls.ca}`,
    ...withoutAttributes(folder),
    '[sysvol]',
    `path = ${join(folder, 'state', 'sysvol')}`,
    'read only = no',
  ];
  return `${lines.join('\n')}\n`;
}
