/** What stood in mailcow's folders before us, kept beside the state file: the way back. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LoginFilesError } from './errors.ts';
import { writeWhole, type Permissions } from './write-file.ts';

const schema = z.object({
  /** By path: what was there, and a digest of what we left there last. */
  files: z.record(
    z.string(),
    z.object({
      kind: z.enum(['own', 'block', 'replace']),
      service: z.enum(['dovecot', 'sogo']),
      /** Name of the copy; absent: there was no file. */
      copy: z.string().optional(),
      permissions: z
        .object({ mode: z.number(), uid: z.number().optional(), gid: z.number().optional() })
        .optional(),
      left: z.string(),
      /** Digest of what of ours stood there before that: a write may have failed. */
      was: z.string().optional(),
      /** Of a block: digest of what stood beside it in the beginning. */
      rest: z.string().optional(),
    }),
  ),
  /** Folders that we made, in the order of making. */
  folders: z.array(z.string()),
});

type Manifest = z.infer<typeof schema>;
export type Entry = Manifest['files'][string];

export type Backup = {
  readonly entries: () => ReadonlyMap<string, Entry>;
  readonly folders: () => readonly string[];
  /** What stood at a path before us; undefined: nothing. */
  readonly original: (entry: Entry) => Uint8Array | undefined;
  /** Takes down a file before it is written for the first time; later it keeps the first original. */
  readonly keep: (
    path: string,
    what: Pick<Entry, 'kind' | 'service' | 'left' | 'was' | 'rest'> & {
      readonly bytes?: Uint8Array;
      readonly permissions?: Permissions;
    },
  ) => void;
  readonly keepFolder: (path: string) => void;
  readonly forget: (path: string) => void;
  readonly forgetFolder: (path: string) => void;
};

const OWNER_ONLY = 0o600;
const empty: Manifest = { files: {}, folders: [] };

/** Tells a file that we left from one that somebody changed since. */
export function digestOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether these bytes are what we left at a path, or left there before a write that may have failed. */
export function isOurs(entry: Entry | undefined, bytes: Uint8Array): boolean {
  const digest = digestOf(bytes);
  return entry !== undefined && (entry.left === digest || entry.was === digest);
}

function parsed(text: string): Manifest | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function readManifest(path: string): Manifest {
  if (!existsSync(path)) return empty;
  const manifest = parsed(readFileSync(path, 'utf8'));
  if (manifest !== undefined) return manifest;
  throw new LoginFilesError(
    `${path} cannot be read: put it back from a backup, or delete the folder it is in`,
  );
}

const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

/** Opens the copies in `folder`; the folder is made with the first one. */
export function openBackup(folder: string): Backup {
  const path = join(folder, 'manifest.json');
  let manifest = readManifest(path);
  const save = (next: Manifest): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeWhole(path, Buffer.from(`${JSON.stringify(next, undefined, 2)}\n`), { mode: OWNER_ONLY });
    manifest = next;
  };
  return {
    entries: () => new Map(Object.entries(manifest.files)),
    folders: () => manifest.folders,
    original: ({ copy }) => (copy === undefined ? undefined : readFileSync(join(folder, copy))),
    keep: (file, { bytes, permissions, ...what }) => {
      const known = manifest.files[file];
      const copy =
        known === undefined && bytes !== undefined ? `${digestOf(file).slice(0, 16)}.copy` : known?.copy;
      if (known === undefined && bytes !== undefined && copy !== undefined) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeWhole(join(folder, copy), bytes, { mode: OWNER_ONLY });
      }
      const kept = known?.permissions ?? permissions;
      const rest = known === undefined ? what.rest : known.rest;
      const entry: Entry = {
        ...what,
        rest,
        ...(copy !== undefined && { copy }),
        ...(kept && { permissions: kept }),
      };
      save({ ...manifest, files: { ...manifest.files, [file]: entry } });
    },
    keepFolder: (made) => {
      save({ ...manifest, folders: [...manifest.folders, made] });
    },
    forget: (file) => {
      const { copy } = manifest.files[file] ?? {};
      save({ ...manifest, files: without(manifest.files, file) });
      if (copy !== undefined) rmSync(join(folder, copy), { force: true });
    },
    forgetFolder: (made) => {
      save({ ...manifest, folders: manifest.folders.filter((one) => one !== made) });
    },
  };
}
