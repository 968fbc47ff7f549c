/**
 * The older tools whose environment this program understands: what tells each of them, and which settings that
 * means where the operator set none. docs/migrating.md has the same table for people; a test compares both.
 */

export type PredecessorName =
  'linuxmuster' | 'rinkp' | 'programmierus' | 'lazygatto' | 'lazygatto-aliases' | 'myomikron';

/** What the SQLite file of an older tool holds; what this program made of one remembers it. */
export type LeftOver = 'users' | 'users-and-aliases';

/** Names without the prefix, values as an operator would write them. */
export type Preset = {
  readonly name: string;
  readonly value: string;
  /** Left out when this setting is given. */
  readonly unlessGiven?: string;
};

/** A variable of the older tool that is called otherwise here. */
export type OldName = {
  readonly variable: string;
  /** The setting, without the prefix. */
  readonly setting: string;
  /** What its value lacks at the beginning. */
  readonly before?: string;
};

export type Predecessor = {
  readonly name: PredecessorName;
  readonly title: string;
  /** Of each of these, one name must have a value; none at all: it has no environment of its own. */
  readonly needs: readonly (readonly string[])[];
  readonly lacks: readonly string[];
  /** The names alone could be ours: this must lie where the state file belongs. */
  readonly leftOver?: LeftOver;
  readonly sets: readonly Preset[];
  readonly oldNames: readonly OldName[];
  /** Variables of the older tool that have no effect here, and why. */
  readonly unused: Readonly<Record<string, string>>;
};

const set = (values: Readonly<Record<string, string>>): readonly Preset[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

const each = (prefix: string, names: readonly string[]): readonly (readonly string[])[] =>
  names.map((name) => [`${prefix}${name}`]);

/** All of these tools were made for Active Directory; said outright, it holds wherever they were used. */
const activeDirectory = {
  LDAP_FILTER: '(&(objectClass=user)(objectCategory=person))',
  DISABLED_RULE: 'userAccountControl',
};

const lazyGattoLists = {
  ...activeDirectory,
  ALIASES_ATTRIBUTE: 'proxyAddresses',
  LDAP_GROUP_FILTER: '(&(objectClass=group)(mail=*))',
  LDAP_GROUP_MEMBER_FILTER: '(&(objectClass=person)(mail=*)(distinguishedName={MEMBER_CN}))',
  SYNC_ALIASES: 'true',
  SYNC_GROUPS: 'true',
};

const mailboxesOnly = { SYNC_MAILBOXES: 'true', SYNC_ALIASES: 'false', SYNC_GROUPS: 'false' };

const hyphen = 'LDAP-MAILCOW_';
const underscore = 'LDAP_MAILCOW_';
const school = 'LINUXMUSTER_MAILCOW_';

/** Programmierus asked for a host first and for a URI later. */
const oldHost: OldName = { variable: `${hyphen}LDAP_HOST`, setting: 'LDAP_URI', before: 'ldap://' };

/** Not the secrets: who moves them to files is still the same. */
const hyphenated = [
  [`${hyphen}LDAP_URI`, `${hyphen}LDAP_HOST`],
  ...each(hyphen, ['LDAP_BASE_DN', 'LDAP_BIND_DN', 'API_HOST']),
];

const common = [
  'LDAP_URI',
  'LDAP_BASE_DN',
  'LDAP_BIND_DN',
  'LDAP_BIND_DN_PASSWORD',
  'API_HOST',
  'API_KEY',
  'SYNC_INTERVAL',
];

const schoolNames = ['LDAP_URI', 'LDAP_BASE_DN', 'LDAP_BIND_DN', 'LDAP_BIND_DN_PASSWORD', 'API_KEY'];

/** In the order in which they are tried. */
export const predecessors: readonly Predecessor[] = [
  {
    name: 'linuxmuster',
    title: 'linuxmuster-mailcow',
    needs: each(school, ['LDAP_URI', 'LDAP_BASE_DN']),
    lacks: [],
    sets: [
      ...set({ PROFILE: 'linuxmuster', API_HOST: 'https://nginx-mailcow' }),
      // Inside mailcow's network its certificate bears another name, and the older tool did not look at it either.
      { name: 'API_TLS_VERIFY', value: 'false', unlessGiven: 'API_HOST' },
      // It had containers read what it had changed, and its users expect that.
      { name: 'AUTH_RESTART', value: 'dockerapi' },
    ],
    oldNames: [
      ...[...schoolNames, 'SYNC_INTERVAL', 'DOMAIN_QUOTA', 'DOCKERAPI_URI'].map((setting) => ({
        variable: `${school}${setting}`,
        setting,
      })),
      { variable: `${school}API_URI`, setting: 'API_HOST' },
      { variable: `${school}ENABLE_GAL`, setting: 'DOMAIN_GAL' },
    ],
    unused: {},
  },
  {
    name: 'rinkp',
    title: 'rinkp/custommailcow-ldap',
    needs: [...hyphenated, [`${hyphen}LDAP_GC_URI`]],
    lacks: [],
    sets: set({
      ...activeDirectory,
      MAIL_ATTRIBUTE: 'mail',
      NAME_ATTRIBUTE: 'displayName',
      API_QUOTA: '256',
      ...mailboxesOnly,
      DISABLE_DELETED_USERS: 'true',
      DEACTIVATED: 'receive',
    }),
    oldNames: [],
    unused: {
      [`${hyphen}DOVEADM_API_KEY`]: 'this program does not talk to dovecot',
    },
  },
  {
    name: 'programmierus',
    title: 'Programmierus/ldap-mailcow',
    needs: hyphenated,
    lacks: [`${hyphen}LDAP_GC_URI`],
    sets: set({
      ...activeDirectory,
      MAIL_ATTRIBUTE: 'userPrincipalName',
      NAME_ATTRIBUTE: 'cn',
      API_QUOTA: '0',
      ...mailboxesOnly,
      DISABLE_DELETED_USERS: 'true',
    }),
    oldNames: [oldHost],
    unused: {},
  },
  {
    name: 'lazygatto',
    title: 'LazyGatto/custommailcow-ldap (mailboxes and aliases)',
    needs: each(underscore, [...common, 'API_QUOTA', 'LDAP_GC_URI', 'LDAP_DOMAIN']),
    lacks: [],
    sets: set({
      ...lazyGattoLists,
      MAIL_ATTRIBUTE: 'mail',
      NAME_ATTRIBUTE: 'displayName',
      LOGIN_ATTRIBUTE: 'sAMAccountName',
      SYNC_MAILBOXES: 'true',
      DISABLE_DELETED_USERS: 'true',
    }),
    oldNames: [],
    unused: {},
  },
  {
    name: 'lazygatto-aliases',
    title: 'LazyGatto/custommailcow-ldap (aliases only)',
    needs: each(underscore, common),
    lacks: [`${underscore}API_QUOTA`],
    leftOver: 'users-and-aliases',
    sets: set({
      ...lazyGattoLists,
      MAIL_ATTRIBUTE: 'mail',
      SYNC_MAILBOXES: 'false',
      DISABLE_DELETED_USERS: 'false',
      ALIASES_OF_LEAVERS: 'remove',
    }),
    oldNames: [],
    unused: {},
  },
  {
    name: 'myomikron',
    title: 'myOmikron/mailcow-ldap-sync',
    needs: [],
    lacks: [],
    sets: set({ ...mailboxesOnly, DISABLE_DELETED_USERS: 'true', DISABLED_RULE: 'none' }),
    oldNames: [],
    unused: {},
  },
];
