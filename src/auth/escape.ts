/**
 * Values written so that the program that reads them finds exactly what was meant: one function a place (facts/auth.md
 * section 5, all measured). Printable text survives; everything else is refused, whatever the place.
 */
import { RenderError } from './render-error.ts';

/** Controls (line breaks among them), halves of surrogate pairs, and what XML forbids besides. */
const unprintable = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/** The text itself. Throws RenderError with the name of its setting, not with its value. */
export function printable(text: string, setting: string): string {
  if (!unprintable.test(text)) return text;
  throw new RenderError(
    `${setting} holds a line break or another character that is no printable text: no file of Dovecot or SOGo can hold it; choose another value`,
  );
}

const quote = (text: string): string => `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;

/** Dovecot 2.3, in double quotes: for settings whose variables Dovecot leaves alone (dn, dnpass, uris, tls_…). */
export function dovecotValue(text: string, setting: string): string {
  return quote(printable(text, setting));
}

/** Dovecot 2.3, in double quotes: for settings in which Dovecot replaces `%u` (base, filters, auth_bind_userdn). */
export function dovecotExpandedValue(text: string, setting: string): string {
  return quote(printable(text, setting).replaceAll('%', '%%'));
}

/** Dovecot 2.4, in double quotes: every setting there has variables, and only `%{` begins one. */
export function dovecot24Value(text: string, setting: string): string {
  return quote(printable(text, setting).replaceAll('%{', '%%{'));
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const numeric = (char: string): string => `&#x${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()};`;

/** The content of a `<string>` in SOGo's property list; ASCII only, because GNUstep's own parser wants that. */
export function plistText(text: string, setting: string): string {
  return printable(text, setting)
    .replaceAll(/[&<>]/g, (char) => entities[char] ?? char)
    .replaceAll(/[^ -~]/gu, numeric);
}

/** The same where envsubst reads the file first, which replaces `$NAME` and knows no escape (mailcow up to 2025-02). */
export function plistTextForEnvsubst(text: string, setting: string): string {
  return plistText(text, setting).replaceAll('$', '&#36;');
}

/** A here-document of the shell that means every character as it stands, `$` and backquotes too. Ends with its tag. */
export function quotedHeredoc(text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  if (lines.some((line) => /[^\P{Cc}\t]/u.test(line))) {
    throw new RenderError('a template of SOGo holds a control character: take it out');
  }
  let tag = 'END_OF_SOURCE';
  while (lines.includes(tag)) tag += '_';
  return [`<<'${tag}'`, ...lines, tag].join('\n');
}
