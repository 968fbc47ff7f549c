/** Whether a plan takes too much away at once (DESIGN.md 4.11). */
import { isRemoval, type Change, type ObjectResource, type Resource } from './change.ts';
import { isActive, type CurrentState } from './current.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';

type RemovalInput = {
  readonly changes: readonly Change[];
  readonly ledger: Ledger;
  readonly current: CurrentState;
  /** Ids of groups: their mailboxes are lists. */
  readonly groupIds: ReadonlySet<string>;
};

/** More than max(2, 10 %) of a kind, max(5, 10 %) from 50 objects on. */
export function removalLimit(managed: number): number {
  return Math.max(managed < 50 ? 2 : 5, managed / 10);
}

/** Mailboxes that are lists are counted for themselves: many of them must not make the departure of people a small one. */
type Kind = ObjectResource | 'list';

const kinds: readonly Kind[] = ['mailbox', 'list', 'alias'];
const plural: Readonly<Record<Kind, string>> = {
  mailbox: 'mailboxes',
  list: 'mailboxes of lists',
  alias: 'aliases',
};

type Counted = { readonly resource: Resource; readonly directoryId: string };

function kindOf({ resource, directoryId }: Counted, { groupIds }: RemovalInput): Kind | undefined {
  if (resource === 'alias') return 'alias';
  if (resource !== 'mailbox') return undefined;
  return groupIds.has(directoryId) ? 'list' : 'mailbox';
}

function rowsOf(kind: Kind, input: RemovalInput): readonly LedgerEntry[] {
  const { mailboxes, aliases } = input.ledger;
  return kind === 'alias'
    ? [...aliases.values()]
    : [...mailboxes.values()].filter((row) => kindOf(row, input) === kind);
}

/** Managed objects of a kind that work now. */
function workingCount(rows: readonly LedgerEntry[], { current }: RemovalInput): number {
  return rows.filter(({ resource, key }) => {
    const object = resource === 'mailbox' ? current.mailboxes.get(key) : current.aliases.get(key);
    return object !== undefined && isActive(object.active);
  }).length;
}

function tooMany(kind: Kind, input: RemovalInput): string | undefined {
  const changes = input.changes.filter((change) => kindOf(change, input) === kind);
  const removals = changes.filter(isRemoval).length;
  if (removals === 0) return undefined;
  const rows = rowsOf(kind, input);
  const limit = removalLimit(rows.length);
  const numbers = `${removals} of ${rows.length} managed ${plural[kind]}`;
  if (removals > limit) return `would take away ${numbers}; ${Math.floor(limit)} at once are allowed`;
  // What a list without members loses is judged by those members.
  const arriving = changes.some((change) => change.kind === 'create' || change.kind === 'reactivate');
  if (kind !== 'list' && !arriving && removals >= workingCount(rows, input)) {
    return `would take away ${numbers} and leave none that works`;
  }
  return undefined;
}

/** Why a removal is held; undefined for all others. */
export function judgeRemovals(input: RemovalInput): (change: Change) => string | undefined {
  const verdicts = new Map<Kind | undefined, string | undefined>(
    kinds.map((kind) => [kind, tooMany(kind, input)]),
  );
  return (change) => (isRemoval(change) ? verdicts.get(kindOf(change, input)) : undefined);
}
