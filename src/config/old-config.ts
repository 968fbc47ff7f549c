/** The config.json of myOmikron/mailcow-ldap-sync as an environment for this program. */
import { z } from 'zod';
import { variableOf } from './setting.ts';

const mapping = z.object({
  mail: z.string(),
  firstname: z.string(),
  lastname: z.string(),
  password: z.string().optional(),
  quota: z.string().optional(),
  active: z.string().default(''),
  tls_enforce_in: z.string().default(''),
  tls_enforce_out: z.string().default(''),
});

const oldConfig = z.object({
  ldap: z.object({
    uri: z.string(),
    allow_self_signed: z.boolean().default(false),
    bind_dn: z.string(),
    bind_pw: z.string(),
    user_search_base: z.string(),
    user_search_filter: z.string().default(''),
    user_mapping: mapping,
  }),
  mailcow_host: z.string(),
  mailcow_api_key: z.string(),
});

type OldConfig = z.infer<typeof oldConfig>;
type Line = { readonly comment: string } | { readonly name: string; readonly value: string };

const set = (name: string, value: string): Line => ({ name, value });
const say = (comment: string): Line => ({ comment });

/** As dotenv reads it back. */
function quoted(value: string): string {
  if (/^[\w.,:/@+=-]*$/.test(value)) return value;
  const quote = ["'", '`', '"'].find((mark) => !value.includes(mark));
  return quote === undefined ? value : `${quote}${value}${quote}`;
}

const render = (line: Line): string =>
  'comment' in line ? `# ${line.comment}` : `${variableOf({ name: line.name })}=${quoted(line.value)}`;

const directory = ({ ldap }: OldConfig): readonly Line[] => [
  set('LDAP_URI', ldap.uri),
  ...(ldap.allow_self_signed
    ? [say('allow_self_signed; LDAP_TLS_CA_FILE is the safe way'), set('LDAP_TLS_VERIFY', 'false')]
    : []),
  set('LDAP_BIND_DN', ldap.bind_dn),
  set('LDAP_BIND_DN_PASSWORD', ldap.bind_pw),
  set('LDAP_BASE_DN', ldap.user_search_base),
  ...(ldap.user_search_filter === ''
    ? [say('user_search_filter is empty: the filter of the kind of server is used')]
    : [say('--override-filter: change this instead'), set('LDAP_FILTER', ldap.user_search_filter)]),
];

const tls = (name: 'TLS_ENFORCE_IN' | 'TLS_ENFORCE_OUT', attribute: string): Line =>
  attribute === '' ? set(name, 'true') : set(`${name}_ATTRIBUTE`, attribute);

const people = ({ ldap: { user_mapping: from } }: OldConfig): readonly Line[] => [
  set('MAIL_ATTRIBUTE', from.mail),
  set('NAME_ATTRIBUTE', `${from.firstname}+${from.lastname}`),
  ...(from.quota === undefined
    ? [say('no quota in the mapping meant 0, no limit'), set('API_QUOTA', '0')]
    : [set('QUOTA_ATTRIBUTE', from.quota)]),
  ...(from.active === ''
    ? [say('an empty "active" meant 1: nobody is disabled')]
    : [set('ACTIVE_ATTRIBUTE', from.active)]),
  set('DISABLED_RULE', 'none'),
  tls('TLS_ENFORCE_IN', from.tls_enforce_in),
  tls('TLS_ENFORCE_OUT', from.tls_enforce_out),
  ...(from.password === undefined
    ? []
    : [
        say(
          'The hashes of the directory become those of mailcow, where mailcow can check them (docs/logins.md):',
        ),
        set('AUTH', 'password-hash'),
        set('PASSWORD_ATTRIBUTE', from.password),
      ]),
];

const mailcow = (config: OldConfig): readonly Line[] => [
  set(
    'API_HOST',
    /^https?:\/\//i.test(config.mailcow_host) ? config.mailcow_host : `https://${config.mailcow_host}`,
  ),
  set('API_KEY', config.mailcow_api_key),
  say('--do-not-verify was: LDAP_MAILCOW_API_TLS_VERIFY=false (API_TLS_CA_FILE is the safe way)'),
  say('--update-only-on-change-by-ldap needs no setting: only what differs is written'),
];

const rest: readonly Line[] = [
  set('PREDECESSOR', 'myomikron'),
  set('SYNC_MAILBOXES', 'true'),
  set('SYNC_ALIASES', 'false'),
  set('SYNC_GROUPS', 'false'),
  say('Who vanished was deleted, mail and all. Now the mailbox is deactivated and the mail stays;'),
  say('LDAP_MAILCOW_DELETE_AFTER_DAYS deletes it later.'),
  set('DISABLE_DELETED_USERS', 'true'),
];

const warning = [
  'mailcow.sqlite3 and mailcow_ldap_sync.log of the older tool hold password hashes, and so may their backups:',
  'delete them once you do not want to go back. Put mailcow.sqlite3 where LDAP_MAILCOW_DB is, and the first sync reads it.',
].map(say);

export type Imported = { readonly text: string } | { readonly problem: string };

const where = (path: readonly PropertyKey[]): string => path.map(String).join('.');

function parse(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    // The message of JSON.parse may quote a secret.
    return { problem: `it is not JSON (${error instanceof SyntaxError ? 'a syntax error' : 'unreadable'})` };
  }
}

/** The lines of an env file that means what this config.json meant; secrets stand in it as they did there. */
export function importConfig(text: string): Imported {
  const json = parse(text);
  if ('problem' in json) return json;
  const { data, error } = oldConfig.safeParse(json.value);
  if (data === undefined) {
    const issues = error.issues.map((issue) => `${where(issue.path)}: ${issue.message}`);
    return { problem: `it is not that of mailcow-ldap-sync (${issues.join('; ')})` };
  }
  const lines = [...warning, ...directory(data), ...people(data), ...mailcow(data), ...rest];
  return { text: lines.map(render).join('\n') };
}
