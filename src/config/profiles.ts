/**
 * Rules for a whole kind of installation: which settings a profile decides by itself, and which other defaults it has.
 * docs/schools.md has the same table for people; a test compares both.
 */

export type ProfileName = 'linuxmuster';

/** Names without the prefix, values as an operator would write them. */
export type Decision = {
  readonly name: string;
  /** Absent: the setting stays unset. */
  readonly value?: string;
};

export type ProfileDefault = { readonly name: string; readonly value: string };

export type Profile = {
  readonly name: ProfileName;
  /** What is given for one of these is set aside. */
  readonly decides: readonly Decision[];
  /** What is given for one of these counts. */
  readonly defaults: readonly ProfileDefault[];
};

const decide = (values: Readonly<Record<string, string>>): readonly Required<Decision>[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

const leaveUnset = (...names: readonly string[]): readonly Decision[] => names.map((name) => ({ name }));

/** The schools of linuxmuster.net: accounts and groups are those of sophomorix in a Samba AD. */
const linuxmuster: Profile = {
  name: 'linuxmuster',
  decides: [
    ...decide({
      LDAP_FILTER: '(|(sophomorixRole=student)(sophomorixRole=teacher)(sophomorixRole=schooladministrator))',
      LDAP_GROUP_FILTER: '(&(|(sophomorixType=adminclass)(sophomorixType=project))(sophomorixMailList=TRUE))',
      NAME_ATTRIBUTE: 'displayName',
      QUOTA_ATTRIBUTE: 'sophomorixMailQuotaCalculated',
      DISABLED_RULE: 'sophomorixStatus=L,D,R,K,F',
      SYNC_GROUPS: 'true',
      GROUP_POLICY: '*=mailbox',
      GROUP_EXTERNAL_MEMBERS: 'false',
    }),
    // Each of them would overrule one of those above.
    ...leaveUnset('LDAP_GROUP_MEMBER_FILTER', 'GROUP_POLICY_ATTRIBUTE', 'ACTIVE_ATTRIBUTE'),
  ],
  defaults: decide({
    SYNC_MAILBOXES: 'true',
    SYNC_ALIASES: 'true',
    DISABLE_DELETED_USERS: 'true',
    ALIASES_ATTRIBUTE: 'proxyAddresses',
    MANAGE_DOMAINS: 'true',
    UNMANAGED_DOMAINS: 'skip',
    DOMAIN_POLICY: 'exclusive',
    DOMAIN_DEFAULT_MAILBOX_QUOTA: '1',
    DOMAIN_MAILBOXES: '10000',
    DOMAIN_ALIASES: '10000',
  }),
};

export const profiles: readonly Profile[] = [linuxmuster];
