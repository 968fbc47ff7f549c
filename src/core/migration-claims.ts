/** Who else is the owner of a mailbox elsewhere: nobody's mail is copied into the mailbox of somebody else. */
import type { MailSource, MigrationSettings } from './migration.ts';
import { sourceOf } from './migration.ts';
import type { PlanInput } from './plan-context.ts';

type Login = Pick<MailSource, 'host' | 'login'>;

/** Everybody's logins there. */
export type LoginClaims = {
  /** An address whose owner is another one than this id and has the same login there; undefined: there is none. */
  readonly sharedWith: (login: Login, id: string) => string | undefined;
};

/** Servers know logins in either case, and so does mailcow. */
const keyOf = ({ host, login }: Login): string =>
  JSON.stringify([host, login].map((text) => text.toLowerCase()));

type Claim = { readonly id: string; readonly address: string };

/** What the entries say, also those of who is disabled or just not to be seen; by directory id. */
function wantedLogins({ desired, migrating }: PlanInput, settings: MigrationSettings): Map<string, Login> {
  const wanted = new Map<string, Login>();
  for (const { id, address, list } of desired.mailboxes.values()) {
    const entry = migrating?.entries.get(id);
    if (list === true || entry === undefined) continue;
    const source = sourceOf(entry, address, settings);
    if ('login' in source) wanted.set(id, source);
  }
  return wanted;
}

/**
 * Of whom the directory says nothing, the job speaks that is there: a login that was given to somebody else leads to the
 * mail of the one before.
 */
export function claimsOf(input: PlanInput, settings: MigrationSettings): LoginClaims {
  const { desired, current, ledger } = input;
  const wanted = wantedLogins(input, settings);
  const claims = new Map<string, Claim[]>();
  const claim = (login: Login, by: Claim): void => {
    const known = claims.get(keyOf(login));
    if (known === undefined) claims.set(keyOf(login), [by]);
    else known.push(by);
  };
  for (const { id, address } of desired.mailboxes.values()) {
    const login = wanted.get(id);
    if (login !== undefined) claim(login, { id, address });
  }
  for (const { mailbox: address, own } of current.syncJobs?.values() ?? []) {
    const id = ledger.mailboxes.get(address)?.directoryId ?? '';
    if (own !== undefined && !wanted.has(id)) claim({ host: own.host, login: own.user }, { id, address });
  }
  return {
    sharedWith: (login, id) => claims.get(keyOf(login))?.find((other) => other.id !== id)?.address,
  };
}
