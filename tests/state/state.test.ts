import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { changeSignature } from '../../src/core/change.ts';
import type { Facts, Intent, KnownFinding, State } from '../../src/ports-state.ts';
import { openState } from '../../src/state/state.ts';
import {
  alias,
  at,
  change,
  domain,
  group,
  mailbox,
  ownedAlias,
  ownedMailbox,
  person,
  snapshotEntry,
} from '../support/builders.ts';
import { temporaryFiles } from './setup.ts';

const file = temporaryFiles();
let state: State;
beforeEach(() => {
  state = openState(file());
});
afterEach(() => {
  state.close();
});

/** As a program that starts again sees it. */
const reopened = (): State => {
  state.close();
  state = openState(file());
  return state;
};

describe('facts', () => {
  const all: Facts = {
    owner: 'o',
    scope: 's',
    configDigest: 'd',
    mailcowVersion: '2026-07a',
    lastAuditAt: '2026-01-01T00:00:00.000Z',
    halfDeleted: 1,
    lastCompleteReadingAt: '2026-01-01T00:00:00.000Z',
    attributesSeen: ['cn', 'mail'],
    peopleSeen: 3,
    groupsSeen: 0,
    firstSyncDone: true,
    lastClock: { at: '2026-01-01T00:00:00.000Z', uptime: { boot: 'b', ms: 1 } },
    lastSyncGood: false,
  };

  test('are empty at first', () => {
    expect(state.facts()).toEqual({});
  });

  test('come back as they were, also false and 0', () => {
    state.saveFacts(all);
    expect(reopened().facts()).toEqual(all);
  });

  test('that are saved replace, the others stay', () => {
    state.saveFacts(all);
    state.saveFacts({ peopleSeen: 9 });
    expect(state.facts()).toEqual({ ...all, peopleSeen: 9 });
  });
});

describe('what is remembered', () => {
  const moved = ownedMailbox('m', { row: { movedTo: 'm@other.test', lastActive: undefined } }).row;
  const applied = ownedAlias('x', 'a', { row: { origin: 'renamed', applied: { goto: [at('a')] } } }).row;
  const missing = snapshotEntry(person('gone', { aliases: ['ä'] }), {
    missing: 2,
    missingSince: '2026-01-01T00:00:00.000Z',
    countedAt: '2026-01-02T00:00:00.000Z',
    countedUptime: { boot: 'b', ms: 5 },
    missingDays: 2,
    missingDay: '2026-01-02',
    scopeChanged: true,
    arrivedByScope: true,
  });

  test('is nothing at first', () => {
    const empty = new Map();
    expect(state.remembered()).toEqual({
      snapshot: empty,
      domains: empty,
      mailboxes: empty,
      aliases: empty,
      filters: empty,
      syncJobs: empty,
      ledgerMailboxes: empty,
      ledgerAliases: empty,
    });
  });

  test('comes back as it was', () => {
    const filter = { address: at('team'), id: 3, goto: [at('a')], active: true, hasRival: false };
    const others = [{ host: 'imap.old.test', user: 'b' }];
    const jobs = { mailbox: at('b'), others, passwordDigest: 'digest', offByUs: true } as const;
    const groupEntry = snapshotEntry(group('g'), { kind: 'group' });
    const partial = snapshotEntry(person('p', { partial: ['proxyaddresses'] }));
    const box = { ...mailbox("o'brien"), tags: ['ldap-keep'], passwordChanged: '2026-01-01 00:00:00' };
    state.save({
      snapshot: { put: [missing, groupEntry, partial], drop: [] },
      domains: { put: [domain()], drop: [] },
      mailboxes: { put: [box, mailbox('b')], drop: [] },
      aliases: { put: [alias('49ers', ['a', 'b'])], drop: [] },
      filters: { put: [filter], drop: [] },
      syncJobs: { put: [jobs], drop: [] },
      ledgerMailboxes: { put: [moved], drop: [] },
      ledgerAliases: { put: [applied], drop: [] },
    });
    expect(reopened().remembered()).toEqual({
      snapshot: new Map([missing, groupEntry, partial].map((one) => [one.entry.id, one])),
      domains: new Map([['example.test', domain()]]),
      mailboxes: new Map([box, mailbox('b')].map((one) => [one.address, one])),
      aliases: new Map([[at('49ers'), alias('49ers', ['a', 'b'])]]),
      filters: new Map([[at('team'), filter]]),
      syncJobs: new Map([[at('b'), jobs]]),
      ledgerMailboxes: new Map([[at('m'), moved]]),
      ledgerAliases: new Map([[at('x'), applied]]),
    });
  });

  test('is replaced and forgotten by its key', () => {
    state.save({ mailboxes: { put: [mailbox('a'), mailbox('b')], drop: [] } });
    state.save({ mailboxes: { put: [mailbox('a', { name: 'New' })], drop: [at('b'), at('never')] } });
    expect([...state.remembered().mailboxes.values()]).toEqual([mailbox('a', { name: 'New' })]);
  });

  test('keeps a mailbox and an alias of one address apart in the ledger', () => {
    const box = ownedMailbox('a').row;
    const letter = ownedAlias('a', 'b').row;
    state.save({ ledgerMailboxes: { put: [box], drop: [] }, ledgerAliases: { put: [letter], drop: [] } });
    state.save({ ledgerAliases: { put: [], drop: [at('a')] } });
    const { ledgerMailboxes, ledgerAliases } = state.remembered();
    expect([[...ledgerMailboxes.values()], ledgerAliases.size]).toEqual([[box], 0]);
  });
});

describe('a transaction', () => {
  test('that throws leaves nothing behind', () => {
    expect(() => {
      state.transaction(() => {
        state.saveFacts({ owner: 'half' });
        state.save({ mailboxes: { put: [mailbox('a')], drop: [] } });
        throw new Error('power cut');
      });
    }).toThrow('power cut');
    expect(state.facts()).toEqual({});
    expect(state.remembered().mailboxes.size).toBe(0);
  });

  test('inside another one belongs to it', () => {
    expect(() => {
      state.transaction(() => {
        state.transaction(() => {
          state.saveFacts({ owner: 'inner' });
        });
        throw new Error('outer');
      });
    }).toThrow('outer');
    expect(state.facts()).toEqual({});
  });

  test('gives back what its work gives', () => {
    expect(state.transaction(() => 7)).toBe(7);
  });
});

test('findings are replaced as a whole and sorted', () => {
  const finding = (code: string, subject: string): KnownFinding => ({
    code,
    subject,
    message: 'm',
    since: 't',
  });
  state.replaceFindings([finding('b', '1'), finding('a', '2')]);
  expect(state.findings()).toEqual([finding('a', '2'), finding('b', '1')]);
  state.replaceFindings([finding('a', '2')]);
  expect(reopened().findings()).toEqual([finding('a', '2')]);
});

test('runs are told from the last one on', () => {
  state.beginRun({ id: 'r1', kind: 'audit', startedAt: '2026-01-01T00:00:00.000Z' });
  state.endRun({
    id: 'r1',
    endedAt: '2026-01-01T00:00:01.000Z',
    outcome: 'done',
    counts: { 'create mailbox': 2 },
    message: '',
  });
  state.beginRun({ id: 'r2', kind: 'sync', startedAt: '2026-01-02T00:00:00.000Z' });
  expect(reopened().lastRuns(2)).toEqual([
    { id: 'r2', kind: 'sync', startedAt: '2026-01-02T00:00:00.000Z' },
    {
      id: 'r1',
      kind: 'audit',
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-01-01T00:00:01.000Z',
      outcome: 'done',
      counts: { 'create mailbox': 2 },
      message: '',
    },
  ]);
  expect(state.lastRuns(1)).toHaveLength(1);
});

describe('the journal', () => {
  const run = 'r1';
  const open = (text: string): number =>
    state.openIntent({
      run,
      change: change(text),
      image: { mailbox: mailbox('a') },
      at: '2026-01-01T00:00:00.000Z',
    });

  test('keeps open intents in their order until they are ended', () => {
    const first = open('update mailbox a');
    const second = open('remove alias b');
    expect(second).toBeGreaterThan(first);
    state.endIntent({ seq: first, end: 'done', at: '2026-01-01T00:00:01.000Z' });
    const left: readonly Intent[] = [{ seq: second, run, change: change('remove alias b') }];
    expect(reopened().openIntents()).toEqual(left);
    state.endIntent({ seq: second, end: 'settled', detail: 'read again', at: '2026-01-01T00:00:02.000Z' });
    expect(state.openIntents()).toEqual([]);
  });
});

describe('holds and approvals', () => {
  const held = ['deactivate mailbox a', 'remove alias b'].map((text) => ({
    change: change(text),
    why: 'too many',
  }));

  test('holds are replaced as a whole', () => {
    expect(state.holds()).toBeUndefined();
    state.replaceHolds({ id: 'h1', held });
    const { id, held: kept } = reopened().holds() ?? { id: '', held: [] };
    expect(id).toBe('h1');
    expect(kept).toEqual(expect.arrayContaining([...held]));
    state.replaceHolds(undefined);
    expect(state.holds()).toBeUndefined();
  });

  test('an approval counts from when it was given until it expires, also after a clock that went back', () => {
    const signatures = held.map((one) => changeSignature(one.change));
    state.approve({
      id: 'h1',
      signatures,
      at: '2026-01-02T00:00:00.000Z',
      expiresAt: '2026-01-03T00:00:00.000Z',
    });
    expect(state.approved('2026-01-02T12:00:00.000Z')).toEqual(new Set(signatures));
    expect(state.approved('2026-01-03T00:00:00.000Z')).toEqual(new Set());
    expect(state.approved('2026-01-01T00:00:00.000Z')).toEqual(new Set());
  });
});

test('retries are replaced as a whole', () => {
  const retry = { key: 'k', attempts: 2, nextAt: '2026-01-01T00:00:00.000Z' };
  state.replaceRetries([retry]);
  expect(reopened().retries()).toEqual(new Map([['k', retry]]));
  state.replaceRetries([]);
  expect(state.retries().size).toBe(0);
});
