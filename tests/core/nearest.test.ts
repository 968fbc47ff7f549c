import { describe, expect, test } from '@jest/globals';
import { editDistance, nearest } from '../../src/core/nearest.ts';

describe('the distance of two texts', () => {
  test.each([
    ['anna', 'anna', 0],
    ['ana', 'anna', 1],
    ['anna', 'hanna', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ])('%s, %s: %d', (a, b, distance) => {
    expect(editDistance(a, b, 10)).toBe(distance);
    expect(editDistance(b, a, 10)).toBe(distance);
  });

  test('is not counted to its end when it is too much', () => {
    expect(editDistance('aaaaaaaa', 'bbbbbbbb', 2)).toBe(3);
    expect(editDistance('a', 'abcdefgh', 2)).toBe(3);
  });
});

test('the nearest come first, equal ones in their order, and no more than asked for', () => {
  const names = ['anna', 'ben', 'hanna', 'Ana', 'annab'];
  const find = (text: string): readonly string[] =>
    nearest(text, names, { namesOf: (name) => [name, 'zzzzzzzzzzzz'], count: 3 });
  expect(find('anna')).toEqual(['anna', 'hanna', 'Ana']);
  expect(find('ana')).toEqual(['Ana', 'anna', 'hanna']);
  expect(find('xxxxxxxx')).toEqual([]);
});
