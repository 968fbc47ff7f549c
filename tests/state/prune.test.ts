import { expect, test } from '@jest/globals';
import { openState } from '../../src/state/state.ts';
import { change } from '../support/builders.ts';

const day = (number: number): string => new Date(Date.UTC(2026, 0, 1 + number)).toISOString();

test('runs that wrote nothing are forgotten after a month, those that wrote after more than a year', () => {
  const state = openState(':memory:');
  for (const [id, at] of [
    ['idle', 0],
    ['busy', 0],
    ['recent', 40],
  ] as const) {
    state.beginRun({ id, kind: 'sync', startedAt: day(at) });
    state.endRun({ id, endedAt: day(at), outcome: 'done', counts: {}, message: '' });
  }
  const seq = state.openIntent({ run: 'busy', change: change('update mailbox a'), image: {}, at: day(0) });
  state.endIntent({ seq, end: 'done', at: day(0) });
  const kept = (): readonly string[] =>
    state
      .lastRuns(10)
      .map(({ id }) => id)
      .sort();
  state.prune(new Date(day(20)));
  expect(kept()).toEqual(['busy', 'idle', 'recent']);
  state.prune(new Date(day(60)));
  expect(kept()).toEqual(['busy', 'recent']);
  state.prune(new Date(day(401)));
  expect(kept()).toEqual([]);
  state.close();
});
