/** The files for logins, and who reads them, as a sync needs them. */
import type { LoginFileKinds, VolumeSigns } from './core/choose-logins.ts';
import type { DialectName } from './core/model.ts';

/** What was written into mailcow's folders, and who has to read it. */
export type FilesChanged = {
  readonly paths: readonly string[];
  readonly services: ReadonlySet<'dovecot' | 'sogo'>;
  /** What could not be written, as sentences that say what to do. */
  readonly problems: readonly string[];
};

/** What a reading has shown of the directory. */
export type DirectoryKnown = {
  readonly dialect: DialectName;
  /** Attributes, in lower case, that entries were ever seen with. */
  readonly seen: ReadonlySet<string>;
};

/** The files for logins in mailcow's folders. */
export type LoginFiles = {
  /** What the folders show now. */
  signs(): VolumeSigns;
  /** Whether files of ours are in place; never throws. */
  areInstalled(): boolean;
  /** Why nothing can be written into the folders that are mounted, with what to do; undefined: it can. */
  refusal(): string | undefined;
  /** Renders, proves and writes what is not as it should be. Throws an error with a sentence that says what to do. */
  install(files: LoginFileKinds, directory: DirectoryKnown): FilesChanged;
  /** Takes everything out again, byte for byte. Throws an error with a sentence that says what to do. */
  remove(): FilesChanged;
};

/** What reads the files for logins. */
export type Service = 'dovecot' | 'sogo' | 'memcached';

/** `problem`: it did not happen, with what to do. */
export type Restarted = { readonly service: Service; readonly problem?: string };

/** Makes services of mailcow read changed files. Never throws: logins that wait for a restart stop no sync. */
export type Restarter = {
  restart(services: readonly Service[]): Promise<readonly Restarted[]>;
};
