/** Kinds of values that belong to mail from another server. */
import { kindOf } from './kinds.ts';
import { patternProblem } from '../core/folder-pattern.ts';
import type { Kind } from './setting.ts';

/** Where mail is read: `imaps` means TLS from the start, `imap` STARTTLS where it is offered. */
export type ImapServer = { readonly host: string; readonly port: number; readonly security: 'ssl' | '' };

const host = '[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?';
const imapPattern = new RegExp(`^(imaps?)://(${host})(?::(\\d{1,5}))?/?$`, 'i');
const lmtpPattern = new RegExp(`^lmtp://(${host})(?::(\\d{1,5}))?/?$`, 'i');

const portOf = (digits: string | undefined, usual: number): number | undefined => {
  const port = digits === undefined ? usual : Number(digits);
  return port >= 1 && port <= 65_535 ? port : undefined;
};

/** The server that a checked URI names; undefined: it is none. */
export function parseImapUri(text: string): ImapServer | undefined {
  const [, scheme = '', name, digits] = imapPattern.exec(text) ?? [];
  const isTls = scheme.toLowerCase() === 'imaps';
  const port = portOf(digits, isTls ? 993 : 143);
  if (name === undefined || port === undefined) return undefined;
  return { host: name.toLowerCase(), port, security: isTls ? 'ssl' : '' };
}

export const imapUri: Kind<string> = kindOf('imaps://HOST or imap://HOST, with :PORT', (text) =>
  parseImapUri(text) === undefined ? undefined : text.toLowerCase(),
);

/** Where mail is delivered. */
export type LmtpServer = { readonly host: string; readonly port: number };

/** The server that a checked URI names; undefined: it is none. */
export function parseLmtpUri(text: string): LmtpServer | undefined {
  const [, name, digits] = lmtpPattern.exec(text) ?? [];
  const port = portOf(digits, 24);
  return name === undefined || port === undefined ? undefined : { host: name.toLowerCase(), port };
}

export const lmtpUri: Kind<string> = kindOf('lmtp://HOST, with :PORT', (text) =>
  parseLmtpUri(text) === undefined ? undefined : text.toLowerCase(),
);

/** mailcow splits the options of a job at every "-" and at blanks, and the path is one of them (facts/imapsync.md 2.4). */
export const runFolder: Kind<string> = kindOf('an absolute path without "-" and blanks', (text) =>
  /^\/[\w./]*$/.test(text) ? text.replace(/\/+$/, '') : undefined,
);

/** Regular expressions of folders, separated by commas. */
export const folderPatterns: Kind<readonly string[]> = {
  expects: 'regular expressions of folders, separated by commas',
  parse: (text) => {
    const items = text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    const wrong = items.map(patternProblem).find((problem) => problem !== undefined);
    return wrong === undefined ? { value: items } : { problem: `no regular expression (${wrong})` };
  },
};

const placeholder = /\{[a-z][a-z0-9;.-]*\}/gi;

/** Text with attributes in braces. */
export const template: Kind<string> = kindOf('a text with attributes in braces, like {uid}', (text) =>
  text !== '' && !/[{}\s]/.test(text.replaceAll(placeholder, '')) ? text : undefined,
);
