/**
 * Files that an older tool wrote and nobody changed since: told by what they set, whatever its values. Comments and blank
 * lines do not count. Such a file may give way to ours (docs/decisions/016-rendering-logins.md). Pure.
 */
import type { PredecessorFiles } from './older-tables.ts';
import { extraConfs, passdbs, plists } from './older-tables.ts';

const isLine = (line: string): boolean => line !== '' && !line.startsWith('#');

const linesOf = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(isLine);

const matches = (found: readonly string[], wanted: readonly RegExp[]): boolean =>
  found.length === wanted.length && wanted.every((pattern, index) => pattern.test(found[index] ?? ''));

const anyOrder = (found: readonly string[]): readonly string[] => [...found].sort();

/** Whose `ldap/passdb.conf` this is, as it was rendered; undefined: nobody's that is known, or changed. */
export function isOlderPassdb(text: string): PredecessorFiles | undefined {
  const settings = linesOf(text).map((line) => line.split('=', 1)[0]?.trim() ?? '');
  return passdbs.find(({ sets, fixed }) => {
    const names = anyOrder(settings).join() === anyOrder(sets).join();
    return names && fixed.every((line) => linesOf(text).includes(line));
  })?.tool;
}

/** The same for SOGo's `plist_ldap`. */
export function isOlderPlist(text: string): PredecessorFiles | undefined {
  const tokens = text
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .split(/(<\/?(?:dict|array|key)>|<string>[\s\S]*?<\/string>)/)
    .map((token) => token.trim())
    .filter((token) => token !== '');
  return plists.find(({ tokens: wanted }) => matches(tokens, wanted))?.tool;
}

export type OlderExtraConf = {
  readonly tool: PredecessorFiles;
  /** What is left without its passdb: settings that an operator may rely on. */
  readonly rest: string;
};

const olderPassdb =
  /^[ \t]*passdb[ \t]*\{\s*args[ \t]*=[ \t]*\/etc\/dovecot\/ldap\/passdb\.conf\s*driver[ \t]*=[ \t]*ldap\s*\}[ \t]*\n?/m;

/** Whose `extra.conf` this is, as it was rendered, and what is left of it without the passdb. */
export function readOlderExtraConf(text: string): OlderExtraConf | undefined {
  const known = extraConfs.find(({ lines }) => matches(linesOf(text), lines));
  return known && { tool: known.tool, rest: text.replace(olderPassdb, '') };
}

/** mailcow's own sample of `plist_ldap` or `plist_ldap.sh`: all of it a comment of XML. */
export function isSogoSample(text: string): boolean {
  const shell = text
    .replace(/^#!\/bin\/bash\s*/, '')
    .replace(/^domain="\$1"\s*gal_status="\$2"\s*/, '')
    .replace(/^echo '([\s\S]*)'\s*$/, '$1');
  return /^\s*<!--\s*<example>(?:(?!-->)[\s\S])*<\/example>\s*-->\s*$/.test(shell);
}
