import { describe, expect, test } from '@jest/globals';
import { nextRun } from '../../src/schedule/cron.ts';

describe('a cron expression', () => {
  test.each(['*/5 * * * *', '0 3 * * 1-5', '30 */10 * * * *', '0 0 1 1 *'])(
    '%s has a next time in the future',
    (expression) => {
      const inMs = nextRun(expression).getTime() - Date.now();
      expect(inMs).toBeGreaterThan(0);
      expect(inMs).toBeLessThan(367 * 24 * 3_600_000);
    },
  );
});
