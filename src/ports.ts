/**
 * What one sync needs from the outside, as small interfaces. The adapters satisfy them; nobody but
 * `app.ts` knows which adapter stands behind one.
 */
import type { DialectName, DirectoryEntry, Reading } from './core/model.ts';

export type Directory = {
  /**
   * Reads the whole directory once. Never throws for what the server did in the middle of a search: that is
   * a reading with `problems`. Throws a DirectoryError when nothing could be read at all (unreachable, bind
   * refused, TLS refused, malformed answer before the first entry).
   * With a key (base64), a whole reading has a fingerprint under it.
   */
  read(key?: string): Promise<Reading>;
  /**
   * Whether it would send to the last byte what it sent for the reading with this fingerprint: asked and answered
   * whole, but not decoded. False as well when the answer was cut short. Throws what `read` throws.
   */
  isStill(known: { readonly key: string; readonly fingerprint: string }): Promise<boolean>;
  close(): Promise<void>;
};

/** Where a sync says what it does; one line a call, secrets redacted behind it. */
export type Log = {
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
};

/** Whether a search filter finds an entry, as the server itself says. */
export type FilterAnswer = {
  readonly hits: boolean;
  readonly filter: string;
  /** The first part that does not hold, when it does not hit. */
  readonly failing?: string;
};

/** An entry as it is found without the filters. */
export type LookedUp = {
  readonly entry: DirectoryEntry;
  /** Below the base DN and within the scope. */
  readonly isInScope: boolean;
  readonly asPerson: FilterAnswer;
  /** Undefined: groups are not read. */
  readonly asGroup?: FilterAnswer;
};

/** Looks for entries past base, scope and filters. Throws a DirectoryError as `Directory.read` does. */
export type EntryFinder = (wanted: {
  /** A DN, wherever it is; otherwise an address or an account name below the base DN. */
  readonly dn?: string;
  readonly text: string;
}) => Promise<{ readonly dialect: DialectName; readonly found: readonly LookedUp[] }>;
