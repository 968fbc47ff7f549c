/** Lists that are mailboxes in odd sequences: mail must neither stay where nobody reads it nor reach who has left. */
import { describe, expect, test } from '@jest/globals';
import { renderListScript } from '../../src/core/list-filter.ts';
import type { DirectoryEntry, Reading } from '../../src/core/model.ts';
import { openState } from '../../src/state/state.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { at, brief, briefFinding, group, mailbox, markOf, person, personDn } from '../support/builders.ts';
import { openWorld, syncSettings, type SettingsPatch, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const policy = { ignore: false, internal: false, sendAs: false, mailbox: true } as const;
const settings = (patch: SettingsPatch = {}): SettingsPatch => ({
  groupPolicies: [{ pattern: '*', policy }],
  ...patch,
});
const open = (patch?: SettingsPatch, mailcow = openMemoryMailcow({})): World =>
  openWorld(mailcow, { settings: settings(patch) });

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `p${index}`);
const people = ids(30).map((id) => person(id));
const team = (...members: readonly string[]): DirectoryEntry => group('team', { members });
/** So many places that a few are no reason to ask. */
const other = group('other', { members: ids(30) });
const says = (...groups: readonly DirectoryEntry[]): Partial<Reading> => ({
  people,
  groups: [other, ...groups],
});

const did = (report: SyncReport): readonly string[] => report.done.map(brief);
const found = (report: SyncReport): readonly string[] => report.plan.findings.map(briefFinding);
const box = (world: World, name = 'team') => world.mailcow.mailboxes.get(at(name));
const filtersOf = (world: World, name = 'team') =>
  [...world.mailcow.filters.values()].filter(({ username }) => username === at(name));
const gotoOf = (world: World, name = 'team'): readonly string[] =>
  filtersOf(world, name)
    .filter(({ active }) => active)
    .flatMap(({ script }) =>
      [...script.matchAll(/redirect "(.*)@example\.test";/g)].map(([, one = '']) => one),
    );

const refuse = (world: World, ...parts: readonly string[]): void => {
  world.mailcow.intercept = (call) =>
    parts.every((part) => call.includes(part))
      ? { answer: { kind: 'refused', words: [{ word: 'access_denied', args: [] }] } }
      : undefined;
};

const made = async (...members: readonly string[]): Promise<World> => {
  const world = open();
  await world.sync(says(team(...members)));
  return world;
};

/** Two more syncs, of which one reads everything, and neither writes. */
async function expectQuiet(world: World): Promise<void> {
  await world.sync();
  expect(did(await world.sync())).toEqual([]);
  expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
}

describe('no mailbox of a list takes mail that its filter does not lead on', () => {
  test('when its filter is refused', async () => {
    const world = open();
    refuse(world, 'createFilter', 'team@');
    await world.sync(says(team('p0')));
    expect(box(world)?.active).toBe(0);
    world.mailcow.intercept = undefined;
    await world.sync(undefined, { minutes: 10 });
    expect([box(world)?.active, gotoOf(world)]).toEqual([1, ['p0']]);
    await expectQuiet(world);
  });

  test.each(['a-team', 'z-team'])('when the mailboxes of all members are refused (%s)', async (name) => {
    const world = open();
    refuse(world, 'createMailbox', 'p5@');
    await world.sync(says(group(name, { members: ['p5'] })));
    expect([box(world, name)?.active ?? 0, filtersOf(world, name)]).toEqual([0, []]);
    world.mailcow.intercept = undefined;
    await world.sync(undefined, { minutes: 10 });
    await world.sync();
    expect([box(world, name)?.active, gotoOf(world, name)]).toEqual([1, ['p5']]);
    await expectQuiet(world);
  });

  test('when only creations are allowed', async () => {
    const world = open({ policy: 'create-only' });
    await world.sync(says(team('p0')));
    expect([box(world)?.active, gotoOf(world)]).toEqual([1, ['p0']]);
    await expectQuiet(world);
  });
});

describe('who has left a list gets nothing of it', () => {
  test('when an emptied one gets more members than sieve redirects to', async () => {
    const world = await made('p0');
    await world.sync(says(team()));
    expect(box(world)?.active).toBe(0);
    const crowd = ids(120).map((id) => person(id));
    const report = await world.sync({ people: crowd, groups: [other, team(...ids(120))] });
    expect(found(report)).toContain('list-outgrew-sieve cn=team,ou=Groups,dc=example,dc=test');
    expect(box(world)?.active).toBe(0);
    await expectQuiet(world);
  });

  test('when an emptied one gets a new member and mailcow refuses the filter', async () => {
    const world = await made('p0');
    await world.sync(says(team()));
    refuse(world, 'editFilter');
    await world.sync(says(team('p1')));
    expect([box(world)?.active, gotoOf(world)]).toEqual([0, ['p0']]);
    world.mailcow.intercept = undefined;
    await world.sync(undefined, { minutes: 10 });
    expect([box(world)?.active, gotoOf(world)]).toEqual([1, ['p1']]);
  });

  test('when an emptied one comes back at a new address', async () => {
    const world = await made('p0');
    await world.sync(says(team()));
    const watch: string[] = [];
    world.mailcow.intercept = () => {
      for (const name of ['team', 'crew']) {
        if (box(world, name)?.active === 1) watch.push(...gotoOf(world, name));
      }
      return undefined;
    };
    await world.sync(says(group('team', { mail: 'crew', members: ['p1'] })));
    await world.sync();
    expect([box(world, 'crew')?.active, gotoOf(world, 'crew')]).toEqual([1, ['p1']]);
    expect(watch).not.toContain('p0');
    await expectQuiet(world);
  });

  test('when those who are left have no mailbox here', async () => {
    const taken = openMemoryMailcow({ mailboxes: [mailbox('p1', { tags: [markOf('p1', 'stranger')] })] });
    const world = open({}, taken);
    await world.sync(says(team('p0')));
    await world.sync(says(team('p1')));
    expect(box(world)?.active).toBe(0);
    await expectQuiet(world);
  });

  test('when it cannot move to its new address', async () => {
    const world = open({}, openMemoryMailcow({ mailboxes: [mailbox('crew')] }));
    await world.sync(says(team('p0', 'p1')));
    const report = await world.sync(says(group('team', { mail: 'crew', members: ['p1'] })));
    expect(found(report)).toContain('address-taken crew');
    expect(gotoOf(world)).toEqual(['p1']);
    await expectQuiet(world);
  });

  test('when it has moved to another domain: the old one is switched off', async () => {
    const world = await made('p0', 'p1');
    await world.sync(says(group('team', { mail: 'team@other.test', members: ['p1'] })));
    await world.sync();
    expect([box(world, 'team@other.test')?.active, box(world)?.active]).toEqual([1, 0]);
    await expectQuiet(world);
    await world.sync(says(team('p2')));
    await world.sync();
    expect([box(world, 'team@other.test')?.active, box(world)?.active, gotoOf(world)]).toEqual([
      0,
      1,
      ['p2'],
    ]);
    await expectQuiet(world);
  });

  test('when nobody is left while it moves to another domain', async () => {
    const world = await made('p0', 'p1');
    await world.sync(says(group('team', { mail: 'team@other.test' })));
    await expectQuiet(world);
    expect([box(world, 'team@other.test'), box(world)?.active]).toEqual([undefined, 0]);
  });

  test('when its group was deleted and made anew', async () => {
    const world = await made('p0', 'p1');
    const anew = { ...team('p1', 'p2'), id: 'team-2' };
    await world.sync(says(anew));
    await world.sync();
    expect(gotoOf(world)).toEqual(['p1', 'p2']);
    expect(box(world)?.tags).toEqual([markOf('team-2')]);
    await expectQuiet(world);
  });
});

describe('a mailbox stays what it is', () => {
  const asPerson = person('team', { dn: 'cn=team,ou=Groups,dc=example,dc=test' });
  const asGroup = (members: readonly string[]): DirectoryEntry => ({
    ...group('p0', { members }),
    dn: personDn('p0'),
  });

  test('of a person whose entry becomes a group', async () => {
    const world = await made('p1');
    await world.sync({ people: people.slice(1), groups: [other, team('p1'), asGroup(['p1', 'p2'])] });
    await world.sync();
    expect(box(world, 'p0')).toMatchObject({ name: 'P0', active: 1 });
    expect(filtersOf(world, 'p0')).toEqual([]);
    await expectQuiet(world);
  });

  test.each(['kept', 'lost'])(
    'of a group whose entry becomes a person, with the state file %s',
    async (file) => {
      const world = await made('p1', 'p2');
      if (file === 'lost') world.state = openState(':memory:');
      const report = await world.sync({ people: [...people, asPerson], groups: [other] });
      expect(found(report)).toContain('address-taken team');
      expect(box(world)).toMatchObject({ name: 'team (list)', quotaMiB: 1 });
      await expectQuiet(world);
      const [filter] = filtersOf(world);
      await world.mailcow.deleteFilters([filter?.id ?? 0]);
      await world.sync(undefined, { audit: true });
      expect(box(world)).toMatchObject({ name: 'TEAM', active: 1 });
      await expectQuiet(world);
    },
  );

  test('of a list whose account name and address a new person has', async () => {
    const world = open();
    const list = group('team', { members: ['p1'], attributes: { samaccountname: ['crew'] } });
    await world.sync(says(list));
    const newcomer = person('new', { mail: 'team', account: 'crew' });
    await world.sync({ people: [...people, newcomer], groups: [other] });
    await world.sync();
    const report = await world.sync();
    expect(box(world)).toMatchObject({ name: 'crew (list)', tags: [markOf('team')] });
    expect(found(report)).toContain('address-has-former-owner team');
  });

  test('when groups are not synced any more', async () => {
    const world = await made('p1');
    world.settings = syncSettings(settings({ readGroups: false, plan: { syncLists: false } }));
    for (let round = 0; round < 4; round++) expect(did(await world.sync({ people }))).toEqual([]);
    expect(box(world)?.active).toBe(1);
  });

  test('when an administrator has just said so by a tag', async () => {
    const world = await made('p1');
    await world.mailcow.editMailbox(at('team'), { addTags: ['ldap-keep'] });
    expect(did(await world.sync(says(team('p2'))))).toEqual([]);
    expect(gotoOf(world)).toEqual(['p1']);
  });
});

describe('what is written by hand', () => {
  test('is no address, and stops no sync', async () => {
    const world = await made('p0', 'p1');
    const [filter] = filtersOf(world);
    const script = renderListScript([at('p0')]).replace('p0@example.test', 'Müller@example.test');
    await world.mailcow.editFilter(filter?.id ?? 0, { script });
    await world.sync({ ...says(team('p0', 'p2')), problems: ['size limit'] }, { audit: true });
    expect(gotoOf(world)).toContain('p2');
    await world.sync(says(team('p0', 'p2')), { audit: true });
    expect(gotoOf(world)).toEqual(['p0', 'p2']);
  });
});

describe('the guard', () => {
  test('knows how many an emptied list loses, though its filter was not read since', async () => {
    const world = await made(...ids(8));
    const crew = (...members: readonly string[]): DirectoryEntry => group('team', { mail: 'crew', members });
    await world.sync(says(crew(...ids(8))));
    const report = await world.sync(says(crew()));
    const held = report.plan.held.map(({ change }) => brief(change));
    expect(held).toEqual(['deactivate mailbox crew active=1->0', 'deactivate alias team active=1->0']);
    expect(box(world, 'crew')?.active).toBe(1);
  });
});
