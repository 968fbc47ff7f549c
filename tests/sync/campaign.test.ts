/** What the campaign of faults found between syncs (docs/reliability.md), each as the shortest story that shows it. */
import { describe, expect, test } from '@jest/globals';
import { declare } from '../../src/sync/holds.ts';
import { planSync, runSync } from '../../src/sync.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { openState } from '../../src/state/state.ts';
import type { DirectoryEntry } from '../../src/core/model.ts';
import { at, brief, briefFinding, domain, mailbox, markOf, person, reading } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const domains = [domain(), domain('other.test')];
const open = (): World => openWorld(openMemoryMailcow({ domains }));
const did = (report: SyncReport): readonly string[] => report.done.map(brief);
const held = (report: SyncReport): readonly string[] => report.plan.held.map(({ change }) => brief(change));
const found = (report: SyncReport): readonly string[] => report.plan.findings.map(briefFinding);
const crowd = (count: number): readonly ReturnType<typeof person>[] =>
  Array.from({ length: count }, (_, index) => person(`p${index}`));
const box = (world: World, name: string) => world.mailcow.mailboxes.get(at(name));

/** Puts mailcow back to how it was. */
function backup({ mailcow }: World): () => void {
  const saved = [new Map(mailcow.mailboxes), new Map(mailcow.aliases)] as const;
  return () => {
    mailcow.mailboxes.clear();
    mailcow.aliases.clear();
    for (const [key, value] of saved[0]) mailcow.mailboxes.set(key, value);
    for (const [key, value] of saved[1]) mailcow.aliases.set(key, value);
  };
}

describe('mailcow put back to before addresses changed hands (4.17)', () => {
  const moved = [
    person('p0', { mail: 'q' }),
    person('p1', { mail: 'p0', name: 'Other' }),
    ...crowd(20).slice(2),
  ];

  // Seed 3203: an address that the ledger knew was not asked for its mark.
  test('each mailbox is again that of its mark, and goes where its person is', async () => {
    const world = open();
    await world.sync(crowd(20));
    const restore = backup(world);
    await world.sync(moved);
    await world.sync(moved);
    expect(box(world, 'p0')?.tags).toEqual([markOf('p1')]);
    restore();
    expect(did(await world.sync(moved, { audit: true }))).toEqual([
      'rename mailbox p0 address=p0->q',
      'rename mailbox p1 address=p1->p0',
      'update mailbox p0 name=P1->Other',
    ]);
    expect(did(await world.sync(moved, { audit: true }))).toEqual([]);
  });

  // Seed 5176: no audit was due, and mailcow takes an alias to a mailbox that is not there.
  test('no alias is led to a mailbox that is only remembered', async () => {
    const world = open();
    await world.sync(crowd(20));
    world.mailcow.mailboxes.delete(at('p3'));
    const changed = [...crowd(20).filter(({ id }) => id !== 'p3'), person('p3', { aliases: ['x'] })];
    expect(did(await world.sync(changed))).toEqual([
      'create mailbox p3 active=1 name=P3 quotaMiB=3072',
      'create alias x active=1 goto=p3',
    ]);
  });
});

describe('a take-over that was cut short (4.6, 4.15)', () => {
  const former = person('old', { mail: 'a', account: 'anna', aliases: ['x'] });
  const heir = person('new', { mail: 'a', account: 'anna', aliases: ['x'] });

  async function cutShort(before: readonly DirectoryEntry[], late: boolean): Promise<World> {
    const world = open();
    for (const entry of before) await world.sync([...crowd(20), entry]);
    world.mailcow.intercept = (call) =>
      call.startsWith('removeMailboxTag') ? { answer: new Error('connection refused'), late } : undefined;
    await expect(world.sync([...crowd(20), heir])).rejects.toThrow('connection refused');
    world.mailcow.intercept = undefined;
    return world;
  }

  // Seed 5044.
  test('and whose former id came back leaves no second mark', async () => {
    const world = await cutShort([former], false);
    expect(box(world, 'a')?.tags).toEqual([markOf('old'), markOf('new')]);
    for (let round = 0; round < 3; round++) await world.sync([...crowd(20), former]);
    expect(box(world, 'a')).toMatchObject({ tags: [markOf('old')], active: 1 });
    expect(did(await world.sync())).toEqual([]);
  });

  // Seed 10752: what we had switched off looked as if somebody else had.
  test.each([true, false])(
    'is finished, and remembers who switched the mailbox off (carried out: %s)',
    async (late) => {
      const world = await cutShort(
        [former, person('old', { mail: 'a', account: 'anna', aliases: ['x'], disabled: true })],
        late,
      );
      expect(box(world, 'a')?.active).toBe(0);
      await world.sync([...crowd(20), heir]);
      await world.sync([...crowd(20), heir]);
      expect(box(world, 'a')).toMatchObject({ tags: [markOf('new')], active: 1 });
      expect([...world.mailcow.aliases.values()]).toMatchObject([
        { privateComment: markOf('new'), active: 1 },
      ]);
      expect(did(await world.sync())).toEqual([]);
    },
  );

  // Seed 10824.
  test('leaves the mailbox to the new id, also when that is not understood for a while', async () => {
    const world = await cutShort([former], false);
    const unclear = person('new', { mail: undefined, account: 'anna' });
    for (let round = 0; round < 4; round++) await world.sync([...crowd(20), unclear]);
    expect(box(world, 'a')?.active).toBe(1);
  });
});

// Seed 10269: the reading that saw the person was forgotten because mailcow failed afterwards.
test('who was seen in between was not missing twice in a row, whatever mailcow answered (4.3)', async () => {
  const world = open();
  const all = [...crowd(20), person('a')];
  await world.sync(all);
  await world.sync(crowd(20));
  const listDomains = (): Promise<never> => Promise.reject(new Error('500'));
  const broken = { ...world.context(), mailcow: { ...world.mailcow, listDomains } };
  world.directory.now = reading(all);
  await expect(runSync(broken, { audit: true })).rejects.toThrow('500');
  expect(did(await world.sync(crowd(20)))).toEqual([]);
  expect(did(await world.sync(crowd(20)))).toEqual(['deactivate mailbox a active=1->0']);
});

describe('a mailbox that was left in another domain', () => {
  const here = [...crowd(20), person('a')];
  const there = [...crowd(20), person('a', { mail: 'a@other.test' })];
  const movedTo = (world: World): string | undefined =>
    world.state.remembered().ledgerMailboxes.get(at('a'))?.movedTo;

  // Seed 644.
  test('is known as such after a crash in the middle of the move (4.15)', async () => {
    const world = open();
    await world.sync(here);
    world.mailcow.intercept = (call) =>
      call.startsWith('createMailbox') ? { answer: new Error('connection refused'), late: true } : undefined;
    await expect(world.sync(there)).rejects.toThrow('connection refused');
    world.mailcow.intercept = undefined;
    await world.sync(there);
    expect(movedTo(world)).toBe('a@other.test');
  });

  // Seed 5309: the next change of address was planned for the mailbox left behind.
  test('is known as such after the SQLite file was lost (4.5)', async () => {
    const world = open();
    await world.sync(here);
    await world.sync(there);
    world.state = openState(':memory:');
    await world.sync(there);
    expect(movedTo(world)).toBe('a@other.test');
    const again = [...crowd(20), person('a', { mail: 'b@other.test' })];
    expect((await world.sync(again)).done[0]).toMatchObject({ kind: 'rename', keepAlias: true });
  });
});

// Seed 20875: the claims of leavers whose departure is held were given away by the next reading that was cut.
test('who left keeps all claims in an incomplete reading (4.1, 4.11)', async () => {
  const world = open();
  const quarrel = [person('p1', { aliases: ['x'] }), person('p2', { aliases: ['x'] })];
  await world.sync([...crowd(20), person('a'), ...quarrel]);
  const left = [quarrel[1] ?? person('p2')];
  for (let round = 0; round < 3; round++) await world.sync(left);
  const report = await world.sync({ people: left, problems: ['cut'] });
  expect(did(report)).toEqual([]);
  expect(found(report)).toContain('alias-claimed-twice x');
});

// Seed 20674: who had adopted what was only in the file.
test('an adopted mailbox is not deactivated without approval, also when the SQLite file was lost (4.7)', async () => {
  const there = mailbox('a');
  const world = openWorld(openMemoryMailcow({ domains, mailboxes: [there] }));
  await world.sync([...crowd(20), person('a')]);
  world.state = openState(':memory:');
  for (let round = 0; round < 3; round++) await world.sync([...crowd(20), person('a')]);
  const report = await world.sync([...crowd(20), person('a', { disabled: true })]);
  expect(held(report)).toEqual(['deactivate mailbox a active=1->0']);
  expect(report.plan.held[0]?.why).toBe('the mailbox was adopted, not created by us');
});

// Seeds 385 and 3091: an entry that was cut off may claim the new address, or the old one.
test('nobody’s address changes on an incomplete reading (4.1)', async () => {
  const world = open();
  await world.sync([...crowd(20), person('a')]);
  const says = { people: [person('a', { mail: 'b' })], problems: ['size limit'] };
  const report = await world.sync(says);
  expect(did(report)).toEqual([]);
  expect(report.plan.skips).toContainEqual({
    resource: 'mailbox',
    key: at('a'),
    reason: 'rename: the reading of the directory is incomplete',
  });
  expect(did(await world.sync([...crowd(20), person('a', { mail: 'b' })]))).toEqual([
    'rename mailbox a address=a->b',
  ]);
});

describe('addresses that nobody may read (4.1)', () => {
  const unreadable = crowd(20).map((entry) => person(entry.id, { mail: undefined }));

  test.each([false, true])('prove nothing, not even with a lost SQLite file (%s)', async (isLost) => {
    const world = open();
    await world.sync([...crowd(20), person('a')]);
    if (isLost) world.state = openState(':memory:');
    for (let round = 0; round < 5; round++) {
      const report = await world.sync(unreadable);
      expect({ did: did(report), outcome: report.outcome }).toEqual({ did: [], outcome: 'incomplete' });
    }
    expect(box(world, 'a')?.active).toBe(1);
  });
});

describe('what an administrator declares of the directory (4.1)', () => {
  const declarable = async (world: World): Promise<readonly string[]> =>
    (await planSync(world.context())).declarable;
  const withAliases = crowd(30).map((entry) =>
    person(entry.id, { aliases: entry.id === 'p0' ? ['x0', 'x1'] : [] }),
  );

  // Seed 352: an approval of something else, or a sync with nothing to lose, made it forgotten.
  test('an attribute that vanished is missed for as long as it is away', async () => {
    const world = open();
    await world.sync(withAliases);
    for (let round = 0; round < 3; round++) {
      expect(found(await world.sync(crowd(30)))).toEqual(['attribute-vanished proxyaddresses']);
    }
    expect(found(await world.sync({ people: crowd(3), problems: ['cut'] }))).toContain(
      'attribute-vanished proxyaddresses',
    );
    expect(held(await world.sync(crowd(30)))).toEqual(['remove alias x0', 'remove alias x1']);
  });

  test('is noticed too when only a reading that was cut short has shown it', async () => {
    const world = open();
    await world.sync({ people: withAliases, problems: ['cut'] });
    expect(found(await world.sync(crowd(30)))).toEqual(['attribute-vanished proxyaddresses']);
  });

  test('an attribute is given up for good, and the guard goes on guarding', async () => {
    const world = open();
    await world.sync(withAliases);
    await world.sync(crowd(30));
    expect(await declarable(world)).toEqual(['attribute:proxyaddresses']);
    declare(world.state, 'attribute:proxyaddresses', world.clock);
    const report = await world.sync(crowd(30));
    expect(found(report)).toEqual([]);
    expect(held(report)).toEqual(['remove alias x0', 'remove alias x1']);
    expect(report.plan.held[0]?.why).toContain('leave none that works');
  });

  test('there are no groups any more: readings count again, and still do when the declaration has expired', async () => {
    const world = open();
    const groups = [{ id: 'g', dn: 'cn=g', attributes: { mail: [at('g')], cn: ['g'] } }];
    await world.sync({ people: crowd(20), groups });
    expect((await world.sync(crowd(20))).outcome).toBe('incomplete');
    expect(await declarable(world)).toEqual(['no-groups']);
    declare(world.state, 'no-groups', world.clock);
    for (let round = 0; round < 3; round++) expect((await world.sync(crowd(20))).outcome).toBe('done');
    expect((await world.sync(crowd(20), { minutes: 25 * 60 })).outcome).toBe('done');
  });

  test('nobody of those who are left has an address: readings count, and leavers leave', async () => {
    const world = open();
    await world.sync(crowd(20));
    const rest = [...crowd(19), person('q', { mail: undefined })];
    await world.sync(rest);
    const nobody = [person('q', { mail: undefined })];
    expect((await world.sync(nobody)).outcome).toBe('incomplete');
    expect(await declarable(world)).toContain('no-mail');
    declare(world.state, 'no-mail', world.clock);
    await world.sync(nobody);
    expect((await world.sync(nobody)).outcome).toBe('held');
  });

  test('there is nobody any more: everybody is deactivated after the guard was asked too', async () => {
    const world = open();
    await world.sync(crowd(3));
    expect((await world.sync([])).outcome).toBe('incomplete');
    expect(await declarable(world)).toEqual(['no-people']);
    declare(world.state, 'no-people', world.clock);
    await world.sync([]);
    const report = await world.sync([]);
    expect({ outcome: report.outcome, held: held(report).length }).toEqual({ outcome: 'held', held: 3 });
  });
});
