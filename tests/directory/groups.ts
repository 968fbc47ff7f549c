/** A scripted server that tells the searches of a reading apart. */
import { anyGroup } from '../../src/core/mapping.ts';
import type { DirectoryOptions } from '../../src/directory/options.ts';
import { filterText } from '../support/scripted-ldap-filter.ts';
import type { SeenSearch } from '../support/scripted-ldap-messages.ts';
import { servePages, type Entry, type Script } from '../support/scripted-ldap.ts';

export type SearchKind = 'people' | 'lists' | 'others' | 'members' | 'range';

const people = '(kind=person)';
const lists = '(kind=list)';

/** Filters by which the server knows what is looked for. */
export const filters: Partial<DirectoryOptions> = {
  readGroups: true,
  userFilter: people,
  groupFilter: lists,
};

export function kindOf({ filter, attributes }: SeenSearch): SearchKind {
  if (attributes.some((name) => name.includes(';range='))) return 'range';
  const text = filterText(filter);
  if (text === people) return 'people';
  if (text === lists) return 'lists';
  return text === anyGroup ? 'others' : 'members';
}

type Search = NonNullable<Script['search']>;

/** Each search is answered by its own script; what is left out finds nothing. */
export const serveKinds =
  (scripts: Readonly<Partial<Record<SearchKind, Search>>>): Search =>
  (request, reply) => {
    (scripts[kindOf(request)] ?? servePages([]))(request, reply);
  };

export const groupEntry = (name: string, values: Entry[1] = {}): Entry => [
  `cn=${name},dc=example,dc=test`,
  { entryUUID: [`uuid-${name}`], cn: [name], ...values },
];
