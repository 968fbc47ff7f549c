import { boolean, oneOf, text } from '../kinds.ts';
import { attribute } from '../kinds-ldap.ts';
import { apiUrl } from '../kinds-mail.ts';
import { optional, withDefault } from '../setting.ts';

/** Logging in with the directory's password. */
export const authSettings = {
  mode: withDefault({
    name: 'AUTH',
    kind: oneOf('auto', 'identity-provider', 'templates', 'password-hash', 'none'),
    line: "How people log in with the directory's password: `auto`, `identity-provider`, `templates`, `password-hash` or `none`.",
    value: 'auto',
    detail:
      '`auto`: `templates` where the folders of mailcow up to 2025-02 are mounted; on a newer mailcow nothing, but the log says once what is recommended. docs/logins.md says which mode gives which logins.',
  }),
  migrate: withDefault({
    name: 'AUTH_MIGRATE',
    kind: boolean,
    line: "Let managed mailboxes that exist already log in with the directory's password too, not only new ones.",
    value: false,
    detail: 'With AUTH=identity-provider. `ldap-mailcow auth migrate --to mailcow` is the way back.',
  }),
  loginFilter: optional({
    name: 'SOGO_LDAP_FILTER',
    kind: text('a condition like (objectClass=person)'),
    line: 'Who may log in to SOGo (AUTH=templates): an LDAP filter, or a condition in the words of SOGo.',
    unset: 'LDAP_FILTER, and nobody who is disabled',
    example: "objectClass='user' AND objectCategory='person'",
  }),
  sogoSource: withDefault({
    name: 'AUTH_SOGO_SOURCE',
    kind: boolean,
    line: 'With AUTH=templates on mailcow 2025-03 and later: give SOGo the directory as a source too.',
    value: false,
    detail: 'Its own login form is hidden there, and neither CalDAV nor ActiveSync ask it.',
  }),
  passwordAttribute: withDefault({
    name: 'PASSWORD_ATTRIBUTE',
    kind: attribute,
    line: 'The attribute with password hashes (AUTH=password-hash).',
    value: 'userPassword',
  }),
  restart: withDefault({
    name: 'AUTH_RESTART',
    kind: oneOf('none', 'dockerapi'),
    line: 'Who makes Dovecot and SOGo read changed files: `dockerapi` of mailcow, or `none` and the log says what to type.',
    value: 'none',
    changesPlan: false,
  }),
  dockerapiUrl: withDefault({
    name: 'DOCKERAPI_URI',
    kind: apiUrl,
    line: "The address of mailcow's dockerapi.",
    value: 'https://dockerapi-mailcow',
    detail:
      'Reachable inside the network of mailcow only; its certificate is made anew at each start and not checked.',
    changesPlan: false,
  }),
  composeProject: withDefault({
    name: 'COMPOSE_PROJECT',
    kind: text('the name of a compose project'),
    line: 'The compose project of mailcow: COMPOSE_PROJECT_NAME in mailcow.conf.',
    value: 'mailcowdockerized',
    changesPlan: false,
  }),
  dovecotFolder: withDefault({
    name: 'CONF_DOVECOT',
    kind: text('the path of a folder'),
    line: "Where mailcow's folder data/conf/dovecot is mounted.",
    value: '/conf/dovecot',
  }),
  sogoFolder: withDefault({
    name: 'CONF_SOGO',
    kind: text('the path of a folder'),
    line: "Where mailcow's folder data/conf/sogo is mounted.",
    value: '/conf/sogo',
  }),
  templatesFolder: withDefault({
    name: 'TEMPLATES',
    kind: text('the path of a folder'),
    line: 'The folder with templates of your own for the files of Dovecot and SOGo.',
    value: '/templates',
    detail:
      '`dovecot/ldap/passdb.conf`, `dovecot/extra.conf` and `sogo/plist_ldap` in it count before those of the program.',
  }),
} as const;
