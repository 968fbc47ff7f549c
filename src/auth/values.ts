/** What the names in a template stand for: those of the older tools, and ours (docs/logins.md has the table). */
import { renderLoginFilter, renderPeopleFilter, renderUser, type DovecotVariables } from './login-filter.ts';
import { RenderError } from './render-error.ts';
import type { LoginSettings } from './settings.ts';
import { renderSogoFilter } from './sogo-filter.ts';

export type Value = {
  /** The setting that an operator would change. */
  readonly setting: string;
  readonly text: string;
  /**
   * `filter` is part of an LDAP filter as it stands (Dovecot's variables in it are meant), `qualifier` one of SOGo's;
   * `word` is so plain that it needs no quotes anywhere.
   */
  readonly kind: 'text' | 'filter' | 'qualifier' | 'word';
};

/** A value by its name in a template; undefined: there is no such name. Computed when it is asked for. */
export type Values = (name: string) => Value | undefined;

export type ValueOptions = {
  readonly settings: LoginSettings;
  readonly variables: DovecotVariables;
  /** Where Dovecot sees its own passdb file and the authorities it trusts. */
  readonly passdbFile: string;
  readonly caFile: string;
  /** LDAP_GC_URI of an older tool's environment. */
  readonly gcUri?: string;
};

const setting = (name: string): string => `LDAP_MAILCOW_${name}`;

const text = (name: string, value: string): Value => ({ setting: setting(name), text: value, kind: 'text' });

const word = (name: string, value: string): Value => {
  if (/^[A-Za-z0-9._/:-]+$/.test(value)) return { setting: setting(name), text: value, kind: 'word' };
  throw new RenderError(`${setting(name)} has characters that no file of Dovecot or SOGo should hold`);
};

/** The domain of a directory by its base DN, as the older tools asked for it: dc=ad,dc=example -> ad.example. */
const domainOf = (baseDn: string): string =>
  [...baseDn.matchAll(/(?:^|,)\s*dc\s*=\s*([^,]+)/gi)].map((match) => (match[1] ?? '').trim()).join('.');

/**
 * StartTLS for all servers or for none: Dovecot has one switch for both, and refuses to start when it is on and a server
 * is ldaps:// (its db-ldap.c).
 */
function startTlsOf({ uris, startTls }: LoginSettings): boolean {
  const plain = uris.filter((uri) => uri.startsWith('ldap://'));
  if (!startTls || plain.length === 0) return false;
  if (plain.length === uris.length) return true;
  throw new RenderError(
    'LDAP_MAILCOW_LDAP_URI names ldap:// and ldaps:// servers, and LDAP_MAILCOW_LDAP_STARTTLS is on: Dovecot cannot do both; name servers of one kind',
  );
}

const DOVECOT_SCOPE = { sub: 'subtree', one: 'onelevel', base: 'base' } as const;
const SOGO_SCOPE = { sub: 'SUB', one: 'ONE', base: 'BASE' } as const;

const yesNo = (it: boolean): string => (it ? 'yes' : 'no');

/** What SOGo compares with what was typed: one attribute; it has nothing for a local part (facts/auth.md section 5). */
const bindFieldOf = ({ mail, login }: LoginSettings): string =>
  login === undefined || login.localPart ? mail : login.attribute;

type Makers = Readonly<Record<string, (options: ValueOptions) => Value>>;

const userFilter = ({ settings }: ValueOptions): Value => ({
  setting: setting('LDAP_FILTER'),
  text: renderPeopleFilter(settings),
  kind: 'filter',
});

const sogoFilter = ({ settings }: ValueOptions): Value => ({
  setting: setting(settings.sogoFilter === undefined ? 'LDAP_FILTER' : 'SOGO_LDAP_FILTER'),
  text: renderSogoFilter(settings),
  kind: 'qualifier',
});

/** The names that the older tools had; the later ones are linuxmuster-mailcow's. */
const older: Makers = {
  ldap_uri: ({ settings }) => text('LDAP_URI', settings.uris.join(' ')),
  ldap_gc_uri: ({ settings, gcUri }) => text('LDAP_GC_URI', gcUri ?? settings.uris.join(' ')),
  ldap_base_dn: ({ settings }) => text('LDAP_BASE_DN', settings.baseDn),
  ldap_bind_dn: ({ settings }) => text('LDAP_BIND_DN', settings.bindDn),
  ldap_bind_dn_password: ({ settings }) => text('LDAP_BIND_DN_PASSWORD', settings.bindPassword),
  ldap_domain: ({ settings }) => text('LDAP_BASE_DN', domainOf(settings.baseDn)),
  ldap_filter: userFilter,
  ldap_user_filter: userFilter,
  sogo_ldap_filter: sogoFilter,
  ldap_sogo_user_filter: sogoFilter,
};

const ours: Makers = {
  login_filter: ({ settings, variables }) => ({
    setting: setting('LDAP_FILTER'),
    text: renderLoginFilter(settings, variables),
    kind: 'filter',
  }),
  dovecot_user: ({ settings, variables }) => {
    const { setting: name } = word('MAIL_ATTRIBUTE', settings.mail);
    return { setting: name, text: renderUser(settings, variables), kind: 'filter' };
  },
  dovecot_scope: ({ settings }) => word('LDAP_SCOPE', DOVECOT_SCOPE[settings.scope]),
  dovecot_starttls: ({ settings }) => word('LDAP_STARTTLS', yesNo(startTlsOf(settings))),
  dovecot_require_cert: ({ settings }) => word('LDAP_TLS_VERIFY', settings.tls.verify ? 'demand' : 'never'),
  dovecot_valid_cert: ({ settings }) => word('LDAP_TLS_VERIFY', yesNo(settings.tls.verify)),
  dovecot_ca_file: ({ caFile }) => word('LDAP_TLS_CA_FILE', caFile),
  dovecot_passdb_file: ({ passdbFile }) => word('CONF_DOVECOT', passdbFile),
  mail_attribute: ({ settings }) => word('MAIL_ATTRIBUTE', settings.mail),
  sogo_bind_field: ({ settings }) => word('LOGIN_ATTRIBUTE', bindFieldOf(settings)),
  sogo_scope: ({ settings }) => word('LDAP_SCOPE', SOGO_SCOPE[settings.scope]),
  sogo_encryption: ({ settings }) =>
    startTlsOf(settings)
      ? word('LDAP_STARTTLS', 'STARTTLS')
      : { setting: setting('LDAP_STARTTLS'), text: '', kind: 'word' },
};

/** linuxmuster-mailcow writes ldapBaseDn where the others write ldap_base_dn. */
const camel: Readonly<Record<string, string>> = {
  ldapuri: 'ldap_uri',
  ldapbasedn: 'ldap_base_dn',
  ldapbinddn: 'ldap_bind_dn',
  ldapbindpassword: 'ldap_bind_dn_password',
  ldapuserfilter: 'ldap_user_filter',
  ldapsogouserfilter: 'ldap_sogo_user_filter',
};

/** The values of one login; asking for one may throw RenderError. */
export function valuesOf(options: ValueOptions): Values {
  const makers: Makers = { ...older, ...ours };
  return (name) => {
    const key = name.toLowerCase();
    return makers[camel[key] ?? key]?.(options);
  };
}

/** The names that a template of the operator may have, without linuxmuster-mailcow's spelling of them. */
export const olderNames: readonly string[] = Object.keys(older);
