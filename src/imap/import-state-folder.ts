/** Reading ns8's state folder from the disk. Changes nothing there. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { StateTask } from './import-state.ts';

/** What lies in the folder; `remarks` are sentences about what is not right with it. */
export type StateFolder = {
  readonly tasks: readonly StateTask[];
  /** Cron files of the operator's own, `cron/*.custom`, with their text. */
  readonly crontabs: readonly { readonly name: string; readonly text: string }[];
  /** Scripts of the operator's own, `imapsync/*.custom`. */
  readonly scripts: readonly string[];
  readonly remarks: readonly string[];
};

/** The password of ns8's own mail server, which is none of a task. */
const masterFile = 'vmail.pwd';

/** Reads the folder. Throws what the file system throws, with the path in the message, when it cannot be read. */
export function readStateFolder(folder: string): StateFolder {
  const tasksAt = join(folder, 'imapsync');
  const cronAt = join(folder, 'cron');
  const names = filesIn(tasksAt);
  const cronNames = isFolder(cronAt) ? filesIn(cronAt) : [];
  const keys = namesWith(names, '.env');
  const tasks = keys.map((key): StateTask => {
    const password = names.includes(`${key}.pwd`) ? readText(join(tasksAt, `${key}.pwd`)) : undefined;
    const cron = cronNames.includes(`${key}.cron`) ? readText(join(cronAt, `${key}.cron`)) : undefined;
    return {
      key,
      env: readText(join(tasksAt, `${key}.env`)),
      ...(password !== undefined && { password: password.replace(/\r?\n$/, '') }),
      ...(cron !== undefined && { cron }),
    };
  });
  return {
    tasks,
    crontabs: cronNames
      .filter((name) => name.endsWith('.custom'))
      .map((name) => ({ name, text: readText(join(cronAt, name)) })),
    scripts: names.filter((name) => name.endsWith('.custom')),
    remarks: names
      .filter((name) => name.endsWith('.pwd'))
      .flatMap((name) => passwordRemarks(join(tasksAt, name), keys)),
  };
}

function passwordRemarks(path: string, keys: readonly string[]): readonly string[] {
  const name = basename(path);
  const isOpen = (statSync(path).mode & 0o044) !== 0;
  const hasTask = name === masterFile || keys.includes(name.slice(0, -'.pwd'.length));
  return [
    ...(isOpen ? [`warning: imapsync/${name} can be read by others on this machine: chmod 600`] : []),
    ...(hasTask ? [] : [`imapsync/${name} belongs to no task and is left out`]),
  ];
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted();
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

const namesWith = (names: readonly string[], end: string): readonly string[] =>
  names.filter((name) => name.endsWith(end)).map((name) => name.slice(0, -end.length));

const readText = (path: string): string => readFileSync(path, 'utf8');
