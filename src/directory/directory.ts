/** The directory as the sync sees it: read whole, each time over a new connection. */
import type { Attributes, DialectName, DirectoryEntry, Reading } from '../core/model.ts';
import type { Directory } from '../ports.ts';
import { PresenceFilter } from 'ldapts';
import { detectDialect, rootDseAttributes } from './dialect.ts';
import { decodeEntry } from './entry.ts';
import { countOf, openFingerprinter, type Fingerprinter } from './fingerprint.ts';
import { DirectoryUnreachable } from './errors.ts';
import { describeAnswer } from './explain-result.ts';
import type { DirectoryOptions } from './options.ts';
import { readEntries, skimEntries, type Entries } from './reading.ts';
import { requestsFor, type MembersRequest } from './requests.ts';
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
    {
      onEntry: (entry) => {
        rootDse = decodeEntry(entry, wanted).attributes;
      },
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
export async function dialectOf(session: Session, options: DirectoryOptions): Promise<DialectName> {
  return options.dialect === 'auto' ? detectDialect(await readRootDse(session)) : options.dialect;
}

export type SessionReading = {
  readonly dialect: DialectName;
  readonly people: Entries;
  readonly lists: Entries;
  /** Groups that are no lists. */
  readonly others: Entries;
  readonly members?: Omit<MembersRequest, 'request'> & { readonly found: Entries };
};

const nothingRead: Entries = { entries: [], problems: [], end: { cut: undefined, paged: true } };

/** Reads one kind after the other over one connection: servers allow one paged search at a time. */
export async function readSession(
  session: Session,
  options: DirectoryOptions,
  fingerprinter?: Fingerprinter,
): Promise<SessionReading> {
  const dialect = await dialectOf(session, options);
  const requests = requestsFor(options, dialect);
  const watched = fingerprinter && { fingerprinter };
  fingerprinter?.begin(dialect);
  const people = await readEntries(session, requests.people, watched);
  if (!requests.groups) return { dialect, people, lists: nothingRead, others: nothingRead };
  const lists = await readEntries(session, requests.groups.lists, watched);
  const known = new Set(lists.entries.map(({ id }) => id));
  const others = await readEntries(session, requests.groups.others, { ...watched, known });
  if (!requests.groups.members) return { dialect, people, lists, others };
  const { key, decides, request } = requests.groups.members;
  const found = await readEntries(session, request, watched);
  return { dialect, people, lists, others, members: { key, decides, found } };
}

/** What `readSession` would be told, in the same order; undefined when it is not that of a whole reading. */
async function skimSession(
  session: Session,
  options: DirectoryOptions,
  known: { readonly key: string; readonly fingerprint: string },
): Promise<string | undefined> {
  const fingerprinter = openFingerprinter(known.key);
  const most = countOf(known.fingerprint);
  const dialect = await dialectOf(session, options);
  const { people, groups } = requestsFor(options, dialect);
  fingerprinter.begin(dialect);
  const requests = [people, groups?.lists, groups?.others, groups?.members?.request];
  for (const request of requests.filter((one) => one !== undefined)) {
    if (!(await skimEntries(session, request, { fingerprinter, most }))) return undefined;
    options.onSearch?.({ complete: true });
  }
  return fingerprinter.digest();
}

/** What makes the reading incomplete, in the order of the searches. */
export const problemsOf = ({ people, lists, others, members }: SessionReading): readonly string[] =>
  [people, lists, others, members?.found].flatMap((entries) => entries?.problems ?? []);

/** Groups that are not read have no search. */
const searchesOf = ({ people, lists, others, members }: SessionReading): readonly Entries[] =>
  [people, lists, others, members?.found].filter(
    (entries): entries is Entries => entries !== undefined && entries !== nothingRead,
  );

function toReading(read: SessionReading): Reading {
  const { dialect, people, lists, others, members } = read;
  const nested = others.entries.map((entry): DirectoryEntry => ({ ...entry, nestedOnly: true }));
  return {
    dialect,
    people: people.entries,
    groups: [...lists.entries, ...nested],
    ...(members && {
      members: { key: members.key, decides: members.decides, entries: members.found.entries },
    }),
    problems: problemsOf(read),
  };
}

/**
 * The directory behind these options. Nothing is opened before the first `read`; `close` ends readings that
 * are still going on. Source of every promise: facts/ldap.md, DESIGN.md 4.1.
 */
export function openDirectory(options: DirectoryOptions): Directory {
  const sessions = new Set<Session>();
  const within = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const session = await openSession(options);
    sessions.add(session);
    try {
      return await work(session);
    } finally {
      sessions.delete(session);
      session.connection.close();
    }
  };
  const read = (key?: string): Promise<Reading> =>
    within(async (session) => {
      const fingerprinter = key === undefined ? undefined : openFingerprinter(key);
      const found = await readSession(session, options, fingerprinter);
      for (const { end } of searchesOf(found)) options.onSearch?.({ complete: end.cut === undefined });
      const reading = toReading(found);
      const fingerprint = fingerprinter?.digest();
      return { ...reading, ...(fingerprint !== undefined && { fingerprint }) };
    });
  const close = (): Promise<void> => {
    for (const session of sessions) session.connection.close();
    return Promise.resolve();
  };
  return {
    read,
    isStill: (known) =>
      within(async (session) => (await skimSession(session, options, known)) === known.fingerprint),
    close,
  };
}
