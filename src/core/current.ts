/** The state of mailcow as a plan sees it, and what mailcow itself does along with a rename. */
import { domainOf } from './address.ts';
import type { ListFilter } from './list-filter.ts';
import type { MailboxJobs } from './migration.ts';
import type { Alias, Domain, Mailbox } from './model.ts';

export type CurrentState = {
  readonly domains: ReadonlyMap<string, Domain>;
  readonly mailboxes: ReadonlyMap<string, Mailbox>;
  /** By address. */
  readonly aliases: ReadonlyMap<string, Alias>;
  /** By mailbox, of those mailboxes that are lists; one that is not there was not read yet. */
  readonly filters?: ReadonlyMap<string, ListFilter>;
  /** By mailbox, where a migration is configured; one that is not there was not read yet, or has none. */
  readonly syncJobs?: ReadonlyMap<string, MailboxJobs>;
  /** Mailboxes whose deletion stopped half-way: neither there nor gone. */
  readonly halfDeleted?: ReadonlySet<string>;
};

export type RenameEffect = {
  readonly from: string;
  readonly to: string;
  readonly keepAlias: boolean;
  /** Reactivated just before. */
  readonly woken?: boolean;
};

/** The id of an alias that mailcow has made but we have not read yet. */
export const UNKNOWN_ID = 0;

/** Postfix and dovecot take mail for 1 only; 0 and 2 are equally deactivated (DESIGN.md 4.9). */
export function isActive(state: number): boolean {
  return state === 1;
}

/** Equal as sets: mailcow keeps no order that means anything. */
export function sameGoto(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  if (a.every((address, index) => address === b[index])) return true;
  const set = new Set(a);
  return b.every((address) => set.has(address));
}

const renamedAlias = (effect: RenameEffect): Alias => ({
  id: UNKNOWN_ID,
  address: effect.from,
  goto: [effect.to],
  active: 1,
  privateComment: '',
  internal: false,
  sogoVisible: true,
  senderAllowed: false,
});

/**
 * What `edit/rename-mbox` does by itself: the mailbox moves, aliases whose goto is exactly the old address
 * follow, lists do not, and the old address becomes an alias when asked for (facts/mailcow-api.md sections 4, 12).
 */
export function withRenames(current: CurrentState, effects: readonly RenameEffect[]): CurrentState {
  if (effects.length === 0) return current;
  const mailboxes = new Map(current.mailboxes);
  const aliases = new Map(current.aliases);
  const leadingTo = aliasesByOnlyGoto(aliases);
  for (const effect of effects) {
    const { from, to } = effect;
    const mailbox = mailboxes.get(from);
    if (mailbox === undefined) continue;
    mailboxes.delete(from);
    mailboxes.set(to, { ...mailbox, address: to, active: effect.woken === true ? 1 : mailbox.active });
    aliases.delete(to);
    const followers = (leadingTo.get(from) ?? []).filter((address) => address !== to);
    for (const address of followers) {
      const alias = aliases.get(address);
      if (alias !== undefined) aliases.set(address, { ...alias, goto: [to] });
    }
    leadingTo.delete(from);
    if (effect.keepAlias) aliases.set(from, renamedAlias(effect));
    leadingTo.set(to, [...(leadingTo.get(to) ?? []), ...followers, ...(effect.keepAlias ? [from] : [])]);
  }
  return { ...current, mailboxes, aliases };
}

function aliasesByOnlyGoto(aliases: ReadonlyMap<string, Alias>): Map<string, readonly string[]> {
  const index = new Map<string, string[]>();
  for (const [address, { goto }] of aliases) {
    const [only, second] = goto;
    if (only === undefined || second !== undefined) continue;
    const known = index.get(only);
    if (known === undefined) index.set(only, [address]);
    else known.push(address);
  }
  return new Map(index);
}

/** mailcow deletes the aliases that point only at a deleted mailbox and shortens the others (section 4). */
export function withoutMailbox(current: CurrentState, address: string): CurrentState {
  const mailboxes = new Map(current.mailboxes);
  mailboxes.delete(address);
  const aliases = new Map<string, Alias>();
  for (const [key, alias] of current.aliases) {
    if (!alias.goto.includes(address)) aliases.set(key, alias);
    else if (alias.goto.length > 1) {
      aliases.set(key, { ...alias, goto: alias.goto.filter((target) => target !== address) });
    }
  }
  return { ...current, mailboxes, aliases };
}

/** What still fits into a domain; taken from as a plan fills it. */
export type Room = { mailboxes: number; aliases: number; quotaMiB: number; readonly maxMailboxMiB: number };

/** The room of every domain before a plan. */
export function roomOf(current: CurrentState): Map<string, Room> {
  return new Map(
    [...current.domains.values()].map((domain) => [
      domain.name,
      {
        mailboxes: domain.maxMailboxes - domain.mailboxes,
        aliases: domain.maxAliases - domain.aliases,
        quotaMiB: domain.quotaMiB - domain.quotaUsedMiB,
        maxMailboxMiB: domain.maxMailboxQuotaMiB,
      },
    ]),
  );
}

/** The domain object behind an address. */
export function domainFor(current: CurrentState, address: string): Domain | undefined {
  return current.domains.get(domainOf(address));
}
