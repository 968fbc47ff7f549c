/** What the journal answers, and that it need not be read whole for it. */
import Database from 'better-sqlite3';
import { describe, expect, test } from '@jest/globals';
import type { RunKind, RunOutcome, State } from '../../src/ports-state.ts';
import { openState } from '../../src/state/state.ts';
import { change } from '../support/builders.ts';
import { temporaryFiles } from './setup.ts';

const file = temporaryFiles();
const minute = (count: number): string =>
  new Date(Date.parse('2026-06-01T12:00:00Z') + count * 60_000).toISOString();

function write(state: State, run: number, text: string, directoryId: string): void {
  const seq = state.openIntent({
    run: `run-${run}`,
    change: change(text, { directoryId }),
    image: {},
    at: minute(run),
  });
  if (run !== 4) state.endIntent({ seq, end: 'done', at: minute(run), detail: 'late' });
}

describe('the last writes', () => {
  test('are those of the ids and the addresses, newest first, each once', () => {
    const state = openState(':memory:');
    write(state, 1, 'create mailbox old', 'a');
    write(state, 2, 'rename mailbox old', 'a');
    write(state, 3, 'create mailbox other', 'b');
    write(state, 4, 'update mailbox new', 'a');
    write(state, 5, 'remove alias x', 'c');
    const runs = (ids: readonly string[], keys: readonly string[], count = 10): readonly string[] =>
      state.lastWrites({ ids, keys, count }).map(({ run }) => run);
    expect(runs(['a'], ['new@example.test'])).toEqual(['run-4', 'run-2', 'run-1']);
    expect(runs([], ['x@example.test', 'other@example.test'])).toEqual(['run-5', 'run-3']);
    expect(runs(['a', 'b', 'c'], [], 2)).toEqual(['run-5', 'run-4']);
    expect(runs(['nobody'], ['nobody@example.test'])).toEqual([]);
    expect(state.lastWrites({ ids: ['c'], keys: [], count: 1 })).toMatchObject([
      { at: minute(5), endedAt: minute(5), end: 'done', detail: 'late', change: { kind: 'remove' } },
    ]);
    expect(state.lastWrites({ ids: ['a'], keys: [], count: 1 })[0]?.end).toBeUndefined();
  });

  test('are found by an index', () => {
    openState(file()).close();
    const db = new Database(file(), { readonly: true });
    const how = (where: string): string =>
      JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN SELECT seq FROM journal WHERE ${where}`).all());
    expect(how("json_extract(change, '$.directoryId') = 'a'")).toContain('journal_by_id');
    expect(how("resource IN ('mailbox', 'alias', 'filter', 'domain') AND key = 'a'")).toContain(
      'journal_by_key',
    );
    expect(how("run = 'a'")).toContain('journal_by_run');
    db.close();
  });
});

describe('failures in a row', () => {
  const after = (...outcomes: readonly (RunOutcome | undefined)[]): State => {
    const state = openState(':memory:');
    for (const [index, outcome] of outcomes.entries()) {
      const id = `run-${index}`;
      state.beginRun({ id, kind: 'sync', startedAt: minute(index) });
      if (outcome !== undefined)
        state.endRun({ id, endedAt: minute(index), outcome, counts: {}, message: '' });
    }
    return state;
  };

  test.each<[readonly (RunOutcome | undefined)[], number, string | undefined]>([
    [[], 0, undefined],
    [['failed', 'failed'], 2, undefined],
    [['done', 'failed', 'stopped', 'incomplete'], 2, 'run-0'],
    [['failed', 'held', undefined], 0, 'run-1'],
    [['failed', 'changes-failed', 'failed', undefined], 1, 'run-1'],
  ])('after %j are %d', (outcomes, count, good) => {
    const state = after(...outcomes);
    expect(state.failuresInARow()).toBe(count);
    expect(state.lastGoodRun()?.id).toBe(good);
  });

  test.each<RunKind>(['undo', 'redo', 'adopt', 'release'])(
    'are of syncs: a command (%s) that an administrator gives in between says nothing of them',
    (kind) => {
      const state = after('done', 'failed', 'failed', 'failed');
      state.beginRun({ id: 'command', kind, startedAt: minute(10) });
      state.endRun({ id: 'command', endedAt: minute(11), outcome: 'done', counts: {}, message: '' });
      expect(state.failuresInARow()).toBe(3);
      expect(state.lastGoodRun()?.id).toBe('run-0');
      state.beginRun({ id: 'another', kind, startedAt: minute(12) });
      state.endRun({ id: 'another', endedAt: minute(13), outcome: 'failed', counts: {}, message: '' });
      expect(state.failuresInARow()).toBe(3);
    },
  );
});
