/** The directory as the sync sees it: read whole, each time over a new connection. */
import { attributesOfGroups, attributesOfPeople, dialectDefaults, resolveMapping } from '../core/mapping.ts';
import type { Attributes, DialectName, Reading } from '../core/model.ts';
import type { Directory } from '../ports.ts';
import { PresenceFilter } from 'ldapts';
import { detectDialect, rootDseAttributes } from './dialect.ts';
import { decodeEntry } from './entry.ts';
import { DirectoryRefused, DirectoryUnreachable } from './errors.ts';
import { describeAnswer } from './explain-result.ts';
import { parseFilter } from './filter.ts';
import { idAttributesOf } from './identity.ts';
import type { DirectoryOptions } from './options.ts';
import { readEntries, type Entries, type EntriesRequest } from './reading.ts';
import { openSession, type Session } from './session.ts';

/** Servers that hide the root DSE answer with “no such object” or “insufficient rights”. */
const hiddenCodes = [0, 32, 50];

/**
 * The root DSE, lower-case names; empty when the bind DN may not read it. Throws DirectoryUnreachable when it
 * cannot be read just now: guessing a dialect from nothing would give everybody another directory id.
 */
export async function readRootDse(session: Session): Promise<Attributes> {
  const wanted = {
    idAttributes: [],
    attributes: new Set(rootDseAttributes.map((name) => name.toLowerCase())),
  };
  let rootDse: Attributes = {};
  const filter = new PresenceFilter({ attribute: 'objectClass' });
  const attributes = [...rootDseAttributes];
  const asked = session.connection.search(
    { baseDN: '', scope: 'base', filter, attributes, timeLimit: 0 },
    (entry) => {
      rootDse = decodeEntry(entry, wanted).attributes;
    },
  );
  const answer = await asked.catch((error: unknown) => {
    throw session.explain(error);
  });
  if (hiddenCodes.includes(answer.code)) return rootDse;
  throw new DirectoryUnreachable(
    `LDAP server ${session.uri}: its root DSE cannot be read (${describeAnswer(answer)}); LDAP_MAILCOW_LDAP_DIALECT can name the dialect instead`,
  );
}

/** The named dialect, or the one that the root DSE shows. */
async function dialectOf(session: Session, options: DirectoryOptions): Promise<DialectName> {
  return options.dialect === 'auto' ? detectDialect(await readRootDse(session)) : options.dialect;
}

function filterOf(text: string, setting: string): EntriesRequest['query']['filter'] {
  try {
    return parseFilter(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DirectoryRefused(`${setting} is no LDAP filter: ${why}`, { cause: error });
  }
}

/** What is asked of the server for people and for groups; pure. */
function requestsFor(
  options: DirectoryOptions,
  dialect: DialectName,
): { readonly people: EntriesRequest; readonly groups: EntriesRequest | undefined } {
  const mapping = resolveMapping(options.mapping, dialect);
  const idAttributes = idAttributesOf(dialect, options.idAttribute);
  const request = (kind: {
    readonly what: EntriesRequest['what'];
    readonly filter: EntriesRequest['query']['filter'];
    readonly attributes: readonly string[];
  }): EntriesRequest => ({
    what: kind.what,
    query: {
      baseDn: options.baseDn,
      scope: options.scope,
      filter: kind.filter,
      pageSize: options.pageSize,
      pagingRequired: dialect !== 'lldap',
    },
    wanted: { idAttributes, attributes: new Set(kind.attributes.map((name) => name.toLowerCase())) },
  });
  const defaults = dialectDefaults[dialect];
  const people = request({
    what: 'people',
    filter: filterOf(options.userFilter ?? defaults.userFilter, 'LDAP_MAILCOW_LDAP_FILTER'),
    attributes: [...attributesOfPeople(mapping), ...(options.extraPeopleAttributes ?? [])],
  });
  const groups = request({
    what: 'groups',
    filter: filterOf(options.groupFilter ?? defaults.groupFilter, 'LDAP_MAILCOW_LDAP_GROUP_FILTER'),
    attributes: [...attributesOfGroups(mapping), ...(options.extraGroupAttributes ?? [])],
  });
  return { people, groups: options.readGroups ? groups : undefined };
}

export type SessionReading = {
  readonly dialect: DialectName;
  readonly people: Entries;
  readonly groups: Entries;
};

const nothingRead: Entries = { entries: [], problems: [], end: { cut: undefined, paged: true } };

/** Reads people, then groups, over one connection: servers allow one paged search at a time. */
export async function readSession(session: Session, options: DirectoryOptions): Promise<SessionReading> {
  const dialect = await dialectOf(session, options);
  const requests = requestsFor(options, dialect);
  const people = await readEntries(session, requests.people);
  const groups = requests.groups ? await readEntries(session, requests.groups) : nothingRead;
  return { dialect, people, groups };
}

/**
 * The directory behind these options. Nothing is opened before the first `read`; `close` ends readings that
 * are still going on. Source of every promise: facts/ldap.md, DESIGN.md 4.1.
 */
export function openDirectory(options: DirectoryOptions): Directory {
  const sessions = new Set<Session>();
  const read = async (): Promise<Reading> => {
    const session = await openSession(options);
    sessions.add(session);
    try {
      const { dialect, people, groups } = await readSession(session, options);
      const problems = [...people.problems, ...groups.problems];
      return { dialect, people: people.entries, groups: groups.entries, problems };
    } finally {
      sessions.delete(session);
      session.connection.close();
    }
  };
  const close = (): Promise<void> => {
    for (const session of sessions) session.connection.close();
    return Promise.resolve();
  };
  return { read, close };
}
