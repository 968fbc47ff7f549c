/**
 * The snapshot of the directory and what absence in it means: who is present, who is in grace, who is gone
 * (DESIGN.md 4.1, 4.3, 4.4).
 */
import type { Attributes, DirectoryEntry, Reading } from './model.ts';

/** `watch`: no entry, but something that none asks for (core/watch.ts). */
export type EntryKind = 'person' | 'group' | 'watch';

/** How long the system has been up; comparable only within one boot. */
export type Uptime = { readonly boot: string; readonly ms: number };

/** One directory entry as last seen, and how long it has been missing. */
export type SnapshotEntry = {
  readonly kind: EntryKind;
  readonly entry: DirectoryEntry;
  /** Complete readings without it that counted; 0 = present in the last reading that could tell. */
  readonly missing: number;
  /** ISO time of the first reading without it. */
  readonly missingSince: string | undefined;
  /** ISO time of the last reading that counted as missing. */
  readonly countedAt: string | undefined;
  /** The system's uptime at that reading: proof against a clock that jumps. */
  readonly countedUptime?: Uptime;
  /** Distinct days (UTC) with a complete reading without it, and the last of them. */
  readonly missingDays?: number;
  readonly missingDay?: string;
  /** Went missing in the reading after a changed base, filter or server: what follows is held. */
  readonly scopeChanged: boolean;
  /** Came with a changed base, filter or server, in numbers that are held. */
  readonly arrivedByScope: boolean;
};

export type GraceSettings = { readonly readings: number; readonly spacingMs: number };

export type GraceInput = {
  readonly snapshot: ReadonlyMap<string, SnapshotEntry>;
  readonly reading: Reading;
  /** The reading ran to its end and is not suspiciously empty. */
  readonly complete: boolean;
  /** Base, filter or server differ from the last complete reading's; never before a first sync ran to its end. */
  readonly scopeChanged: boolean;
  readonly now: Date;
  readonly uptime?: Uptime;
  /** False after a jump of the clock: the days of absence start anew. */
  readonly clockTrusted?: boolean;
  readonly settings: GraceSettings;
};

/** What of a reading decides over how an absence counts. */
export type Circumstances = Omit<GraceInput, 'snapshot' | 'reading'>;

export type GraceResult = {
  /** The new snapshot; entries that are unchanged are the same objects. */
  readonly snapshot: ReadonlyMap<string, SnapshotEntry>;
  /** Present entries and those that keep their claims: in grace, or absent from an incomplete reading. */
  readonly people: readonly DirectoryEntry[];
  readonly groups: readonly DirectoryEntry[];
  /** Ids not in this reading. */
  readonly absent: ReadonlySet<string>;
  /** Ids missing long enough to act on; none in an incomplete reading. */
  readonly gone: ReadonlySet<string>;
};

const present = (
  seen: { readonly kind: EntryKind; readonly entry: DirectoryEntry },
  before: SnapshotEntry | undefined,
  input: GraceInput,
): SnapshotEntry => ({
  ...seen,
  missing: 0,
  missingSince: undefined,
  countedAt: undefined,
  scopeChanged: false,
  arrivedByScope: before?.arrivedByScope ?? input.scopeChanged,
});

function sameValues(a: Attributes, b: Attributes): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const left = a[name];
    const right = b[name];
    if (left === undefined || right?.length !== left.length) return false;
    return left.every((value, index) => value === right[index]);
  });
}

const isUnchanged = (before: SnapshotEntry, kind: EntryKind, entry: DirectoryEntry): boolean =>
  before.missing === 0 &&
  before.missingSince === undefined &&
  before.kind === kind &&
  before.entry.dn === entry.dn &&
  sameValues(before.entry.attributes, entry.attributes);

/** Milliseconds since the last reading that counted; by the uptime where it can tell, the clock may jump. */
function elapsed(entry: SnapshotEntry, countedAt: string, input: Circumstances): number {
  const { countedUptime: then } = entry;
  const { uptime } = input;
  if (then !== undefined && uptime?.boot === then.boot) return uptime.ms - then.ms;
  return input.now.getTime() - Date.parse(countedAt);
}

type Turn = 'counts' | 'too early' | 'clock went back';

/** A reading counts when it lies at least the spacing after the last one that did. */
function turnOf(entry: SnapshotEntry, input: Circumstances): Turn {
  if (entry.countedAt === undefined) return 'counts';
  const ms = elapsed(entry, entry.countedAt, input);
  if (ms < 0) return 'clock went back';
  return ms >= input.settings.spacingMs ? 'counts' : 'too early';
}

/** Distinct days only: a clock that jumps ahead adds one day, one that jumps back none. */
function countDay(entry: SnapshotEntry, day: string): Pick<SnapshotEntry, 'missingDays' | 'missingDay'> {
  const { missingDays = 0, missingDay } = entry;
  if (missingDay !== undefined && day <= missingDay) return { missingDays, missingDay };
  return { missingDays: missingDays + 1, missingDay: day };
}

function absentEntry(before: SnapshotEntry, input: Circumstances): SnapshotEntry {
  if (!input.complete) return before;
  const now = input.now.toISOString();
  const missingSince = before.missingSince ?? now;
  if (input.scopeChanged) {
    return { ...before, missing: 0, missingSince, countedAt: undefined, scopeChanged: true };
  }
  const seen =
    input.clockTrusted === false
      ? { ...before, missingDays: 0, missingDay: now.slice(0, 10), missingSince: now }
      : { ...before, ...countDay(before, now.slice(0, 10)), missingSince };
  const counted = { countedAt: now, ...(input.uptime && { countedUptime: input.uptime }) };
  switch (turnOf(before, input)) {
    case 'too early':
      return seen;
    case 'clock went back':
      return { ...seen, ...counted };
    case 'counts':
      return { ...seen, ...counted, missing: before.missing + 1 };
  }
}

/** What is found in mailcow, and not in the directory, for the first time: missing as of this reading. */
export function beginWatch(id: string, input: Circumstances): SnapshotEntry {
  const unseen: SnapshotEntry = {
    kind: 'watch',
    entry: { id, dn: '', attributes: {} },
    missing: 0,
    missingSince: undefined,
    countedAt: undefined,
    scopeChanged: false,
    arrivedByScope: false,
  };
  return absentEntry(unseen, input);
}

/** Judges one reading against the snapshot. Pure: `plan` calls it too and throws the snapshot away. */
export function judgeAbsence(input: GraceInput): GraceResult {
  const snapshot = new Map<string, SnapshotEntry>();
  const add = (kind: EntryKind, entries: readonly DirectoryEntry[]): void => {
    for (const entry of entries) {
      const before = input.snapshot.get(entry.id);
      const same = before !== undefined && isUnchanged(before, kind, entry);
      snapshot.set(entry.id, same ? before : present({ kind, entry }, before, input));
    }
  };
  add('person', input.reading.people);
  add('group', input.reading.groups);
  const absent = new Set<string>();
  const gone = new Set<string>();
  const staying: SnapshotEntry[] = [];
  for (const [id, before] of input.snapshot) {
    if (snapshot.has(id)) continue;
    const after = absentEntry(before, input);
    snapshot.set(id, after);
    absent.add(id);
    // An incomplete reading lets nobody go, not even who was missing long enough before: the departure may be held.
    if (input.complete && after.missing >= input.settings.readings) gone.add(id);
    else staying.push(after);
  }
  const kept = (kind: EntryKind): readonly DirectoryEntry[] =>
    staying.filter((entry) => entry.kind === kind).map((entry) => entry.entry);
  return {
    snapshot,
    people: [...input.reading.people, ...kept('person')],
    groups: [...input.reading.groups, ...kept('group')],
    absent,
    gone,
  };
}

/** How an attribute of groups is told from the same one of people. */
export const ofGroups = (attribute: string): string => `group:${attribute}`;

/** Names of attributes that some person of the reading has, and those of groups with `group:` before. Sorted. */
export function attributesSeen(reading: Reading): readonly string[] {
  const names = new Set<string>();
  for (const { attributes } of reading.people) for (const name of Object.keys(attributes)) names.add(name);
  for (const { attributes } of reading.groups) {
    for (const name of Object.keys(attributes)) names.add(ofGroups(name));
  }
  return [...names].sort();
}
