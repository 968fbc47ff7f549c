/**
 * A file that Dovecot would read differently locks everybody out, so what was rendered is read back before it is put in
 * place, by Dovecot's own rules (facts/auth.md section 5). That these values bind was seen by the reading before.
 */
import type { LoginFile } from './dovecot.ts';
import { LoginFilesError } from './errors.ts';
import type { LoginSettings } from './settings.ts';

/** `key = "…"` as Dovecot 2.3 reads it; undefined: it is not a quoted line of that key. */
function valueOf(text: string, key: string): string | undefined {
  const found = new RegExp(String.raw`^${key} = "((?:[^"\\]|\\.)*)"$`, 'm').exec(text);
  return found?.[1]?.replaceAll(/\\(.)/g, '$1');
}

/** Throws LoginFilesError when the rendered bind would be another than the one that the sync itself uses. */
export function provePassdb(files: readonly LoginFile[], { bindDn, bindPassword }: LoginSettings): void {
  const passdb = files.find(({ name }) => name.endsWith('passdb.conf'));
  if (passdb === undefined) return;
  if (valueOf(passdb.text, 'dn') === bindDn && valueOf(passdb.text, 'dnpass') === bindPassword) return;
  throw new LoginFilesError(
    'the file for Dovecot would hold another bind than LDAP_MAILCOW_LDAP_BIND_DN and its password: nothing was written. This is a defect; please report it without the password',
  );
}
