import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { regularRunAfter } from '../../src/schedule/regular.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: new Date(2026, 0, 14, 12) });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the third regular sync', () => {
  test('is three intervals later', () => {
    const from = new Date(2026, 0, 14, 9);
    expect(regularRunAfter({ intervalSeconds: 300 }, from, 3)).toEqual(new Date(2026, 0, 14, 9, 15));
  });

  test.each<[string, Date, Date]>([
    ['*/10 * * * *', new Date(2026, 0, 14, 9, 1), new Date(2026, 0, 14, 9, 30)],
    ['*/10 6-20 * * *', new Date(2026, 0, 13, 20, 51), new Date(2026, 0, 14, 6, 20)],
    ['0 3 * * *', new Date(2026, 0, 10, 3, 1), new Date(2026, 0, 13, 3)],
    ['0 8 * * 1-5', new Date(2026, 0, 9, 8, 1), new Date(2026, 0, 14, 8)],
    ['0 * * * *', new Date(2026, 0, 14, 11, 30), new Date(2026, 0, 14, 14)],
    ['*/10 6-20 * * *', new Date(2026, 0, 14, 11, 51), new Date(2026, 0, 14, 12, 20)],
    ['0 * * * *', new Date(2026, 0, 14, 18, 30), new Date(2026, 0, 14, 15)],
    ['*/10 * * * * *', new Date(2026, 0, 14, 9, 0, 1), new Date(2026, 0, 14, 9, 0, 30)],
  ])('of %s after %s knows of nights and weekends', (schedule, from, expected) => {
    expect(regularRunAfter({ schedule, intervalSeconds: 300 }, from, 3)).toEqual(expected);
  });
});
