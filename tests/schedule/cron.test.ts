import { describe, expect, test } from '@jest/globals';
import { explainCron, nextRun } from '../../src/schedule/cron.ts';

describe('a cron expression', () => {
  test.each(['*/5 * * * *', '0 3 * * 1-5', '30 */10 * * * *', '0 0 1 1 *'])('%s is one', (expression) => {
    expect(explainCron(expression)).toBeUndefined();
    const inMs = nextRun(expression).getTime() - Date.now();
    expect(inMs).toBeGreaterThan(0);
    expect(inMs).toBeLessThan(367 * 24 * 3_600_000);
  });

  test.each(['', 'every day', '* * *', '61 * * * *', '* 25 * * *', '* * * 13 *'])(
    '"%s" is none, and says why',
    (expression) => {
      expect(explainCron(expression)).toMatch(/\w/);
    },
  );
});
