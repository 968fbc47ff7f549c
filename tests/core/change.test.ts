import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  changeId,
  isRemoval,
  sortFindings,
  sortForApply,
  sortForDisplay,
  sortSkips,
  stages,
  type Change,
} from '../../src/core/change.ts';
import { describeChange } from '../../src/core/describe.ts';
import { at, change } from '../support/builders.ts';

const need = (text: string): string => {
  const [kind = '', resource = '', key = ''] = text.split(' ');
  return `${kind} ${resource} ${at(key)}`;
};

const plan: readonly Change[] = [
  change('deactivate mailbox a', { stage: stages.deactivateMailbox }),
  change('deactivate alias b', { stage: stages.deactivateAlias }),
  change('remove alias c', { stage: stages.remove }),
  change('create alias d', { stage: stages.alias }),
  change('create mailbox e', { stage: stages.mailbox }),
  change('rename mailbox f', { stage: stages.rename, needs: [need('rename mailbox g')] }),
  change('rename mailbox g', { stage: stages.rename, needs: [need('remove alias h')] }),
  change('remove alias h', { stage: stages.freeAddress }),
];

test('the order of writing is that of DESIGN.md 4.12, whatever is needed first', () => {
  const short = (one: Change): string => changeId(one).replace('@example.test', '');
  expect(sortForApply(plan).map(short)).toEqual([
    'remove alias h',
    'rename mailbox g',
    'rename mailbox f',
    'create mailbox e',
    'create alias d',
    'remove alias c',
    'deactivate alias b',
    'deactivate mailbox a',
  ]);
});

test('shuffled changes come out in the same order, for writing and for printing', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...plan], { minLength: plan.length }), (shuffled) => {
      expect(sortForApply(shuffled)).toEqual(sortForApply(plan));
      expect(sortForDisplay(shuffled)).toEqual(sortForDisplay(plan));
    }),
    { seed: 6, numRuns: 100 },
  );
});

test('what a change needs comes before it, and nothing is lost or doubled', () => {
  const keys = ['a', 'b', 'c', 'd', 'e'] as const;
  // Each may need those before it in the list: no circles.
  const chains = fc.tuple(...keys.map((_, index) => fc.subarray(keys.slice(0, index))));
  fc.assert(
    fc.property(chains, (needs) => {
      const renames = keys.map((key, index) =>
        change(`rename mailbox ${key}`, {
          stage: stages.rename,
          needs: (needs[index] ?? []).map((other) => need(`rename mailbox ${other}`)),
        }),
      );
      const ids = sortForApply([...renames].reverse()).map(changeId);
      expect([...ids].sort()).toEqual(renames.map(changeId).sort());
      for (const one of renames) {
        for (const needed of one.needs) expect(ids.indexOf(needed)).toBeLessThan(ids.indexOf(changeId(one)));
      }
    }),
    { seed: 7, numRuns: 100 },
  );
});

describe('a removal is', () => {
  test.each<[Change['kind'], boolean]>([
    ['create', false],
    ['update', false],
    ['rename', false],
    ['reactivate', false],
    ['adopt', false],
    ['deactivate', true],
    ['remove', true],
    ['delete', true],
  ])('%s: %s', (kind, expected) => {
    expect(isRemoval(change(`${kind} alias x`))).toBe(expected);
  });
});

test('findings are sorted by code and subject, equal ones once', () => {
  const finding = (code: string, subject: string): { code: string; subject: string; message: string } => ({
    code,
    subject,
    message: 'm',
  });
  expect(sortFindings([finding('b', '1'), finding('a', '2'), finding('a', '1'), finding('b', '1')])).toEqual([
    finding('a', '1'),
    finding('a', '2'),
    finding('b', '1'),
  ]);
});

test('skips are sorted by resource, key and reason', () => {
  const skips = [
    { resource: 'mailbox', key: 'b', reason: 'x' },
    { resource: 'alias', key: 'z', reason: 'x' },
    { resource: 'mailbox', key: 'a', reason: 'y' },
    { resource: 'mailbox', key: 'a', reason: 'x' },
  ] as const;
  expect(sortSkips(skips).map(({ resource, key, reason }) => `${resource} ${key} ${reason}`)).toEqual([
    'alias z x',
    'mailbox a x',
    'mailbox a y',
    'mailbox b x',
  ]);
});

describe('a change in words', () => {
  test.each<[Change, string]>([
    [
      change('update mailbox a', { before: { name: 'A', quotaMiB: 1 }, after: { quotaMiB: 2, name: 'B' } }),
      'update mailbox a@example.test: name "A" -> "B", quotaMiB 1 -> 2 (because)',
    ],
    [change('adopt mailbox a'), 'adopt mailbox a@example.test (because)'],
    [
      change('create alias l', { after: { goto: ['a', 'b', 'c', 'd', 'e'], active: 1 } }),
      'create alias l@example.test: active 1, goto a, b, c and 2 more (because)',
    ],
    [
      change('update alias l', { before: { goto: ['a'] }, after: { goto: ['b', 'c'] } }),
      'update alias l@example.test: goto a -> b, c (because)',
    ],
    // Once a defect: the first three addresses of both sides, whoever came or went.
    [
      change('update alias l', {
        before: { goto: ['a', 'b', 'c', 'd', 'e', 'v', 'w', 'x', 'y', 'z'] },
        after: { goto: ['a', 'b', 'c', 'd', 'e', 'f'] },
      }),
      'update alias l@example.test: goto +f -v -w -x -2 more (10 -> 6) (because)',
    ],
  ])('%#', (one, text) => {
    expect(describeChange(one)).toBe(text);
  });
});
