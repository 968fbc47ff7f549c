/** Settings that are valid and most likely not meant: said once at the start. */
import { authAdvice } from './advice-auth.ts';
import { variableOf } from './setting.ts';
import type { Config } from './schema.ts';
import { ldapSettings } from './settings/ldap.ts';
import { mailcowSettings } from './settings/mailcow.ts';
import { monitoringSettings } from './settings/monitoring.ts';
import { syncSettings } from './settings/sync.ts';
import { timingSettings } from './settings/timing.ts';
import type { Resolved } from './resolve.ts';

const name = variableOf;

const loopback = /^[a-z]+:\/\/(?:localhost|127\.[0-9.]+|\[::1\])(?::|\/|$)/i;

const leavesInClear = (uri: string, scheme: string): boolean =>
  uri.startsWith(`${scheme}://`) && !loopback.test(uri);

const ldapAdvice = ({ ldap }: Config): readonly (string | false)[] => {
  const clear = ldap.startTls ? [] : ldap.uris.filter((uri) => leavesInClear(uri, 'ldap'));
  const encrypted = ldap.startTls || ldap.uris.some((uri) => uri.startsWith('ldaps:'));
  return [
    clear.length > 0 &&
      `${name(ldapSettings.uris)}: the password goes to ${clear.join(', ')} in clear; use ldaps:// or ${name(ldapSettings.startTls)}=true`,
    encrypted &&
      !ldap.tlsVerify &&
      `${name(ldapSettings.tlsVerify)}=false: whoever is on the way to the LDAP server can read and change everything; ${name(ldapSettings.tlsCaFile)} is the safe way`,
    !encrypted &&
      ldap.tlsCaFile !== undefined &&
      `${name(ldapSettings.tlsCaFile)} has no effect: no LDAP connection is encrypted`,
  ];
};

const mailcowAdvice = ({ mailcow }: Config): readonly (string | false)[] => [
  leavesInClear(mailcow.url, 'http') &&
    `${name(mailcowSettings.url)}: the API key goes to ${mailcow.url} in clear; use https://`,
  !mailcow.tlsVerify &&
    mailcow.url.startsWith('https:') &&
    `${name(mailcowSettings.tlsVerify)}=false: whoever is on the way to mailcow can read the API key; ${name(mailcowSettings.tlsCaFile)} is the safe way`,
];

const isDerived = (resolved: readonly Resolved[], wanted: string): boolean =>
  resolved.some(({ setting, origin }) => setting.name === wanted && origin.kind === 'derived');

const syncAdvice = (
  { sync, mailcow }: Config,
  resolved: readonly Resolved[],
): readonly (string | false)[] => [
  !sync.mailboxes &&
    isDerived(resolved, syncSettings.mailboxes.name) &&
    `no mailboxes are synced, because ${name(mailcowSettings.newMailboxQuotaMiB)} is not set; set it, or ${name(syncSettings.mailboxes)} to true (or to false, and this line goes)`,
  !sync.mailboxes &&
    mailcow.mailboxTemplate !== undefined &&
    `${name(mailcowSettings.mailboxTemplate)} has no effect: no mailboxes are synced`,
];

const groupAdvice = ({ ldap, sync }: Config): readonly (string | false)[] => {
  const filtered = ldap.groupMemberFilter !== undefined;
  const ignored = [
    filtered && ldapSettings.groupMemberFilter,
    sync.externalMembers && syncSettings.externalMembers,
    sync.groupPolicies.length > 0 && syncSettings.groupPolicies,
  ].filter((setting) => setting !== false);
  return [
    filtered &&
      sync.externalMembers &&
      `${name(syncSettings.externalMembers)} has no effect: ${name(ldapSettings.groupMemberFilter)} alone decides who is a member of a list`,
    !sync.groups &&
      ignored.length > 0 &&
      `${ignored.map(name).join(', ')}: of no effect, because ${name(syncSettings.groups)} is false`,
  ];
};

const isGiven = (resolved: readonly Resolved[], wanted: string): boolean =>
  resolved.some(({ setting, origin }) => setting.name === wanted && origin.kind === 'given');

const timingAdvice = (resolved: readonly Resolved[]): readonly (string | false)[] => {
  const { schedule, intervalSeconds } = timingSettings;
  return [
    isGiven(resolved, schedule.name) &&
      isGiven(resolved, intervalSeconds.name) &&
      `${name(schedule)} and ${name(intervalSeconds)} are both set: the schedule wins`,
  ];
};

const monitoringAdvice = ({ monitoring }: Config): readonly (string | false)[] => {
  const { listen, token, notifyUrl, heartbeatUrl } = monitoringSettings;
  const called = [
    { setting: notifyUrl, url: monitoring.notifyUrl },
    { setting: heartbeatUrl, url: monitoring.heartbeatUrl },
  ];
  return [
    monitoring.token !== undefined &&
      monitoring.listen === undefined &&
      `${name(token)} has no effect without ${name(listen)}`,
    ...called.map(
      ({ setting, url }) =>
        url !== undefined &&
        leavesInClear(url, 'http') &&
        `${name(setting)}: what is in it goes there in clear; use https://`,
    ),
  ];
};

/** Sentences about settings that leave something open or do nothing. */
export function adviceOn(config: Config, resolved: readonly Resolved[]): readonly string[] {
  return [
    ...ldapAdvice(config),
    ...mailcowAdvice(config),
    ...syncAdvice(config, resolved),
    ...groupAdvice(config),
    ...authAdvice(config),
    ...timingAdvice(resolved),
    ...monitoringAdvice(config),
  ].filter((sentence) => sentence !== false);
}
