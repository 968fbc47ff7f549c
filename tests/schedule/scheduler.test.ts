import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pauseAfter, startInterval, type Scheduler, type Turn } from '../../src/schedule/scheduler.ts';

const second = 1000;
const minute = 60 * second;

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

type Runs = {
  readonly scheduler: Scheduler;
  /** When each run began, in seconds. */
  readonly starts: number[];
  /** The most that ever ran at once. */
  readonly together: () => number;
};

/** Runs that end as they are told, each after `takes` ms. */
function running(
  turns: readonly Turn[],
  options: { takes?: number; intervalMs?: number | (() => number) } = {},
): Runs {
  const { takes = 0, intervalMs = 5 * minute } = options;
  const starts: number[] = [];
  let now = 0;
  let most = 0;
  const scheduler = startInterval({
    intervalMs,
    run: async () => {
      starts.push(Date.now() / second);
      now += 1;
      most = Math.max(most, now);
      if (takes > 0) await new Promise((done) => setTimeout(done, takes));
      now -= 1;
      return turns[starts.length - 1] ?? 'good';
    },
  });
  return { scheduler, starts, together: () => most };
}

describe('the pause', () => {
  test.each<[Turn, number, number]>([
    ['good', 0, 300],
    ['failed', 1, 30],
    ['failed', 2, 60],
    ['failed', 3, 120],
    ['failed', 4, 240],
    ['failed', 5, 300],
    ['failed', 1000, 300],
    ['refused', 1, 300],
    ['refused', 2, 600],
    ['refused', 4, 2400],
    ['refused', 5, 3600],
    ['refused', 1000, 3600],
  ])('after %s (number %i in a row) at an interval of 300 s is %i s', (turn, failures, seconds) => {
    expect(pauseAfter(turn, failures, 300 * second)).toBe(seconds * second);
  });

  test('is never longer than a short interval after a failure', () => {
    expect(pauseAfter('failed', 1, 10 * second)).toBe(10 * second);
  });

  test('is never shorter than a long interval after a refusal', () => {
    expect(pauseAfter('refused', 9, 7200 * second)).toBe(7200 * second);
  });
});

describe('the loop', () => {
  test('starts at once and pauses from the end of a run to the start of the next', async () => {
    const { scheduler, starts } = running([], { takes: 60 * second });
    await pass(13 * minute);
    expect(starts).toEqual([0, 360, 720]);
    scheduler.stop();
  });

  test('comes back sooner after failures, and as usual after a good run', async () => {
    const { scheduler, starts } = running(['failed', 'failed', 'good', 'failed']);
    await pass(390 * second);
    await pass(60 * second);
    expect(starts.slice(0, 4)).toEqual([0, 30, 90, 390]);
    scheduler.stop();
  });

  test('backs off from refusals', async () => {
    const { scheduler, starts } = running(['refused', 'refused', 'good']);
    await pass(20 * minute);
    expect(starts).toEqual([0, 300, 900, 1200]);
    scheduler.stop();
  });

  test('asks for the pause each time: a schedule of its own', async () => {
    const pauses = [10, 20, 30];
    const { scheduler, starts } = running([], { intervalMs: () => (pauses.shift() ?? 1000) * second });
    await pass(65 * second);
    expect(starts).toEqual([0, 10, 30, 60]);
    scheduler.stop();
  });

  test('waits for a pause that is longer than a timer can be', async () => {
    const { scheduler, starts } = running([], { intervalMs: 2 ** 40 });
    await pass(minute);
    expect(starts).toEqual([0]);
    scheduler.stop();
  });

  test('tells a run which pause would follow it', async () => {
    const told: number[] = [];
    const scheduler = startInterval({
      intervalMs: 5 * minute,
      run: (nextMs) => {
        told.push(nextMs('good') / second, nextMs('failed') / second);
        return Promise.resolve('failed');
      },
    });
    await pass(31 * second);
    expect(told).toEqual([300, 30, 300, 60]);
    scheduler.stop();
  });
});

describe('a trigger', () => {
  test('cuts the pause short', async () => {
    const { scheduler, starts } = running([]);
    await pass(10 * second);
    scheduler.trigger();
    await pass(1);
    expect(starts).toEqual([0, 10]);
    scheduler.stop();
  });

  test('during a run lets another follow, never two at once', async () => {
    const { scheduler, starts, together } = running([], { takes: 20 * second });
    await pass(5 * second);
    scheduler.trigger();
    scheduler.trigger();
    await pass(60 * second);
    expect({ starts, together: together() }).toEqual({ starts: [0, 20], together: 1 });
    scheduler.stop();
  });

  test('is used up by the run that follows', async () => {
    const { scheduler, starts } = running([]);
    await pass(second);
    scheduler.trigger();
    await pass(100 * second);
    expect(starts).toEqual([0, 1]);
    scheduler.stop();
  });
});

describe('a stop', () => {
  test('in the pause ends the loop', async () => {
    const { scheduler, starts } = running([]);
    await pass(second);
    scheduler.stop();
    await scheduler.ended;
    await pass(60 * minute);
    expect(starts).toEqual([0]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('during a run lets it end, and no other begins', async () => {
    const { scheduler, starts } = running([], { takes: 20 * second });
    await pass(second);
    scheduler.stop();
    let ended = false;
    const end = scheduler.ended.then(() => (ended = true));
    await pass(10 * second);
    expect(ended).toBe(false);
    await pass(10 * second);
    await end;
    expect({ ended, starts }).toEqual({ ended: true, starts: [0] });
  });

  test('wins over a trigger', async () => {
    const { scheduler, starts } = running([], { takes: 20 * second });
    await pass(second);
    scheduler.trigger();
    scheduler.stop();
    await pass(60 * second);
    await scheduler.ended;
    expect(starts).toEqual([0]);
  });
});
