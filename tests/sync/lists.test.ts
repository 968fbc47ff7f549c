/** Lists of groups over several syncs: what the guard, a cut reading and failing writes do to them. */
import { describe, expect, test } from '@jest/globals';
import type { Alias, DirectoryEntry, MemberEntries } from '../../src/core/model.ts';
import { openState } from '../../src/state/state.ts';
import { approveHolds, declare } from '../../src/sync/holds.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { at, brief, briefFinding, group, groupDn, markOf, person, personDn } from '../support/builders.ts';
import { openWorld, syncSettings, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const open = (): World => openWorld(openMemoryMailcow({}));
const did = (report: SyncReport): readonly string[] => report.done.map(brief);
const held = (report: SyncReport): readonly string[] => report.plan.held.map(({ change }) => brief(change));
const found = (report: SyncReport): readonly string[] => report.plan.findings.map(briefFinding);
const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `p${index}`);
const people = ids(30).map((id) => person(id));
const team = (...members: readonly string[]): DirectoryEntry => group('team', { members });
const listAt = (world: World, name = 'team'): Alias | undefined =>
  [...world.mailcow.aliases.values()].find(({ address }) => address === at(name));
const gotoOf = (world: World, name = 'team'): readonly string[] | undefined =>
  listAt(world, name)?.goto.map((address) => address.replace('@example.test', ''));
const says = (...groups: readonly DirectoryEntry[]) => ({ people, groups });
function approve(world: World): void {
  const holds = world.state.holds();
  if (holds !== undefined) approveHolds(world.state, holds, world.clock);
}

describe('the first sync', () => {
  test('makes mailboxes and lists at once, and the second one writes nothing', async () => {
    const world = open();
    const report = await world.sync(says(team('p0', 'p1'), group('crew', { members: ['p1'] })));
    expect(report.done).toHaveLength(32);
    expect(gotoOf(world)).toEqual(['p0', 'p1']);
    expect(listAt(world)).toMatchObject({
      privateComment: markOf('team'),
      senderAllowed: false,
      internal: false,
    });
    expect(did(await world.sync())).toEqual([]);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });
});

describe('the guard over memberships (4.11)', () => {
  const eight = ids(8);

  test('holds more than half of one list, lets newcomers in, and asks only once for the same people', async () => {
    const world = open();
    await world.sync(says(team(...eight), group('other', { members: ids(30) })));
    const report = await world.sync(says(team('p0', 'p1', 'p2', 'p9'), group('other', { members: ids(30) })));
    expect(held(report)).toHaveLength(1);
    expect(report.plan.held[0]?.why).toBe('would take 5 of 8 members out of this list');
    expect(gotoOf(world)).toEqual([...eight, 'p9'].sort());
    expect(did(await world.sync())).toEqual([]);
    approve(world);
    // Another member joins meanwhile: that is no reason to ask again.
    await world.sync(says(team('p0', 'p1', 'p2', 'p9', 'p10'), group('other', { members: ids(30) })));
    expect(gotoOf(world)).toEqual(['p0', 'p10', 'p1', 'p2', 'p9']);
  });

  test('holds more than five or a tenth of all memberships, spread over many small lists', async () => {
    const world = open();
    const lists = (members: readonly string[]): readonly DirectoryEntry[] =>
      ids(10).map((id) => group(`list-${id}`, { members }));
    await world.sync(says(...lists(['p0', 'p1'])));
    const report = await world.sync(says(...lists(['p0'])));
    expect(held(report)).toHaveLength(10);
    expect(report.plan.held[0]?.why).toBe('would take 10 of 20 members out of lists; 5 at once are allowed');
    expect(gotoOf(world, 'list-p0')).toEqual(['p0', 'p1']);
  });

  test('holds a list of more than five that would be emptied', async () => {
    const world = open();
    const other = group('other', { members: ids(30) });
    const third = ids(30).map((id) => group(`g-${id}`, { members: [id] }));
    await world.sync(says(team(...ids(6)), other, ...third));
    expect(held(await world.sync(says(team(), other, ...third)))).toEqual([
      'deactivate alias team active=1->0',
    ]);
    expect(gotoOf(world)).toEqual(ids(6));
  });

  test('lets a few go', async () => {
    const world = open();
    await world.sync(says(team(...eight)));
    expect(did(await world.sync(says(team(...ids(5)))))).toEqual([
      'update alias team goto=p0+p1+p2+p3+p4+p5+p6+p7->p0+p1+p2+p3+p4',
    ]);
  });

  test('keeps the places of people whose departure is held', async () => {
    const world = open();
    await world.sync(says(team('p0', 'p1', 'p29')));
    const left = { people: people.slice(6), groups: [team('p29')] };
    await world.sync(left);
    const report = await world.sync(left);
    expect(report.plan.held.length).toBeGreaterThan(5);
    expect(gotoOf(world)).toEqual(['p0', 'p1', 'p29']);
    approve(world);
    await world.sync(left);
    expect(gotoOf(world)).toEqual(['p29']);
  });
});

// Once defects: the last goto of an emptied list was taken for its members.
describe('a list that was emptied and gets a member again', () => {
  const other = group('other', { members: ids(30) });
  const emptied = async (): Promise<World> => {
    const world = open();
    await world.sync(says(team(...ids(8)), other));
    await world.sync(says(team(), other));
    approve(world);
    await world.sync();
    expect(listAt(world)?.active).toBe(0);
    return world;
  };

  test('reaches that one, and none of those who left: nobody is asked about them again', async () => {
    const world = await emptied();
    const report = await world.sync(says(team('p9'), other));
    expect([held(report), gotoOf(world)]).toEqual([[], ['p9']]);
  });

  test('reaches that one only, also by an incomplete reading or with a policy that takes nothing away', async () => {
    const cut = await emptied();
    await cut.sync({ ...says(team('p9'), other), problems: ['size limit'] });
    expect(gotoOf(cut)).toEqual(['p9']);
    const upsert = await emptied();
    upsert.settings = syncSettings({ policy: 'upsert-only' });
    await upsert.sync(says(team('p9'), other));
    expect(gotoOf(upsert)).toEqual(['p9']);
  });

  test('stays off when mailcow refuses the mailbox of its only new member', async () => {
    const world = await emptied();
    world.mailcow.intercept = (call) =>
      call.startsWith('createMailbox')
        ? { answer: { kind: 'refused', words: [{ word: 'access_denied', args: [] }] } }
        : undefined;
    await world.sync({ people: [...people, person('n')], groups: [team('n'), other] });
    expect(listAt(world)?.active).toBe(0);
  });

  test('keeps no place for somebody in grace who left it before', async () => {
    const world = await emptied();
    await world.sync({ people: people.slice(1), groups: [team('p9'), other] });
    expect(gotoOf(world)).toEqual(['p9']);
  });
});

describe('what is not proved takes nobody out (4.1)', () => {
  test('an incomplete reading only adds', async () => {
    const world = open();
    await world.sync(says(team('p0', 'p1')));
    const report = await world.sync({ ...says(team('p1', 'p2')), problems: ['size limit'] });
    expect(did(report)).toEqual(['update alias team goto=p0+p1->p0+p1+p2']);
    expect(did(await world.sync({ ...says(team('p1')), problems: ['size limit'] }))).toEqual([]);
    expect(did(await world.sync(says(team('p1', 'p2'))))).toEqual(['update alias team goto=p0+p1+p2->p1+p2']);
  });

  test('members that nobody may read any more hold every list', async () => {
    const world = open();
    await world.sync(says(team('p0'), group('crew', { members: ['p1'] })));
    const report = await world.sync(says(team(), group('crew')));
    expect(found(report)).toContain('attribute-vanished group:member');
    expect(held(report).toSorted()).toEqual([
      'deactivate alias crew active=1->0',
      'deactivate alias team active=1->0',
    ]);
  });

  test('a lost SQLite file takes nobody out for two syncs (4.5)', async () => {
    const world = open();
    await world.sync(says(team('p0', 'p1')));
    world.state = openState(':memory:');
    await world.sync(says(team('p0')));
    await world.sync();
    expect(gotoOf(world)).toEqual(['p0', 'p1']);
    await world.sync();
    expect(gotoOf(world)).toEqual(['p0']);
  });

  test('switched off, lists stay as they are, and go on when switched on again', async () => {
    const world = open();
    await world.sync(says(team('p0', 'p1')));
    world.settings = syncSettings({ readGroups: false, plan: { syncLists: false } });
    for (let round = 0; round < 4; round++) await world.sync({ people, groups: [] });
    expect(gotoOf(world)).toEqual(['p0', 'p1']);
    world.settings = syncSettings();
    await world.sync(says(team('p0')));
    expect(gotoOf(world)).toEqual(['p0']);
  });
});

const contacts = (...names: readonly string[]): MemberEntries => ({
  key: undefined,
  decides: false,
  entries: names.map((id) => ({ id, dn: personDn(id), attributes: { mail: [`${id}@elsewhere.test`] } })),
});

// Once defects: a mistake in a filter took the few members of small lists out at once.
describe('a question that has changed, or has no answer any more, takes nobody out (4.1, 4.4)', () => {
  const groups = [team('p0', 'c0'), group('other', { members: ids(30) })];
  const all = { people, groups, members: contacts('c0', 'c1') };
  const full = ['c0@elsewhere.test', 'p0'];

  test('another filter for members: held until it is approved, however few and however often', async () => {
    const world = open();
    await world.sync(all);
    world.settings = syncSettings({ scope: 'scope-2' });
    for (let round = 0; round < 3; round++) {
      const report = await world.sync({ ...all, members: contacts('c1') });
      expect(report.plan.held.map(({ why }) => why)).toEqual([
        'follows from a changed base, filter or server',
      ]);
    }
    expect(gotoOf(world)).toEqual(full);
    approve(world);
    expect(did(await world.sync())).toEqual(['update alias team goto=c0@elsewhere.test+p0->p0']);
    expect(held(await world.sync())).toEqual([]);
    // From then on a member leaves as always.
    await world.sync({ ...all, groups: [team('p1'), group('other', { members: ids(30) })] });
    expect(gotoOf(world)).toEqual(['p1']);
  });

  test('another base that has a nested group no more: the same', async () => {
    const inner = group('inner', { members: ['p1'], mail: undefined });
    const nested = { people, groups: [team('p0', groupDn('inner')), ...groups.slice(1), inner] };
    const world = open();
    await world.sync(nested);
    world.settings = syncSettings({ scope: 'scope-2' });
    for (let round = 0; round < 4; round++)
      await world.sync({ ...nested, groups: nested.groups.slice(0, 2) });
    expect(gotoOf(world)).toEqual(['p0', 'p1']);
    approve(world);
    await world.sync();
    expect(gotoOf(world)).toEqual(['p0']);
  });

  test('a filter that is put back holds nothing', async () => {
    const world = open();
    await world.sync(all);
    world.settings = syncSettings({ scope: 'scope-2' });
    await world.sync({ ...all, members: contacts('c1') });
    world.settings = syncSettings();
    await world.sync(all);
    const report = await world.sync({ ...all, groups: [team('c0'), ...groups.slice(1)] });
    expect([held(report), gotoOf(world)]).toEqual([[], ['c0@elsewhere.test']]);
  });

  test('nobody who may be a member where there were some: incomplete until it is declared', async () => {
    const world = open();
    await world.sync(all);
    const none = { ...all, members: contacts() };
    const report = await world.sync(none);
    expect([report.outcome, did(report)]).toEqual(['incomplete', []]);
    expect(gotoOf(world)).toEqual(full);
    declare(world.state, 'no-members', world.clock);
    await world.sync(none);
    expect(gotoOf(world)).toEqual(['p0']);
    expect((await world.sync(none, { minutes: 25 * 60 })).outcome).toBe('done');
  });
});

/** What an administrator does to the list in mailcow. */
function byHand(world: World, fields: Partial<Alias>): void {
  const list = listAt(world);
  if (list !== undefined) world.mailcow.aliases.set(list.id, { ...list, ...fields });
}

describe('what somebody changed in mailcow', () => {
  const internal = { pattern: '*', policy: { ignore: false, internal: true, sendAs: false } };
  const sendAs = { pattern: '*', policy: { ignore: false, internal: true, sendAs: true } };
  const openWith = (reportDrift: boolean): World => {
    const world = open();
    world.settings = syncSettings({ plan: { reportDrift }, groupPolicies: [internal] });
    return world;
  };

  // Once a defect: with "report" flags were put right all the same.
  test.each<[string, boolean, readonly string[], readonly string[]]>([
    ['is put right', false, ['update alias team internal=false->true'], []],
    ['is only reported with LDAP_MAILCOW_DRIFT=report', true, [], ['drift team']],
  ])('%s when it is a flag of its policy', async (_what, reportDrift, writes, findings) => {
    const world = openWith(reportDrift);
    await world.sync(says(team('p0')));
    byHand(world, { internal: false });
    const report = await world.sync(undefined, { audit: true });
    expect([did(report), found(report)]).toEqual([writes, findings]);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });

  test('keeps no member out and no new policy', async () => {
    const world = openWith(true);
    await world.sync(says(team('p0')));
    byHand(world, { internal: false });
    await world.sync(says(team('p0', 'p1')), { audit: true });
    expect([gotoOf(world), listAt(world)?.internal]).toEqual([['p0', 'p1'], false]);
    world.settings = syncSettings({ plan: { reportDrift: true }, groupPolicies: [sendAs] });
    await world.sync(undefined, { audit: true });
    expect(listAt(world)?.senderAllowed).toBe(true);
  });

  test('is only reported when it is an emptied list that was switched on', async () => {
    const world = openWith(true);
    await world.sync(says(team('p0'), group('other', { members: ids(30) })));
    await world.sync(says(team(), group('other', { members: ids(30) })));
    byHand(world, { active: 1 });
    const report = await world.sync(undefined, { audit: true });
    expect([did(report), found(report)]).toEqual([[], ['drift team', `empty-group ${groupDn('team')}`]]);
  });

  test('stays when its address is protected by now', async () => {
    const world = open();
    const other = group('other', { members: ids(30) });
    await world.sync(says(team('p0'), other));
    world.settings = syncSettings({ plan: { protectedAddresses: new Set([at('team')]) } });
    expect(did(await world.sync(says(team(), other)))).toEqual([]);
  });
});

describe('a list does not build upon what failed', () => {
  const refuse = (world: World, name: string): void => {
    world.mailcow.intercept = (call) =>
      call.startsWith(name)
        ? { answer: { kind: 'refused', words: [{ word: 'access_denied', args: [] }] } }
        : undefined;
  };

  test('a mailbox that mailcow refuses is left out, and comes in when it is there', async () => {
    const world = open();
    await world.sync(says(team('p0')));
    refuse(world, 'createMailbox');
    const grown = {
      people: [...people, person('n')],
      groups: [team('p0', 'p1', 'n'), group('new', { members: ['n'] })],
    };
    const report = await world.sync(grown);
    expect(report.failed.map(({ change }) => brief(change))).toEqual([
      'create mailbox n active=1 name=N quotaMiB=3072',
    ]);
    expect(did(report)).toEqual(['update alias team goto=p0->p0+p1']);
    expect(gotoOf(world, 'new')).toBeUndefined();
    // While mailcow's refusal is waited out, nothing builds upon it either.
    expect(did(await world.sync())).toEqual([]);
    world.mailcow.intercept = undefined;
    await world.sync(undefined, { minutes: 60 });
    expect([gotoOf(world), gotoOf(world, 'new')]).toEqual([['n', 'p0', 'p1'], ['n']]);
  });

  test('a rename that mailcow refuses leaves the list at the address where the mailbox is', async () => {
    const world = open();
    await world.sync(says(team('p0', 'p1')));
    refuse(world, 'renameMailbox');
    const moved = { people: [person('p0', { mail: 'z' }), ...people.slice(1)], groups: [team('p0', 'p2')] };
    expect(did(await world.sync(moved))).toEqual(['update alias team goto=p0+p1->p0+p2']);
    expect(did(await world.sync())).toEqual([]);
    world.mailcow.intercept = undefined;
    await world.sync(undefined, { minutes: 60 });
    expect(gotoOf(world)).toEqual(['p2', 'z']);
  });

  test('a policy that creates nothing leaves newcomers out', async () => {
    const world = open();
    await world.sync(says(team('p0')));
    world.settings = syncSettings({ policy: 'observe' });
    expect(did(await world.sync(says(team('p0', 'p1'))))).toEqual([]);
    expect(gotoOf(world)).toEqual(['p0']);
  });
});

// Once a defect, found by the campaign: the new mailbox was refused, and the member was in no list any more.
test('who moves to another domain keeps the old place while mailcow refuses the new mailbox', async () => {
  const world = open();
  const moved = (mail: string): readonly DirectoryEntry[] => [person('p0', { mail }), ...people.slice(1)];
  await world.sync({ people: moved('p0@other.test'), groups: [team('p0', 'p1')] });
  world.mailcow.intercept = (call) =>
    call.startsWith('createMailbox')
      ? { answer: { kind: 'refused', words: [{ word: 'access_denied', args: [] }] } }
      : undefined;
  await world.sync({ people: moved('p0@example.test'), groups: [team('p0', 'p1', 'p2')] });
  expect(gotoOf(world)).toEqual(['p0@other.test', 'p1', 'p2']);
  world.mailcow.intercept = undefined;
  await world.sync(undefined, { minutes: 10 });
  expect(gotoOf(world)).toEqual(['p0', 'p1', 'p2']);
});
