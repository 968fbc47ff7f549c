/** What the directory does not know in domains of ours, over many syncs. */
import { describe, expect, test } from '@jest/globals';
import type { Change } from '../../src/core/change.ts';
import type { WriteResult } from '../../src/ports-mailcow.ts';
import { openState } from '../../src/state/state.ts';
import { planSync } from '../../src/sync.ts';
import { approveHolds } from '../../src/sync/holds.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { alias, at, brief, mailbox, markOf, person } from '../support/builders.ts';
import { managedDomains, ourDomain } from '../support/builders-plan.ts';
import { openWorld, syncSettings, type SettingsPatch, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const DAY = 24 * 60;
const staff = [
  ...Array.from({ length: 20 }, (_, index) => person(`p${index}`)),
  person('k', { aliases: ['k0'] }),
];
const did = (report: SyncReport): readonly string[] => report.done.map(brief);
const both = ['deactivate alias y active=1->0', 'deactivate mailbox x active=1->0'];

const patched = (plan: SettingsPatch['plan'] = {}, more: SettingsPatch = {}): SettingsPatch => ({
  ...more,
  plan: { domains: { ...managedDomains, exclusive: true }, newQuotaMiB: undefined, ...plan },
});

/** A mailbox and an alias that nobody knows, and what never goes. */
function open(plan: SettingsPatch['plan'] = {}, more: SettingsPatch = {}): World {
  const mailcow = openMemoryMailcow({
    domains: [ourDomain('example.test')],
    mailboxes: [
      mailbox('x'),
      mailbox('kept', { tags: ['ldap-keep'] }),
      mailbox('under'),
      mailbox('idle', { active: 0 }),
    ],
    aliases: [
      alias('y', ['p0'], { privateComment: 'of the janitor' }),
      alias('postmaster', ['under']),
      alias('@example.test', ['p0']),
      alias('asleep', ['p0'], { active: 0 }),
    ],
  });
  return openWorld(mailcow, { settings: patched(plan, more) });
}
const box = (world: World, name: string) => world.mailcow.mailboxes.get(at(name));
const watched = (world: World): readonly string[] =>
  [...world.state.remembered().snapshot.values()]
    .filter(({ kind }) => kind === 'watch')
    .map(({ entry }) => entry.id.replace('@example.test', ''))
    .sort();
/** Two syncs, so that the second switches off what nobody knows. */
async function settled(world: World): Promise<void> {
  await world.sync(staff);
  expect(did(await world.sync())).toEqual(both);
}

describe('what the directory does not know', () => {
  test('is deactivated with the second reading, marked, and then nothing is written or listed any more', async () => {
    const world = open();
    const first = await world.sync(staff);
    expect(did(first).filter((what) => what.startsWith('deactivate'))).toEqual([]);
    expect(watched(world)).toEqual(['stray:alias:y', 'stray:mailbox:x']);
    expect(did(await world.sync())).toEqual(both);
    expect(box(world, 'x')).toMatchObject({
      active: 0,
      tags: [markOf('stray%3Amailbox%3Ax%40example.test'), 'ldap-adopted'],
    });
    expect([...world.mailcow.aliases.values()].find(({ address }) => address === at('y'))).toMatchObject({
      active: 0,
      privateComment: `of the janitor ${markOf('stray%3Aalias%3Ay%40example.test')}`,
    });
    const lists = world.mailcow.lists();
    const written = world.mailcow.written.length;
    for (let round = 0; round < 5; round++) expect(await world.sync()).toMatchObject({ outcome: 'done' });
    expect([world.mailcow.lists(), world.mailcow.written.length]).toEqual([lists, written]);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
    expect(['kept', 'under'].map((name) => box(world, name)?.active)).toEqual([1, 1]);
    expect(watched(world)).toEqual(['stray:alias:y', 'stray:mailbox:x']);
  });

  test('has its grace when exclusive is switched on later, and no plan counts', async () => {
    const world = open({ domains: managedDomains });
    for (let round = 0; round < 4; round++) await world.sync(staff);
    expect(watched(world)).toEqual([]);
    world.settings = syncSettings(patched({}, { configDigest: 'exclusive' }));
    for (let round = 0; round < 3; round++) {
      expect((await planSync(world.context())).plan.changes).toEqual([]);
    }
    expect(did(await world.sync())).toEqual([]);
    expect(did(await world.sync())).toEqual(both);
  });

  test('waits for readings as far apart as those of leavers, and grace of one reading is no less than a second sync', async () => {
    const spaced = open({}, { graceSpacingMs: 10 * 60_000 });
    await spaced.sync(staff);
    for (let round = 0; round < 9; round++) expect(did(await spaced.sync())).toEqual([]);
    expect(did(await spaced.sync())).toEqual(both);
    const hasty = open({}, { graceReadings: 1 });
    await hasty.sync(staff);
    expect(did(await hasty.sync())).toEqual(both);
  });

  test('is not counted by incomplete readings, nor by an empty directory, declared or not', async () => {
    const world = open();
    await world.sync(staff);
    for (let round = 0; round < 3; round++) {
      expect(did(await world.sync({ people: staff, problems: ['cut'] }))).toEqual([]);
      expect(did(await world.sync([]))).toEqual([]);
    }
    expect(did(await world.sync(staff))).toEqual(both);
    const empty = open();
    await empty.sync(staff);
    empty.state.approve({
      id: 'no-people',
      signatures: ['reading no-people'],
      at: '2026-01-01T00:00:00.000Z',
      expiresAt: '2027-01-01T00:00:00.000Z',
    });
    await empty.sync([]);
    expect(watched(empty)).toEqual([]);
    await empty.sync([]);
    expect(box(empty, 'x')?.active).toBe(1);
  });

  test('starts anew when somebody asked for it in between', async () => {
    const world = open({ adopt: false });
    await world.sync(staff);
    await world.sync([...staff, person('x', { aliases: ['y'] })]);
    expect(watched(world)).toEqual([]);
    // In grace the claim stays; then the grace of what is claimed no more begins.
    for (let round = 0; round < 2; round++) expect(did(await world.sync(staff))).toEqual([]);
    expect(did(await world.sync(staff))).toEqual(both);
  });

  test('is held while an attribute that people had is gone from all of them', async () => {
    const world = open();
    await world.sync([...staff, person('b', { aliases: ['y'] })]);
    const without = staff.map(({ id }) => person(id));
    for (let round = 0; round < 3; round++) await world.sync(without);
    const { plan } = await world.sync();
    expect(plan.changes).toEqual([]);
    expect(plan.held.map(({ change }) => brief(change))).toContain(both[1]);
  });

  test('is held after a changed question, and by the guard when it is too much', async () => {
    const world = open();
    await world.sync(staff);
    world.settings = syncSettings(patched({}, { scope: 'scope-2', configDigest: 'scope-2' }));
    for (let round = 0; round < 3; round++) await world.sync();
    const report = await world.sync();
    expect(report.plan.held.map(({ change, why }) => [brief(change), why]).sort()).toEqual(
      both.map((what) => [what, 'follows from a changed base, filter or server']),
    );
    const crowded = open();
    for (const name of ['q', 'r', 's']) crowded.mailcow.mailboxes.set(at(name), mailbox(name));
    await crowded.sync(staff);
    const held = await crowded.sync();
    expect(held).toMatchObject({ outcome: 'held' });
    expect(did(held)).toEqual([both[0]]);
    for (let round = 0; round < 3; round++) expect((await crowded.sync()).plan.held).toHaveLength(4);
    const holds = crowded.state.holds();
    if (holds !== undefined) approveHolds(crowded.state, holds, crowded.clock);
    expect(did(await crowded.sync())).toHaveLength(4);
    expect(did(await crowded.sync())).toEqual([]);
  });

  test('is not touched by policies that take nothing away', async () => {
    for (const policy of ['upsert-only', 'create-only'] as const) {
      const world = open({}, { policy });
      await world.sync(staff);
      for (let round = 0; round < 3; round++) {
        const report = await world.sync();
        expect(report.done).toEqual([]);
        expect(report.plan.forbidden.map(({ change }) => brief(change))).toEqual(both);
      }
    }
  });

  test('is looked at once more before it is switched off: a tag, a claim on the domain', async () => {
    const world = open();
    await world.sync(staff);
    world.mailcow.mailboxes.set(at('x'), mailbox('x', { tags: ['ldap-keep'] }));
    expect(did(await world.sync())).toEqual([both[0]]);
    const foreign = open();
    await foreign.sync(staff);
    foreign.mailcow.domains.set('example.test', ourDomain('example.test', { description: 'mine again' }));
    expect(did(await foreign.sync())).toEqual([]);
  });
});

describe('somebody comes who asks for it', () => {
  const heir = person('x', { name: 'X', quotaMiB: 3072, aliases: ['mine'] });

  test('it is adopted, and works again because we had switched it off', async () => {
    const world = open();
    await settled(world);
    const report = await world.sync([...staff, heir]);
    expect(report.plan.findings).toEqual([]);
    expect(did(report)).toEqual(['adopt mailbox x', 'create alias mine active=1 goto=x']);
    expect(box(world, 'x')?.tags).toEqual(['ldap-adopted', markOf('x')]);
    expect(did(await world.sync())).toEqual(['reactivate mailbox x active=0->1']);
    expect(did(await world.sync())).toEqual([]);
    expect(watched(world)).toEqual(['stray:alias:y']);
  });

  test('an alias too, where it leads to the right place', async () => {
    const world = open();
    await settled(world);
    const owner = person('p0', { aliases: ['y'] });
    expect(did(await world.sync([owner, ...staff.slice(1)]))).toEqual(['adopt alias y']);
    expect(did(await world.sync())).toEqual(['reactivate alias y active=0->1']);
    expect(did(await world.sync())).toEqual([]);
  });

  test('what an administrator had switched off stays off', async () => {
    const world = open();
    await settled(world);
    const idle = person('idle', { name: 'IDLE', quotaMiB: 3072 });
    expect(did(await world.sync([...staff, idle]))).toEqual(['adopt mailbox idle']);
    const report = await world.sync();
    expect(did(report)).toEqual([]);
    expect(report.plan.findings.map(({ code }) => code)).toEqual(['changed-by-hand']);
  });
});

describe('what we switched off', () => {
  test('is deleted after as many days as leavers, and what others switched off is not', async () => {
    const world = open({ deleteAfterDays: 3 });
    await world.sync(staff);
    const days: (readonly string[])[] = [];
    for (let day = 0; day < 5; day++) days.push(did(await world.sync(undefined, { minutes: DAY })));
    expect(days).toEqual([both, [], ['delete mailbox x'], [], []]);
    expect(box(world, 'idle')).toBeDefined();
    expect(watched(world)).toEqual(['stray:alias:y']);
    world.mailcow.mailboxes.set(at('x'), mailbox('x'));
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
    expect(did(await world.sync())).toEqual(['deactivate mailbox x active=1->0']);
  });

  test('stays as it is when domains are shared again, also with days to delete after', async () => {
    const world = open({ deleteAfterDays: 3 });
    await settled(world);
    world.settings = syncSettings(
      patched({ domains: managedDomains, deleteAfterDays: 3 }, { configDigest: 'shared' }),
    );
    for (let day = 0; day < 6; day++) {
      expect(did(await world.sync(undefined, { minutes: DAY }))).toEqual([]);
    }
    expect(watched(world)).toEqual([]);
  });

  test('is forgotten when an administrator deletes it', async () => {
    const world = open();
    await settled(world);
    world.mailcow.mailboxes.delete(at('x'));
    await world.sync(undefined, { audit: true });
    expect(watched(world)).toEqual(['stray:alias:y']);
    expect(world.state.remembered().ledgerMailboxes.has(at('x'))).toBe(false);
  });

  test('is found again by its mark when the SQLite file is lost, and is nobody’s former mailbox', async () => {
    const world = open({ deleteAfterDays: 1 });
    await settled(world);
    world.state = openState(':memory:');
    for (let day = 0; day < 5; day++) {
      expect(did(await world.sync(staff, { minutes: DAY }))).toEqual([]);
    }
    const report = await world.sync([...staff, person('x', { name: 'X', quotaMiB: 3072 })]);
    expect(did(report)).toEqual(['adopt mailbox x']);
  });
});

describe('a write whose answer is lost', () => {
  const unclear: WriteResult = { kind: 'unclear', why: 'empty reply' };
  const crash = new Error('connection refused');
  test.each([
    ['unclear, done', unclear, true],
    ['unclear, not done', unclear, false],
    ['cut short, done', crash, true],
    ['cut short, not done', crash, false],
  ])('ends as if it had been clear (%s)', async (_what, answer, late) => {
    const world = open();
    await world.sync(staff);
    world.mailcow.intercept = (call) => (/^edit(Mailbox|Alias)/.test(call) ? { answer, late } : undefined);
    const written: Change[] = [];
    if (answer instanceof Error) await expect(world.sync()).rejects.toThrow('connection refused');
    else written.push(...(await world.sync()).done);
    expect(written).toHaveLength(answer === unclear && late ? 2 : 0);
    world.mailcow.intercept = undefined;
    await world.sync();
    const rows = world.state.remembered();
    expect(rows.ledgerMailboxes.get(at('x'))).toMatchObject({ origin: 'adopted', lastActive: false });
    expect(rows.ledgerAliases.get(at('y'))).toMatchObject({ origin: 'adopted', lastActive: false });
    expect([box(world, 'x')?.active, did(await world.sync())]).toEqual([0, []]);
  });
});
