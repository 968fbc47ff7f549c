/** Which addresses and mail domains a directory names, whatever becomes of them. */
import { domainOf, parseAddress } from './address.ts';
import type { Mapping } from './mapping.ts';
import type { DirectoryEntry } from './model.ts';
import { aliasValuesOf } from './person.ts';

export type Known = { readonly addresses: ReadonlySet<string>; readonly domains: ReadonlySet<string> };

/** In an own or further address, one that mailcow would not take included. */
function textsOf(entry: DirectoryEntry, { mail, aliases }: Mapping): readonly string[] {
  const own = entry.attributes[mail] ?? [];
  return [...own, ...aliasValuesOf(entry, aliases).map(({ text }) => text)];
}

/**
 * Everything that these entries name as an address, also where nobody gets it: contested, not understood, of a group
 * that is no list. An address with a mistake in it still names its domain.
 */
export function knownTo(entries: Iterable<DirectoryEntry>, mapping: Mapping): Known {
  const addresses = new Set<string>();
  const domains = new Set<string>();
  for (const entry of entries) {
    for (const text of textsOf(entry, mapping)) {
      const address = parseAddress(text);
      if (address !== undefined) addresses.add(address);
      if (text.includes('@')) domains.add(domainOf(text.trim().toLowerCase()));
    }
  }
  return { addresses, domains };
}
