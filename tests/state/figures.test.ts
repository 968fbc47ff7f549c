import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { strayId } from '../../src/core/watch.ts';
import type { State } from '../../src/ports-state.ts';
import { openState } from '../../src/state/state.ts';
import { change, group, ownedAlias, ownedMailbox, person, snapshotEntry } from '../support/builders.ts';
import { temporaryFiles } from './setup.ts';

const file = temporaryFiles();
let state: State;
beforeEach(() => {
  state = openState(file());
});
afterEach(() => {
  state.close();
});

const rows = <T>(...put: readonly T[]): { readonly put: readonly T[]; readonly drop: readonly string[] } => ({
  put,
  drop: [],
});

const mailboxRow = (name: string, directoryId: string) => ownedMailbox(name, { row: { directoryId } }).row;
const aliasRow = (name: string, directoryId: string) =>
  ownedAlias(name, 'alice', { row: { directoryId } }).row;

const run = (minute: number, outcome?: 'done' | 'held' | 'failed' | 'incomplete' | 'stopped'): void => {
  const at = new Date(minute * 60_000).toISOString();
  state.beginRun({ id: `run-${minute}`, kind: 'sync', startedAt: at });
  if (outcome !== undefined)
    state.endRun({ id: `run-${minute}`, endedAt: at, outcome, counts: {}, message: '' });
};

describe('the figures', () => {
  test('of a new file are all 0', () => {
    expect(state.figures()).toEqual({ managed: { mailbox: 0, alias: 0, list: 0 }, findings: {}, held: 0 });
    expect(state.lastGoodRun()).toBeUndefined();
    expect(state.failuresInARow()).toBe(0);
  });

  test('count as the guard does: lists for themselves, and not what the directory never knew', () => {
    const sales = group('sales');
    const alice = person('alice');
    state.save({
      snapshot: rows(snapshotEntry(sales, { kind: 'group' }), snapshotEntry(alice)),
      ledgerMailboxes: rows(
        mailboxRow('alice', alice.id),
        mailboxRow('gone', 'somebody'),
        mailboxRow('sales', sales.id),
        mailboxRow('stray', strayId('mailbox', 'stray@example.test')),
      ),
      ledgerAliases: rows(
        aliasRow('al', alice.id),
        aliasRow('s', sales.id),
        aliasRow('stray-alias', strayId('alias', 'stray-alias@example.test')),
      ),
    });
    expect(state.figures().managed).toEqual({ mailbox: 2, list: 1, alias: 2 });
  });

  test('count findings by code, and what is held', () => {
    const finding = { message: 'm', since: '2026-01-01T00:00:00.000Z' };
    state.replaceFindings([
      { ...finding, code: 'no-address', subject: 'cn=a' },
      { ...finding, code: 'no-address', subject: 'cn=b' },
      { ...finding, code: 'quota', subject: 'cn=a' },
    ]);
    state.replaceHolds({ id: 'h', held: [{ change: change('deactivate mailbox alice'), why: 'w' }] });
    expect(state.figures()).toMatchObject({ findings: { 'no-address': 2, quota: 1 }, held: 1 });
  });

  test('tell failures since the last good sync; one cut short by a signal is neither', () => {
    run(1, 'failed');
    run(2, 'held');
    run(3, 'failed');
    run(4, 'incomplete');
    run(5, 'stopped');
    run(6);
    expect(state.lastGoodRun()?.id).toBe('run-2');
    expect(state.failuresInARow()).toBe(2);
    run(7, 'done');
    expect(state.failuresInARow()).toBe(0);
  });
});
