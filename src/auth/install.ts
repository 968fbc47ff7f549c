/**
 * Puts the files for logins into mailcow's folders, and takes them out again: atomic, in an order that never leaves
 * Dovecot with a name of a file that is not there (facts/auth.md section 6), and with the way back kept.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasBlock, withBlock, withoutBlock } from './block.ts';
import { explained, LoginFilesError } from './errors.ts';
import type { FilesChanged } from '../ports-logins.ts';
import { digestOf, isOurs, type Backup, type Entry } from './manifest.ts';
import { removalOrder, removeFile } from './remove.ts';
import { bytesAt, permissionsOf, setMode, writeWhole, type Permissions } from './write-file.ts';

export type WantedFile = {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** `own`: nobody else has a file of that name; `block`: our part of somebody's file; `replace`: instead of what is there. */
  readonly kind: 'own' | 'block' | 'replace';
  /** Whether what stands there may give way: a sample of mailcow, or an older tool's file that nobody changed. */
  readonly mayGiveWay?: (text: string) => boolean;
  /** Of a `block`: what of the file stays beside it; an older tool's part gives way. */
  readonly staysOf?: (text: string) => string;
  /** What this file is read by. */
  readonly service: 'dovecot' | 'sogo';
};

const textFrom = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');

/** What the file should hold, given what it holds now. Latin-1 and worse survives in a block: it is not decoded. */
function contentOf({ kind, text, staysOf }: WantedFile, now: Uint8Array | undefined): Buffer {
  if (kind !== 'block') return Buffer.from(text);
  const before = now === undefined ? '' : Buffer.from(now).toString('latin1');
  const stays = hasBlock(before) || staysOf === undefined ? before : staysOf(before);
  return Buffer.from(withBlock(stays, Buffer.from(text).toString('latin1')), 'latin1');
}

function refuseForeign(file: WantedFile, now: Uint8Array | undefined, known: Entry | undefined): void {
  if (file.kind !== 'replace' || now === undefined) return;
  if (isOurs(known, now)) return;
  if (file.mayGiveWay?.(textFrom(now)) === true) return;
  throw new LoginFilesError(
    `${file.path} is not ours, and not what mailcow brings along: it is left as it is. Move it away if it is not needed`,
  );
}

function makeFolder(path: string, backup: Backup): void {
  const folder = dirname(path);
  if (existsSync(folder)) return;
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    throw explained(folder, error);
  }
  backup.keepFolder(folder);
}

/** A file of somebody else keeps whose it is and who may read it, unless a secret comes into it. */
function permissionsFor(file: WantedFile, before: Permissions | undefined): Permissions {
  if (before === undefined) return { mode: file.mode };
  return file.kind === 'block'
    ? { ...before, mode: before.mode & file.mode }
    : { ...before, mode: file.mode };
}

/** What of the file is the user's, as it will be beside our block. */
const restOf = ({ kind }: WantedFile, wanted: Buffer): string | undefined =>
  kind === 'block' ? digestOf(Buffer.from(withoutBlock(wanted.toString('latin1')), 'latin1')) : undefined;

type Outcome = 'nothing' | 'mode' | 'bytes';

/** Writes one file when it is not as it should be; says what it did. */
function installFile(file: WantedFile, backup: Backup): Outcome {
  const now = bytesAt(file.path);
  const before = permissionsOf(file.path);
  const wanted = contentOf(file, now);
  const permissions = permissionsFor(file, before);
  if (now !== undefined && Buffer.compare(now, wanted) === 0) {
    // A file system that keeps no modes must not have services restarted at every sync.
    return before?.mode !== permissions.mode && setMode(file.path, permissions.mode) ? 'mode' : 'nothing';
  }
  const known = backup.entries().get(file.path);
  refuseForeign(file, now, known);
  makeFolder(file.path, backup);
  const was = now !== undefined && isOurs(known, now) ? digestOf(now) : undefined;
  backup.keep(file.path, {
    kind: file.kind,
    service: file.service,
    left: digestOf(wanted),
    was,
    rest: restOf(file, wanted),
    ...(now !== undefined && file.kind !== 'own' && { bytes: now }),
    ...(before && file.kind !== 'own' && { permissions: before }),
  });
  writeWhole(file.path, wanted, permissions);
  return 'bytes';
}

type Service = WantedFile['service'];

type Done = {
  readonly paths: string[];
  readonly services: Set<Service>;
  readonly problems: string[];
  readonly failed: Set<Service>;
};

/** Does the work for one service; what goes wrong there stops neither the sync nor the other service. */
function attempt(done: Done, service: Service, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof LoginFilesError)) throw error;
    done.problems.push(error.message);
    done.failed.add(service);
  }
}

function installAll(done: Done, files: readonly WantedFile[], backup: Backup): void {
  for (const file of files) {
    const outcome = installFile(file, backup);
    if (outcome === 'nothing') continue;
    done.paths.push(file.path);
    if (outcome === 'bytes') done.services.add(file.service);
  }
}

/**
 * Installs the files in this order, and removes what earlier ones had been installed and are wanted no more, last
 * first. What cannot be written is told in `problems`; what was written of it is of no harm without what names it. A
 * service whose folder is not mounted now keeps its way back.
 */
export function installFiles(
  files: readonly WantedFile[],
  backup: Backup,
  isMounted: (service: Service) => boolean = () => true,
): FilesChanged {
  const done: Done = { paths: [], services: new Set(), problems: [], failed: new Set() };
  for (const service of new Set(files.map((file) => file.service))) {
    const own = files.filter((file) => file.service === service);
    attempt(done, service, () => {
      installAll(done, own, backup);
    });
  }
  const wanted = new Set(files.map(({ path }) => path));
  for (const path of removalOrder(backup).filter((one) => !wanted.has(one))) {
    const service = backup.entries().get(path)?.service;
    if (service === undefined || done.failed.has(service) || !isMounted(service)) continue;
    attempt(done, service, () => {
      removeFile(path, backup);
      done.paths.push(path);
      done.services.add(service);
    });
  }
  const { paths, services, problems } = done;
  return { paths, services, problems };
}
