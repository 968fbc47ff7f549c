/** One short text for all that a reading says: equal texts mean equal readings. */
import { createHmac, randomBytes } from 'node:crypto';
import type { DirectoryEntry, Reading } from '../core/model.ts';
import type { Directory } from '../ports.ts';

type Digest = ReturnType<typeof createHmac>;

/** For a digest: random, base64. */
export const newKey = (): string => randomBytes(32).toString('base64');

/** A digest with a key of our own: what it is made of (password hashes may be in it) cannot be guessed at. */
export const keyed = (key: string): Digest => createHmac('sha256', Buffer.from(key, 'base64'));

/** Each entry on a line of its own, so that none can pass for two. */
function add(hmac: Digest, title: string, entries: readonly DirectoryEntry[]): void {
  hmac.update(`${title} ${entries.length}\n`);
  for (const entry of entries) hmac.update(`${JSON.stringify(entry)}\n`);
}

/**
 * The digest of a reading, in the order in which the directory sent it: a server that orders its answer anew each
 * time gets a full sync each time, which is never wrong.
 */
export function digestReading(reading: Reading, key: string): string {
  const { dialect, people, groups, members, problems } = reading;
  const hmac = keyed(key);
  hmac.update(`${JSON.stringify([dialect, problems, members?.key, members?.decides])}\n`);
  add(hmac, 'people', people);
  add(hmac, 'groups', groups);
  if (members !== undefined) add(hmac, 'members', members.entries);
  return hmac.digest('base64');
}

/** A directory of which the digest of the last reading is known. */
export type Watched = { readonly directory: Directory; readonly digest: () => string | undefined };

/** Passes readings on, the one that was `read` already first; takes down their digest before anybody changes them. */
export function watched(
  directory: Directory,
  { key, read }: { readonly key: string; readonly read?: Reading },
): Watched {
  let digest: string | undefined;
  let waiting = read;
  return {
    directory: {
      read: async () => {
        const reading = waiting ?? (await directory.read());
        waiting = undefined;
        digest = digestReading(reading, key);
        return reading;
      },
      close: () => directory.close(),
    },
    digest: () => digest,
  };
}
