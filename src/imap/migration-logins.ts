/** The file with everybody's password at the server that their mail comes from. Nothing of it is ever repeated. */
import { readFileSync, statSync } from 'node:fs';
import { parseAddress } from '../core/address.ts';
import { isSyncPassword } from '../core/sync-job.ts';
import type { MigrationLogins } from '../ports-migration.ts';

type Pair = { readonly address: string; readonly password: string; readonly where: string };

/** A sentence without contents of the file. */
class Broken extends Error {}

/** The cells of a line of CSV; undefined: a quote is open at its end, or stands where none may. */
function cellsOf(line: string): readonly string[] | undefined {
  const cell = /(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/y;
  const cells: string[] = [];
  while (cell.lastIndex < line.length || cells.length === 0) {
    const found = cell.exec(line);
    if (found === null) return undefined;
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
  }
  return cells;
}

/** A first line of names, as spreadsheets write it. */
const isHeading = (line: string, index: number): boolean => index === 0 && !line.includes('@');

function pairsOfLines(text: string): readonly Pair[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line, index }));
  return lines
    .filter(({ line, index }) => line.trim() !== '' && !isHeading(line, index))
    .map(({ line, index }) => {
      const where = `line ${index + 1}`;
      const [address = '', password, ...more] = cellsOf(line) ?? [];
      if (password === undefined || more.length > 0) {
        throw new Broken(
          `${where} is not "address,password"; a password with a comma or a quote stands in quotes`,
        );
      }
      return { address: address.trim(), password, where };
    });
}

function pairsOfObject(text: string): readonly Pair[] {
  const found = parseJson(text);
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw new Broken('it is no JSON object');
  return Object.entries(found).map(([address, password]: [string, unknown], index) => {
    const where = `entry ${index + 1}`;
    if (typeof password !== 'string') throw new Broken(`the password of ${where} is no text`);
    return { address, password, where };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message would quote the text.
    throw new Broken('it is no JSON');
  }
}

/**
 * By address, from lines of CSV or a JSON object. A password in clear has blanks where it has them: only addresses are
 * trimmed. Throws an error with a sentence that names a line and none of its contents.
 */
export function parseLogins(text: string): ReadonlyMap<string, string> {
  const plain = text.replace(/^\uFEFF/, '');
  const pairs = plain.trimStart().startsWith('{') ? pairsOfObject(plain) : pairsOfLines(plain);
  // A file that is just being written, or was emptied by mistake, must not give everybody the one password for all.
  if (pairs.length === 0) throw new Broken('it names nobody');
  const passwords = new Map<string, string>();
  for (const { address: given, password, where } of pairs) {
    const address = parseAddress(given);
    if (address === undefined) throw new Broken(`${where} does not begin with an address of a mailbox`);
    if (passwords.has(address)) throw new Broken(`${where} names an address for the second time`);
    if (!isSyncPassword(password)) {
      throw new Broken(`the password of ${where} is empty, "0", longer than 255 characters or several lines`);
    }
    passwords.set(address, password);
  }
  return passwords;
}

const OTHERS = 0o077;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

function whyUnreadable(error: unknown): string {
  if (error instanceof Broken) return error.message;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? `it cannot be read (${code})`;
}

/** A wrong letter in a password would be written, and refused there. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Broken('it is not in UTF-8');
  }
}

/** Reads the file anew. Never throws. */
export function readLoginsFile(path: string): MigrationLogins {
  try {
    const isExposed = (statSync(path).mode & OTHERS) !== 0;
    const passwords = parseLogins(textOf(readFileSync(path)));
    return {
      kind: 'read',
      passwordOf: (address) => passwords.get(address),
      ...(isExposed && { exposed: `${path} may be read by others than its owner` }),
    };
  } catch (error) {
    return { kind: 'unreadable', path, why: whyUnreadable(error) };
  }
}
