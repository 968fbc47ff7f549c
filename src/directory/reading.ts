/** One kind of entries (people, groups, …), with everything that makes their reading incomplete. */
import type { DirectoryEntry } from '../core/model.ts';
import { decodeEntry, type DecodedEntry, type Wanted } from './entry.ts';
import { DirectoryMalformed } from './errors.ts';
import { completeRanges } from './ranges.ts';
import { readAll, type Collect, type Query, type SearchEnd } from './search.ts';
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

type Collected = { readonly byKey: Map<string, DecodedEntry>; readonly problems: string[] };

/** The later of two answers about one entry counts; two entries with one id are no one's identity. */
function collector(wanted: Wanted, { byKey, problems }: Collected): Collect {
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

/**
 * Reads all entries of one kind. What the server did in the middle is in `problems`; throws DirectoryMalformed
 * only when its answer made no sense before the first entry. Entries whose id is `known` are left out.
 */
export async function readEntries(
  session: Session,
  request: EntriesRequest,
  known: ReadonlySet<string> = new Set(),
): Promise<Entries> {
  const { what, query, wanted } = request;
  const collected: Collected = { byKey: new Map(), problems: [] };
  const attributes = [...new Set([...wanted.idAttributes, ...wanted.attributes])];
  const end = await readAll(session, { ...query, attributes }, collector(wanted, collected));
  const decoded = [...collected.byKey.values()];
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
