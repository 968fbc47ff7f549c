/** One kind of entries (people, groups, …), with everything that makes their reading incomplete. */
import type { SearchEntry } from 'ldapts';
import type { DirectoryEntry } from '../core/model.ts';
import { decodeEntry, type DecodedEntry, type Wanted } from './entry.ts';
import { DirectoryMalformed } from './errors.ts';
import type { Fingerprinter } from './fingerprint.ts';
import { completeRanges } from './ranges.ts';
import { readAll, type Query, type SearchEnd } from './search.ts';
import type { Session } from './session.ts';

export type EntriesRequest = {
  readonly what: 'people' | 'groups' | 'other groups' | 'members of groups';
  readonly query: Omit<Query, 'attributes'>;
  readonly wanted: Wanted;
};

export type Entries = {
  readonly entries: readonly DirectoryEntry[];
  readonly problems: readonly string[];
  readonly end: SearchEnd;
};

const attributesOf = ({ idAttributes, attributes }: Wanted): readonly string[] => [
  ...new Set([...idAttributes, ...attributes]),
];

type Collected = { readonly byKey: Map<string, DecodedEntry>; readonly problems: string[] };

/** The later of two answers about one entry counts; two entries with one id are no one's identity. */
function collector(wanted: Wanted, { byKey, problems }: Collected): (raw: SearchEntry) => boolean {
  return (raw) => {
    const entry = decodeEntry(raw, wanted);
    const key = entry.id === '' ? `dn:${entry.dn}` : entry.id;
    const earlier = byKey.get(key);
    byKey.set(key, entry);
    if (earlier && earlier.dn.toLowerCase() !== entry.dn.toLowerCase()) {
      problems.push(
        `two entries came with the same ${wanted.idAttributes.join('/')} ${key}: ${earlier.dn} and ${entry.dn}`,
      );
    }
    return !earlier;
  };
}

function missingIds(entries: readonly DecodedEntry[], idAttributes: readonly string[]): readonly string[] {
  const without = entries.filter((entry) => entry.id === '');
  const [first] = without;
  if (!first) return [];
  return [
    `${without.length} entries came without ${idAttributes.join(' or ')}, so nobody can know who they are (the bind DN may not read it, or the dialect is another one); the first is ${first.dn}`,
  ];
}

const toDirectoryEntry = (entry: DecodedEntry, partial: readonly string[]): DirectoryEntry => ({
  id: entry.id,
  dn: entry.dn,
  attributes: entry.attributes,
  ...(partial.length > 0 && { partial }),
});

type Completed = { readonly entries: DirectoryEntry[]; readonly problem: string | undefined };

/** Once the connection is lost, every attribute that still waits for its rest stays partial. */
async function completeAll(session: Session, decoded: readonly DecodedEntry[]): Promise<Completed> {
  const entries: DirectoryEntry[] = [];
  let problem: string | undefined;
  for (const entry of decoded) {
    let partial = entry.ranges.map((range) => range.attribute);
    if (partial.length > 0 && problem === undefined) {
      try {
        partial = [...(await completeRanges(session, entry))];
      } catch (error) {
        problem = `the rest of a long list of values was not read: ${session.explain(error).message}`;
      }
    }
    entries.push(toDirectoryEntry(entry, partial));
  }
  return { entries, problem };
}

export type ReadEntriesOptions = {
  /** Ids of entries that are left out. */
  readonly known?: ReadonlySet<string>;
  /** Told of everything that came. */
  readonly fingerprinter?: Fingerprinter;
};

/**
 * Goes through the entries of one kind as they come, without decoding any. False when more came than `most` in all, or
 * the search did not run to its end: then their fingerprint says nothing. Does not throw.
 */
export async function skimEntries(
  session: Session,
  { what, query, wanted }: EntriesRequest,
  { fingerprinter, most }: { readonly fingerprinter: Fingerprinter; readonly most: number },
): Promise<boolean> {
  fingerprinter.begin(what);
  const isEnough = (): boolean => fingerprinter.count() > most;
  const attributes = attributesOf(wanted);
  const end = await readAll(session, { ...query, attributes }, { bytes: fingerprinter.add, isEnough });
  return end.cut === undefined;
}

/**
 * Reads all entries of one kind. What the server did in the middle is in `problems`; throws DirectoryMalformed
 * only when its answer made no sense before the first entry.
 */
export async function readEntries(
  session: Session,
  request: EntriesRequest,
  { known = new Set(), fingerprinter }: ReadEntriesOptions = {},
): Promise<Entries> {
  const { what, query, wanted } = request;
  const collected: Collected = { byKey: new Map(), problems: [] };
  const attributes = attributesOf(wanted);
  fingerprinter?.begin(what);
  const end = await readAll(
    session,
    { ...query, attributes },
    { entry: collector(wanted, collected), ...(fingerprinter && { bytes: fingerprinter.add }) },
  );
  const decoded = [...collected.byKey.values()];
  // The rest of a long attribute comes by searches of its own.
  if (decoded.some(({ ranges }) => ranges.length > 0)) fingerprinter?.spoil();
  if (end.by instanceof DirectoryMalformed && decoded.length === 0) throw end.by;
  const identified = decoded.filter((entry) => entry.id !== '' && !known.has(entry.id));
  const { entries, problem } = await completeAll(session, identified);
  const cut =
    end.cut === undefined
      ? undefined
      : `the search for ${what} below “${query.baseDn}” ended after ${decoded.length} entries: ${end.cut}`;
  const problems = [
    cut,
    ...missingIds(decoded, wanted.idAttributes),
    ...collected.problems.slice(0, 10),
    problem,
  ].filter((sentence) => sentence !== undefined);
  return { entries, problems, end };
}
