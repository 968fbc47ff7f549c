/** A digest of everything that a server sent for a reading, as it came: equal ones mean equal readings. */
import { createHmac } from 'node:crypto';

export type Fingerprinter = {
  /** What the following entries are. */
  readonly begin: (what: string) => void;
  readonly add: (bytes: Buffer) => void;
  /** There is more to the reading than what was added. */
  readonly spoil: () => void;
  readonly count: () => number;
  /** Undefined: it would not tell all. */
  readonly digest: () => string | undefined;
};

/** With a key (base64) of our own, because password hashes may be in it: what went in cannot be guessed at. */
export function openFingerprinter(key: string): Fingerprinter {
  const hmac = createHmac('sha256', Buffer.from(key, 'base64'));
  let count = 0;
  let isSpoilt = false;
  return {
    begin: (what) => {
      hmac.update(`${count} ${what}\n`);
    },
    add: (bytes) => {
      count += 1;
      hmac.update(bytes);
    },
    spoil: () => {
      isSpoilt = true;
    },
    count: () => count,
    digest: () => (isSpoilt ? undefined : `${count} ${hmac.digest('base64')}`),
  };
}

/** How many entries a digest is of. */
export const countOf = (digest: string): number => Number(digest.split(' ')[0]);
