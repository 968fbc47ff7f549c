/** LDIF files as the entries that a directory would return. */
import type { DirectoryEntry } from '../../src/core/model.ts';

const unfold = (text: string): string => text.replaceAll(/\r?\n /g, '');

const valueOf = (line: string, colon: number): string => {
  const rest = line.slice(colon + 1);
  return rest.startsWith(':') ? Buffer.from(rest.slice(1).trim(), 'base64').toString('utf8') : rest.trim();
};

function parseEntry(block: string): DirectoryEntry | undefined {
  const attributes: Record<string, string[]> = {};
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (line.startsWith('#') || colon < 1) continue;
    const name = line.slice(0, colon).toLowerCase();
    (attributes[name] ??= []).push(valueOf(line, colon));
  }
  const { dn: dns, ...others } = attributes;
  const dn = dns?.[0];
  return dn === undefined ? undefined : { id: dn, dn, attributes: others };
}

/** Every entry of an LDIF text; its DN is its id. */
export function entriesOf(text: string): readonly DirectoryEntry[] {
  return unfold(text)
    .split(/\r?\n(?:\r?\n)+/)
    .map(parseEntry)
    .filter((entry) => entry !== undefined);
}

/** Whether the entry has the object class, whatever its spelling. */
export function hasClass(entry: DirectoryEntry, name: string): boolean {
  const classes = entry.attributes['objectclass'] ?? [];
  return classes.some((value) => value.toLowerCase() === name.toLowerCase());
}
