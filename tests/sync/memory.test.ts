/** Syncs over a mailcow in memory: what the ledger, the snapshot and the journal make of many of them. */
import { describe, expect, test } from '@jest/globals';
import { changeSignature } from '../../src/core/change.ts';
import type { WriteResult } from '../../src/ports-mailcow.ts';
import { openState } from '../../src/state/state.ts';
import { planSync } from '../../src/sync.ts';
import { approveHolds } from '../../src/sync/holds.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import {
  alias,
  at,
  brief,
  briefFinding,
  domain,
  mailbox,
  markOf,
  person,
  reading,
} from '../support/builders.ts';
import { openWorld, syncSettings, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const open = (
  start: Parameters<typeof openMemoryMailcow>[0] = {},
  settings: Parameters<typeof openWorld>[1] = {},
): World => openWorld(openMemoryMailcow(start), settings);

const did = (report: SyncReport): readonly string[] => report.done.map(brief);
const held = (report: SyncReport): readonly string[] => report.plan.held.map((one) => brief(one.change));
const found = (report: SyncReport): readonly string[] => report.plan.findings.map(briefFinding);
const aliasesOf = (world: World): readonly string[] =>
  [...world.mailcow.aliases.values()].map(({ address }) => address.replace('@example.test', '')).sort();
const crowd = (count: number): readonly ReturnType<typeof person>[] =>
  Array.from({ length: count }, (_, index) => person(`p${index}`));
/** Twenty-one others, so that one person more or less brings nothing to zero. */
const staff = (): readonly ReturnType<typeof person>[] => [
  ...crowd(20),
  person('k', { aliases: ['k0', 'k1', 'k2'] }),
];

describe('leaving and coming back', () => {
  const all = [...staff(), person('a', { aliases: ['x'] })];
  const rest = staff();

  test('a leaver is deactivated with the second reading, and works again when back', async () => {
    const world = open();
    await world.sync(all);
    expect(did(await world.sync(rest))).toEqual([]);
    expect(did(await world.sync(rest))).toEqual([
      'deactivate alias x active=1->0',
      'deactivate mailbox a active=1->0',
    ]);
    expect(did(await world.sync(rest))).toEqual([]);
    expect(did(await world.sync(all))).toEqual([
      'reactivate mailbox a active=0->1',
      'reactivate alias x active=0->1',
    ]);
    expect(did(await world.sync(all))).toEqual([]);
  });

  test('one missing reading alone does nothing', async () => {
    const world = open();
    await world.sync(all);
    for (let round = 0; round < 5; round++) {
      expect(did(await world.sync(rest))).toEqual([]);
      expect(did(await world.sync(all))).toEqual([]);
    }
  });

  test('a plan counts for nothing (4.3)', async () => {
    const world = open();
    await world.sync(all);
    await world.sync(rest);
    await planSync(world.context());
    await planSync(world.context());
    await world.sync(all);
    expect(did(await world.sync(rest))).toEqual([]);
  });

  test('readings closer than the spacing count once', async () => {
    const world = open({}, { settings: { graceSpacingMs: 5 * 60_000 } });
    await world.sync(all);
    expect(did(await world.sync(rest))).toEqual([]);
    expect(did(await world.sync(rest))).toEqual([]);
    expect(did(await world.sync(rest, { minutes: 4 }))).toEqual([
      'deactivate alias x active=1->0',
      'deactivate mailbox a active=1->0',
    ]);
  });
});

describe('an incomplete reading (4.1)', () => {
  const all = [...crowd(20), person('a', { aliases: ['x'] })];

  test.each<[string, Partial<ReturnType<typeof reading>>]>([
    ['a search that was cut short', { people: crowd(20), problems: ['size limit'] }],
    ['nobody where there were people', { people: [] }],
  ])('%s removes nothing, however often it comes', async (_what, says) => {
    const world = open();
    await world.sync(all);
    for (let round = 0; round < 4; round++) {
      const report = await world.sync(says);
      expect({ did: did(report), outcome: report.outcome }).toEqual({ did: [], outcome: 'incomplete' });
    }
  });

  test('creates and updates all the same', async () => {
    const world = open();
    await world.sync(all);
    const report = await world.sync({
      people: [person('n'), person('p1', { name: 'New' })],
      problems: ['cut'],
    });
    expect(did(report)).toEqual([
      'create mailbox n active=1 name=N quotaMiB=3072',
      'update mailbox p1 name=P1->New',
    ]);
  });

  test('does not give the address of an absent entry away', async () => {
    const world = open();
    await world.sync(all);
    const report = await world.sync({
      people: [person('n', { mail: 'a' }), person('m', { aliases: ['x'] })],
      problems: ['cut'],
    });
    expect(did(report)).toEqual(['create mailbox m active=1 name=M quotaMiB=3072']);
  });

  test('no group where there were groups is one, too', async () => {
    const world = open();
    const groups = [{ id: 'g', dn: 'cn=g', attributes: { mail: [at('g')] } }];
    await world.sync({ people: crowd(3), groups });
    expect((await world.sync({ people: crowd(3), groups: [] })).outcome).toBe('incomplete');
  });

  // Once a defect (sync/judge.ts emptied): "where there was something" is what the last COMPLETE reading counted, not what the
  // snapshot or the ledger know: before a first complete reading an empty answer counts as one.
  test('nobody is one also when all readings before were cut short', async () => {
    const world = open();
    await world.sync({ people: all, problems: ['cut'] });
    expect((await world.sync({ people: [] })).outcome).toBe('incomplete');
  });

  test('nobody is one also after the SQLite file was lost', async () => {
    const world = open();
    await world.sync(all);
    world.state = openState(':memory:');
    expect((await world.sync({ people: [] })).outcome).toBe('incomplete');
  });
});

describe('an attribute that all entries have lost (4.1)', () => {
  const people = Array.from({ length: 30 }, (_, index) =>
    person(`p${index}`, { aliases: index < 2 ? [`x${index}`] : [] }),
  );
  const stripped = people.map((entry) => person(entry.id));

  test('holds the removal of aliases, however few, until it is back', async () => {
    const world = open();
    await world.sync(people);
    for (let round = 0; round < 3; round++) {
      const report = await world.sync(stripped);
      expect(held(report)).toEqual(['remove alias x0', 'remove alias x1']);
      expect(found(report)).toEqual(['attribute-vanished proxyaddresses']);
    }
    expect(found(await world.sync(people))).toEqual([]);
  });

  // Once a defect: one group that still showed proxyAddresses hid that all people had lost theirs.
  test('of people holds although a group still has it', async () => {
    const world = open();
    const groups = [
      { id: 'g', dn: 'cn=g', attributes: { mail: [at('g')], proxyaddresses: ['smtp:gg@example.test'] } },
    ];
    await world.sync({ people, groups });
    expect(held(await world.sync({ people: stripped, groups }))).toEqual([
      'remove alias x0',
      'remove alias x1',
    ]);
  });

  // Once a defect (sync/judge.ts fieldsOf): only the first name rule counts; in a directory without displayName the loss of
  // sn renames everybody to their cn.
  test('of a later name rule holds the names', async () => {
    const world = open();
    const named = (sn: readonly string[]): ReturnType<typeof person> =>
      person('a', { attributes: { displayname: [], givenname: ['Anna'], sn, cn: ['cn-a'] } });
    await world.sync([named(['Berg'])]);
    expect(did(await world.sync([named([])]))).toEqual([]);
  });
});

describe('a changed base, filter or server (4.4)', () => {
  test('holds what would be removed, however few, and whatever the number of readings', async () => {
    const world = open();
    await world.sync([...crowd(20), person('a')]);
    world.settings = syncSettings({ scope: 'scope-2' });
    for (const expected of [
      [],
      [],
      ['deactivate mailbox a active=1->0'],
      ['deactivate mailbox a active=1->0'],
    ]) {
      const report = await world.sync(crowd(20));
      expect({ did: did(report), held: held(report) }).toEqual({ did: [], held: expected });
    }
  });

  test('restarts the grace of those who were missing already', async () => {
    const world = open();
    await world.sync([...crowd(20), person('a')]);
    await world.sync(crowd(20));
    world.settings = syncSettings({ scope: 'scope-2' });
    expect(held(await world.sync(crowd(20)))).toEqual([]);
  });

  test('holds too many newcomers', async () => {
    const world = open();
    await world.sync([person('a')]);
    world.settings = syncSettings({ scope: 'scope-2' });
    const report = await world.sync([person('a'), ...crowd(21)]);
    expect({ did: did(report), held: held(report).length, outcome: report.outcome }).toEqual({
      did: [],
      held: 21,
      outcome: 'held',
    });
  });

  test('before a first sync ran to its end means nothing', async () => {
    const world = open();
    world.mailcow.intercept = (call) =>
      call.startsWith('createMailbox') ? { answer: { kind: 'refused', words: [] } } : undefined;
    await world.sync([person('a')]);
    world.mailcow.intercept = undefined;
    world.settings = syncSettings({ scope: 'scope-2' });
    expect((await world.sync([person('a'), ...crowd(30)], { minutes: 60 })).done).toHaveLength(31);
  });
});

describe('holds and approval (4.11)', () => {
  test('what was approved goes through, and only that, for 24 hours', async () => {
    const world = open();
    const leavers = crowd(6);
    const stayers = Array.from({ length: 14 }, (_, index) => person(`s${index}`));
    await world.sync([...leavers, ...stayers]);
    await world.sync(stayers);
    const report = await world.sync(stayers);
    expect(held(report)).toHaveLength(6);
    const holds = world.state.holds();
    expect(holds?.held.map((one) => changeSignature(one.change)).sort()).toEqual(
      report.plan.held.map((one) => changeSignature(one.change)).sort(),
    );
    if (holds) approveHolds(world.state, holds, world.clock);
    expect(did(await world.sync(stayers))).toHaveLength(6);
    expect(world.state.holds()).toBeUndefined();
  });

  test('an approval that is a day old counts no more', async () => {
    const world = open();
    const stayers = Array.from({ length: 14 }, (_, index) => person(`s${index}`));
    await world.sync([...crowd(6), ...stayers]);
    await world.sync(stayers);
    await world.sync(stayers);
    const holds = world.state.holds();
    if (holds) approveHolds(world.state, holds, world.clock);
    expect(held(await world.sync(stayers, { minutes: 24 * 60 + 1 }))).toHaveLength(6);
  });

  test('the id does not move with ordinary creations', async () => {
    const world = open();
    const stayers = Array.from({ length: 14 }, (_, index) => person(`s${index}`));
    await world.sync([...crowd(6), ...stayers]);
    await world.sync(stayers);
    await world.sync(stayers);
    const before = world.state.holds()?.id;
    await world.sync([...stayers, person('n')]);
    expect(world.state.holds()?.id).toBe(before);
  });
});

describe('adoption (4.7)', () => {
  test('only marks; what differs follows with the next sync', async () => {
    const world = open({ mailboxes: [mailbox('a', { name: 'Old' })] });
    expect(did(await world.sync([person('a', { name: 'New' })]))).toEqual(['adopt mailbox a']);
    expect(world.mailcow.mailboxes.get(at('a'))).toMatchObject({
      name: 'Old',
      tags: [markOf('a'), 'ldap-adopted'],
    });
    expect(did(await world.sync())).toEqual(['update mailbox a name=Old->New']);
    expect(did(await world.sync())).toEqual([]);
  });

  test('a deactivation of an adopted mailbox waits for approval', async () => {
    const world = open({ mailboxes: [mailbox('a')] });
    await world.sync([person('a'), ...crowd(20)]);
    const report = await world.sync([person('a', { disabled: true }), ...crowd(20)]);
    expect({ did: did(report), held: held(report) }).toEqual({
      did: [],
      held: ['deactivate mailbox a active=1->0'],
    });
  });

  // Once a defect (sync/perform*.ts adoptMailbox, adoptAlias): lastActive becomes false for what was inactive when it was
  // adopted, as if we had deactivated it: the next sync reactivates it.
  test('what an administrator had deactivated before stays off (4.9)', async () => {
    const world = open({
      mailboxes: [mailbox('a', { active: 0 }), mailbox('b')],
      aliases: [alias('x', 'b', { active: 0 })],
    });
    await world.sync([person('a'), person('b', { aliases: ['x'] })]);
    expect(did(await world.sync())).toEqual([]);
  });

  // Once a defect: any unclear adoption counted as done although the mark was not there.
  test('an adoption without an answer that did nothing is no adoption', async () => {
    const world = open({ mailboxes: [mailbox('a')] });
    world.mailcow.intercept = () => ({ answer: { kind: 'unclear', why: 'empty' } });
    await world.sync([person('a')]);
    world.mailcow.intercept = undefined;
    await world.sync();
    expect(world.mailcow.mailboxes.get(at('a'))?.tags).toEqual([markOf('a'), 'ldap-adopted']);
  });
});

describe('a rename', () => {
  test('keeps the old address, marked, and allowed to send', async () => {
    const world = open();
    await world.sync([person('a', { aliases: ['x'] })]);
    expect(did(await world.sync([person('a', { mail: 'b', aliases: ['x'] })]))).toEqual([
      'rename mailbox a address=a->b',
    ]);
    const kept = [...world.mailcow.aliases.values()].map(
      ({ address, goto, active, privateComment, senderAllowed }) => ({
        address,
        goto,
        active,
        privateComment,
        senderAllowed,
      }),
    );
    const ours = { goto: [at('b')], active: 1, privateComment: markOf('a'), senderAllowed: true };
    expect(kept).toEqual(
      expect.arrayContaining([
        { address: at('a'), ...ours, privateComment: `${markOf('a')} former address` },
        { address: at('x'), ...ours },
      ]),
    );
    expect(did(await world.sync())).toEqual([]);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });

  test('there and back again ends as it began, with the other alias', async () => {
    const world = open();
    await world.sync([person('a'), ...staff()]);
    await world.sync([person('a', { mail: 'b' }), ...staff()]);
    const back = await world.sync([person('a'), ...staff()]);
    expect(did(back)).toEqual(['remove alias a', 'rename mailbox b address=b->a']);
    expect(world.mailcow.mailboxes.has(at('a'))).toBe(true);
    expect(aliasesOf(world)).toEqual(['b', 'k0', 'k1', 'k2']);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });

  // Once a defect (sync/perform-rename.ts recordRename): mailcow leads the aliases of a renamed mailbox on by itself, but the
  // ledger's `applied.goto` of their rows keeps the old address: they count as "older than we left them" for ever, and
  // more than max(5, 10 %) of them hold every write as if mailcow had been restored.
  test('of somebody with many aliases does not look like a restored mailcow', async () => {
    const aliases = ['x0', 'x1', 'x2', 'x3', 'x4', 'x5'];
    const world = open();
    await world.sync([person('a', { aliases })]);
    await world.sync([person('a', { mail: 'b', aliases })]);
    const report = await world.sync([person('a', { mail: 'b', aliases }), person('n')]);
    expect(report.plan.held.map(({ why }) => why)).toEqual([]);
    expect(did(report)).toEqual(['create mailbox n active=1 name=N quotaMiB=3072']);
  });

  test('without an answer is known to have happened when it has', async () => {
    const world = open();
    await world.sync([person('a')]);
    world.mailcow.intercept = (call) =>
      call.startsWith('renameMailbox')
        ? { answer: { kind: 'unclear', why: 'empty' }, late: true }
        : undefined;
    expect(did(await world.sync([person('a', { mail: 'b' })]))).toEqual(['rename mailbox a address=a->b']);
    expect(did(await world.sync())).toEqual([]);
    expect([...world.mailcow.aliases.values()].map(({ privateComment }) => privateComment)).toEqual([
      `${markOf('a')} former address`,
    ]);
  });
});

describe('what mailcow refuses', () => {
  const refuse = (name: string, word = 'access_denied'): World['mailcow']['intercept'] => {
    const answer: WriteResult = { kind: 'refused', words: [{ word, args: [] }] };
    return (call) => (call.includes(name) ? { answer } : undefined);
  };

  test('is reported with its word, and the others go on', async () => {
    const world = open();
    world.mailcow.intercept = refuse(at('a'), 'mailbox_quota_left_exceeded');
    const report = await world.sync([person('a'), person('b')]);
    expect({ outcome: report.outcome, did: did(report) }).toEqual({
      outcome: 'changes-failed',
      did: ['create mailbox b active=1 name=B quotaMiB=3072'],
    });
    expect(report.failed.map(({ why }) => why)).toEqual(['mailcow refused it: mailbox_quota_left_exceeded']);
    expect(world.state.findings().map(briefFinding)).toEqual(['refused-by-mailcow a']);
  });

  test('takes what depends on it along', async () => {
    const world = open();
    world.mailcow.intercept = refuse('createMailbox');
    const report = await world.sync([person('a', { aliases: ['x'] })]);
    expect(did(report)).toEqual([]);
    expect(report.failed.map(({ change }) => brief(change))).toEqual([
      'create mailbox a active=1 name=A quotaMiB=3072',
      'create alias x active=1 goto=a',
    ]);
  });

  test('is not sent again at once', async () => {
    const world = open();
    let calls = 0;
    world.mailcow.intercept = (call) => {
      if (call.startsWith('createMailbox')) calls += 1;
      return { answer: { kind: 'refused', words: [{ word: 'access_denied', args: [] }] } };
    };
    await world.sync([person('a')]);
    await world.sync();
    expect(calls).toBe(1);
    await world.sync(undefined, { minutes: 10 });
    expect(calls).toBe(2);
  });

  // Once a defect: what needs a change that waits after a refusal was sent without it.
  test('keeps what depends on it back while it waits', async () => {
    const world = open();
    world.mailcow.intercept = refuse('createMailbox');
    await world.sync([person('a', { aliases: ['x'] })]);
    expect(did(await world.sync())).toEqual([]);
  });
});

describe('administrators', () => {
  // Once a defect (sync/refresh.ts isOlderMailbox): quotas set by hand, which 4.9 respects, count as "older than we left
  // them": a few of them hold every write of every sync.
  test('may set quotas by hand without stopping the sync (4.9, 4.17)', async () => {
    const world = open();
    await world.sync(crowd(20));
    for (const { id } of crowd(8)) {
      const box = world.mailcow.mailboxes.get(at(id));
      if (box) world.mailcow.mailboxes.set(box.address, { ...box, quotaMiB: 9999 });
    }
    await world.sync(undefined, { audit: true });
    const report = await world.sync([...crowd(20), person('n')], { audit: true });
    expect(report.plan.held.map(({ why }) => why)).toEqual([]);
    expect(did(report)).toEqual(['create mailbox n active=1 name=N quotaMiB=3072']);
  });

  test('who renames a mailbox in mailcow gets no second, empty one (4.17)', async () => {
    const world = open();
    await world.sync([person('a'), ...crowd(20)]);
    await world.mailcow.renameMailbox({ from: at('a'), to: at('z'), keepAlias: false });
    const report = await world.sync(undefined, { audit: true });
    expect(did(report)).toEqual(['rename mailbox z address=z->a']);
  });

  test('what they change comes back with the next audit', async () => {
    const world = open();
    await world.sync([person('a', { aliases: ['x'] })]);
    const box = world.mailcow.mailboxes.get(at('a'));
    if (box) world.mailcow.mailboxes.set(box.address, { ...box, name: 'By hand' });
    expect(did(await world.sync())).toEqual([]);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual(['update mailbox a name=By hand->A']);
  });

  test('a mailbox that they deactivated stays off, with one finding', async () => {
    const world = open();
    await world.sync([person('a')]);
    await world.mailcow.editMailbox(at('a'), { active: 0 });
    const report = await world.sync(undefined, { audit: true });
    expect({ did: did(report), found: found(report) }).toEqual({ did: [], found: ['changed-by-hand a'] });
  });

  // Once a defect (sync/apply.ts recordLate): any late answer takes the activity that is found for ours.
  test('stays off also after a write without an answer', async () => {
    const world = open();
    await world.sync([person('a')]);
    await world.mailcow.editMailbox(at('a'), { active: 0 });
    await world.sync(undefined, { audit: true });
    world.mailcow.intercept = (call) =>
      call.includes('New') ? { answer: { kind: 'unclear', why: 'empty' }, late: true } : undefined;
    await world.sync([person('a', { name: 'New' })]);
    world.mailcow.intercept = undefined;
    expect(did(await world.sync())).toEqual([]);
  });
});

describe('a lost SQLite file (4.5)', () => {
  test('what bears our mark is ours again', async () => {
    const world = open();
    await world.sync([person('a', { aliases: ['x'] }), ...crowd(20)]);
    world.state = openState(':memory:');
    const before = world.mailcow.written.length;
    await world.sync(undefined);
    expect(world.mailcow.written).toHaveLength(before);
    expect(did(await world.sync([person('a', { name: 'New', aliases: ['x'] }), ...crowd(20)]))).toEqual([
      'update mailbox a name=A->New',
    ]);
  });

  test('who is missing has a new grace: the first two syncs remove nothing', async () => {
    const world = open();
    await world.sync([person('a', { aliases: ['x'] }), ...staff()]);
    world.state = openState(':memory:');
    expect(did(await world.sync(staff()))).toEqual([]);
    expect(did(await world.sync(staff()))).toEqual([]);
    expect(did(await world.sync(staff()))).toEqual([
      'deactivate alias x active=1->0',
      'deactivate mailbox a active=1->0',
    ]);
  });

  // Once a defect (core/ledger.ts recoverFromMarks, core/desired.ts keepFormerAddresses): the alias on a former address is
  // recovered as one that its owner gave up: the first sync removes it, and mail to the old address bounces.
  test('keeps the addresses that renames left behind', async () => {
    const world = open();
    await world.sync([person('a'), ...staff()]);
    await world.sync([person('a', { mail: 'b' }), ...staff()]);
    world.state = openState(':memory:');
    for (let round = 0; round < 4; round++) await world.sync();
    expect(aliasesOf(world)).toEqual(['a', 'k0', 'k1', 'k2']);
  });

  // Once a defect (the same): also an alias that the owner gave up while the file was lost goes in the first sync, although
  // "the first two syncs remove nothing".
  test('removes no alias in the first two syncs', async () => {
    const world = open();
    await world.sync([person('a', { aliases: ['x'] }), person('b', { aliases: ['y'] }), ...crowd(20)]);
    world.state = openState(':memory:');
    const gaveUp = [person('a'), person('b', { aliases: ['y'] }), ...crowd(20)];
    expect(did(await world.sync(gaveUp))).toEqual([]);
    expect(did(await world.sync(gaveUp))).toEqual([]);
  });
});

describe('a restored mailcow (4.17)', () => {
  test('stays held, sync after sync', async () => {
    const world = open();
    await world.sync(crowd(30));
    for (const { id } of crowd(8)) world.mailcow.mailboxes.delete(at(id));
    for (const audit of [true, false, false, true]) {
      const report = await world.sync([...crowd(30), person('n')], { audit });
      expect({ did: did(report), held: held(report).length }).toEqual({ did: [], held: 9 });
    }
  });

  test('from before a rename is renamed again, not given an empty mailbox', async () => {
    const world = open();
    await world.sync([person('a'), ...crowd(20)]);
    const before = new Map(world.mailcow.mailboxes);
    await world.sync([person('a', { mail: 'b' }), ...crowd(20)]);
    world.mailcow.mailboxes.clear();
    for (const [key, box] of before) world.mailcow.mailboxes.set(key, box);
    world.mailcow.aliases.clear();
    expect(did(await world.sync(undefined, { audit: true }))).toEqual(['rename mailbox a address=a->b']);
  });
});

describe('a program that died in the middle (4.15)', () => {
  const crash = new Error('connection refused');
  const dyingOn =
    (name: string, late: boolean): World['mailcow']['intercept'] =>
    (call) =>
      call.startsWith(name) ? { answer: crash, late } : undefined;

  async function afterCrash(
    ...[world, says, name, late]: [World, Parameters<World['sync']>[0], string, boolean]
  ): Promise<void> {
    world.mailcow.intercept = dyingOn(name, late);
    await expect(world.sync(says)).rejects.toThrow('connection refused');
    world.mailcow.intercept = undefined;
    expect(world.state.openIntents()).not.toHaveLength(0);
    const report = await world.sync();
    expect(report.audited).toBe(true);
    expect(world.state.openIntents()).toHaveLength(0);
  }

  test.each([true, false])('at a creation (carried out: %s) comes to the same end', async (late) => {
    const world = open();
    await afterCrash(world, [person('a', { aliases: ['x'] })], 'createMailbox', late);
    expect([...world.mailcow.mailboxes.keys()]).toEqual([at('a')]);
    expect([...world.mailcow.aliases.values()].map(({ address }) => address)).toEqual([at('x')]);
    expect(did(await world.sync())).toEqual([]);
  });

  test.each([true, false])('at an alias (carried out: %s) comes to the same end', async (late) => {
    const world = open();
    await afterCrash(world, [person('a', { aliases: ['x', 'y'] })], 'createAliases', late);
    expect([...world.mailcow.aliases.values()].map(({ address }) => address).sort()).toEqual([
      at('x'),
      at('y'),
    ]);
    expect(did(await world.sync())).toEqual([]);
  });

  test.each([true, false])(
    'at a rename (carried out: %s) has one mailbox at the new address',
    async (late) => {
      const world = open();
      await world.sync([person('a')]);
      await afterCrash(world, [person('a', { mail: 'b' })], 'renameMailbox', late);
      expect([...world.mailcow.mailboxes.keys()]).toEqual([at('b')]);
      const report = await world.sync(undefined, { audit: true });
      expect({ did: did(report), found: found(report) }).toEqual({ did: [], found: [] });
    },
  );

  test('at a rename that was carried out: the old address is ours, too', async () => {
    const world = open();
    await world.sync([person('a'), ...staff()]);
    await afterCrash(world, [person('a', { mail: 'b' }), ...staff()], 'renameMailbox', true);
    await world.sync(staff());
    await world.sync(staff());
    const left = [...world.mailcow.aliases.values()].find(({ address }) => address === at('a'));
    expect(left?.active).toBe(0);
  });

  test('at a deactivation that was carried out: it is reactivated when the person is enabled again', async () => {
    const world = open();
    await world.sync([person('a'), ...crowd(20)]);
    await afterCrash(world, [person('a', { disabled: true }), ...crowd(20)], 'editMailbox', true);
    expect(did(await world.sync([person('a'), ...crowd(20)]))).toEqual(['reactivate mailbox a active=0->1']);
  });

  test('at an alias removal that was carried out: what is made there by hand later is not ours', async () => {
    const world = open();
    await world.sync([person('a', { aliases: ['x'] }), ...staff()]);
    await afterCrash(world, [person('a'), ...staff()], 'removeAliases', true);
    world.mailcow.aliases.set(77, alias('x', 'p1', { id: 77 }));
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });
});

describe('when the program is asked to end', () => {
  test('an intent that was opened while the write before it was under way is withdrawn with its turn', async () => {
    const world = openWorld(openMemoryMailcow());
    world.stopping = () => world.mailcow.written.length > 0;
    await world.sync([person('a'), person('b'), person('c')]);
    expect(world.mailcow.written).toHaveLength(1);
    expect(world.state.openIntents()).toEqual([]);
    const keys = ['a', 'b', 'c'].map(at);
    expect(world.state.lastWrites({ ids: [], keys, count: 9 }).map(({ change }) => change.key)).toEqual([
      at('a'),
    ]);
  });

  test('the change in flight is finished, the others wait for the next start', async () => {
    const world = open();
    world.stopping = () => world.mailcow.written.length > 0;
    expect(did(await world.sync(crowd(3)))).toHaveLength(1);
    world.stopping = () => false;
    const report = await world.sync();
    expect({ did: did(report).length, audited: report.audited }).toEqual({ did: 2, audited: true });
  });
});

describe('policies and switches', () => {
  test('observe writes nothing', async () => {
    const world = open({}, { settings: { policy: 'observe' } });
    expect(did(await world.sync(crowd(3)))).toEqual([]);
    expect(world.mailcow.written).toEqual([]);
  });

  test('observe logs the first hundred of what it found, and how many more there are', async () => {
    const world = open({}, { settings: { policy: 'observe' } });
    const { plan } = await world.sync(crowd(102));
    expect(plan.forbidden).toHaveLength(102);
    const lines = world.lines.map(({ message }) => message).filter((line) => line.startsWith('not made'));
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe('not made: and 2 more; see: ldap-mailcow plan');
  });

  test('create-only never deactivates, and says what it did not do', async () => {
    const world = open({}, { settings: { policy: 'create-only' } });
    await world.sync([...crowd(20), person('a')]);
    for (let round = 0; round < 3; round++) expect(did(await world.sync(crowd(20)))).toEqual([]);
    const { plan } = await planSync(world.context());
    expect(plan.forbidden.map(({ change }) => brief(change))).toEqual(['deactivate mailbox a active=1->0']);
  });

  test('what an incomplete reading does not prove is not said to be forbidden (4.1)', async () => {
    const world = open({}, { settings: { policy: 'create-only', graceReadings: 1 } });
    const disabled = [person('a', { disabled: true }), ...crowd(20)];
    await world.sync([person('a'), ...crowd(20)]);
    const report = await world.sync({ people: disabled, problems: ['cut'] });
    expect(report.plan.forbidden).toEqual([]);
    expect(report.plan.skips.map(({ reason }) => reason)).toEqual([
      'deactivate: the reading of the directory is incomplete',
    ]);
  });
});

test('deleting waits for the days, on distinct days, after a deactivation (4.10)', async () => {
  const day = 24 * 60;
  const world = open({}, { settings: { plan: { deleteAfterDays: 3 } } });
  await world.sync([...staff(), person('a', { aliases: ['x'] })]);
  await world.sync(staff());
  expect(did(await world.sync(staff()))).toEqual([
    'deactivate alias x active=1->0',
    'deactivate mailbox a active=1->0',
  ]);
  for (let round = 0; round < 5; round++) expect(did(await world.sync(staff()))).toEqual([]);
  expect(did(await world.sync(staff(), { minutes: day }))).toEqual([]);
  expect(did(await world.sync(staff(), { minutes: day }))).toEqual([]);
  expect(did(await world.sync(staff(), { minutes: day }))).toEqual(['delete mailbox a']);
  expect(did(await world.sync(staff(), { audit: true }))).toEqual([]);
});

test('a domain that is full is asked again later, and the person comes when there is room', async () => {
  const world = open({ domains: [domain('example.test', { maxMailboxes: 1 })] });
  const report = await world.sync([person('a'), person('b')]);
  expect({ did: did(report), found: found(report) }).toEqual({
    did: ['create mailbox a active=1 name=A quotaMiB=3072'],
    found: ['domain-mailboxes-full b'],
  });
  world.mailcow.mailboxes.clear();
  expect((await world.sync([person('b')], { minutes: 5 })).plan.findings.map(briefFinding)).toEqual([]);
});

describe('findings', () => {
  test('are told once when they appear and once when they go', async () => {
    const world = open();
    const twins = [person('a', { mail: 'x' }), person('b', { mail: 'x' })];
    for (let round = 0; round < 3; round++) await world.sync(twins);
    await world.sync([person('a', { mail: 'x' })], { minutes: 5 });
    await world.sync();
    await world.sync();
    const told = world.lines
      .map(({ message }) => message)
      .filter((message) => message.includes('duplicate-address'));
    expect(told).toHaveLength(2);
    expect(told[1]).toBe(`settled duplicate-address: ${at('x')}`);
  });

  test('remember since when they are there', async () => {
    const world = open();
    await world.sync([person('a', { mail: undefined })]);
    const since = world.state.findings()[0]?.since;
    await world.sync();
    expect(world.state.findings()[0]?.since).toBe(since);
  });
});
