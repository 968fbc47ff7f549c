/** Lists that are mailboxes with a sieve filter, over several syncs: guard, cut readings, hands and failures. */
import { describe, expect, test } from '@jest/globals';
import type { DirectoryEntry } from '../../src/core/model.ts';
import { renderListScript } from '../../src/core/list-filter.ts';
import type { Reading } from '../../src/core/model.ts';
import { openState } from '../../src/state/state.ts';
import { approveHolds } from '../../src/sync/holds.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { at, brief, briefFinding, group, mailbox, markOf, person } from '../support/builders.ts';
import { openWorld, syncSettings, type SettingsPatch, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const policy = { ignore: false, internal: false, sendAs: false, mailbox: true } as const;
const settings = (patch: SettingsPatch = {}): SettingsPatch => ({
  groupPolicies: [{ pattern: '*', policy }],
  ...patch,
});

const open = (mailcow = openMemoryMailcow({}), patch?: SettingsPatch): World =>
  openWorld(mailcow, { settings: settings(patch) });
const did = (report: SyncReport): readonly string[] => report.done.map(brief);
const held = (report: SyncReport): readonly string[] => report.plan.held.map(({ change }) => brief(change));
const found = (report: SyncReport): readonly string[] => report.plan.findings.map(briefFinding);
const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `p${index}`);
const people = ids(30).map((id) => person(id));
const team = (...members: readonly string[]): DirectoryEntry => group('team', { members });
const says = (...groups: readonly DirectoryEntry[]): Partial<Reading> => ({ people, groups });

const filtersOf = (world: World, name = 'team') =>
  [...world.mailcow.filters.values()].filter(({ username }) => username === at(name));

/** The script as mailcow has it, read by a reader of its own: whom it redirects to. */
const gotoOf = (world: World, name = 'team'): readonly string[] =>
  filtersOf(world, name)
    .filter(({ active }) => active)
    .flatMap(({ script }) =>
      [...script.matchAll(/redirect "(.*)@example\.test";/g)].map(([, one = '']) => one),
    );

function approve(world: World): void {
  const holds = world.state.holds();
  if (holds !== undefined) approveHolds(world.state, holds, world.clock);
}

const made = async (...members: readonly string[]): Promise<World> => {
  const world = open();
  await world.sync(says(team(...members)));
  return world;
};

describe('the first sync', () => {
  test('makes mailbox and filter with our mark, and later ones neither write nor list', async () => {
    const world = await made('p0', 'p1');
    expect(world.mailcow.mailboxes.get(at('team'))).toMatchObject({
      name: 'team (list)',
      quotaMiB: 1,
      active: 1,
      tags: [markOf('team')],
    });
    expect(filtersOf(world)).toMatchObject([
      { kind: 'prefilter', active: true, description: markOf('team') },
    ]);
    expect(gotoOf(world)).toEqual(['p0', 'p1']);
    const lists = world.mailcow.lists();
    expect(did(await world.sync())).toEqual([]);
    expect(world.mailcow.lists()).toBe(lists);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });

  test('makes no filter when the mailbox is refused, and makes it when it comes', async () => {
    const world = open();
    world.mailcow.intercept = (call) =>
      call.startsWith('createMailbox') && call.includes('team')
        ? { answer: { kind: 'refused', words: [{ word: 'access_denied', args: [] }] } }
        : undefined;
    await world.sync(says(team('p0')));
    expect(filtersOf(world)).toEqual([]);
    world.mailcow.intercept = undefined;
    await world.sync(undefined, { minutes: 10 });
    expect(gotoOf(world)).toEqual(['p0']);
  });

  test('makes a filter that was refused the next time, not at once', async () => {
    const world = open();
    world.mailcow.intercept = (call) =>
      call.startsWith('createFilter')
        ? { answer: { kind: 'refused', words: [{ word: 'sieve_error', args: [] }] } }
        : undefined;
    expect((await world.sync(says(team('p0')))).failed).toHaveLength(2);
    world.mailcow.intercept = undefined;
    expect(did(await world.sync())).toEqual([]);
    expect(did(await world.sync(undefined, { minutes: 10 }))).toEqual([
      'create filter team goto=p0',
      'reactivate mailbox team active=0->1',
    ]);
  });

  test.each(['lost before', 'lost after'])(
    'a filter whose answer was %s it was made is made once',
    async (when) => {
      const world = open();
      let calls = 0;
      world.mailcow.intercept = (call) => {
        if (!call.startsWith('createFilter') || (calls += 1) > 1) return undefined;
        return { answer: { kind: 'unclear', why: 'the connection was lost' }, late: when === 'lost after' };
      };
      await world.sync(says(team('p0')));
      await world.sync(undefined, { minutes: 10 });
      expect(filtersOf(world)).toHaveLength(1);
      expect(gotoOf(world)).toEqual(['p0']);
    },
  );

  test('is not led to a mailbox that is refused', async () => {
    const world = open();
    world.mailcow.intercept = (call) =>
      call.startsWith('createMailbox') && call.includes('p1@')
        ? { answer: { kind: 'refused', words: [{ word: 'access_denied', args: [] }] } }
        : undefined;
    await world.sync(says(team('p0', 'p1')));
    expect(gotoOf(world)).toEqual(['p0']);
  });
});

describe('the guard over memberships (4.11)', () => {
  test('holds more than half of one list, and lets newcomers in', async () => {
    const world = open();
    await world.sync(says(team(...ids(8)), group('other', { members: ids(30) })));
    const report = await world.sync(says(team('p0', 'p1', 'p2', 'p9'), group('other', { members: ids(30) })));
    expect(held(report)).toHaveLength(1);
    expect(report.plan.held[0]?.why).toBe('would take 5 of 8 members out of this list');
    expect(gotoOf(world)).toEqual([...ids(8), 'p9'].sort());
    approve(world);
    await world.sync();
    expect(gotoOf(world)).toEqual(['p0', 'p1', 'p2', 'p9']);
  });

  test('holds a tenth of all memberships, spread over many small lists', async () => {
    const world = open();
    const lists = (members: readonly string[]): readonly DirectoryEntry[] =>
      ids(10).map((id) => group(`list-${id}`, { members }));
    await world.sync(says(...lists(['p0', 'p1'])));
    const report = await world.sync(says(...lists(['p0'])));
    expect(held(report)).toHaveLength(10);
    expect(report.plan.held[0]?.why).toBe('would take 10 of 20 members out of lists; 5 at once are allowed');
  });

  test('holds a list of more than five that would be emptied', async () => {
    const world = open();
    const other = group('other', { members: ids(30) });
    await world.sync(says(team(...ids(6)), other));
    expect(held(await world.sync(says(team(), other)))).toEqual(['deactivate mailbox team active=1->0']);
    expect(gotoOf(world)).toEqual(ids(6));
  });

  test('grows no list beyond what sieve redirects, even where nobody may leave it', async () => {
    const crowd = ids(120).map((id) => person(id));
    const world = open();
    await world.sync({ people: crowd, groups: [team(...ids(90))] });
    await world.sync({ people: crowd, groups: [team(...ids(120).slice(30))], problems: ['size limit'] });
    expect(gotoOf(world)).toHaveLength(90);
    expect(gotoOf(world)).toContain('p0');
  });
});

describe('what is not proved takes nobody out (4.1)', () => {
  test('an incomplete reading only adds', async () => {
    const world = await made('p0', 'p1');
    await world.sync({ ...says(team('p1', 'p2')), problems: ['size limit'] });
    expect(gotoOf(world)).toEqual(['p0', 'p1', 'p2']);
    await world.sync(says(team('p1', 'p2')));
    expect(gotoOf(world)).toEqual(['p1', 'p2']);
  });

  test('an empty directory changes nothing', async () => {
    const world = await made('p0', 'p1');
    const before = [...world.mailcow.written];
    for (let round = 0; round < 5; round++) await world.sync({ people: [], groups: [] });
    expect(world.mailcow.written).toEqual(before);
  });

  test('a lost SQLite file takes nobody out for two syncs (4.5), and finds the list by its marks', async () => {
    const world = await made('p0', 'p1');
    world.state = openState(':memory:');
    await world.sync(says(team('p0')));
    await world.sync();
    expect(gotoOf(world)).toEqual(['p0', 'p1']);
    await world.sync();
    expect(gotoOf(world)).toEqual(['p0']);
    expect(filtersOf(world)).toHaveLength(1);
  });
});

describe('a list over time', () => {
  test('follows a member to a new address', async () => {
    const world = await made('p0', 'p1');
    await world.sync({
      people: [person('p0', { mail: 'new' }), ...people.slice(1)],
      groups: [team('p0', 'p1')],
    });
    expect(gotoOf(world)).toEqual(['new', 'p1']);
    expect(did(await world.sync())).toEqual([]);
  });

  test('at a new address takes its filter along, and is found at the old one', async () => {
    const world = await made('p0', 'p1');
    const crew = group('team', { mail: 'crew', members: ['p0', 'p2'] });
    await world.sync(says(crew));
    await world.sync();
    expect(gotoOf(world, 'crew')).toEqual(['p0', 'p2']);
    expect([...world.mailcow.aliases.values()]).toMatchObject([{ address: at('team'), goto: [at('crew')] }]);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });

  test('that is gone is deactivated after its grace, and its members keep their mail', async () => {
    const world = await made('p0', 'p1');
    await world.sync(says(group('other', { members: ['p0'] })));
    expect(world.mailcow.mailboxes.get(at('team'))?.active).toBe(1);
    await world.sync();
    expect(world.mailcow.mailboxes.get(at('team'))?.active).toBe(0);
    expect(filtersOf(world)).toHaveLength(1);
  });

  test('emptied and filled again reaches those who are in it now', async () => {
    const other = group('other', { members: ids(30) });
    const world = open();
    await world.sync(says(team('p0', 'p1'), other));
    await world.sync(says(team(), other));
    expect(world.mailcow.mailboxes.get(at('team'))?.active).toBe(0);
    const report = await world.sync(says(team('p2'), other));
    expect([held(report), gotoOf(world)]).toEqual([[], ['p2']]);
    expect(world.mailcow.mailboxes.get(at('team'))?.active).toBe(1);
  });

  test('deleted by hand comes again, as what it would be made now', async () => {
    const world = await made('p0');
    await world.mailcow.deleteMailbox(at('team'));
    await world.sync(undefined, { audit: true });
    expect(gotoOf(world)).toEqual(['p0']);
  });

  test('changed by hand is put back by the next audit, or reported', async () => {
    const world = await made('p0');
    const [filter] = filtersOf(world);
    await world.mailcow.editFilter(filter?.id ?? 0, { script: 'keep;' });
    world.settings = syncSettings(settings({ plan: { reportDrift: true } }));
    expect(found(await world.sync(undefined, { audit: true }))).toContain('drift team');
    world.settings = syncSettings(settings());
    await world.sync(undefined, { audit: true });
    expect(gotoOf(world)).toEqual(['p0']);
  });

  test('keeps a filter that somebody else made and activated', async () => {
    const world = await made('p0');
    await world.mailcow.createFilter({
      username: at('team'),
      description: 'on holiday',
      script: 'keep;',
      kind: 'prefilter',
      active: true,
    });
    const report = await world.sync(says(team('p0', 'p1')));
    expect(found(report)).toContain('filter-in-the-way team');
    expect(filtersOf(world).filter(({ active }) => active)).toMatchObject([{ script: 'keep;' }]);
  });
});

describe('what an older tool left', () => {
  const script = `### Auto-generated mailinglist filter by linuxmuster ###\r\n\r\nrequire "copy";\r\n\r\nredirect :copy "p0@example.test";\r\nredirect :copy "p1@example.test";\r\n\r\ndiscard;stop;`;
  const older = {
    id: 5,
    username: at('team'),
    description: `Auto-generated mailinglist filter for ${at('team')}`,
    script,
    kind: 'prefilter',
    active: true,
  } as const;
  const start = () =>
    openMemoryMailcow({
      mailboxes: [
        mailbox('team', { name: 'team (list)', quotaMiB: 1 }),
        ...ids(30).map((id) => mailbox(id, { name: id.toUpperCase() })),
      ],
      filters: [older],
    });

  test('is adopted, and its filter stays as it is for as long as the members do', async () => {
    const world = open(start());
    const report = await world.sync(says(team('p0', 'p1')));
    expect(new Set(report.done.map(({ kind }) => kind))).toEqual(new Set(['adopt']));
    expect(did(await world.sync())).toEqual([]);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
    expect(filtersOf(world)).toEqual([older]);
  });

  test('gets our script and mark with the first change of its members', async () => {
    const world = open(start());
    await world.sync(says(team('p0', 'p1')));
    await world.sync(says(team('p0', 'p1', 'p2')));
    expect(filtersOf(world)).toEqual([
      { ...older, description: markOf('team'), script: renderListScript(['p0', 'p1', 'p2'].map(at)) },
    ]);
  });
});
