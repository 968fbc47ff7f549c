import { openClient } from './client.ts';
import type { Client } from './client.ts';
import { MailcowRefused } from './errors.ts';
import type { MailcowOptions } from './options.ts';
import { readVersion } from './reads.ts';

export type MailcowProbe = { readonly version: string } & (
  | { readonly mayWrite: true }
  /** `refusal` says what to do about it. */
  | { readonly mayWrite: false; readonly refusal: MailcowRefused }
);

/**
 * Asks mailcow for its version, then whether the key may write. Throws MailcowError when not even the version
 * can be read; a MailcowRefused tells in `seenAddress` which address mailcow wants to be allowed.
 */
export async function probeMailcow(options: MailcowOptions): Promise<MailcowProbe> {
  const client = openClient(options);
  try {
    const version = await readVersion(client);
    const refusal = await writeRefusal(client);
    return refusal === undefined ? { version, mayWrite: true } : { version, mayWrite: false, refusal };
  } finally {
    client.close();
  }
}

/** An edit of no mailbox at all, on a route that never rebuilds a table: a read-only key is refused before it. */
async function writeRefusal(client: Client): Promise<MailcowRefused | undefined> {
  try {
    await client.write({ name: 'edit/tls_policy' }, { items: [], attr: {} });
    return undefined;
  } catch (error) {
    if (error instanceof MailcowRefused) return error;
    throw error;
  }
}
