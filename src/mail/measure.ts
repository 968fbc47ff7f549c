/** How much mail a mailbox holds. */
import type { ImapFlow, ListResponse } from 'imapflow';
import type { FolderChoice, Measured, MeasureProgress } from '../ports-mail.ts';
import { atom, execute, namedValues, quoted, sequence } from './command.ts';
import { MailError } from './errors.ts';
import { traitsOf } from './failure.ts';
import { chooseFolders } from './folders.ts';

type Counted = { readonly messages: number; readonly bytes: number };

/** Throws a MailError for what is no number: nothing counted is better than counted wrong. */
function numberIn(text: string | undefined, folder: string): number {
  if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  throw new MailError(`the server did not say how much “${folder}” holds`, { transient: false });
}

/** RFC 8438; the only way that costs one answer a folder. */
async function countByStatus(client: ImapFlow, { path, pathAsListed }: ListResponse): Promise<Counted> {
  let values: ReadonlyMap<string, string> = new Map();
  await execute(client, {
    name: 'STATUS',
    attributes: [quoted(pathAsListed), [atom('MESSAGES'), atom('SIZE')]],
    answers: {
      name: 'STATUS',
      take: ({ attributes }) => {
        values = namedValues(Array.isArray(attributes) ? attributes[1] : undefined);
      },
    },
  });
  return { messages: numberIn(values.get('MESSAGES'), path), bytes: numberIn(values.get('SIZE'), path) };
}

/** EXAMINE, so that nothing loses its \Recent. */
async function countByFetch(client: ImapFlow, { path, pathAsListed }: ListResponse): Promise<Counted> {
  let exists = 0;
  await execute(client, {
    name: 'EXAMINE',
    attributes: [quoted(pathAsListed)],
    answers: {
      name: 'EXISTS',
      take: ({ command }) => {
        exists = Number(command);
      },
    },
  });
  const sizes: string[] = [];
  if (exists === 0) return { messages: 0, bytes: 0 };
  await execute(client, {
    name: 'FETCH',
    attributes: [sequence('1:*'), [atom('RFC822.SIZE')]],
    answers: {
      name: 'FETCH',
      take: ({ attributes }) => {
        const size = namedValues(Array.isArray(attributes) ? attributes[1] : undefined).get('RFC822.SIZE');
        // A change of flags that somebody else makes meanwhile comes as such an answer too.
        if (size !== undefined) sizes.push(size);
      },
    },
  });
  return { messages: sizes.length, bytes: sizes.reduce((all, size) => all + numberIn(size, path), 0) };
}

/** `undefined`: the folder is listed, but not to be opened by this user, or no longer there. */
async function count(client: ImapFlow, folder: ListResponse): Promise<Counted | undefined> {
  try {
    return await (client.capabilities.has('STATUS=SIZE')
      ? countByStatus(client, folder)
      : countByFetch(client, folder));
  } catch (error) {
    if (traitsOf(error).status === 'NO') return undefined;
    throw error;
  }
}

/** Counts the chosen folders, one after the other; those that the server refuses to open are left out. */
export async function measure(
  client: ImapFlow,
  choice: FolderChoice,
  onProgress?: (progress: MeasureProgress) => void,
): Promise<Measured> {
  const chosen = chooseFolders(await client.list(), choice);
  const counted: Counted[] = [];
  for (const [at, folder] of chosen.entries()) {
    const found = await count(client, folder);
    if (found !== undefined) counted.push(found);
    onProgress?.({ folder: folder.path, done: at + 1, total: chosen.length });
  }
  const sum = (of: (one: Counted) => number): number => counted.reduce((all, one) => all + of(one), 0);
  return { folders: counted.length, messages: sum((one) => one.messages), bytes: sum((one) => one.bytes) };
}
