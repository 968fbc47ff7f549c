/** Single entries past base, scope and filters: why does a reading not show somebody? */
import { type SearchEntry, AndFilter, EqualityFilter, OrFilter, PresenceFilter, type Filter } from 'ldapts';
import { dnKey } from '../core/dn.ts';
import {
  attributesOfGroups,
  attributesOfPeople,
  dialectDefaults,
  resolveMapping,
  type Mapping,
} from '../core/mapping.ts';
import type { EntryFinder, FilterAnswer, LookedUp } from '../ports.ts';
import { dialectOf } from './directory.ts';
import { decodeEntry, type DecodedEntry, type Wanted } from './entry.ts';
import { parseFilter } from './filter.ts';
import { anyIdAttributesOf } from './identity.ts';
import type { DirectoryOptions } from './options.ts';
import { openSession, type Session } from './session.ts';

const MOST = 5;

type Asked = {
  readonly baseDN: string;
  readonly scope: 'sub' | 'base';
  readonly filter: Filter;
  readonly attributes: readonly string[];
};

/** What a search brings, whatever its result code: of an entry that is not there, or may not be read, nothing. */
async function ask(session: Session, asked: Asked, wanted: Wanted): Promise<readonly DecodedEntry[]> {
  const entries: DecodedEntry[] = [];
  const attributes = [...asked.attributes];
  try {
    const onEntry = (entry: SearchEntry): void => {
      entries.push(decodeEntry(entry, wanted));
    };
    await session.connection.search({ ...asked, attributes, sizeLimit: 0, timeLimit: 0 }, { onEntry });
  } catch (error) {
    throw session.explain(error);
  }
  return entries;
}

/** RFC 4511, 4.5.1.8: no attributes at all. */
const NO_ATTRIBUTES = ['1.1'];
const nothing: Wanted = { idAttributes: [], attributes: new Set() };

/** The server itself is asked: it knows its matching rules, and what the bind account may read. */
async function matches(session: Session, dn: string, filter: Filter): Promise<boolean> {
  const asked = { baseDN: dn, scope: 'base', filter, attributes: NO_ATTRIBUTES } as const;
  return (await ask(session, asked, nothing)).length > 0;
}

/** Goes down into what is joined by `&`; of anything else the whole is what does not hold. */
async function firstFailing(session: Session, dn: string, filter: Filter): Promise<string> {
  if (!(filter instanceof AndFilter)) return filter.toString();
  for (const part of filter.filters) {
    if (!(await matches(session, dn, part))) return firstFailing(session, dn, part);
  }
  return filter.toString();
}

async function answer(session: Session, dn: string, text: string): Promise<FilterAnswer> {
  const filter = parseFilter(text);
  if (await matches(session, dn, filter)) return { hits: true, filter: text };
  return { hits: false, filter: text, failing: await firstFailing(session, dn, filter) };
}

/** Whether a search with this base and scope could bring the entry. */
function isInScope(dn: string, { baseDn, scope }: Pick<DirectoryOptions, 'baseDn' | 'scope'>): boolean {
  const [key, base] = [dnKey(dn), dnKey(baseDn)];
  if (key === base) return scope !== 'one';
  if (scope === 'base' || !(base === '' || key.endsWith(`,${base}`))) return false;
  const above = base === '' ? key : key.slice(0, -base.length - 1);
  return scope === 'sub' || !/(?<!\\),/.test(above);
}

/** An address as it may stand in the attributes of the mapping, or an account name. */
function filterFor(text: string, { mail, aliases, account }: Mapping): Filter {
  const isAddress = text.includes('@');
  const addresses = [
    [mail, text],
    ...aliases.flatMap((name) => [
      [name, text],
      [name, `smtp:${text}`],
    ]),
  ];
  const pairs = [[account, text], ['cn', text], ...(isAddress ? addresses : [])];
  return new OrFilter({
    filters: pairs.map(([attribute = '', value = '']) => new EqualityFilter({ attribute, value })),
  });
}

const anything = new PresenceFilter({ attribute: 'objectClass' });

/** At most five entries, each with what the filters say of it. Passwords are not asked for. */
export async function lookUp(
  options: DirectoryOptions,
  { dn, text }: Parameters<EntryFinder>[0],
): ReturnType<EntryFinder> {
  const session = await openSession(options);
  try {
    const dialect = await dialectOf(session, options);
    const mapping = resolveMapping(options.mapping, dialect);
    const idAttributes = anyIdAttributesOf(dialect, options.idAttribute);
    const attributes = [...attributesOfPeople(mapping), ...attributesOfGroups(mapping)];
    const wanted = { idAttributes, attributes: new Set(attributes) };
    const asked: Asked = {
      attributes: [...attributes, ...idAttributes],
      ...(dn === undefined
        ? { baseDN: options.baseDn, scope: 'sub', filter: filterFor(text, mapping) }
        : { baseDN: dn, scope: 'base', filter: anything }),
    };
    const defaults = dialectDefaults[dialect];
    const found: LookedUp[] = [];
    for (const { ranges: _ranges, ...entry } of (await ask(session, asked, wanted)).slice(0, MOST)) {
      const asPerson = await answer(session, entry.dn, options.userFilter ?? defaults.userFilter);
      found.push({
        entry,
        isInScope: isInScope(entry.dn, options),
        asPerson,
        ...(options.readGroups && {
          asGroup: await answer(session, entry.dn, options.groupFilter ?? defaults.groupFilter),
        }),
      });
    }
    return { dialect, found };
  } finally {
    session.connection.close();
  }
}
