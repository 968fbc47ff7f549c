/** From the configuration to how people log in; constructs nothing. */
import { dirname, join } from 'node:path';
import type { LoginFilesOptions } from './auth/login-files.ts';
import { ConfigError } from './config/error.ts';
import type { Config } from './config/schema.ts';
import { serversProblem } from './core/identity-provider.ts';
import type { LoginWaySettings } from './sync/login-way.ts';
import type { SyncSettings } from './sync/settings.ts';

/** Without the global catalog of the setting, the servers that are read. */
const serversOf = ({ ldap }: Config): readonly string[] => ldap.gcUris ?? ldap.uris;

function requireServers(config: Config): void {
  const problem = serversProblem(serversOf(config));
  if (problem === undefined) return;
  const setting = config.ldap.gcUris === undefined ? 'LDAP_MAILCOW_LDAP_URI' : 'LDAP_MAILCOW_LDAP_GC_URI';
  throw new ConfigError([`${setting}, with LDAP_MAILCOW_AUTH=identity-provider: ${problem}`]);
}

/** What rendering and installing the files for logins needs. */
export function loginFilesOptions(config: Config): LoginFilesOptions {
  const { ldap, auth, program } = config;
  return {
    folders: { dovecot: auth.dovecotFolder, sogo: auth.sogoFolder },
    templates: auth.templatesFolder,
    backup: join(dirname(program.db), 'logins'),
    settings: {
      uris: serversOf(config),
      baseDn: ldap.baseDn,
      scope: ldap.scope,
      bindDn: ldap.bindDn,
      bindPassword: ldap.bindPassword,
      startTls: ldap.startTls,
      tls: { verify: ldap.tlsVerify, ...(ldap.tlsCaFile && { caFile: ldap.tlsCaFile.path }) },
      ...(auth.loginFilter !== undefined && { sogoFilter: auth.loginFilter }),
    },
    ...(ldap.userFilter !== undefined && { userFilter: ldap.userFilter }),
    mapping: config.mapping,
    ...(ldap.gcUris !== undefined && { gcUri: ldap.gcUris.join(' ') }),
  };
}

/** What the directory shows of passwords is read by a sync alone. */
export function passwordAttributes({ auth }: Config): readonly string[] {
  return auth.mode === 'password-hash' ? [auth.passwordAttribute] : [];
}

/** Which way people log in, and who restarts whom. */
export function loginWaySettings({ auth }: Config): LoginWaySettings {
  const { mode, sogoSource, restart } = auth;
  return { mode, wantsSogoSource: sogoSource, restarts: restart === 'dockerapi' };
}

type Logins = Pick<SyncSettings, 'provider' | 'passwordAttribute'>;

/** `userFilter` as it goes over the wire. Throws a ConfigError for servers that mailcow cannot be told of. */
export function loginSettings(config: Config, userFilter: string | undefined): Logins {
  const { auth, ldap } = config;
  if (auth.mode === 'password-hash') return { passwordAttribute: auth.passwordAttribute.toLowerCase() };
  if (auth.mode !== 'identity-provider') return {};
  requireServers(config);
  const { baseDn, bindDn, bindPassword, startTls, tlsVerify } = ldap;
  const uris = serversOf(config);
  return { provider: { uris, baseDn, bindDn, bindPassword, startTls, tlsVerify, userFilter } };
}

/** The part of a plan's settings. */
export function loginPlan({ auth }: Config): Partial<SyncSettings['plan']> {
  if (auth.mode !== 'identity-provider') return {};
  return { logins: 'provider', ...(auth.migrate && { migrateAuth: 'ldap' }) };
}
