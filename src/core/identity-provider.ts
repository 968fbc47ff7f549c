/**
 * mailcow's own identity provider: what it should be by our settings, and whose the one is that mailcow shows
 * (docs/decisions/017-identity-provider.md).
 */
import { dnKey } from './dn.ts';

/** How mailcow asks a directory. The bind password is in it: it is never printed, nor kept. */
export type LdapProvider = {
  /** Lower case, in the order in which they are tried. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly ssl: boolean;
  readonly startTls: boolean;
  readonly ignoreSslError: boolean;
  readonly baseDn: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  /** Lower case. */
  readonly usernameField: string;
  readonly filter: string;
  /** Lower case. */
  readonly attributeField: string;
  /** `missing`: never saved, which breaks every login (facts/auth.md section 3). `some`: templates are applied. */
  readonly mappers: 'none' | 'missing' | 'some';
  readonly periodicSync: boolean;
  readonly importUsers: boolean;
  readonly loginProvisioning: boolean;
  /** The template for who matches no mapper. */
  readonly defaultTemplate: string;
};

/** The one provider that mailcow has. */
export type IdentityProvider =
  | { readonly kind: 'ldap'; readonly ldap: LdapProvider }
  /** `keycloak`, `generic-oidc` or what comes after them. */
  | { readonly kind: 'other'; readonly type: string };

export type ProviderSettings = {
  /** As the setting gives them: `ldaps://dc1.example.org:636`. */
  readonly uris: readonly string[];
  readonly baseDn: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  readonly startTls: boolean;
  readonly tlsVerify: boolean;
};

type Server = { readonly host: string; readonly port: number; readonly ssl: boolean };

const uriPattern = /^(ldaps?):\/\/(\[[^\]]+\]|[^:/[\]]+)(?::(\d+))?\/?$/i;

function parseServer(uri: string): Server | undefined {
  const [, scheme, host, port] = uriPattern.exec(uri) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  const ssl = scheme.toLowerCase() === 'ldaps';
  return { host: host.toLowerCase(), port: port === undefined ? (ssl ? 636 : 389) : Number(port), ssl };
}

/** Why mailcow cannot be told of these servers: it has one port and one kind of encryption for all. */
export function serversProblem(uris: readonly string[]): string | undefined {
  const servers = uris.map(parseServer).filter((server) => server !== undefined);
  const [first] = servers;
  if (first === undefined || servers.length < uris.length) return 'there is a URI in it that is none of LDAP';
  if (servers.some(({ ssl }) => ssl !== first.ssl)) {
    return "mailcow's identity provider knows one kind of connection for all servers: give all of them ldaps:// or all of them ldap://";
  }
  const other = servers.find(({ port }) => port !== first.port);
  if (other === undefined) return undefined;
  return `mailcow's identity provider knows one port for all servers, and here are ${first.port} and ${other.port}: give all of them the same`;
}

/**
 * The provider that the settings ask for. mailcow compares the login name with the address of the mailbox, so the
 * field is that of the address. `attributeField` only decides over templates, which are off: the address does no
 * harm there. The servers must be ones without `serversProblem`.
 */
export function desiredProvider(
  settings: ProviderSettings,
  { mail, filter }: { readonly mail: string; readonly filter: string },
): LdapProvider {
  const servers = settings.uris.map(parseServer).filter((server) => server !== undefined);
  const { port = 389, ssl = false } = servers[0] ?? {};
  return {
    hosts: servers.map(({ host }) => host),
    port,
    ssl,
    startTls: settings.startTls && !ssl,
    ignoreSslError: !settings.tlsVerify,
    baseDn: settings.baseDn,
    bindDn: settings.bindDn,
    bindPassword: settings.bindPassword,
    usernameField: mail,
    filter,
    attributeField: mail,
    mappers: 'none',
    periodicSync: false,
    importUsers: false,
    loginProvisioning: false,
    defaultTemplate: '',
  };
}

/** Which directory a provider asks, and as whom: comparable text without the password. */
export function providerIdentity({ hosts, baseDn, bindDn }: LdapProvider): string {
  return JSON.stringify([[...hosts].sort(), dnKey(baseDn), bindDn.trim().toLowerCase()]);
}

/** Everything of a provider but its password, as text that can be digested and compared. */
export function providerText({ bindPassword: _secret, ...rest }: LdapProvider): string {
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export type ProviderVerdict =
  | { readonly kind: 'absent' }
  | { readonly kind: 'equal' }
  /** Ours, and not as it should be; names of fields, never values. */
  | { readonly kind: 'differs'; readonly fields: readonly string[] }
  | { readonly kind: 'foreign'; readonly why: string };

const differing = (shown: LdapProvider, desired: LdapProvider): readonly string[] => {
  const wanted: Readonly<Record<string, unknown>> = desired;
  return Object.entries(shown)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(wanted[name]))
    .map(([name]) => name)
    .sort();
};

/** What mailcow would do to mailboxes by itself. */
const ownWork = (shown: LdapProvider): readonly string[] => [
  ...(shown.periodicSync ? ['its periodic sync'] : []),
  ...(shown.importUsers ? ['its import of users'] : []),
  ...(shown.loginProvisioning ? ['making mailboxes at login'] : []),
  ...(shown.mappers === 'some' || shown.defaultTemplate !== '' ? ['templates by attribute'] : []),
];

/** What mailcow shows against what it should be. `written`: the identity of the one that we wrote last. */
export function judgeProvider(
  shown: IdentityProvider | undefined,
  desired: LdapProvider,
  written: string | undefined,
): ProviderVerdict {
  if (shown === undefined) return { kind: 'absent' };
  if (shown.kind === 'other') return { kind: 'foreign', why: `mailcow has one of the type ${shown.type}` };
  const { ldap } = shown;
  const fields = differing(ldap, desired);
  if (fields.length === 0) return { kind: 'equal' };
  const identity = providerIdentity(ldap);
  if (identity === written) return { kind: 'differs', fields };
  if (identity !== providerIdentity(desired)) {
    const why = `mailcow asks ${ldap.hosts.join(', ')} below ${ldap.baseDn} as ${ldap.bindDn}`;
    return { kind: 'foreign', why };
  }
  const works = ownWork(ldap);
  if (works.length === 0) return { kind: 'differs', fields };
  const why = `mailcow asks the same directory already, and does more with it (${works.join(', ')})`;
  return { kind: 'foreign', why };
}
