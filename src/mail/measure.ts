/** How much mail a mailbox holds. */
import type { ImapFlow, ListResponse } from 'imapflow';
import type { FolderChoice, Measured, MeasureProgress } from '../ports-mail.ts';
import { atom, execute, namedValues, quoted, sequence } from './command.ts';
import { traitsOf } from './failure.ts';
import { chooseFolders } from './folders.ts';

type Counted = { readonly messages: number; readonly bytes: number };

/** RFC 8438; the only way that costs one answer a folder. */
async function countByStatus(client: ImapFlow, { pathAsListed }: ListResponse): Promise<Counted> {
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
  return { messages: Number(values.get('MESSAGES') ?? 0), bytes: Number(values.get('SIZE') ?? 0) };
}

/** EXAMINE, so that nothing loses its \Recent. */
async function countByFetch(client: ImapFlow, { pathAsListed }: ListResponse): Promise<Counted> {
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
  let messages = 0;
  let bytes = 0;
  if (exists === 0) return { messages, bytes };
  await execute(client, {
    name: 'FETCH',
    attributes: [sequence('1:*'), [atom('RFC822.SIZE')]],
    answers: {
      name: 'FETCH',
      take: ({ attributes }) => {
        const size = namedValues(Array.isArray(attributes) ? attributes[1] : undefined).get('RFC822.SIZE');
        // A change of flags that somebody else makes meanwhile comes as such an answer too.
        if (size === undefined) return;
        messages += 1;
        bytes += Number(size);
      },
    },
  });
  return { messages, bytes };
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
