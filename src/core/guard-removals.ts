/** Whether a plan takes too much away at once (DESIGN.md 4.11). */
import { isRemoval, type Change, type ObjectResource, type Resource } from './change.ts';
import { isActive, type CurrentState } from './current.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { isStrayId } from './watch.ts';

type RemovalInput = {
  readonly changes: readonly Change[];
  readonly ledger: Ledger;
  readonly current: CurrentState;
  /** Ids of groups: their mailboxes are lists. */
  readonly groupIds: ReadonlySet<string>;
  /** Mail domains of ours; without the number no domain is deleted unasked. */
  readonly managedDomains?: number;
};

/** More than max(2, 10 %) of a kind, max(5, 10 %) from 50 objects on. */
export function removalLimit(managed: number): number {
  return Math.max(managed < 50 ? 2 : 5, managed / 10);
}

/** Mailboxes that are lists are counted for themselves: many of them must not make the departure of people a small one. */
type Kind = ObjectResource | 'list' | 'syncjob';

const plural: Readonly<Record<Kind, string>> = {
  mailbox: 'mailboxes',
  list: 'mailboxes of lists',
  alias: 'aliases',
  syncjob: 'sync jobs',
};

type Counted = { readonly resource: Resource; readonly directoryId: string };

function kindOf({ resource, directoryId }: Counted, { groupIds }: RemovalInput): Kind | undefined {
  if (resource === 'alias' || resource === 'syncjob') return resource;
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

const isStrays = ({ directoryId }: Pick<Change, 'directoryId'>): boolean => isStrayId(directoryId);

/** How many would go of how many that are managed; what the directory never knew is not among those. */
function inNumbers(removals: readonly Change[], managed: number, kind: string): string {
  const strays = removals.filter(isStrays).length;
  if (strays === 0) return `${removals.length} of ${managed} managed ${kind}`;
  return `${removals.length} ${kind}, ${strays} of which the directory does not know, where ${managed} are managed`;
}

function tooMany(kind: Kind, input: RemovalInput): string | undefined {
  const changes = input.changes.filter((change) => kindOf(change, input) === kind);
  const removals = changes.filter(isRemoval);
  if (removals.length === 0) return undefined;
  const rows = rowsOf(kind, input);
  const managed = rows.filter((row) => !isStrays(row)).length;
  const limit = removalLimit(managed);
  const numbers = inNumbers(removals, managed, plural[kind]);
  if (removals.length > limit) return `would take away ${numbers}; ${Math.floor(limit)} at once are allowed`;
  // What a list without members loses is judged by those members.
  const arriving = changes.some((change) => change.kind === 'create' || change.kind === 'reactivate');
  const ours = removals.filter((change) => !isStrays(change)).length;
  if (kind !== 'list' && !arriving && ours > 0 && ours >= workingCount(rows, input)) {
    return `would take away ${numbers} and leave none that works`;
  }
  return undefined;
}

/** Those that have come to their end count: how many there are is how many people they are of. */
function tooManyJobs({ changes, current }: RemovalInput): string | undefined {
  const removals = changes.filter((change) => change.resource === 'syncjob' && isRemoval(change)).length;
  if (removals === 0) return undefined;
  const managed = [...(current.syncJobs?.values() ?? [])].filter(({ own }) => own !== undefined).length;
  const limit = removalLimit(managed);
  if (removals <= limit) return undefined;
  return `would take away ${removals} of ${managed} managed ${plural.syncjob}; ${Math.floor(limit)} at once are allowed`;
}

function tooManyDomains({ changes, managedDomains = 0 }: RemovalInput): string | undefined {
  const removals = changes.filter((change) => change.resource === 'domain' && isRemoval(change)).length;
  const limit = removalLimit(managedDomains);
  const numbers = `${removals} of ${managedDomains} managed domains`;
  if (removals > limit) return `would delete ${numbers}; ${Math.floor(limit)} at once are allowed`;
  return removals >= managedDomains ? `would delete ${numbers}, and leave none` : undefined;
}

/** Why a removal is held; undefined for all others. */
export function judgeRemovals(input: RemovalInput): (change: Change) => string | undefined {
  const verdicts: Readonly<Record<Kind, string | undefined>> = {
    mailbox: tooMany('mailbox', input),
    list: tooMany('list', input),
    alias: tooMany('alias', input),
    syncjob: tooManyJobs(input),
  };
  const domains = tooManyDomains(input);
  return (change) => {
    if (!isRemoval(change)) return undefined;
    const kind = kindOf(change, input);
    // The filter of a list goes with its mailbox, and never alone.
    if (kind === undefined) return change.resource === 'domain' ? domains : undefined;
    return verdicts[kind];
  };
}
