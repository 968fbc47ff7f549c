/** The file for the program's option `--env FILE`. */

/** Names without the prefix. */
export type EnvSettings = Readonly<Record<string, string>>;

/** What the defaults of tests/fixtures/ldif/RULES.md mean, spelled out. */
export const ruleSettings: EnvSettings = {
  LDAP_FILTER: '(&(objectClass=user)(objectCategory=person))',
  LDAP_GROUP_FILTER: '(&(objectClass=group)(mail=*))',
  MAIL_ATTRIBUTE: 'mail',
  NAME_ATTRIBUTE: 'displayName',
  ALIASES_ATTRIBUTE: 'proxyAddresses',
  QUOTA_ATTRIBUTE: 'mailQuota',
  DISABLED_RULE: 'userAccountControl',
  API_QUOTA: '3072',
  SYNC_MAILBOXES: 'true',
  GRACE_SPACING: '0',
};

/** As dotenv reads it back: quotes only where it would otherwise cut or trim. */
function quoted(value: string): string {
  if (!/[#'"`\n\\]|^\s|\s$/.test(value)) return value;
  const quote = ["'", '`', '"'].find((mark) => !value.includes(mark));
  if (quote === undefined) throw new Error(`no env file can hold the value ${value}`);
  return `${quote}${value}${quote}`;
}

/** Lines `LDAP_MAILCOW_NAME=value`; lines that are added below them win. */
export function renderEnv(settings: EnvSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `LDAP_MAILCOW_${name}=${quoted(value)}\n`)
    .join('');
}
