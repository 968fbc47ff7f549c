/**
 * What Dovecot would not start with, in files that came of an operator's templates: a word that it does not know, or the
 * name of a file that is not there, locks out those of mailcow too (facts/auth.md section 6). Pure.
 */
import { hasBegin } from './block.ts';
import type { LoginFile } from './dovecot.ts';
import { RenderError } from './render-error.ts';

/** Of Dovecot 2.3.19 and 2.3.21: src/auth/db-ldap.c. */
const known: ReadonlySet<string> = new Set([
  ...['hosts', 'uris', 'dn', 'dnpass', 'auth_bind', 'auth_bind_userdn', 'tls', 'tls_ca_cert_file'],
  ...['tls_ca_cert_dir', 'tls_cert_file', 'tls_key_file', 'tls_cipher_suite', 'tls_require_cert'],
  ...['sasl_bind', 'sasl_mech', 'sasl_realm', 'sasl_authz_id', 'deref', 'scope', 'base', 'ldap_version'],
  ...['debug_level', 'ldaprc_path', 'user_attrs', 'user_filter', 'pass_attrs', 'pass_filter'],
  ...['iterate_attrs', 'iterate_filter', 'default_pass_scheme', 'userdb_warning_disable', 'blocking'],
]);

const linesOf = (text: string): readonly string[] =>
  text.split(/\r?\n/).filter((line, index, all) => {
    const continues = all[index - 1]?.trimEnd().endsWith('\\') === true;
    return !continues && !/^\s*(?:#|$)/.test(line);
  });

/** The file of a passdb. Throws RenderError. */
export function provePassdbWords(text: string, file: string): void {
  const words = linesOf(text).map((line) => /^\s*(\w+)\s*=/.exec(line)?.[1] ?? line.trim());
  const unknown = words.find((word) => !known.has(word));
  if (unknown !== undefined) {
    throw new RenderError(
      `${file}: Dovecot knows no “${unknown.split(/[\s=]/, 1)[0] ?? ''}” here, and would let nobody in: correct it`,
    );
  }
  const missing = ['base', words.includes('hosts') ? 'hosts' : 'uris'].find((word) => !words.includes(word));
  if (missing === undefined) return;
  throw new RenderError(`${file}: Dovecot needs “${missing} =” here, and would let nobody in without it`);
}

type Extra = { readonly file: string; readonly text: string };

/** `extra.conf`. `isThere`: a name below the folder of Dovecot is that of a file. Throws RenderError. */
export function proveExtra(
  { file, text }: Extra,
  files: readonly LoginFile[],
  isThere: (name: string) => boolean,
): void {
  if (hasBegin(text)) throw new RenderError(`${file}: take the lines “# BEGIN ldap-mailcow” and “# END” out`);
  const lines = linesOf(text);
  const depths = lines.reduce<readonly number[]>((found, line) => {
    const plain = line.replaceAll(/"(?:[^"\\]|\\.)*"|%\{[^}]*\}/g, '');
    const change = plain.split('{').length - plain.split('}').length;
    return [...found, (found.at(-1) ?? 0) + change];
  }, []);
  if (depths.some((depth) => depth < 0) || (depths.at(-1) ?? 0) !== 0) {
    throw new RenderError(`${file}: a “{” or “}” has no other half, and Dovecot would not start with it`);
  }
  const named = lines.flatMap((line) => /^\s*args\s*=\s*"?\/etc\/dovecot\/([^"\s]+)/.exec(line)?.[1] ?? []);
  const missing = named.find((name) => !files.some((one) => one.name === name) && !isThere(name));
  if (missing === undefined) return;
  throw new RenderError(
    `${file}: it names /etc/dovecot/${missing}, which is not there, and Dovecot would let nobody in: name another file, or put it there`,
  );
}
