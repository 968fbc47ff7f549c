/**
 * Mailboxes and aliases of managed domains that the directory does not know (LDAP_MAILCOW_DOMAIN_POLICY=exclusive): they
 * go the way of leavers, with their grace (docs/decisions/014-exclusive-domains.md).
 */
import { domainOf } from './address.ts';
import { stages } from './change.ts';
import { isActive, type CurrentState } from './current.ts';
import { isOurDomain } from './domain-settings.ts';
import type { Known } from './known.ts';
import type { LedgerEntry } from './ledger.ts';
import { marksOf, parseMark } from './mark.ts';
import type { Alias, Mailbox } from './model.ts';
import { aliasChange, shortly } from './plan-alias-context.ts';
import { handsOff, isProtected, mailboxChange, type PlanContext, type PlanInput } from './plan-context.ts';
import { planDelete } from './plan-orphans.ts';
import { isStrayId, strayId } from './watch.ts';

type StrayContext = PlanContext & {
  /** Mail domains of ours. */
  readonly managed: ReadonlySet<string>;
  /** Addresses that are somebody's, or that somebody asks for. */
  readonly claimed: ReadonlySet<string>;
  /** Where protected addresses and catch-alls lead to, over however many aliases. */
  readonly upheld: ReadonlySet<string>;
};

const managedDomains = ({ current, settings }: PlanInput): ReadonlySet<string> =>
  new Set(
    [...current.domains.values()]
      .filter((domain) => isOurDomain(domain, settings.owner))
      .map(({ name }) => name),
  );

/** Whoever asks for an address, and whether it is got or not; what an older tool left has a grace of its own. */
function claimedAddresses({ input, notes }: PlanContext, known: Known): ReadonlySet<string> {
  const { desired, heritage } = input;
  return new Set([
    ...known.addresses,
    ...[...desired.mailboxes.values()].map(({ address }) => address),
    ...desired.aliases.keys(),
    ...desired.lists.keys(),
    ...[...desired.lists.values()].flatMap(({ others }) => others),
    ...desired.contested,
    ...desired.contestedMailboxes,
    ...desired.deniedClaims.keys(),
    ...(heritage === undefined ? [] : [...heritage.mailboxes.keys(), ...heritage.aliases.keys()]),
    ...notes.changes.flatMap(({ key, after }) => [
      key,
      ...(after.address === undefined ? [] : [after.address]),
    ]),
  ]);
}

const isCatchAll = ({ address }: Alias): boolean => address.startsWith('@');

/** Without what they lead to, postmaster@ and catch-alls would be there and not work. */
function upheldBy({ aliases }: CurrentState, settings: PlanInput['settings']): ReadonlySet<string> {
  const upheld = new Set<string>();
  const uphold = (alias: Alias): void => {
    for (const target of alias.goto) {
      if (upheld.has(target)) continue;
      upheld.add(target);
      const next = aliases.get(target);
      if (next !== undefined) uphold(next);
    }
  };
  for (const alias of aliases.values()) {
    if (isActive(alias.active) && (isCatchAll(alias) || isProtected(alias.address, settings))) uphold(alias);
  }
  return upheld;
}

/** Nobody's, and nobody asks for it. */
const isUnasked = (address: string, { managed, claimed, upheld }: StrayContext): boolean =>
  managed.has(domainOf(address)) && !claimed.has(address) && !upheld.has(address);

/** What is off and was not switched off by us is left alone, and so is what bears anybody's mark. */
const mayGo = (
  row: LedgerEntry | undefined,
  found: { readonly active: number; readonly isMarked: boolean },
): boolean => (row === undefined ? isActive(found.active) && !found.isMarked : isStrayId(row.directoryId));

function isStrayMailbox(mailbox: Mailbox, context: StrayContext): boolean {
  const { address, active, tags } = mailbox;
  const row = context.input.ledger.mailboxes.get(address);
  return (
    isUnasked(address, context) &&
    mayGo(row, { active, isMarked: marksOf(tags).length > 0 }) &&
    handsOff(mailbox, context.input) === undefined
  );
}

function isStrayAlias(alias: Alias, context: StrayContext): boolean {
  const { address, active, privateComment } = alias;
  const row = context.input.ledger.aliases.get(address);
  return (
    isUnasked(address, context) &&
    mayGo(row, { active, isMarked: parseMark(privateComment) !== undefined }) &&
    !isCatchAll(alias) &&
    !isProtected(address, context.input.settings)
  );
}

const EXCLUSIVE = 'LDAP_MAILCOW_DOMAIN_POLICY=exclusive';

function whyGone(id: string, { input }: PlanContext): string {
  const since = input.missingSince(id);
  return `the directory does not know it${since === undefined ? '' : ` since ${since}`}; ${EXCLUSIVE}`;
}

function skip(what: { resource: 'mailbox' | 'alias'; key: string }, context: PlanContext, why: string): void {
  context.notes.skips.push({ ...what, reason: `the directory does not know it, ${why}` });
}

/** Why what works is not switched off now; undefined: it is. */
function whyNotYet(id: string, { input }: PlanContext): string | undefined {
  if (input.gone?.has(id) !== true) return `and its grace is not over (${EXCLUSIVE})`;
  return input.settings.disableDeleted ? undefined : 'but LDAP_MAILCOW_DISABLE_DELETED_USERS=false';
}

function planStrayMailbox(mailbox: Mailbox, context: StrayContext): void {
  const { input, notes } = context;
  const { address: key, active } = mailbox;
  const row = input.ledger.mailboxes.get(key);
  const directoryId = row?.directoryId ?? strayId('mailbox', key);
  notes.watched.add(directoryId);
  if (!isActive(active)) {
    if (row !== undefined && input.gone?.has(directoryId) === true) planDelete(row, mailbox, context);
    return;
  }
  const why = whyNotYet(directoryId, context);
  if (why !== undefined) {
    skip({ resource: 'mailbox', key }, context, why);
    return;
  }
  const reason = whyGone(directoryId, context);
  notes.changes.push(
    mailboxChange(
      { kind: 'deactivate', key, directoryId, reason, stage: stages.deactivateMailbox },
      { before: { active }, after: { active: input.settings.inactiveState } },
    ),
  );
}

function planStrayAlias(alias: Alias, context: StrayContext): void {
  const { input, notes } = context;
  const { address: key, active } = alias;
  const directoryId = input.ledger.aliases.get(key)?.directoryId ?? strayId('alias', key);
  notes.watched.add(directoryId);
  const reason = `${whyGone(directoryId, context)}; it points to ${shortly(alias.goto)}`;
  if (input.settings.removeLeaversAliases === true && input.gone?.has(directoryId) === true) {
    notes.changes.push(aliasChange({ kind: 'remove', key, directoryId }, { reason, stage: stages.remove }));
    return;
  }
  if (!isActive(active)) return;
  const why = whyNotYet(directoryId, context);
  if (why !== undefined) {
    skip({ resource: 'alias', key }, context, why);
    return;
  }
  const fields = { before: { active }, after: { active: 0 } };
  notes.changes.push(
    aliasChange(
      { kind: 'deactivate', key, directoryId },
      { ...fields, reason, stage: stages.deactivateAlias },
    ),
  );
}

/**
 * What the directory does not know in domains of ours. Without groups nobody can tell which aliases it would know: then
 * only mailboxes go.
 */
export function planStrays(input: PlanInput, notes: PlanContext['notes']): void {
  const { settings, known, current } = input;
  if (settings.domains?.exclusive !== true || known === undefined) return;
  const context: StrayContext = {
    input,
    notes,
    managed: managedDomains(input),
    claimed: claimedAddresses({ input, notes }, known),
    upheld: upheldBy(current, settings),
  };
  const byAddress = (a: { address: string }, b: { address: string }): number =>
    a.address < b.address ? -1 : 1;
  if (settings.syncMailboxes) {
    const strays = [...current.mailboxes.values()].filter((mailbox) => isStrayMailbox(mailbox, context));
    for (const mailbox of strays.sort(byAddress)) planStrayMailbox(mailbox, context);
  }
  if (settings.syncAliases && settings.syncLists) {
    const strays = [...current.aliases.values()].filter((alias) => isStrayAlias(alias, context));
    for (const alias of strays.sort(byAddress)) planStrayAlias(alias, context);
  }
}
