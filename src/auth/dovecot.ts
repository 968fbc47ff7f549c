/** The files with which Dovecot asks the directory itself (facts/auth.md sections 5, 6 and 8). Pure. */
import { fillDovecot } from './fill-dovecot.ts';
import type { DovecotVariables } from './login-filter.ts';
import { RenderError } from './render-error.ts';
import type { LoginSettings } from './settings.ts';
import type { LoginTexts } from './template-files.ts';
import { valuesOf, type Values } from './values.ts';

/** A file for one of mailcow's folders. `block`: our part of somebody's file; `replace`: instead of what is there. */
export type LoginFile = {
  readonly service: 'dovecot' | 'sogo';
  /** Below the folder of its service. */
  readonly name: string;
  readonly text: string;
  readonly mode: number;
  readonly kind: 'own' | 'block' | 'replace';
  /** Whether what stands there may give way: mailcow's sample, or an older tool's file that nobody changed. */
  readonly mayGiveWay?: (text: string) => boolean;
};

export type DovecotOptions = {
  readonly syntax: '2.3' | '2.4';
  readonly texts: LoginTexts;
  /** Where Dovecot sees its folder; default: as in mailcow's container. */
  readonly folder?: string;
  /** LDAP_GC_URI of an older tool's environment. */
  readonly gcUri?: string;
};

/** Names that mailcow's git does not know, so that its update never commits what they hold (facts/auth.md section 6). */
const PASSDB = 'ldap/ldap-mailcow-passdb.conf';
const CA = 'ldap/ldap-mailcow-ca.pem';
/** What the older tools named in `extra.conf`. */
const OLDER_PASSDB = '/etc/dovecot/ldap/passdb.conf';

/** Debian and Alpine have it there, and so do mailcow's images. */
const SYSTEM_CA = '/etc/ssl/certs/ca-certificates.crt';

const SECRET = 0o600;
const PUBLIC = 0o644;

const variablesOf: Readonly<Record<DovecotOptions['syntax'], DovecotVariables>> = {
  '2.3': { user: '%u', localPart: '%n', lowerUser: '%Lu', lowerOf: (name) => `%L{ldap:${name}}` },
  '2.4': {
    user: '%{user}',
    localPart: '%{user | username}',
    lowerUser: '%{user | lower}',
    lowerOf: (name) => `%{ldap:${name} | lower}`,
  },
};

function valuesFor(settings: LoginSettings, options: DovecotOptions): Values {
  const { folder = '/etc/dovecot', syntax, gcUri } = options;
  return valuesOf({
    settings,
    variables: variablesOf[syntax],
    passdbFile: `${folder}/${PASSDB}`,
    caFile: settings.tls.caFile === undefined ? SYSTEM_CA : `${folder}/${CA}`,
    ...(gcUri !== undefined && { gcUri }),
  });
}

const file = (name: string, text: string, mode: number): LoginFile => ({
  service: 'dovecot',
  name,
  text,
  mode,
  kind: 'own',
});

const block = (text: string, mode: number): LoginFile => ({
  ...file('extra.conf', text, mode),
  kind: 'block',
});

/** What is trusted travels along: Dovecot does not see our file. */
function caFiles({ tls }: LoginSettings, { ca }: LoginTexts): readonly LoginFile[] {
  if (tls.caFile === undefined) return [];
  if (ca === undefined) throw new RenderError(`LDAP_MAILCOW_LDAP_TLS_CA_FILE: ${tls.caFile} was not read`);
  return [file(CA, ca, PUBLIC)];
}

function render23(settings: LoginSettings, options: DovecotOptions): readonly LoginFile[] {
  const { texts, folder = '/etc/dovecot' } = options;
  const values = valuesFor(settings, options);
  const passdb = fillDovecot(texts.theirs.passdb ?? texts.ours.passdb, 'passdb', values);
  const extra = fillDovecot(texts.theirs.extra ?? texts.ours.extra, 'extra', values);
  return [file(PASSDB, passdb, SECRET), block(extra.replaceAll(OLDER_PASSDB, `${folder}/${PASSDB}`), PUBLIC)];
}

/** Not run against a Dovecot 2.4 server: by its source and documentation (docs/decisions/016-rendering-logins.md). */
function render24(settings: LoginSettings, options: DovecotOptions): readonly LoginFile[] {
  const { ours, theirs } = options.texts;
  const older = theirs.passdb ?? theirs.extra;
  if (older !== undefined) {
    throw new RenderError(
      `${older.file} is written for Dovecot 2.3, and this mailcow has 2.4: take it out of LDAP_MAILCOW_TEMPLATES`,
    );
  }
  return [block(fillDovecot(ours.extra24, 'extra-2.4', valuesFor(settings, options)), SECRET)];
}

/**
 * The files in the order in which they must be written: what `extra.conf` names is there before it does, because
 * otherwise nobody can log in (facts/auth.md section 6). Throws RenderError for what cannot be written without changing
 * its meaning.
 */
export function renderDovecot(settings: LoginSettings, options: DovecotOptions): readonly LoginFile[] {
  const files = options.syntax === '2.3' ? render23(settings, options) : render24(settings, options);
  return [...caFiles(settings, options.texts), ...files];
}
