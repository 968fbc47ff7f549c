/** The answer of `explain`, as data. Times are ISO, UTC. */
import type { Forbidden, Held, Skip, Change } from '../core/change.ts';
import type { MappedValue } from '../core/explain-entry.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Mark } from '../core/mark.ts';
import type { Alias, Finding, Mailbox } from '../core/model.ts';
import type { FilterAnswer } from '../ports.ts';
import type { JournalEntry } from '../ports-state.ts';

/** How the question names an entry. */
export type NamedBy = 'dn' | 'directory id' | 'account' | 'address' | 'further address' | 'look-up';

export type Absence = {
  /** Complete readings without it that counted, and how many it takes. */
  readonly missing: number;
  readonly of: number;
  readonly since: string | null;
};

export type EntryReport = {
  readonly id: string;
  readonly dn: string;
  readonly kind: 'person' | 'group' | 'possible member';
  readonly namedBy: readonly NamedBy[];
  /** `absent`: a reading had it, this one has not. `not read`: no reading shows it. */
  readonly presence: 'there' | 'absent' | 'not read';
  /** Of an entry that is not in the reading and was found all the same. */
  readonly selection?: {
    readonly isInScope: boolean;
    readonly asPerson: FilterAnswer;
    readonly asGroup?: FilterAnswer;
  };
  readonly absence?: Absence;
  readonly values: readonly MappedValue[];
};

export type ObjectReport = {
  readonly address: string;
  readonly mailbox?: Mailbox;
  readonly alias?: Alias;
  /** mailcow shows it as a row of nulls. */
  readonly halfDeleted?: true;
  /** What we know to be ours, and what was written last. */
  readonly managed: readonly LedgerEntry[];
  /** What mailcow itself says about whose it is; `ours`: by the name of this installation. */
  readonly marks: readonly (Mark & { readonly resource: 'mailbox' | 'alias'; readonly ours: boolean })[];
  /** DNs of the entries that ask for it, as their own address or a further one. */
  readonly claimants: readonly { readonly dn: string; readonly as: 'address' | 'further address' }[];
};

export type NearReport = { readonly dn: string; readonly address: string | null };

export type ConcernedFinding = Finding & {
  /** Null: it was not there at the last sync. */
  readonly since: string | null;
  /** One sentence: what to do. */
  readonly advice: string;
  readonly anchor: string;
};

export type NextSync = {
  readonly changes: readonly Change[];
  readonly held: readonly Held[];
  /** What to type to let through what is held; null: nothing is. */
  readonly approve: string | null;
  readonly forbidden: readonly Forbidden[];
  readonly skips: readonly Skip[];
};

export type Explanation = {
  readonly query: string;
  readonly known: boolean;
  /** Why there is a mailbox or an alias, or none; the most important first. */
  readonly conclusion: readonly string[];
  readonly entries: readonly EntryReport[];
  /** When no entry is what was asked for. */
  readonly nearest: readonly NearReport[];
  readonly objects: readonly ObjectReport[];
  /** Newest first. */
  readonly writes: readonly JournalEntry[];
  /** What was taken back and is not done again before its entry changes. */
  readonly pins: readonly string[];
  /** Null: one of both sides could not be read. */
  readonly nextSync: NextSync | null;
  /** About this person or address. */
  readonly findings: readonly ConcernedFinding[];
  /** About everybody. */
  readonly generalFindings: readonly ConcernedFinding[];
  /** What could not be read. */
  readonly problems: readonly string[];
};
