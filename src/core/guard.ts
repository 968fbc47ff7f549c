/** Judges a whole plan and holds back what removes too much (DESIGN.md 4.4, 4.7, 4.11, 4.17). */
import { changeId, fallTogether, isRemoval, type Change, type Held } from './change.ts';
import type { CurrentState } from './current.ts';
import { judgeLists } from './guard-lists.ts';
import { judgeRedirects } from './guard-redirects.ts';
import { judgeRemovals } from './guard-removals.ts';
import { isImportedId } from './heritage.ts';
import type { Ledger } from './ledger.ts';
import { grownOnly, lostMembers, shrinksList } from './list-change.ts';
import { isStrayId, isWatchId } from './watch.ts';

/** What depends on an attribute that no entry has any more. */
export type LostField = 'name' | 'active' | 'aliases' | 'members';

export type GuardInput = {
  readonly changes: readonly Change[];
  readonly ledger: Ledger;
  readonly current: CurrentState;
  /** Ids that went missing in a reading after a changed base, filter or server. */
  readonly missingByScope: ReadonlySet<string>;
  /** Ids that came with a changed base, filter or server. */
  readonly arrivedByScope: ReadonlySet<string>;
  /** Fields that depend on an attribute that no entry has any more although entries had it. */
  readonly lostFields: ReadonlySet<LostField>;
  /** A changed base, filter or server may have other members than before. */
  readonly membersInDoubt: boolean;
  /** Ids of groups: their aliases are lists. */
  readonly groupIds: ReadonlySet<string>;
  /** Mail domains of ours; without the number no domain is deleted unasked. */
  readonly managedDomains?: number;
  /** An attribute in use that entries had is gone from all of them. */
  readonly attributeLost?: boolean;
  /** Managed objects that an audit did not find in mailcow, or found older than we left them. */
  readonly missingInMailcow: number;
  /** Whether an administrator has approved this change, whatever the guard thinks of it. */
  readonly approved?: (change: Change) => boolean;
};

export type GuardResult = { readonly allowed: readonly Change[]; readonly held: readonly Held[] };

const isTakeover = (change: Change): boolean =>
  (change.kind === 'adopt' && change.formerId !== undefined && !isStrayId(change.formerId)) ||
  change.movedFrom !== undefined;

function tooManyTakeovers(input: GuardInput): string | undefined {
  const takeovers = input.changes.filter(isTakeover).length;
  const managed = input.ledger.mailboxes.size;
  if (takeovers <= Math.max(5, managed / 10)) return undefined;
  return `${takeovers} of ${managed} managed mailboxes would pass to a new directory id or another domain at once: was the directory rebuilt?`;
}

/** The sync job of a newcomer comes with the mailbox, and of who is there already it tells nothing. */
const isArrival = ({ kind, resource }: Change): boolean => kind === 'create' && resource !== 'syncjob';

function tooManyArrivals(input: GuardInput): string | undefined {
  const creates = input.changes.filter(
    (change) => isArrival(change) && input.arrivedByScope.has(change.directoryId),
  ).length;
  const managed = input.ledger.mailboxes.size;
  if (creates <= Math.max(20, managed / 4)) return undefined;
  return `a changed base, filter or server would create ${creates} objects beside ${managed} managed mailboxes`;
}

function restored(input: GuardInput): string | undefined {
  const managed = input.ledger.mailboxes.size + input.ledger.aliases.size;
  if (input.missingInMailcow <= Math.max(5, managed / 10)) return undefined;
  return `${input.missingInMailcow} of ${managed} managed objects are missing in mailcow or older than we left them: was it restored from a backup?`;
}

type Verdicts = {
  readonly removals: (change: Change) => string | undefined;
  readonly takeovers: string | undefined;
  readonly arrivals: string | undefined;
  readonly restored: string | undefined;
  readonly lists: (change: Change) => string | undefined;
  readonly redirects: (change: Change) => string | undefined;
};

/** Nothing but an older tool's file speaks for it. */
const isOnlyImported = ({ directoryId, formerId }: Change): boolean =>
  isImportedId(directoryId) && formerId === undefined;

const isAdopted = (change: Change, ledger: Ledger): boolean => {
  // A rename in the same plan moves the key ahead of the ledger.
  const former = change.needs.map((need) => /^rename mailbox (.+)$/.exec(need)?.[1]);
  const keys = [change.key, ...former.filter((key) => key !== undefined)];
  const origin = keys.map((key) => ledger.mailboxes.get(key)?.origin).find((found) => found !== undefined);
  return change.resource === 'mailbox' && isRemoval(change) && origin === 'adopted';
};

/** What we did not make is not ours to take away. */
function whyNotOurs(change: Change, ledger: Ledger): string | undefined {
  // Asked for in so many words: LDAP_MAILCOW_DOMAIN_POLICY=exclusive.
  if (isStrayId(change.directoryId)) return undefined;
  if (isAdopted(change, ledger)) return 'the mailbox was adopted, not created by us';
  return isOnlyImported(change) ? 'only the file of the older tool speaks for it' : undefined;
}

/** Whether a change follows from an attribute that has vanished everywhere. */
function dependsOnLost(change: Change, { lostFields: lost, attributeLost }: GuardInput): boolean {
  // Who does not see everything does not know what the directory knows.
  if (attributeLost === true && isWatchId(change.directoryId) && isRemoval(change)) return true;
  if (lost.has('aliases') && change.resource === 'alias' && change.kind === 'remove') return true;
  if (lost.has('members') && shrinksList(change)) return true;
  if (lost.has('active') && (change.kind === 'reactivate' || change.kind === 'deactivate')) return true;
  return lost.has('name') && change.kind === 'update' && change.after.name !== undefined;
}

const BY_SCOPE = 'follows from a changed base, filter or server';

function whyHeld(change: Change, input: GuardInput, verdicts: Verdicts): string | undefined {
  if (verdicts.restored !== undefined && change.kind !== 'adopt') return verdicts.restored;
  if (isTakeover(change) && verdicts.takeovers !== undefined) return verdicts.takeovers;
  if (isArrival(change) && input.arrivedByScope.has(change.directoryId)) return verdicts.arrivals;
  if (dependsOnLost(change, input)) {
    return 'depends on an attribute that no entry of the directory has any more: may the bind user still read it?';
  }
  if (input.membersInDoubt && shrinksList(change)) return BY_SCOPE;
  const several = verdicts.lists(change) ?? verdicts.redirects(change);
  if (several !== undefined) return several;
  if (!isRemoval(change)) return undefined;
  if (input.missingByScope.has(change.directoryId)) return BY_SCOPE;
  const notOurs = whyNotOurs(change, input.ledger);
  if (notOurs !== undefined) return notOurs;
  return verdicts.removals(change);
}

/** What depends on something held is held with it, however long the chain. */
function holdDependents(changes: readonly Change[], held: Map<string, Held>): void {
  const causes = fallTogether(changes, new Set(held.keys()));
  for (const change of changes) {
    const id = changeId(change);
    const cause = causes.get(id);
    if (cause !== undefined && !held.has(id)) held.set(id, { change, why: `depends on: ${cause}` });
  }
}

/** Newcomers get into a list although those who would leave it are held. */
function growing(held: ReadonlyMap<string, Held>, verdicts: Verdicts): readonly Change[] {
  return [...held.values()]
    .filter(({ change }) => lostMembers(change).length > 0 && verdicts.restored === undefined)
    .map(({ change }) => grownOnly(change))
    .filter((change) => change !== undefined);
}

/** Splits a plan into what may be written and what waits for an approval. */
export function guardPlan(input: GuardInput): GuardResult {
  const verdicts: Verdicts = {
    removals: judgeRemovals(input),
    takeovers: tooManyTakeovers(input),
    arrivals: tooManyArrivals(input),
    restored: restored(input),
    lists: judgeLists(input),
    redirects: judgeRedirects(input),
  };
  const held = new Map<string, Held>();
  for (const change of input.changes) {
    if (input.approved?.(change) === true) continue;
    const why = whyHeld(change, input, verdicts);
    if (why !== undefined) held.set(changeId(change), { change, why });
  }
  holdDependents(input.changes, held);
  return {
    allowed: [...input.changes.filter((change) => !held.has(changeId(change))), ...growing(held, verdicts)],
    held: [...held.values()],
  };
}
