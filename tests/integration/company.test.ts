/** The sample of 1000 people against the expectation that a program independent of ours has computed. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { compareHoldings, type Holdings } from '../sandbox/holdings.ts';
import type { Stats } from '../support/mailcow/stats.ts';
import { findingKeys, readExpected, type Expected, type ExpectedWrite, type FindingKey } from './rules.ts';
import { expectUntouched, openWorld, syncWell, type World } from './world.ts';

type PlanJson = {
  readonly complete: boolean;
  readonly changes: readonly (Omit<ExpectedWrite, 'fields'> & {
    readonly after: Readonly<Record<string, unknown>>;
  })[];
  readonly held: readonly unknown[];
  readonly findings: readonly FindingKey[];
};

let opened: World | undefined;
const world = (): World => {
  if (opened === undefined) throw new Error('The servers did not start.');
  return opened;
};

beforeAll(async () => {
  opened = await openWorld({ ldif: ['tests/fixtures/ldif/company-1000.ldif'] });
});
afterAll(async () => {
  await opened?.stop();
});

async function plan(): Promise<PlanJson> {
  const { stdout, stderr, code } = await world().run(['plan', '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as PlanJson;
}

const sortKey = ({ resource, key, kind }: ExpectedWrite): string => `${resource} ${key} ${kind}`;
const sortWrites = (writes: readonly ExpectedWrite[]): readonly ExpectedWrite[] =>
  [...writes].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));

const writesOf = ({ changes }: PlanJson): readonly ExpectedWrite[] =>
  sortWrites(
    changes.map(({ kind, resource, key, after }) => ({
      kind,
      resource,
      key,
      fields: Object.keys(after).sort(),
    })),
  );

/** `mailbox anna@example.test` of everything that one state has otherwise than another. */
const changedKeys = (before: Holdings, after: Holdings): readonly string[] =>
  compareHoldings(before, after).map((sentence) => sentence.slice(0, sentence.indexOf(': ')));

const keysOf = (writes: readonly ExpectedWrite[], { doneByRename }: Expected): readonly string[] => {
  const renamed = writes.some(({ kind }) => kind === 'rename') ? doneByRename : [];
  return [...writes, ...renamed].map(({ resource, key }) => `${resource} ${key}`);
};

async function syncCounted(): Promise<Stats> {
  world().mailcow.resetStats();
  await syncWell(world());
  return world().mailcow.stats();
}

const nothingWrittenOrListed = { writes: 0, lists: 0, objects: 0 };

describe('the first sync', () => {
  const expected = readExpected('company-1000');

  test('is planned as nothing but creations', async () => {
    const { complete, changes, held, findings } = await expectUntouched(world(), plan);
    expect({ complete, held, kinds: [...new Set(changes.map(({ kind }) => kind))] }).toEqual({
      complete: true,
      held: [],
      kinds: ['create'],
    });
    expect(findingKeys(findings)).toEqual(findingKeys(expected.findings));
  });

  test('ends in exactly the mailboxes and aliases that the rules demand', async () => {
    await syncWell(world());
    expect(compareHoldings(expected, world().held())).toEqual([]);
    expect(Object.keys(expected.mailboxes).length).toBeGreaterThan(900);
    expect(Object.keys(expected.aliases).length).toBeGreaterThan(400);
  });

  test('leaves nothing to write or to list for later ones, by other processes', async () => {
    await expectUntouched(world(), async () => {
      expect(await syncCounted()).toMatchObject(nothingWrittenOrListed);
      expect(await syncCounted()).toMatchObject(nothingWrittenOrListed);
    });
  });

  test('is found complete by an audit and by a plan', async () => {
    await expectUntouched(world(), async () => {
      expect((await world().run(['sync', '--full'])).code).toBe(0);
      const { changes, held, findings } = await plan();
      expect({ changes, held }).toEqual({ changes: [], held: [] });
      expect(findingKeys(findings)).toEqual(findingKeys(expected.findings));
    });
  });
});

describe('after a day of changes in the directory', () => {
  const expected = readExpected('company-1000', 'company-1000-changes');
  const { writesFirstSync, writesSecondSync } = expected;

  test('the plan shows exactly the expected changes, and writes none', async () => {
    await world().slapd.modify(readFileSync('tests/fixtures/ldif/company-1000-changes.ldif', 'utf8'));
    const planned = await expectUntouched(world(), plan);
    expect(writesOf(planned)).toEqual(sortWrites(writesFirstSync));
    expect(planned.held).toEqual([]);
  });

  test('the first sync makes exactly these', async () => {
    const before = world().held();
    await syncWell(world());
    const renameTarget = 'mailbox karl.schulz-new855@example.test';
    const keys = new Set([...keysOf(writesFirstSync, expected), renameTarget]);
    expect(changedKeys(before, world().held()).toSorted()).toEqual([...keys].sort());
  });

  test('the second sync deactivates what belongs to those who have left', async () => {
    const planned = await expectUntouched(world(), plan);
    expect(writesOf(planned)).toEqual(sortWrites(writesSecondSync));
    const before = world().held();
    await syncWell(world());
    expect(changedKeys(before, world().held()).toSorted()).toEqual(
      [...keysOf(writesSecondSync, expected)].sort(),
    );
  });

  test('the third sync writes nothing, and mailcow is as the rules demand', async () => {
    await expectUntouched(world(), async () => {
      expect(await syncCounted()).toMatchObject(nothingWrittenOrListed);
    });
    expect(compareHoldings(expected, world().held())).toEqual([]);
    const { changes, held, findings } = await plan();
    expect({ changes, held }).toEqual({ changes: [], held: [] });
    expect(findingKeys(findings)).toEqual(findingKeys(expected.findings));
  });
});
