/** Who could have written what is run here. Whoever can write it can do what this program can. */
import { accessSync, constants, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';

/** The path with all links followed, or the sentence that says what to do about it. */
export type Trust =
  | { readonly kind: 'trusted'; readonly path: string; readonly stats: Stats }
  | { readonly kind: 'refused'; readonly message: string };

/** Whether a folder is one that only root and the user `uid` can change. */
export function trustFolder(folder: string, uid: number): Trust {
  const found = follow(folder);
  if (found.kind === 'refused') return found;
  if (!found.stats.isDirectory()) return refused(`${folder} is no folder`);
  return judgeOwner(found, uid);
}

/** The same for a file of a trusted folder; one that lies elsewhere behind a link, a folder within included, is refused. */
export function trustFile(folder: string, name: string, uid: number): Trust {
  const path = join(folder, name);
  const found = follow(path);
  if (found.kind === 'refused') return found;
  if (dirname(found.path) !== folder)
    return refused(`${path} is a link that leads out of the folder: put the file itself there`);
  if (!found.stats.isFile()) return refused(`${path} is no file`);
  return judgeOwner(found, uid);
}

/** The same for a script, which must be executable. */
export function trustScript(folder: string, name: string, uid: number): Trust {
  const trust = trustFile(folder, name, uid);
  if (trust.kind === 'refused') return trust;
  try {
    accessSync(trust.path, constants.X_OK);
    return trust;
  } catch {
    return refused(`${trust.path} is not executable: chmod 755 it`);
  }
}

type Trusted = Extract<Trust, { readonly kind: 'trusted' }>;

function judgeOwner(found: Trusted, uid: number): Trust {
  const { path, stats } = found;
  if ((stats.mode & 0o022) !== 0)
    return refused(`${path} can be written by the group or by everybody: chmod go-w it`);
  if (stats.uid !== 0 && stats.uid !== uid)
    return refused(`${path} belongs to the user ${stats.uid}: chown it to root, or to ${uid}, who runs this`);
  return found;
}

function follow(path: string): Trust {
  try {
    const real = realpathSync(path);
    return { kind: 'trusted', path: real, stats: statSync(real) };
  } catch (error) {
    const code =
      typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
    return refused(`${path} cannot be read (${code})`);
  }
}

function refused(message: string): Trust {
  return { kind: 'refused', message };
}
