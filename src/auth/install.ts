/**
 * Puts the files for logins into mailcow's folders, and takes them out again: atomic, in an order that never leaves
 * Dovecot with a name of a file that is not there (facts/auth.md section 6), and with the way back kept.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasBlock, withBlock, withoutBlock } from './block.ts';
import { explained, LoginFilesError } from './errors.ts';
import type { FilesChanged } from '../ports.ts';
import { digestOf, type Backup, type Entry } from './manifest.ts';
import { permissionsOf, writeWhole, type Permissions } from './write-file.ts';

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

const bytesAt = (path: string): Uint8Array | undefined => (existsSync(path) ? readFileSync(path) : undefined);

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
  if (known?.left === digestOf(now)) return;
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

/** Writes one file when it is not as it should be; says whether it did. */
function installFile(file: WantedFile, backup: Backup): boolean {
  const now = bytesAt(file.path);
  const before = permissionsOf(file.path);
  const wanted = contentOf(file, now);
  const permissions = permissionsFor(file, before);
  const isSame = now !== undefined && Buffer.compare(now, wanted) === 0 && before?.mode === permissions.mode;
  if (isSame) return false;
  refuseForeign(file, now, backup.entries().get(file.path));
  makeFolder(file.path, backup);
  backup.keep(file.path, {
    kind: file.kind,
    service: file.service,
    left: digestOf(wanted),
    ...(now !== undefined && file.kind !== 'own' && { bytes: now }),
    ...(before && file.kind !== 'own' && { permissions: before }),
  });
  writeWhole(file.path, wanted, permissions);
  return true;
}

/**
 * Installs the files in this order, and removes what earlier ones had been installed and are wanted no more, last
 * first. Throws LoginFilesError; what was written before that stays and is of no harm without what names it.
 */
export function installFiles(files: readonly WantedFile[], backup: Backup): FilesChanged {
  const changed: string[] = [];
  const services = new Set<WantedFile['service']>();
  for (const file of files) {
    if (!installFile(file, backup)) continue;
    changed.push(file.path);
    services.add(file.service);
  }
  const wanted = new Set(files.map(({ path }) => path));
  const surplus = [...backup.entries().keys()].filter((path) => !wanted.has(path)).reverse();
  for (const path of surplus) {
    const service = removeFile(path, backup);
    changed.push(path);
    if (service !== undefined) services.add(service);
  }
  return { paths: changed, services };
}

/** The user's part of a file that we wrote a block into: as it is now, or, untouched, as it was to the last byte. */
function restoredBlock(
  entry: Entry,
  now: Uint8Array,
  original: Uint8Array | undefined,
): Uint8Array | undefined {
  if (digestOf(now) === entry.left) return original;
  const rest = Buffer.from(withoutBlock(Buffer.from(now).toString('latin1')), 'latin1');
  return rest.length === 0 && original === undefined ? undefined : rest;
}

function removeFile(path: string, backup: Backup): Entry['service'] | undefined {
  const entry = backup.entries().get(path);
  if (entry === undefined) return undefined;
  const now = bytesAt(path);
  const original = backup.original(entry);
  if (now !== undefined) restore(path, { entry, now, original });
  backup.forget(path);
  return entry.service;
}

type Found = { readonly entry: Entry; readonly now: Uint8Array; readonly original: Uint8Array | undefined };

function restore(path: string, { entry, now, original }: Found): void {
  // What somebody put in the place of our file since is theirs.
  if (entry.kind !== 'block' && digestOf(now) !== entry.left) return;
  const bytes = entry.kind === 'block' ? restoredBlock(entry, now, original) : original;
  if (bytes !== undefined) {
    writeWhole(path, bytes, entry.permissions ?? { mode: 0o644 });
    return;
  }
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw explained(path, error);
  }
}

/** Takes everything out again, last first; the folders are byte for byte what they were. Throws LoginFilesError. */
export function removeFiles(backup: Backup): FilesChanged {
  const changed = [...backup.entries().keys()].reverse();
  const services = changed.map((path) => removeFile(path, backup));
  for (const folder of [...backup.folders()].reverse()) {
    try {
      rmdirSync(folder);
    } catch {
      // Somebody has put something there: it stays.
    }
    backup.forgetFolder(folder);
  }
  return { paths: changed, services: new Set(services.filter((service) => service !== undefined)) };
}
