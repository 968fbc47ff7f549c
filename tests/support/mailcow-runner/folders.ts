/** Which folders imapsync goes through, and what they are called on the other side. */
import type { ImapFlow, ListResponse } from 'imapflow';
import type { Options } from './options.ts';
import { matcherOf } from './patterns.ts';
import { reasonOf, requireConnection, type Session } from './session.ts';

export type FolderPair = { readonly from: ListResponse; readonly to: string };

const plain = ({ flags }: ListResponse): boolean =>
  !flags.has(String.raw`\Noselect`) && !flags.has(String.raw`\NonExistent`);

/** The wanted folders of host1 by name; `exclude` and `include` look at names as the server sends them. */
export function chooseFolders(all: readonly ListResponse[], options: Options): readonly ListResponse[] {
  const isExcluded = options.exclude === '' ? (): boolean => false : matcherOf(options.exclude);
  const isIncluded = options.include.map(matcherOf);
  const isNamed = ({ path, delimiter }: ListResponse): boolean =>
    options.folders.includes(path) ||
    options.folderTrees.some((tree) => path === tree || path.startsWith(`${tree}${delimiter}`));
  const isAll = options.folders.length + options.folderTrees.length + options.include.length === 0;
  return all
    .filter(plain)
    .filter(
      (folder) => isAll || isNamed(folder) || isIncluded.some((matches) => matches(folder.pathAsListed)),
    )
    .filter((folder) => !isExcluded(folder.pathAsListed))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

type Tree = { readonly prefix: string; readonly separator: string };

/** Without the one's prefix, with the other's; both separators change places. */
export function nameThere(path: string, { from, to }: { readonly from: Tree; readonly to: Tree }): string {
  if (path.toUpperCase() === 'INBOX') return 'INBOX';
  const bare = path.startsWith(from.prefix) ? path.slice(from.prefix.length) : path;
  const turned = [...bare].map((letter) =>
    letter === from.separator ? to.separator : letter === to.separator ? from.separator : letter,
  );
  return `${to.prefix}${turned.join('')}`;
}

/** All pairs of the run; with --delete2folders, folders of host2 that host1 has not at all are deleted first. */
export async function listPairs(session: Session): Promise<readonly FolderPair[]> {
  const { host1, host2, options, journal } = session;
  const [all1, all2] = [await host1.list(), await host2.list()];
  const trees = { from: treeOf(host1, all1), to: treeOf(host2, all2) };
  const pairOf = (from: ListResponse): FolderPair => ({ from, to: nameThere(from.path, trees) });
  for (const name of options.folders) {
    if (!all1.some(({ path }) => path === name)) journal.say(`Host1: folder [${name}] does not exist`);
  }
  if (options.delete2folders) {
    const known = new Set(all1.map((folder) => pairOf(folder).to));
    await deleteFolders(
      session,
      all2.map(({ path }) => path).filter((path) => !known.has(path)),
    );
  }
  return chooseFolders(all1, options).map(pairOf);
}

function treeOf(client: ImapFlow, all: readonly ListResponse[]): Tree {
  const namespace: unknown = Reflect.get(client, 'namespace');
  const prefix: unknown =
    typeof namespace === 'object' && namespace !== null ? Reflect.get(namespace, 'prefix') : '';
  return { prefix: typeof prefix === 'string' ? prefix : '', separator: all[0]?.delimiter ?? '/' };
}

async function deleteFolders({ host2, options, journal }: Session, paths: readonly string[]): Promise<void> {
  // The deepest first: a folder with children could not go.
  for (const path of paths.filter((name) => name !== 'INBOX').toSorted((a, b) => b.length - a.length)) {
    journal.say(`Host2: deleting folder [${path}]${options.isDry ? ' (not really since --dry mode)' : ''}`);
    if (options.isDry) continue;
    try {
      await host2.mailboxDelete(path);
    } catch (error) {
      requireConnection(host2, error);
      journal.fail('ERR_NOTHING_REPORTED', `Host2: could not delete folder [${path}]: ${reasonOf(error)}`);
    }
  }
}
