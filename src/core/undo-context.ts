/** What the parts of an undo share: what they are given, the scene that they walk back through, what they take down. */
import type { WrittenChange } from './before-image.ts';
import { stages, type Change, type Fields, type Skip, type Stage } from './change.ts';
import { sameGoto, type CurrentState } from './current.ts';
import type { Ledger } from './ledger.ts';
import type { ListFilter } from './list-filter.ts';
import { marksOf } from './mark.ts';
import type { MailboxJobs } from './migration.ts';
import type { Alias, Domain, Mailbox } from './model.ts';
import type { PlanSettings } from './plan-context.ts';

export type UndoInput = {
  readonly run: string;
  /** What the run wrote, in order. */
  readonly written: readonly WrittenChange[];
  /** Renames of mailboxes that came after it, in order. */
  readonly renamedSince: readonly Change[];
  readonly current: CurrentState;
  /** The one that the marks bear out. */
  readonly ledger: Ledger;
  readonly settings: Pick<PlanSettings, 'owner' | 'inactiveState' | 'protectedAddresses'>;
  /** Created mailboxes without mail are deleted, and domains that become empty. */
  readonly deleteEmpty: boolean;
  /** How many mails mailcow counts in a mailbox; one that is not there was not asked for. */
  readonly messages: ReadonlyMap<string, number>;
  /** Jobs of a migration can be told from others. */
  readonly hasMigration: boolean;
};

export type Undo = {
  readonly changes: readonly Change[];
  /** What no program can take back. */
  readonly impossible: readonly Skip[];
  /** What is not as the run left it, so it stays. */
  readonly skips: readonly Skip[];
};

/** mailcow as it will be when the run has been walked back to the write in question. */
export type Scene = {
  readonly domains: Map<string, Domain>;
  readonly mailboxes: Map<string, Mailbox>;
  readonly aliases: Map<string, Alias>;
  readonly filters: Map<string, ListFilter>;
  readonly syncJobs: Map<string, MailboxJobs>;
};

export type Way = { readonly from: string; readonly to: string };

export type Work = {
  readonly input: UndoInput;
  readonly scene: Scene;
  readonly changes: Change[];
  readonly impossible: Skip[];
  readonly skips: Skip[];
  /** Renames that came after the write in question and stay, in order. */
  readonly ways: Way[];
};

/** A working copy of what mailcow holds. */
export const openScene = ({ domains, mailboxes, aliases, filters, syncJobs }: CurrentState): Scene => ({
  domains: new Map(domains),
  mailboxes: new Map(mailboxes),
  aliases: new Map(aliases),
  filters: new Map(filters),
  syncJobs: new Map(syncJobs),
});

/** Where a mailbox is now that was at this address after the write in question. */
export const addressNow = (address: string, { ways }: Pick<Work, 'ways'>): string =>
  ways.reduce((at, { from, to }) => (at === from ? to : at), address);

/** A run is walked back: what came last comes first, and each state on the way is one that was there before. */
const mirrored = {
  [stages.domain]: stages.deleteDomain,
  [stages.freeAddress]: stages.delete,
  [stages.rename]: stages.deactivateMailbox,
  [stages.mailbox]: stages.deactivateSyncJob,
  [stages.filter]: stages.deactivateAlias,
  [stages.alias]: stages.remove,
  [stages.syncJob]: stages.syncJob,
  [stages.remove]: stages.alias,
  [stages.deactivateAlias]: stages.filter,
  [stages.deactivateSyncJob]: stages.mailbox,
  [stages.deactivateMailbox]: stages.rename,
  [stages.delete]: stages.freeAddress,
  [stages.deleteDomain]: stages.domain,
} as const satisfies Record<Stage, Stage>;

type Details = Pick<Change, 'kind' | 'key'> & Partial<Omit<Change, 'kind' | 'key' | 'resource' | 'stage'>>;

/** A change that takes back a write; what is not said is that of the write. */
export function back({ change }: WrittenChange, { run }: UndoInput, details: Details): Change {
  const { resource, directoryId, kind, stage, list } = change;
  return {
    resource,
    directoryId,
    before: {},
    after: {},
    reason: `takes back "${kind} ${resource}" of run ${run}`,
    needs: [],
    ...(list && { list }),
    ...details,
    stage: mirrored[stage],
  };
}

/** Takes down that something stays because it is not as the run left it. */
export function stays({ change: { resource, key } }: WrittenChange, reason: string, { skips }: Work): void {
  skips.push({ resource, key, reason });
}

/** Takes down what cannot be taken back by anybody. */
export function lost({ change: { resource, key } }: WrittenChange, reason: string, work: Work): void {
  work.impossible.push({ resource, key, reason });
}

/** Whether a mailbox bears our mark for this directory id. */
export const isMarkedFor = (mailbox: Mailbox, directoryId: string, { settings }: UndoInput): boolean =>
  marksOf(mailbox.tags).some((mark) => mark.owner === settings.owner && mark.directoryId === directoryId);

/** Whether a value of mailcow is the one that was written; gotos have no order. */
const isSameValue = (a: Fields[keyof Fields], b: Fields[keyof Fields]): boolean =>
  Array.isArray(a) && Array.isArray(b) ? sameGoto(a, b) : a === b;

export type Reversal = { readonly before: Fields; readonly after: Fields };

const names = (fields: Fields): readonly (keyof Fields)[] => Object.keys(fields) as (keyof Fields)[];

/** Why a field cannot be given back whatever mailcow has; undefined: it can. */
function whyLost(name: keyof Fields, value: Fields[keyof Fields]): string | undefined {
  if (name === 'password') return 'its password was changed: no journal has the former one, set a new one';
  if (name === 'name' && value === '') return 'it had no name, and mailcow takes none away';
  if (name === 'authSource' && value !== 'mailcow' && value !== 'ldap') {
    return `its logins were those of "${String(value)}": set that in mailcow`;
  }
  return value === undefined ? `the journal does not know its former ${name}` : undefined;
}

/**
 * The fields of a write that are still as it left them, back to what they were; the others are taken down. `shown` has
 * what mailcow holds now, `image` what it held before.
 */
export function fieldsBack(
  written: WrittenChange,
  { shown, image }: { readonly shown: Fields; readonly image: Fields },
  work: Work,
): Reversal | undefined {
  const wrote = written.change.after;
  const former = { ...written.change.before, ...image };
  const whole = names(wrote).map((name) => ({ name, why: whyLost(name, former[name]) }));
  for (const { why } of whole) if (why !== undefined) lost(written, why, work);
  const possible = whole.filter(({ why }) => why === undefined).map(({ name }) => name);
  const changed = possible.filter((name) => !isSameValue(shown[name], wrote[name]));
  const others = changed.filter((name) => !isSameValue(shown[name], former[name]));
  if (others.length > 0) stays(written, `${others.join(', ')} changed since: left as it is`, work);
  const wanted = possible.filter(
    (name) => !changed.includes(name) && !isSameValue(shown[name], former[name]),
  );
  if (wanted.length === 0) return undefined;
  const pick = (from: Fields): Fields => Object.fromEntries(wanted.map((name) => [name, from[name]]));
  return { before: pick(shown), after: pick(former) };
}

const sameKind = (a: Change, b: Change): boolean =>
  a.kind === b.kind && a.resource === b.resource && a.key === b.key;

/** Takes down a change; a second one of the same object and kind goes further back in one call. */
export function pushBack(change: Change, { changes }: Work): void {
  const at = changes.findIndex((one) => sameKind(one, change));
  const known = changes[at];
  if (known === undefined) {
    changes.push(change);
    return;
  }
  changes[at] = {
    ...known,
    before: { ...change.before, ...known.before },
    after: { ...known.after, ...change.after },
  };
}
