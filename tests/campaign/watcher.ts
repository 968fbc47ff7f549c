/** Stands beside mailcow and judges every write when it happens, by the rules and not by the planner's code. */
import type { WriteRecord } from '../support/mailcow/server.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { afterLoss, emptyBooks, gotoOf, managedCount, type Books } from './books.ts';
import type { FrontCall } from './front.ts';
import { observe } from './observe.ts';
import { openReadings, type Moment, type Readings } from './readings.ts';
import { keepFormer } from './remembered.ts';
import type { Removal, Scene } from './scene.ts';

export type Violation = { readonly rule: string; readonly write: string };

export type WatchStats = { writes: number; useless: number; overlapsAfterKill: number; lost: number };

export type WatcherOptions = {
  readonly mailcow: MailcowStandIn;
  /** The truth of this moment. */
  readonly moment: () => Moment;
  readonly graceReadings: number;
  readonly spacingMs: number;
  readonly protectedAddresses: readonly string[];
  readonly externalMembers: boolean;
};

export type Watcher = {
  readonly violations: readonly Violation[];
  readonly stats: Readonly<WatchStats>;
  readonly readings: Readings;
  readonly books: () => Books;
  /** Somebody connects to the directory: a sync begins. */
  readonly beginReading: () => void;
  readonly writeArrives: (call: FrontCall) => void;
  readonly writeEnds: (call: FrontCall) => void;
  /** The program was killed: what is under way has no sender any more. */
  readonly senderDied: () => void;
  /** An administrator is at work in mailcow: nothing is judged, everything is noted. */
  readonly byHand: <T>(work: () => Promise<T> | T) => Promise<T>;
  /** mailcow was put back to an older state. */
  readonly putBack: (books: Books) => void;
  readonly databaseLost: () => void;
  readonly approve: (removals: readonly Removal[], untilMs: number) => void;
};

const keyOf = (removal: Removal): string =>
  removal.kind === 'lose'
    ? `lose ${removal.key} ${removal.member}`
    : `${removal.kind} ${removal.resource} ${removal.key}`;

/** DESIGN.md 4.11. */
const limitOf = (managed: number): number => Math.max(managed < 50 ? 2 : 5, managed / 10);

const shown = (route: string, body: unknown): string =>
  `${route} ${JSON.stringify(body, (key, value: unknown) => (key.startsWith('password') ? '*' : value))}`;

/** Begins to watch: from now on every write of the stand-in is judged. */
export function startWatcher(options: WatcherOptions): Watcher {
  const { mailcow, moment } = options;
  const violations: Violation[] = [];
  const stats: WatchStats = { writes: 0, useless: 0, overlapsAfterKill: 0, lost: 0 };
  const readings = openReadings(options);
  const underWay = new Map<FrontCall, { orphaned: boolean }>();
  const approved = new Map<string, number>();
  let books = observe(emptyBooks, mailcow.store.snapshot(), 'administrator').books;
  let run = {
    managed: { mailbox: 0, alias: 0 },
    removals: { mailbox: 0, alias: 0 },
    memberships: 0,
    lost: 0,
  };
  let lostByHand = 0;
  let isByHand = false;

  const isApproved = (removal: Removal): boolean => (approved.get(keyOf(removal)) ?? 0) > moment().wallMs;

  const scene = (): Scene => ({
    ...readings.scene(),
    graceReadings: options.graceReadings,
    protectedAddresses: options.protectedAddresses,
    externalMembers: options.externalMembers,
    isApproved,
  });

  function countLoss(key: string): readonly string[] {
    if (isApproved({ kind: 'deactivate', resource: 'alias', key })) return [];
    run.lost += 1;
    stats.lost += 1;
    const { memberships, lost } = run;
    if (lost <= Math.max(5, (memberships + lostByHand) / 10)) return [];
    return [`4.11: ${lost} of ${memberships} members taken out of lists in one sync, the last one of ${key}`];
  }

  const countMemberships = (): number =>
    [...books.aliases.values()]
      .filter(({ owner }) => owner !== undefined && readings.scene().isGroup(owner))
      .reduce((sum, { row }) => sum + gotoOf(row).length, 0);

  function countRemovals(removals: readonly Removal[]): readonly string[] {
    return removals.flatMap((removal) => {
      if (isApproved(removal)) return [];
      if (removal.kind === 'lose') return countLoss(removal.key);
      const { resource } = removal;
      run.removals[resource] += 1;
      const managed = run.managed[resource] + lostByHand;
      if (run.removals[resource] <= limitOf(managed)) return [];
      return [
        `4.11: ${run.removals[resource]} of ${managed} (${resource}) taken away in one sync: ${keyOf(removal)}`,
      ];
    });
  }

  function onWrite(record: WriteRecord): void {
    if (isByHand) return;
    stats.writes += 1;
    const { route, body } = record;
    const seen = observe(books, mailcow.store.snapshot(), { route, scene: scene() });
    books = seen.books;
    if (record.performed && !seen.isUseful) stats.useless += 1;
    for (const rule of [...seen.wrong, ...countRemovals(seen.removals)]) {
      violations.push({ rule, write: shown(route, body) });
    }
  }

  Object.defineProperty(mailcow.writes, 'push', {
    value: (...records: readonly WriteRecord[]) => {
      records.forEach(onWrite);
      return records.length;
    },
  });

  return {
    violations,
    stats,
    readings,
    books: () => books,
    beginReading: () => {
      readings.begin();
      const managed = { mailbox: managedCount(books.mailboxes), alias: managedCount(books.aliases) };
      run = { managed, removals: { mailbox: 0, alias: 0 }, memberships: countMemberships(), lost: 0 };
    },
    writeArrives: (call) => {
      for (const [other, { orphaned }] of underWay) {
        const again = other.route === call.route && other.body === call.body;
        if (orphaned && !again) stats.overlapsAfterKill += 1;
        else {
          const rule = orphaned
            ? '5: repeated while the first copy may still be running'
            : '5: two writers at once';
          violations.push({ rule, write: `${shown(call.route, call.body)} beside ${other.route}` });
        }
      }
      underWay.set(call, { orphaned: false });
    },
    writeEnds: (call) => {
      underWay.delete(call);
    },
    senderDied: () => {
      for (const one of underWay.values()) one.orphaned = true;
    },
    byHand: async (work) => {
      isByHand = true;
      const result = await work();
      isByHand = false;
      const before = managedCount(books.mailboxes) + managedCount(books.aliases) + countMemberships();
      books = observe(books, mailcow.store.snapshot(), 'administrator').books;
      const after = managedCount(books.mailboxes) + managedCount(books.aliases) + countMemberships();
      lostByHand += Math.max(0, before - after);
      return result;
    },
    putBack: (older) => {
      lostByHand += managedCount(books.mailboxes) + managedCount(books.aliases);
      books = keepFormer(older, afterLoss(older));
    },
    databaseLost: () => {
      books = keepFormer(books, afterLoss(books));
      readings.forget(managedCount(books.mailboxes) + managedCount(books.aliases) > 0);
    },
    approve: (removals, untilMs) => {
      for (const removal of removals) approved.set(keyOf(removal), untilMs);
    },
  };
}
