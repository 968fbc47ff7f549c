/** From the configuration to what each part is given; constructs nothing. */
import { createHash } from 'node:crypto';
import { loginPlan, loginSettings } from './app-logins.ts';
import { migrationPlan } from './app-migration.ts';
import { ConfigError } from './config/error.ts';
import { configDigest, readingScope } from './config/digest.ts';
import type { Config } from './config/schema.ts';
import type { DomainSettings } from './core/domain-settings.ts';
import { dnKey } from './core/dn.ts';
import { validateFilter, type FilterVerdict } from './directory/filter.ts';
import { validateMemberFilter } from './directory/member-filter.ts';
import type { DirectoryOptions } from './directory/options.ts';
import type { MailcowOptions } from './mailcow/options.ts';
import type { Log } from './ports.ts';
import type { SyncSettings } from './sync/settings.ts';

/** The filter in the form that goes over the wire, or the reason why it cannot. */
function checkedFilter(
  name: string,
  filter: string | undefined,
  validate: (text: string) => FilterVerdict = validateFilter,
): { filter?: string; problem?: string } {
  if (filter === undefined) return {};
  const verdict = validate(filter);
  return verdict.ok ? { filter: verdict.filter } : { problem: `${name}: ${verdict.why} (is "${filter}")` };
}

/** What the directory adapter needs. Throws a ConfigError for filters that no server would understand. */
export function directoryOptions(config: Config): DirectoryOptions {
  const { ldap } = config;
  const user = checkedFilter('LDAP_MAILCOW_LDAP_FILTER', ldap.userFilter);
  const group = checkedFilter('LDAP_MAILCOW_LDAP_GROUP_FILTER', ldap.groupFilter);
  const member = checkedFilter(
    'LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER',
    ldap.groupMemberFilter,
    validateMemberFilter,
  );
  const problems = [user.problem, group.problem, member.problem].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    uris: ldap.uris,
    bindDn: ldap.bindDn,
    bindPassword: ldap.bindPassword,
    startTls: ldap.startTls,
    tls: {
      verify: ldap.tlsVerify,
      ...(ldap.tlsCaFile && { caFile: ldap.tlsCaFile.path }),
      ...(ldap.tlsServerName !== undefined && { serverName: ldap.tlsServerName }),
    },
    baseDn: ldap.baseDn,
    scope: ldap.scope,
    ...(user.filter !== undefined && { userFilter: user.filter }),
    ...(group.filter !== undefined && { groupFilter: group.filter }),
    ...(member.filter !== undefined && { groupMemberFilter: member.filter }),
    externalMembers: config.sync.externalMembers,
    readGroups: config.sync.groups,
    mapping: config.mapping,
    dialect: ldap.dialect,
    ...(ldap.idAttribute !== undefined && { idAttribute: ldap.idAttribute }),
    pageSize: ldap.pageSize,
    timeoutMs: ldap.timeoutSeconds * 1000,
    connectTimeoutMs: ldap.connectTimeoutSeconds * 1000,
  };
}

/** What mailcow's adapter needs; each call is logged at debug level. */
export function mailcowOptions(config: Config, log: Log): MailcowOptions {
  const { mailcow } = config;
  return {
    baseUrl: mailcow.url,
    apiKey: mailcow.apiKey,
    tls: {
      verify: mailcow.tlsVerify,
      ...(mailcow.tlsCaFile && { ca: mailcow.tlsCaFile.text }),
      ...(mailcow.tlsServerName !== undefined && { serverName: mailcow.tlsServerName }),
    },
    readTimeoutMs: mailcow.timeoutSeconds * 1000,
    writeTimeoutMs: mailcow.writeTimeoutSeconds * 1000,
    onCall: ({ method, route, status, ms }) => {
      log.debug(`mailcow ${method} ${route}`, { status, ms: Math.round(ms) });
    },
  };
}

/** Eight hex digits of the base DN: two daemons on one mailcow differ unless they read the same tree. */
const ownerFrom = (baseDn: string): string =>
  createHash('sha256').update(dnKey(baseDn)).digest('hex').slice(0, 8);

function domainSettings({ domains }: Config): DomainSettings {
  const { quotaMiB, mailboxes, aliases, defaultMailboxQuotaMiB, gal, unmanaged, policy } = domains;
  return {
    quotaMiB,
    mailboxes,
    aliases,
    defaultMailboxQuotaMiB,
    gal,
    skipUnmanaged: unmanaged === 'skip',
    exclusive: policy === 'exclusive',
  };
}

/** What a sync needs of the configuration. Throws a ConfigError as the parts do. */
export function syncSettings(config: Config): SyncSettings {
  const { sync, timing, mailcow } = config;
  return {
    mapping: config.mapping,
    readGroups: sync.groups,
    groupPolicies: sync.groupPolicies,
    plan: {
      syncMailboxes: sync.mailboxes,
      syncAliases: sync.aliases,
      syncLists: sync.groups,
      adopt: sync.adopt,
      disableDeleted: sync.disableDeletedUsers,
      removeLeaversAliases: sync.leaversAliases === 'remove',
      inactiveState: sync.deactivated === 'receive' ? 2 : 0,
      newQuotaMiB: mailcow.newMailboxQuotaMiB,
      protectedAddresses: new Set(sync.protected),
      reportDrift: sync.drift === 'report',
      ...(config.domains.manage && { domains: domainSettings(config) }),
      ...(timing.deleteAfterDays !== undefined && { deleteAfterDays: timing.deleteAfterDays }),
      ...loginPlan(config),
      ...migrationPlan(config),
    },
    ...loginSettings(config, directoryOptions(config).userFilter),
    owner: sync.owner,
    derivedOwner: ownerFrom(config.ldap.baseDn),
    policy: sync.policy,
    mailboxTemplate: mailcow.mailboxTemplate,
    graceReadings: timing.graceReadings,
    graceSpacingMs: timing.graceSpacingSeconds * 1000,
    auditIntervalMs: timing.auditIntervalSeconds * 1000,
    scope: readingScope(config),
    configDigest: configDigest(config),
  };
}
