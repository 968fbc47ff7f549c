/** What the command `check` wants to know about the directory. */
import type { DialectName, DirectoryEntry } from '../core/model.ts';
import { problemsOf, readRootDse, readSession } from './directory.ts';
import { describeVendor, detectDialect, pagingOid } from './dialect.ts';
import type { DirectoryOptions } from './options.ts';
import type { Entries } from './reading.ts';
import { openSession, type Session } from './session.ts';

export type DirectoryProbe = {
  /** The URI that was used, which is not the first one when that is unreachable. */
  readonly uri: string;
  readonly encrypted: boolean;
  /** The dialect in use; `detected` is what the root DSE shows. */
  readonly dialect: DialectName;
  readonly detected: DialectName;
  readonly vendor: string;
  /** Who the server thinks we are, when it tells. */
  readonly whoami?: string;
  readonly pagingWorks: boolean;
  /** A paged reading is cut off by a limit of the server. */
  readonly sizeLimited: boolean;
  readonly countPeople: number;
  readonly countLists: number;
  /** Groups that are no lists. */
  readonly countOtherGroups: number;
  /** Set when more than people may be members of lists. */
  readonly members?: { readonly count: number; readonly key: string | undefined; readonly decides: boolean };
  readonly sampleEntries: readonly DirectoryEntry[];
  readonly problems: readonly string[];
};

const whoamiOid = '1.3.6.1.4.1.4203.1.11.3';
const limitCodes = [3, 4, 11];
const sampleSize = 10;

/** RFC 4532; servers that do not know it say so, and that is no problem. */
async function askWhoami(session: Session): Promise<string | undefined> {
  try {
    const answer = await session.connection.extended(whoamiOid);
    return answer.code === 0 && answer.value !== '' ? answer.value : undefined;
  } catch (error) {
    throw session.explain(error);
  }
}

function isLimited(entries: Entries | undefined): boolean {
  const by = entries?.end.by;
  return by !== undefined && !(by instanceof Error) && limitCodes.includes(by.code);
}

/**
 * Binds and reads like a sync, and tells what it saw. Throws a DirectoryError when it cannot even bind; its
 * message says what to do.
 */
export async function probeDirectory(options: DirectoryOptions): Promise<DirectoryProbe> {
  const session = await openSession(options);
  try {
    const rootDse = await readRootDse(session);
    const whoami = await askWhoami(session);
    const read = await readSession(session, options);
    const { dialect, people, lists, others, members } = read;
    return {
      uri: session.uri,
      encrypted: session.encrypted,
      dialect,
      detected: detectDialect(rootDse),
      vendor: describeVendor(rootDse),
      ...(whoami !== undefined && { whoami }),
      pagingWorks: people.end.paged || (rootDse['supportedcontrol'] ?? []).includes(pagingOid),
      sizeLimited: [people, lists, others, members?.found].some(isLimited),
      countPeople: people.entries.length,
      countLists: lists.entries.length,
      countOtherGroups: others.entries.length,
      ...(members && {
        members: { count: members.found.entries.length, key: members.key, decides: members.decides },
      }),
      sampleEntries: people.entries.slice(0, sampleSize),
      problems: problemsOf(read),
    };
  } finally {
    session.connection.close();
  }
}
