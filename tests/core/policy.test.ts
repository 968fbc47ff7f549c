import { describe, expect, test } from '@jest/globals';
import { changeId, type Change } from '../../src/core/change.ts';
import { applyPolicy, withoutRemovals, withoutUnproven, type Policy } from '../../src/core/policy.ts';
import { at, change } from '../support/builders.ts';

const short = (changes: readonly Change[]): readonly string[] =>
  changes.map((one) => changeId(one).replace('@example.test', ''));

const plan: readonly Change[] = [
  change('create mailbox new', { needs: [`remove alias ${at('new')}`] }),
  change('create alias n', { needs: [`create mailbox ${at('new')}`] }),
  change('create mailbox other'),
  change('adopt mailbox old'),
  change('update mailbox u'),
  change('rename mailbox r'),
  change('create alias s', { needs: [`rename mailbox ${at('r')}`] }),
  change('reactivate mailbox w'),
  change('deactivate mailbox d'),
  change('remove alias new'),
];

describe('LDAP_MAILCOW_POLICY lets through', () => {
  test.each<[Policy, readonly string[]]>([
    ['sync', short(plan)],
    [
      'upsert-only',
      [
        'create mailbox other',
        'adopt mailbox old',
        'update mailbox u',
        'rename mailbox r',
        'create alias s',
        'reactivate mailbox w',
      ],
    ],
    ['create-only', ['create mailbox other', 'adopt mailbox old']],
    ['observe', []],
  ])('%s', (policy, expected) => {
    const { changes, forbidden } = applyPolicy(plan, policy);
    expect(short(changes)).toEqual(expected);
    const rest = short(plan).filter((one) => !expected.includes(one));
    expect([...short(forbidden.map((one) => one.change))].sort()).toEqual([...rest].sort());
    expect(forbidden.map(({ why }) => why)).toEqual(rest.map(() => `LDAP_MAILCOW_POLICY=${policy}`));
  });
});

test('the first syncs after a lost SQLite file remove nothing, nor what needs that (DESIGN.md 4.5)', () => {
  const { changes, skips } = withoutRemovals(plan, 'just recovered');
  expect(short(changes)).toEqual([
    'create mailbox other',
    'adopt mailbox old',
    'update mailbox u',
    'rename mailbox r',
    'create alias s',
    'reactivate mailbox w',
  ]);
  expect(skips.map(({ key }) => key)).toEqual(['new', 'n', 'd', 'new'].map(at));
});

test('an incomplete reading removes nothing and moves no mailbox, nor what needs either (DESIGN.md 4.1)', () => {
  const { changes, skips } = withoutUnproven([
    ...plan,
    { ...change('create mailbox elsewhere'), movedFrom: at('left') },
  ]);
  expect(short(changes)).toEqual([
    'create mailbox other',
    'adopt mailbox old',
    'update mailbox u',
    'reactivate mailbox w',
  ]);
  expect(skips.map(({ key }) => key)).toEqual(['new', 'n', 'r', 's', 'd', 'new', 'elsewhere'].map(at));
});

// Once a defect: an update of goto and active that switches an alias off passes as no
// removal, although "nothing is deactivated" by an incomplete reading.
test('an update that switches an alias off is a removal too', () => {
  const off = change('update alias x', {
    before: { goto: ['a'], active: 1 },
    after: { goto: ['b'], active: 0 },
  });
  expect(withoutUnproven([off]).changes).toEqual([]);
});

// Once a defect: mailcow answers such a goto with nothing, each time again.
test('a list that cannot hold old and new members together lets neither in nor out', () => {
  const goto = (letter: string): readonly string[] =>
    Array.from({ length: 1000 }, (_, index) => `${letter.repeat(40)}${index}@example.test`);
  const swap = change('update alias team', {
    list: true,
    before: { goto: goto('a') },
    after: { goto: goto('b') },
  });
  expect(withoutUnproven([swap]).changes).toEqual([]);
  const small = { ...swap, after: { goto: goto('b').slice(0, 10) } };
  expect(withoutUnproven([small]).changes[0]?.after.goto).toHaveLength(1010);
});
