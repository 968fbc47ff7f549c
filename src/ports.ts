/**
 * What one sync needs from the outside, as small interfaces. The adapters satisfy them; nobody but
 * `app.ts` knows which adapter stands behind one.
 */
import type { Reading } from './core/model.ts';

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
