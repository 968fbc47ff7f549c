/** Domains that nobody asks for any more, over days. */
import { describe, expect, test } from '@jest/globals';
import type { WriteResult } from '../../src/ports-mailcow.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { approveHolds } from '../../src/sync/holds.ts';
import { alias, brief, briefFinding, mailbox, markOf, person } from '../support/builders.ts';
import { managedDomains, ourDomain } from '../support/builders-plan.ts';
import { openWorld, syncSettings, type SettingsPatch, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;
type Start = NonNullable<Parameters<typeof openMemoryMailcow>[0]>;

const DAY = 24 * 60;
const staff = [
  ...Array.from({ length: 20 }, (_, index) => person(`p${index}`)),
  person('k', { aliases: ['k0'] }),
];
const ben = person('ben', { mail: 'ben@old.test', aliases: ['b@old.test'] });
const did = (report: SyncReport): readonly string[] => report.done.map(brief);

const settings = (more: SettingsPatch = {}): SettingsPatch => ({
  ...more,
  plan: { domains: managedDomains, newQuotaMiB: undefined, deleteAfterDays: 2, ...more.plan },
});

const open = (start: Start = {}, more: SettingsPatch = {}): World =>
  openWorld(openMemoryMailcow({ domains: [ourDomain('example.test'), ourDomain('other.test')], ...start }), {
    settings: settings(more),
  });

/** One sync a day, and what was written on each. */
async function days(world: World, count: number, people = staff): Promise<readonly (readonly string[])[]> {
  const written: (readonly string[])[] = [];
  for (let day = 0; day < count; day++) written.push(did(await world.sync(people, { minutes: DAY })));
  return written;
}
const isThere = (world: World): boolean => world.mailcow.domains.has('old.test');

/** Two domains are always asked for, so that one of three may go. */
const others = [...staff, person('o', { mail: 'o@other.test' })];
const empty: Start = { domains: ['example.test', 'other.test', 'old.test'].map((name) => ourDomain(name)) };

describe('a domain that nobody asks for any more', () => {
  test('goes after its mailboxes, on as many days as they; then nothing is left of it', async () => {
    const world = open();
    await world.sync([...others, ben]);
    expect(world.mailcow.domains.get('old.test')).toMatchObject({ description: markOf('domain') });
    expect(await days(world, 7, others)).toEqual([
      [],
      ['deactivate alias b@old.test active=1->0', 'deactivate mailbox ben@old.test active=1->0'],
      ['delete mailbox ben@old.test'],
      ['delete domain old.test'],
      [],
      [],
      [],
    ]);
    const { domains, aliases, mailboxes, ledgerAliases, snapshot } = world.state.remembered();
    const texts = [
      ...[domains, aliases, mailboxes, ledgerAliases, snapshot].flatMap((map) => [...map.keys()]),
    ];
    expect(texts.filter((key) => key.includes('old.test'))).toEqual([]);
    expect(did(await world.sync([...others, ben]))[0]).toMatch(/^create domain old\.test /);
  });

  test('takes along the aliases of who is gone, and only those', async () => {
    const world = open();
    const list = alias('list@old.test', ['p0'], { privateComment: markOf('g') });
    await world.sync([...others, ben]);
    world.mailcow.aliases.set(list.id, list);
    await days(world, 9, others);
    expect(isThere(world)).toBe(false);
    expect([...world.mailcow.aliases.values()].map(({ address }) => address)).toEqual(['k0@example.test']);
    expect([...world.state.remembered().ledgerAliases.keys()]).toEqual(['k0@example.test']);
  });

  test('stays without LDAP_MAILCOW_DELETE_AFTER_DAYS', async () => {
    const { deleteAfterDays: _days, ...plan } = settings().plan ?? {};
    const world = openWorld(openMemoryMailcow(empty), { settings: { plan } });
    await days(world, 9, others);
    expect(isThere(world)).toBe(true);
  });

  test.each<[string, Start]>([
    ['a mailbox', { mailboxes: [mailbox('m@old.test')] }],
    ['an alias', { aliases: [alias('x@old.test', 'p0')] }],
    ['a catch-all', { aliases: [alias('@old.test', 'p0')] }],
    ['an alias domain', { aliasDomains: [{ name: 'alias.test', target: 'old.test' }] }],
  ])('stays while it has %s of others', async (_what, start) => {
    const world = open({ ...empty, ...start });
    await days(world, 9, others);
    expect(isThere(world)).toBe(true);
  });

  test('stays when somebody made an alias in it since our last look', async () => {
    const world = open(empty, { auditIntervalMs: 1e12 });
    await days(world, 2, others);
    world.mailcow.aliases.set(1, alias('late@old.test', 'p0', { id: 1 }));
    expect(await days(world, 4, others)).toEqual([[], [], [], []]);
    expect(isThere(world)).toBe(true);
  });

  test('stays when one was exchanged for ours behind our back', async () => {
    const ours = alias('x@old.test', 'p0', { privateComment: markOf('gone'), active: 0 });
    const start = { ...empty, aliases: [ours] };
    const undisturbed = await days(open(start, { auditIntervalMs: 1e12 }), 9, others);
    const day = undisturbed.findIndex((written) => written.includes('delete domain old.test'));
    expect(day).toBeGreaterThan(1);
    const world = open(start, { auditIntervalMs: 1e12 });
    await days(world, day, others);
    world.mailcow.aliases.delete(ours.id);
    world.mailcow.aliases.set(2, alias('@old.test', 'p0', { id: 2 }));
    const { failed } = await world.sync(others, { minutes: DAY });
    expect(failed.map(({ why }) => why)).toEqual([
      'mailcow refused it: domain_not_empty old.test it has 1 aliases that are not ours',
    ]);
    expect((await days(world, 5, others)).flat()).toEqual([]);
    expect(isThere(world)).toBe(true);
  });

  test('is not counted by incomplete readings, and not deleted by one', async () => {
    const world = open(empty);
    await days(world, 2, others);
    for (let day = 0; day < 5; day++) {
      await world.sync({ people: others, problems: ['cut'] }, { minutes: DAY });
    }
    expect(isThere(world)).toBe(true);
    expect((await days(world, 2, others)).flat()).toEqual(['delete domain old.test']);
  });

  test('starts anew when somebody asked for it in between', async () => {
    const world = open(empty);
    await days(world, 2, others);
    await world.sync([...others, person('p', { aliases: ['p@old.test'] })], { minutes: DAY });
    await world.sync(others, { minutes: DAY });
    expect(isThere(world)).toBe(true);
  });

  test.each(['upsert-only', 'create-only'] as const)('is not deleted with POLICY=%s', async (policy) => {
    const world = open(empty, { policy });
    await days(world, 6, others);
    const { plan } = await world.sync();
    expect(plan.forbidden.map(({ change }) => brief(change))).toEqual(['delete domain old.test']);
    expect(isThere(world)).toBe(true);
  });

  test('is held when it is the last one, or one of too many, until somebody approves', async () => {
    const names = ['a.test', 'b.test', 'old.test'];
    const world = open({ domains: ['example.test', ...names].map((name) => ourDomain(name)) });
    await days(world, 4);
    const { plan, outcome } = await world.sync();
    expect(outcome).toBe('held');
    expect(new Set(plan.held.map(({ why }) => why))).toEqual(
      new Set(['would delete 3 of 4 managed domains; 2 at once are allowed']),
    );
    const holds = world.state.holds();
    if (holds !== undefined) approveHolds(world.state, holds, world.clock);
    expect(did(await world.sync())).toEqual(names.map((name) => `delete domain ${name}`));
  });

  test('is held when base, filter or server changed meanwhile', async () => {
    const world = open(empty);
    await days(world, 1, others);
    world.settings = syncSettings(settings({ scope: 'scope-2', configDigest: 'scope-2' }));
    await days(world, 5, others);
    expect(world.state.holds()?.held.map(({ why }) => why)).toEqual([
      'follows from a changed base, filter or server',
    ]);
  });

  test('is counted for nothing while the clock jumps', async () => {
    const world = open(empty);
    const { context } = world;
    const jumpy = Object.assign(world, {
      context: () => ({ ...context(), uptime: () => ({ boot: 'b', ms: 1000 }) }),
    });
    await days(jumpy, 5, others);
    for (const minutes of [-365 * DAY, 0, 0]) await jumpy.sync(others, { minutes });
    expect(isThere(world)).toBe(true);
  });
});

describe('a deletion whose answer is lost', () => {
  const unclear: WriteResult = { kind: 'unclear', why: 'empty reply' };
  test.each([
    ['unclear, done', unclear, true],
    ['unclear, not done', unclear, false],
    ['cut short, done', new Error('connection refused'), true],
    ['cut short, not done', new Error('connection refused'), false],
  ])('ends as if it had been clear (%s)', async (_what, answer, late) => {
    const world = open();
    await world.sync([...others, ben]);
    await days(world, 3, others);
    world.mailcow.intercept = (call) => (call.startsWith('deleteDomain') ? { answer, late } : undefined);
    const sync = world.sync(others, { minutes: DAY });
    if (answer instanceof Error) await expect(sync).rejects.toThrow('connection refused');
    else expect((await sync).done).toHaveLength(late ? 1 : 0);
    world.mailcow.intercept = undefined;
    await world.sync();
    expect(isThere(world)).toBe(false);
    expect(did(await world.sync())).toEqual([]);
    expect([...world.state.remembered().domains.keys()]).toEqual(['example.test', 'other.test']);
  });

  test('that is ours to refuse is a finding', async () => {
    const world = open({ ...empty, aliasDomains: [{ name: 'alias.test', target: 'old.test' }] });
    await days(world, 2, others);
    const report = await world.sync(undefined, { minutes: DAY });
    expect(report.failed.map(({ why }) => why)).toEqual([
      'mailcow refused it: domain_not_empty old.test the alias domain alias.test leads to it',
    ]);
    expect(world.state.findings().map(briefFinding)).toEqual(['refused-by-mailcow old.test']);
  });
});
