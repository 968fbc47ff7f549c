/** The messages of a folder as imapsync sees them: which are considered, and by what they are the same. */
import type { ImapFlow, SearchObject } from 'imapflow';

export type Message = {
  readonly uid: number;
  /** Without \Recent. */
  readonly flags: readonly string[];
  readonly internalDate: Date | undefined;
  readonly size: number;
  /** Message-Id and Received lines; undefined: there is none of them, and none was made up. */
  readonly key: string | undefined;
  /** It was given an id that is not in it. */
  readonly isHeaderless: boolean;
};

/** The line that --addheader puts in front of a copy. */
export const addedHeader = (uid: number): string => `Message-Id: <${uid}@imapsync>`;

/** What makes two messages one: imapsync's default headers, without regard to case and order; '' when there are none. */
export function identityOf(headers: string): string {
  return headers
    .replaceAll(/\r?\n(?=[ \t])/g, '')
    .split(/\r?\n/)
    .map((line) => /^(message-id|received)\s*:\s*(.*?)\s*$/i.exec(line))
    .flatMap((found) => (found === null ? [] : [`${found[1] ?? ''}: ${found[2] ?? ''}`.toUpperCase()]))
    .toSorted()
    .join('\n');
}

export type Selection = {
  readonly search: string | undefined;
  readonly minage: number | undefined;
  readonly now: Date;
};

const searches: Readonly<Record<string, SearchObject>> = {
  ALL: { all: true },
  ANSWERED: { answered: true },
  DELETED: { deleted: true },
  FLAGGED: { flagged: true },
  SEEN: { seen: true },
  UNANSWERED: { answered: false },
  UNDELETED: { deleted: false },
  UNFLAGGED: { flagged: false },
  UNSEEN: { seen: false },
};

const dayMs = 86_400_000;

/** The UIDs of the open folder that are considered, in their order. Throws for a search nobody imitates here. */
export async function selectUids(client: ImapFlow, selection: Selection): Promise<readonly number[]> {
  const { search = 'ALL', minage, now } = selection;
  const query = searches[search.toUpperCase()];
  if (query === undefined) throw new Error(`the runner does not imitate the search ${search}`);
  const before = minage === undefined ? {} : { sentBefore: midnight(now.getTime() - minage * dayMs) };
  const uids = await client.search({ ...query, ...before }, { uid: true });
  // No answer is not an empty one: with --delete2 everything would go.
  if (!Array.isArray(uids)) throw new Error(`no answer to the search ${search}`);
  return uids.toSorted((a, b) => a - b);
}

/** SEARCH knows days only; imapflow would go one further for any other time of the day. */
const midnight = (time: number): Date => new Date(Math.floor(time / dayMs) * dayMs);

/** The messages with these UIDs; `addsHeader`: one without a header to know it by is given an id. */
export async function readMessages(
  client: ImapFlow,
  uids: readonly number[],
  { addsHeader }: { readonly addsHeader: boolean },
): Promise<readonly Message[]> {
  if (uids.length === 0) return [];
  const query = {
    uid: true,
    flags: true,
    internalDate: true,
    size: true,
    headers: ['message-id', 'received'],
  };
  const messages = await client.fetchAll(uids.join(','), query, { uid: true });
  return messages
    .map(({ uid, flags, internalDate, size, headers }) => {
      const own = identityOf(headers?.toString('latin1') ?? '');
      const isHeaderless = own === '';
      return {
        uid,
        flags: [...(flags ?? [])].filter((flag) => flag !== String.raw`\Recent`).toSorted(),
        internalDate: internalDate === undefined ? undefined : new Date(internalDate),
        size: size ?? 0,
        key: isHeaderless ? (addsHeader ? addedHeader(uid).toUpperCase() : undefined) : own,
        isHeaderless,
      };
    })
    .toSorted((a, b) => a.uid - b.uid);
}

export type Index = {
  /** The first of each, by UID. */
  readonly byKey: ReadonlyMap<string, Message>;
  readonly duplicates: readonly Message[];
  /** Those that nothing identifies. */
  readonly unknown: number;
};

/** Puts messages under what identifies them. */
export function indexOf(messages: readonly Message[]): Index {
  const byKey = new Map<string, Message>();
  const duplicates: Message[] = [];
  for (const message of messages) {
    if (message.key === undefined) continue;
    if (byKey.has(message.key)) duplicates.push(message);
    else byKey.set(message.key, message);
  }
  return { byKey, duplicates, unknown: messages.filter(({ key }) => key === undefined).length };
}
