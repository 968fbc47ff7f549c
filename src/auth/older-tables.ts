/** What the files of the older tools set, as read in their repositories and documentation; their text is not kept here. */

export type PredecessorFiles = 'programmierus' | 'rinkp' | 'lazygatto' | 'linuxmuster';

type Passdb = {
  readonly tool: PredecessorFiles;
  /** The names of its settings. */
  readonly sets: readonly string[];
  /** Whole lines whose value was never asked for. */
  readonly fixed: readonly string[];
};

const bound = ['uris', 'ldap_version', 'base', 'auth_bind', 'dn', 'dnpass'];

export const passdbs: readonly Passdb[] = [
  {
    tool: 'programmierus',
    sets: ['uris', 'ldap_version', 'base', 'auth_bind', 'auth_bind_userdn'],
    fixed: ['ldap_version = 3', 'auth_bind = yes', 'auth_bind_userdn = %u'],
  },
  {
    tool: 'rinkp',
    sets: [...bound, 'pass_attrs', 'pass_filter', 'user_attrs'],
    fixed: ['auth_bind = yes', 'pass_filter = (mail=%u)', 'user_attrs = =user=%{ldap:mail}'],
  },
  {
    tool: 'lazygatto',
    sets: [...bound, 'scope', 'user_filter', 'pass_filter'],
    fixed: ['scope = subtree', 'pass_filter = (&(ObjectClass=person)(sAMAccountName=%n))'],
  },
  {
    tool: 'linuxmuster',
    sets: [...bound, 'pass_attrs', 'pass_filter', 'user_filter'],
    fixed: ['auth_bind = yes', 'pass_attrs = mail=user'],
  },
];

type ExtraConf = { readonly tool: PredecessorFiles; readonly lines: readonly RegExp[] };

const passdbBlock = [/^passdb \{$/, /^args = \/etc\/dovecot\/ldap\/passdb\.conf$/, /^driver = ldap$/, /^\}$/];

export const extraConfs: readonly ExtraConf[] = [
  { tool: 'programmierus', lines: passdbBlock },
  {
    tool: 'rinkp',
    lines: [
      ...passdbBlock,
      /^service doveadm \{$/,
      /^inet_listener http \{$/,
      /^port = 9000$/,
      /^\}$/,
      /^\}$/,
      /^doveadm_api_key = ./,
    ],
  },
  {
    tool: 'lazygatto',
    lines: [
      /^auth_verbose = yes$/,
      /^mail_debug = no$/,
      /^auth_debug = no$/,
      /^maildir_stat_dirs=yes$/,
      ...passdbBlock,
    ],
  },
];

type Plist = { readonly tool: PredecessorFiles; readonly tokens: readonly RegExp[] };

type Fields = {
  readonly cn: string;
  readonly id: string;
  readonly uid: string;
  readonly bind: readonly string[];
};

const literal = (text: string): RegExp => new RegExp(`^${text.replaceAll(/[$.{}/]/g, String.raw`\$&`)}$`);
const anything = /^<string>[\s\S]*<\/string>$/;

const entry = (key: string, value?: string): readonly RegExp[] => [
  literal('<key>'),
  literal(key),
  literal('</key>'),
  value === undefined ? anything : literal(`<string>${value}</string>`),
];

/** All of them came from one text and differ in which attribute is what. */
const tokensOf = ({ cn, id, uid, bind }: Fields): readonly RegExp[] => [
  literal('<dict>'),
  ...entry('type', 'ldap'),
  ...entry('id', '${line}_ldap'),
  ...entry('CNFieldName', cn),
  ...entry('IDFieldName', id),
  ...entry('UIDFieldName', uid),
  ...entry('baseDN'),
  ...entry('bindDN'),
  ...entry('bindPassword'),
  literal('<key>'),
  literal('bindFields'),
  literal('</key>'),
  literal('<array>'),
  ...bind.map((attribute) => literal(`<string>${attribute}</string>`)),
  literal('</array>'),
  ...entry('bindAsCurrentUser', 'YES'),
  ...entry('hostname'),
  ...entry('canAuthenticate', 'YES'),
  ...entry('filter'),
  ...entry('isAddressBook', 'NO'),
  ...entry('displayName', 'Active Directory'),
  ...entry('scope', 'SUB'),
  literal('</dict>'),
];

const upn = 'userPrincipalName';
const sam = 'sAMAccountName';

export const plists: readonly Plist[] = [
  { tool: 'programmierus', tokens: tokensOf({ cn: 'cn', id: 'cn', uid: upn, bind: [upn] }) },
  { tool: 'rinkp', tokens: tokensOf({ cn: 'cn', id: 'cn', uid: 'mail', bind: ['mail'] }) },
  { tool: 'lazygatto', tokens: tokensOf({ cn: 'cn', id: 'cn', uid: 'mail', bind: [sam, 'mail'] }) },
  { tool: 'linuxmuster', tokens: tokensOf({ cn: 'displayName', id: sam, uid: sam, bind: [sam] }) },
];
