import { describe, expect, test } from '@jest/globals';
import {
  failuresToTell,
  newsOf,
  type HeldGroup,
  type Situation,
  type Told,
} from '../../src/notify/events.ts';

const group: HeldGroup = {
  id: 'c187c6ad',
  kind: 'deactivate mailbox',
  count: 4,
  of: 12,
  command: 'ldap-mailcow approve c187c6ad',
};
const well: Situation = { run: 'r1', held: [], failures: 0, cause: '' };
const holding: Situation = { ...well, held: [group, { ...group, kind: 'remove alias', count: 1, of: 3 }] };
const failing = (failures: number): Situation => ({
  ...well,
  held: undefined,
  failures,
  cause: 'it is down',
});
const nothing: Told = { hold: '', failures: 0 };

/** The events of one situation after another, when each is delivered. */
function story(situations: readonly Situation[], from: Told = nothing): readonly string[] {
  let told = from;
  return situations.flatMap((situation) =>
    newsOf(situation, told).map((news) => {
      told = { ...told, ...news.told };
      return news.event;
    }),
  );
}

describe('a hold', () => {
  test('is told once, with numbers and the command', () => {
    expect(newsOf(holding, nothing)).toEqual([
      {
        event: 'hold',
        run: 'r1',
        message:
          '5 changes are held back (deactivate mailbox 4 of 12 managed, remove alias 1 of 3 managed); look at "ldap-mailcow plan", and if it is meant: ldap-mailcow approve c187c6ad',
        holds: holding.held,
        failures: 0,
        told: { hold: 'c187c6ad' },
      },
    ]);
    expect(story([holding, holding, holding])).toEqual(['hold']);
  });

  test('is told again when it is another one, and when it is gone', () => {
    const other: Situation = { ...well, held: [{ ...group, id: 'aaaaaaaa' }] };
    expect(story([holding, other, well, well, holding])).toEqual(['hold', 'hold', 'hold-cleared', 'hold']);
    expect(newsOf(well, { hold: 'c187c6ad', failures: 0 })[0]?.message).toBe(
      'nothing is held back any more (it was c187c6ad)',
    );
  });

  test('is not gone because a sync failed, which knows nothing of it', () => {
    expect(story([holding, failing(1), failing(2), holding])).toEqual(['hold']);
  });

  test('that was told before a restart is not told again', () => {
    expect(story([holding], { hold: 'c187c6ad', failures: 0 })).toEqual([]);
  });
});

describe('failures', () => {
  test.each([
    [0, 0],
    [2, 0],
    [3, 3],
    [9, 3],
    [10, 10],
    [99, 10],
    [100, 100],
    [1234, 1000],
  ])('%i in a row are told like %i', (failures, level) => {
    expect(failuresToTell(failures)).toBe(level);
  });

  test('are told at the third, the tenth, the hundredth, and when they are over', () => {
    const situations = [...Array.from({ length: 120 }, (_, index) => failing(index + 1)), well, well];
    expect(story(situations)).toEqual(['failure', 'failure', 'failure', 'recovery']);
    expect(newsOf(failing(3), nothing)[0]?.message).toBe('3 syncs in a row have failed: it is down');
  });

  test('that nobody heard of have no recovery', () => {
    expect(story([failing(1), failing(2), well])).toEqual([]);
  });

  test('are told later when the third could not be', () => {
    expect(newsOf(failing(5), nothing).map(({ told }) => told)).toEqual([{ failures: 3 }]);
  });

  test('start anew after a recovery, beside a hold', () => {
    expect(story([failing(3), holding, failing(1), failing(3)])).toEqual([
      'failure',
      'recovery',
      'hold',
      'failure',
    ]);
  });

  test('are told again when nobody could be told of the recovery in between', () => {
    expect(story([1, 2, 3, 9].map(failing), { hold: '', failures: 10 })).toEqual(['failure']);
  });
});
