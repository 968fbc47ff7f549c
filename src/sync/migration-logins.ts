/**
 * The passwords that a migration logs in with at the other server: in memory for as long as a sync lasts. What is kept is a
 * digest with a key of our own, which tells that a password has changed and nothing else.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Finding } from '../core/model.ts';
import type { MigrationLogins, ReadMigrationLogins } from '../ports-migration.ts';
import type { Facts } from '../ports-state.ts';

/** A password, and what may be kept of it. */
export type SyncPassword = { readonly password: string; readonly digest: string };

export type SyncPasswordOf = (address: string) => SyncPassword | undefined;

export type TakenLogins = {
  /** Undefined: nobody's sync job is made or changed. */
  readonly syncPasswordOf?: SyncPasswordOf;
  readonly findings: readonly Finding[];
  /** To remember before anything is written. */
  readonly facts: Pick<Facts, 'passwordKey'>;
};

const unreadable = ({ path, why }: Extract<MigrationLogins, { readonly kind: 'unreadable' }>): Finding => ({
  code: 'migration-logins-unreadable',
  subject: path,
  message: `${why}; until that is put right no sync job is made or changed`,
});

const exposed = (why: string): Finding => ({
  code: 'migration-logins-exposed',
  subject: 'LDAP_MAILCOW_IMAPSYNC_LOGINS',
  message: `${why}: chmod 600`,
});

/** Reads them for one sync; `read` undefined: there is no migration. */
export function takeLogins(read: ReadMigrationLogins | undefined, facts: Facts): TakenLogins {
  if (read === undefined) return { findings: [], facts: {} };
  const logins = read();
  if (logins.kind === 'unreadable') return { findings: [unreadable(logins)], facts: {} };
  const passwordKey = facts.passwordKey ?? randomBytes(32).toString('base64');
  const key = Buffer.from(passwordKey, 'base64');
  const syncPasswordOf: SyncPasswordOf = (address) => {
    const password = logins.passwordOf(address);
    if (password === undefined) return undefined;
    // Apart from the digests of hashes, which are made with the same key.
    return { password, digest: createHmac('sha256', key).update(`imapsync ${password}`).digest('hex') };
  };
  const findings = logins.exposed === undefined ? [] : [exposed(logins.exposed)];
  return { syncPasswordOf, findings, facts: { passwordKey } };
}
