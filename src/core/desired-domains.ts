/** The mail domains that a directory asks for. */
import { domainOf } from './address.ts';
import type { Mapping } from './mapping.ts';
import type { DirectoryEntry } from './model.ts';
import { parseEntryAddress } from './person.ts';

/** Those of the own addresses of people and lists; an alias alone makes no domain. */
export function domainsAskedFor(entries: readonly DirectoryEntry[], { mail }: Mapping): ReadonlySet<string> {
  const domains = new Set<string>();
  for (const entry of entries) {
    if (entry.nestedOnly === true) continue;
    const parsed = parseEntryAddress(entry, mail);
    if (parsed.kind === 'address') domains.add(domainOf(parsed.address));
  }
  return domains;
}
