import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';

test('memory stays flat over a thousand syncs', () => {
  const run = spawnSync(process.execPath, ['--expose-gc', 'tests/sync/soak.ts'], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  const heap = JSON.parse(run.stdout) as readonly number[];
  const [second = 0] = heap.slice(1);
  const last = heap.at(-1) ?? Number.POSITIVE_INFINITY;
  expect(heap).toHaveLength(10);
  // From the 200th sync to the 1000th: what one sync leaked would show 800 times.
  expect(last - second).toBeLessThan(4);
}, 120_000);
