/** Which changes of aliases travel together (facts/mailcow-api.md section 12). */
import { expect, test } from '@jest/globals';
import type { Change } from '../../src/core/change.ts';
import { batchWith } from '../../src/sync/perform-batch.ts';
import { change } from '../support/builders.ts';

const create = (name: string, directoryId: string): Change =>
  change(`create alias ${name}`, { directoryId, after: { goto: ['a@example.test'], active: 1 } });

test('the aliases of one entry with the same goto travel together', () => {
  const queue = [create('x', 'a'), create('y', 'b'), create('z', 'a')];
  expect(batchWith(create('x', 'a'), queue).map(({ key }) => key)).toEqual([
    'x@example.test',
    'z@example.test',
  ]);
});

// Once a defect: each of thousands of creations compared the whole goto of all others, minutes of a first sync.
test('the goto of another entry is not even looked at', () => {
  const foreign: Change = {
    ...create('y', 'b'),
    get after(): Change['after'] {
      throw new Error('was looked at');
    },
  };
  expect(() => foreign.after).toThrow();
  const first = create('x', 'a');
  expect(batchWith(first, [first, foreign])).toEqual([first]);
});
