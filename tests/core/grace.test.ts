import { describe, expect, test } from '@jest/globals';
import {
  attributesSeen,
  judgeAbsence,
  type GraceInput,
  type GraceResult,
  type SnapshotEntry,
} from '../../src/core/grace.ts';
import { findSuccessors } from '../../src/core/successors.ts';
import type { DirectoryEntry } from '../../src/core/model.ts';
import { group, person, reading, snapshotEntry } from '../support/builders.ts';

const minute = 60_000;
const noon = Date.parse('2026-06-01T12:00:00Z');

type Step = {
  readonly minutes: number;
  readonly ids: readonly string[];
  readonly complete?: boolean;
  readonly scopeChanged?: boolean;
};

const judge = (
  snapshot: ReadonlyMap<string, SnapshotEntry>,
  { minutes, ids, complete = true, scopeChanged = false }: Step,
  settings: Partial<GraceInput['settings']> = {},
): GraceResult =>
  judgeAbsence({
    snapshot,
    reading: reading(ids.map((id) => person(id))),
    complete,
    scopeChanged,
    now: new Date(noon + minutes * minute),
    settings: { readings: 2, spacingMs: 5 * minute, ...settings },
  });

/** What is said of `a` after each reading: present, n (readings without it), gone. */
function fateOfA(steps: readonly Step[], settings: Partial<GraceInput['settings']> = {}): readonly string[] {
  let snapshot: ReadonlyMap<string, SnapshotEntry> = new Map([
    ['a', snapshotEntry(person('a'))],
    ['b', snapshotEntry(person('b'))],
  ]);
  return steps.map((step) => {
    const result = judge(snapshot, step, settings);
    snapshot = result.snapshot;
    const claims = result.people.some((entry) => entry.id === 'a');
    expect(claims).toBe(!result.gone.has('a'));
    expect(result.absent.has('a')).toBe(!step.ids.includes('a'));
    if (result.gone.has('a')) return 'gone';
    const seen = snapshot.get('a');
    return result.absent.has('a') ? String(seen?.missing) : 'present';
  });
}

const without = (minutes: number, more: Partial<Step> = {}): Step => ({ minutes, ids: ['b'], ...more });
const withA = (minutes: number, more: Partial<Step> = {}): Step => ({ minutes, ids: ['a', 'b'], ...more });

describe('a vanished entry is gone after two readings that count (DESIGN.md 4.3)', () => {
  test.each<[string, readonly Step[], readonly string[]]>([
    ['two at the interval', [without(0), without(5)], ['1', 'gone']],
    ['an extra reading in between does not count', [without(0), without(2), without(5)], ['1', '1', 'gone']],
    [
      'many extra readings do not count',
      [without(0), without(1), without(2), without(4)],
      ['1', '1', '1', '1'],
    ],
    [
      'one that is back starts anew',
      [without(0), withA(5), without(10), without(15)],
      ['1', 'present', '1', 'gone'],
    ],
    [
      'an incomplete reading says nothing',
      [without(0, { complete: false }), without(5, { complete: false }), without(10), without(15)],
      ['0', '0', '1', 'gone'],
    ],
    [
      'an incomplete reading in between neither counts nor resets',
      [without(0), without(5, { complete: false }), without(10)],
      ['1', '1', 'gone'],
    ],
    [
      'a changed scope resets',
      [without(0), without(5, { scopeChanged: true }), without(10), without(15)],
      ['1', '0', '1', 'gone'],
    ],
    ['a clock that went back proves nothing', [without(0), without(-60), without(-58)], ['1', '1', '1']],
    [
      'after it went back, time runs from there',
      [without(0), without(-60), without(-55)],
      ['1', '1', 'gone'],
    ],
  ])('%s', (_what, steps, fate) => {
    expect(fateOfA(steps)).toEqual(fate);
  });

  test.each<[Partial<GraceInput['settings']>, readonly Step[], readonly string[]]>([
    [{ readings: 1 }, [without(0)], ['gone']],
    [{ readings: 3 }, [without(0), without(5), without(10)], ['1', '2', 'gone']],
    [{ spacingMs: 0 }, [without(0), without(0)], ['1', 'gone']],
  ])('with %j', (settings, steps, fate) => {
    expect(fateOfA(steps, settings)).toEqual(fate);
  });
});

test('uptime proves the spacing where the clock cannot: an hour forward counts for nothing', () => {
  const boot = 'b1';
  const at = (minutes: number, ms: number, snapshot: ReadonlyMap<string, SnapshotEntry>): GraceResult =>
    judgeAbsence({
      snapshot,
      reading: reading([]),
      complete: true,
      scopeChanged: false,
      now: new Date(noon + minutes * minute),
      uptime: { boot, ms },
      settings: { readings: 2, spacingMs: 5 * minute },
    });
  const first = at(0, 0, new Map([['a', snapshotEntry(person('a'))]]));
  const jumped = at(60, minute, first.snapshot);
  expect(jumped.gone.size).toBe(0);
  expect(at(60, 5 * minute, jumped.snapshot).gone).toEqual(new Set(['a']));
});

test('days without an entry are distinct days of the calendar (DESIGN.md 4.10)', () => {
  const day = 24 * 60;
  let snapshot: ReadonlyMap<string, SnapshotEntry> = new Map([['a', snapshotEntry(person('a'))]]);
  const days = [0, 5, day, 2 * day, 365 * day, 3 * day].map((minutes) => {
    snapshot = judge(snapshot, { minutes, ids: [] }).snapshot;
    return snapshot.get('a')?.missingDays;
  });
  expect(days).toEqual([1, 1, 2, 3, 4, 4]);
});

test('who vanished by a changed base, filter or server is marked until it is back (DESIGN.md 4.4)', () => {
  const before = new Map([['a', snapshotEntry(person('a'))]]);
  const changed = judge(before, { minutes: 0, ids: [], scopeChanged: true });
  expect(changed.snapshot.get('a')).toMatchObject({ scopeChanged: true, missing: 0 });
  const later = judge(changed.snapshot, { minutes: 5, ids: [] });
  expect(later.snapshot.get('a')).toMatchObject({ scopeChanged: true, missing: 1 });
  const back = judge(later.snapshot, { minutes: 10, ids: ['a'] });
  expect(back.snapshot.get('a')).toMatchObject({ scopeChanged: false, missing: 0 });
});

test('who came by a changed base, filter or server is marked', () => {
  const first = judge(new Map([['a', snapshotEntry(person('a'))]]), {
    minutes: 0,
    ids: ['a', 'b'],
    scopeChanged: true,
  });
  const marks = [...first.snapshot].map(([id, entry]) => [id, entry.arrivedByScope]);
  expect(marks).toEqual([
    ['a', false],
    ['b', true],
  ]);
});

test('entries that did not change are the same objects, so that nothing is written for them', () => {
  const before = judge(new Map(), { minutes: 0, ids: ['a', 'b'] }).snapshot;
  const after = judge(before, { minutes: 5, ids: ['b', 'a'] }).snapshot;
  expect(after.get('a')).toBe(before.get('a'));
});

test('a moved OU is the same entry with another DN (DESIGN.md 4.6)', () => {
  const moved = person('a', { dn: 'cn=a,ou=Elsewhere,dc=example,dc=test' });
  const result = judgeAbsence({
    snapshot: new Map([['a', snapshotEntry(person('a'))]]),
    reading: reading([moved]),
    complete: true,
    scopeChanged: false,
    now: new Date(noon),
    settings: { readings: 2, spacingMs: 0 },
  });
  expect(result.absent.size).toBe(0);
  expect(result.snapshot.get('a')?.entry.dn).toBe(moved.dn);
});

test('groups have grace as people have', () => {
  const before = new Map([['g', snapshotEntry(group('g'), { kind: 'group' })]]);
  const result = judge(before, { minutes: 0, ids: [] });
  expect(result.groups.map((entry) => entry.id)).toEqual(['g']);
  expect(result.people).toEqual([]);
});

test('attributes seen are those of people, and those of groups apart, sorted', () => {
  expect(attributesSeen(reading([person('a', { aliases: ['x'] })], { groups: [group('g')] }))).toEqual([
    'displayname',
    'group:cn',
    'group:mail',
    'mail',
    'proxyaddresses',
    'useraccountcontrol',
  ]);
});

describe('a re-created account succeeds the former one (DESIGN.md 4.6)', () => {
  const dn = 'cn=Anna,ou=People,dc=example,dc=test';
  const successorsOf = (
    before: readonly DirectoryEntry[],
    now: readonly DirectoryEntry[],
    holders: readonly string[],
  ): readonly (readonly [string, string])[] => {
    const result = judgeAbsence({
      snapshot: new Map(before.map((entry) => [entry.id, snapshotEntry(entry)])),
      reading: reading(now),
      complete: true,
      scopeChanged: false,
      now: new Date(noon),
      settings: { readings: 2, spacingMs: 0 },
    });
    const holdsMailbox = (id: string): boolean => holders.includes(id);
    return [...findSuccessors({ result, account: 'samaccountname', holdsMailbox })];
  };
  const old = person('old', { dn, account: 'anna' });

  test.each<[string, DirectoryEntry, readonly string[]]>([
    ['when the DN is equal', person('new', { dn }), ['new']],
    [
      'when the DN is spelled otherwise',
      person('new', { dn: 'CN=anna, OU=people,DC=example,DC=test' }),
      ['new'],
    ],
    ['when the account name is equal', person('new', { dn: 'cn=x', account: 'ANNA' }), ['new']],
    ['not when neither is', person('new', { dn: 'cn=x', account: 'anne' }), []],
    ['not when the newcomer has no account name and another DN', person('new', { dn: 'cn=x' }), []],
  ])('%s', (_what, heir, expected) => {
    expect(successorsOf([old], [heir], ['old']).map(([, id]) => id)).toEqual(expected);
  });

  test('not while the former entry is there', () => {
    expect(successorsOf([old], [old, person('new', { dn: 'cn=x', account: 'anna' })], ['old'])).toEqual([]);
  });

  test('not when the newcomer has a mailbox of its own', () => {
    expect(successorsOf([old], [person('new', { dn })], ['old', 'new'])).toEqual([]);
  });

  test('not when the former one has no mailbox', () => {
    expect(successorsOf([old], [person('new', { dn })], [])).toEqual([]);
  });

  // Once a defect: two former people (one by DN, one by account name) get the same heir, and both lose
  // their grace with it.
  test('one newcomer succeeds one former entry', () => {
    const other = person('other', { dn: 'cn=Bert', account: 'shared' });
    const heir = person('new', { dn, account: 'shared' });
    expect(successorsOf([old, other], [heir], ['old', 'other'])).toHaveLength(1);
  });

  // Once a defect: when two newcomers share DN or account name with the former entry, the one that the
  // directory happens to name last wins.
  test('who succeeds does not depend on the order in which the directory answers', () => {
    const byDn = person('n1', { dn });
    const byAccount = person('n2', { dn: 'cn=y', account: 'anna' });
    const second = person('n3', { dn: 'cn=z', account: 'anna' });
    const twoDns = successorsOf(
      [person('old', { account: 'anna', dn: 'cn=q' })],
      [byAccount, second],
      ['old'],
    );
    const turned = successorsOf(
      [person('old', { account: 'anna', dn: 'cn=q' })],
      [second, byAccount],
      ['old'],
    );
    expect(twoDns).toEqual(turned);
    expect(successorsOf([old], [byDn, byAccount], ['old'])).toEqual([['old', 'n1']]);
  });
});
