/** What the parts of the mailcow in memory share: its tables, the record of writes, a refusal. */
import { domainOf } from '../../src/core/address.ts';
import type { IdentityProvider, LdapProvider } from '../../src/core/identity-provider.ts';
import type { Alias, Domain, Mailbox, SieveFilter } from '../../src/core/model.ts';
import type { SyncJob } from '../../src/core/sync-job.ts';
import type { NewPassword, WriteResult } from '../../src/ports-mailcow.ts';

/** One write that changed something, `deactivate mailbox a@example.test`, and what stood there just before. */
export type Written = {
  readonly what: string;
  readonly key: string;
  readonly was: Mailbox | Alias | Domain | SieveFilter | undefined;
};

export type StoredSyncJob = SyncJob & { readonly password: string };

export type MemoryWorld = {
  readonly domains: Map<string, Domain>;
  readonly mailboxes: Map<string, Mailbox>;
  /** By id, as the filters. */
  readonly aliases: Map<number, Alias>;
  readonly filters: Map<number, SieveFilter>;
  readonly syncJobs: Map<number, StoredSyncJob>;
  readonly written: Written[];
  /** How often SOGo was restarted. */
  sogoRestarts: number;
  nextId: number;
  /** The identity provider; `no-route` in a mailcow before 2025-03. */
  provider: IdentityProvider | undefined | 'no-route';
  /** Whether mailcow reaches the directory of a provider. */
  canBind: (provider: LdapProvider) => boolean;
  /** What the password of a mailbox was set to last; by address. */
  readonly passwords: Map<string, NewPassword>;
};

/** What mailcow makes of an auth source: anything that it is not set up for is `mailcow`. */
export function knownAuthSource({ provider }: MemoryWorld, wanted: string | undefined): string {
  return wanted === 'ldap' && typeof provider === 'object' && provider.kind === 'ldap' ? 'ldap' : 'mailcow';
}

export type Refusal = Extract<WriteResult, { readonly kind: 'refused' }>;

/** mailcow's refusal in one word. */
export const refused = (word: string): Refusal => ({ kind: 'refused', words: [{ word, args: [] }] });

/** Records a write that changed something. */
export function write(world: MemoryWorld, what: string, { key, was }: Omit<Written, 'what'>): WriteResult {
  world.written.push({ what: `${what} ${key}`, key, was });
  return { kind: 'done' };
}

/** The mailboxes of a domain. */
export const boxesIn = (world: MemoryWorld, name: string): readonly Mailbox[] =>
  [...world.mailboxes.values()].filter((box) => domainOf(box.address) === name);

/** The aliases of a domain. */
export const aliasesIn = (world: MemoryWorld, name: string): readonly Alias[] =>
  [...world.aliases.values()].filter((one) => domainOf(one.address) === name);

/** A domain with what mailcow counts in it. */
export function counted(world: MemoryWorld, one: Domain): Domain {
  const boxes = boxesIn(world, one.name);
  const quotaUsedMiB = boxes.reduce((sum, box) => sum + box.quotaMiB, 0);
  return { ...one, mailboxes: boxes.length, aliases: aliasesIn(world, one.name).length, quotaUsedMiB };
}
