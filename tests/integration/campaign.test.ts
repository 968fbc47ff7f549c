/** A few stories of the seeded fault campaign (`npm run campaign`); the watcher and the oracle judge them. */
import { describe, expect, test } from '@jest/globals';
import { liveSeed } from '../campaign/seed.ts';

const seeds = [2, 3, 5, 8, 13, 21, 34, 55, 89, 144];

describe('whatever fails on either side, no rule of DESIGN.md section 4 is broken, and mailcow ends up as the rules say', () => {
  test.each(seeds)('seed %i', async (seed) => {
    const { wrong, story } = await liveSeed({ seed, root: process.cwd() });
    expect(wrong.length === 0 ? [] : [...wrong, '--- the story', ...story]).toEqual([]);
  });
});
