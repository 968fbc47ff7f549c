/** The configuration file of a slapd for tests. */
import { join } from 'node:path';
import type { ServiceAccounts } from './slapd-ldif.ts';

export type ServerTls = { readonly ca: string; readonly cert: string; readonly key: string };

export type SlapdConfig = {
  readonly folder: string;
  readonly baseDn: string;
  readonly adminPassword: string;
  readonly schema: readonly string[];
  readonly accounts: ServiceAccounts;
  readonly sizeLimit: number;
  readonly tls: ServerTls | undefined;
  readonly extraAcl: readonly string[];
  readonly requireAuthc: boolean;
  /** Names of overlays and of the modules that have them. */
  readonly overlays: readonly string[];
  /** Counts operations under cn=monitor, for the administrator. */
  readonly counts: boolean;
};

const standardSchemas = ['core', 'cosine', 'inetorgperson', 'nis'].map(
  (name) => `/etc/ldap/schema/${name}.schema`,
);

const indexes = [
  'objectClass',
  'uid,cn,sn,mail,uidNumber,memberUid,member',
  'entryCSN,entryUUID,modifyTimestamp',
].map((attributes) => `index ${attributes} eq`);

const tlsLines = (tls: ServerTls | undefined): readonly string[] =>
  tls
    ? [
        `TLSCACertificateFile ${tls.ca}`,
        `TLSCertificateFile ${tls.cert}`,
        `TLSCertificateKeyFile ${tls.key}`,
        'TLSVerifyClient never',
      ]
    : [];

/** `limited` is cut off even when paged: paging lifts nothing without size.prtotal (facts/ldap.md section 7). */
const limits = ({ accounts, sizeLimit }: SlapdConfig): readonly string[] => [
  `limits dn.exact="${accounts.sync.dn}" size.soft=${sizeLimit} size.hard=${sizeLimit} size.pr=1000 size.prtotal=unlimited time=unlimited`,
  `limits dn.exact="${accounts.limited.dn}" size.soft=${sizeLimit} size.hard=${sizeLimit}`,
];

const access = ({ accounts, extraAcl }: SlapdConfig): readonly string[] => [
  ...extraAcl,
  'access to attrs=userPassword by anonymous auth by * none',
  `access to * by dn.exact="${accounts.nothing.dn}" none by users read by * none`,
];

/** slapd writes it once it listens. */
export function pidFile(folder: string): string {
  return join(folder, 'slapd.pid');
}

const adminOf = ({ baseDn }: SlapdConfig): string => `cn=admin,${baseDn}`;

/** The text of slapd.conf; its database lies in `db` beside it. */
export function renderSlapdConfig(config: SlapdConfig): string {
  const lines = [
    ...[...standardSchemas, ...config.schema].map((file) => `include ${file}`),
    `pidfile ${pidFile(config.folder)}`,
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    ...config.overlays.map((name) => `moduleload ${name}`),
    ...tlsLines(config.tls),
    ...(config.requireAuthc ? ['require authc', 'disallow bind_anon'] : []),
    'database mdb',
    `suffix "${config.baseDn}"`,
    `rootdn "${adminOf(config)}"`,
    `rootpw ${config.adminPassword}`,
    `directory ${join(config.folder, 'db')}`,
    'maxsize 1073741824',
    'dbnosync',
    ...indexes,
    ...limits(config),
    ...access(config),
    ...config.overlays.map((name) => `overlay ${name}`),
    ...(config.counts ? ['database monitor', `access to * by dn.exact="${adminOf(config)}" read`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
