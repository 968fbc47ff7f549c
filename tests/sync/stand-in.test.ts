/** Syncs through the real adapter against the mailcow stand-in, with a real SQLite file. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openMailcow } from '../../src/mailcow/mailcow.ts';
import type { MailcowWithJobs } from '../../src/ports-mailcow.ts';
import { openState } from '../../src/state/state.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { at, brief, briefFinding, markOf, person } from '../support/builders.ts';
import { openWorld, syncSettings, type SyncWorld } from '../support/builders-sync.ts';
import type { AliasRow, MailboxRow } from '../support/mailcow/rows.ts';
import { startMailcow, type MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { temporaryFiles } from '../state/setup.ts';

const file = temporaryFiles();
let standIn: MailcowStandIn;
const toClose: (() => void)[] = [];
let world: SyncWorld;

const adapter = (): MailcowWithJobs => {
  const mailcow = openMailcow({
    baseUrl: standIn.url,
    apiKey: standIn.apiKey,
    delay: () => Promise.resolve(),
  });
  toClose.push(() => {
    mailcow.close();
  });
  return mailcow;
};

beforeEach(async () => {
  standIn = await startMailcow();
  world = openWorld(adapter(), { state: openState(file()) });
});
afterEach(async () => {
  world.state.close();
  for (const close of toClose.splice(0)) close();
  await standIn.close();
});

const did = (report: SyncReport): readonly string[] => report.done.map(brief);
const short = (address: string): string => address.replaceAll('@example.test', '');
const boxes = (): readonly string[] =>
  standIn.store.snapshot().mailboxes.map(({ username, active }) => `${short(username)} ${active}`);
const letters = (): readonly string[] =>
  standIn.store
    .snapshot()
    .aliases.map(({ address, goto, active }) => `${short(address)}>${short(goto)} ${active}`)
    .sort();
const boxAt = (name: string): MailboxRow | undefined => standIn.store.tables.mailboxes.get(at(name));
const aliasAt = (name: string): AliasRow | undefined =>
  standIn.store.snapshot().aliases.find(({ address }) => address === at(name));
const staff = [person('s1'), person('s2'), person('s3', { aliases: ['k1', 'k2', 'k3'] })];

describe('a first sync', () => {
  test('makes mailboxes and aliases, marked, and a second one neither writes nor lists', async () => {
    const people = [
      person('a', { aliases: ['x', 'y'], quotaMiB: 7 }),
      person('b', { disabled: true, aliases: ['z'] }),
    ];
    expect(did(await world.sync(people))).toEqual([
      'create mailbox a active=1 name=A quotaMiB=7',
      'create mailbox b active=0 name=B quotaMiB=3072',
      'create alias x active=1 goto=a',
      'create alias y active=1 goto=a',
      'create alias z active=0 goto=b',
    ]);
    expect(boxes()).toEqual(['a 1', 'b 0']);
    expect(letters()).toEqual(['x>a 1', 'y>a 1', 'z>b 0']);
    expect(boxAt('a')).toMatchObject({ tags: [markOf('a')], quota: 7 * 1024 * 1024, name: 'A' });
    expect(aliasAt('x')).toMatchObject({
      privateComment: markOf('a'),
      senderAllowed: 1,
      sogoVisible: 1,
      internal: 0,
    });
    standIn.resetStats();
    const second = await world.sync();
    expect({ did: did(second), audited: second.audited }).toEqual({ did: [], audited: false });
    expect(standIn.stats()).toMatchObject({ writes: 0, lists: 0, objects: 0 });
  });

  test('sends aliases of one person together', async () => {
    const aliases = Array.from({ length: 25 }, (_, index) => `x${index}`);
    await world.sync([person('a', { aliases })]);
    expect(standIn.stats().calls['POST add/alias']).toBe(2);
    expect(letters()).toHaveLength(25);
  });

  test('is remembered by the next program', async () => {
    await world.sync(staff);
    world.state.close();
    world.state = openState(file());
    standIn.resetStats();
    expect((await world.sync()).audited).toBe(false);
    expect(standIn.stats()).toMatchObject({ writes: 0, lists: 0, objects: 0 });
  });

  test('a changed name reads one object and writes one', async () => {
    await world.sync(staff);
    standIn.resetStats();
    await world.sync([person('s1', { name: 'New' }), ...staff.slice(1)]);
    expect(standIn.stats()).toMatchObject({ writes: 1, lists: 0, objects: 1 });
    expect(boxAt('s1')?.name).toBe('New');
  });
});

describe('all lists are read again (4.16)', () => {
  beforeEach(async () => {
    await world.sync(staff);
  });

  test.each<[string, () => void, number]>([
    ['after the audit interval', () => undefined, 60],
    ['after a changed configuration', () => (world.settings = syncSettings({ configDigest: 'other' })), 1],
    ['after the clock went back', () => undefined, -30],
  ])('%s', async (_what, prepare, minutes) => {
    prepare();
    expect((await world.sync(undefined, { minutes })).audited).toBe(true);
    expect((await world.sync()).audited).toBe(false);
  });

  test('after mailcow was updated', async () => {
    const updated = { ...world.mailcow, readVersion: () => Promise.resolve('2026-08') };
    const next = openWorld<MailcowWithJobs>(updated, { state: world.state });
    next.clock = world.clock;
    expect((await next.sync(staff)).audited).toBe(true);
    expect((await next.sync(staff)).audited).toBe(false);
  });

  test('when asked for', async () => {
    expect((await world.sync(undefined, { audit: true })).audited).toBe(true);
  });

  test('not between', async () => {
    expect((await world.sync(undefined, { minutes: 59 })).audited).toBe(false);
  });
});

describe('a write without a clear answer (4.14)', () => {
  test.each<[string, Parameters<MailcowStandIn['fault']>[0]]>([
    ['an empty body, carried out', { route: 'add/mailbox', times: 1, mode: 'empty', done: true }],
    ['a lost connection, carried out', { route: 'add/mailbox', times: 1, mode: 'drop' }],
    ['a deadlock as a success', { route: 'add/mailbox', times: 1, mode: 'deadlock' }],
  ])('%s: is read again and counts', async (_what, fault) => {
    standIn.fault(fault);
    const report = await world.sync([person('a', { aliases: ['x'] })]);
    expect({ outcome: report.outcome, boxes: boxes(), letters: letters() }).toEqual({
      outcome: 'done',
      boxes: ['a 1'],
      letters: ['x>a 1'],
    });
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });

  test('an empty body, not carried out: is a failure, and comes next time', async () => {
    standIn.fault({ route: 'add/mailbox', times: 1, mode: 'empty' });
    const report = await world.sync([person('a', { aliases: ['x'] }), person('b')]);
    expect(report.outcome).toBe('changes-failed');
    expect(boxes()).toEqual(['b 1']);
    expect(letters()).toEqual([]);
    await world.sync();
    expect([boxes(), letters()]).toEqual([['a 1', 'b 1'], ['x>a 1']]);
  });

  test('a deactivation, carried out: is undone when the person is enabled', async () => {
    await world.sync([...staff, person('a')]);
    standIn.fault({ route: 'edit/mailbox', times: 1, mode: 'empty', done: true });
    await world.sync([...staff, person('a', { disabled: true })]);
    expect(boxAt('a')?.active).toBe(0);
    await world.sync([...staff, person('a')]);
    expect(boxAt('a')?.active).toBe(1);
  });

  test('removals of aliases, carried out, are known', async () => {
    await world.sync([...staff, person('a', { aliases: ['x', 'y'] })]);
    standIn.fault({ route: 'delete/alias', times: 1, mode: 'empty', done: true });
    expect(did(await world.sync([...staff, person('a', { aliases: ['y'] })]))).toEqual(['remove alias x']);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });
});

describe('mailcow is gone in the middle', () => {
  test('the sync fails, and the next one reads what became of the open intents until two answers are equal', async () => {
    standIn.fault({ route: 'get/status', mode: 'down' });
    await expect(world.sync([person('a')])).rejects.toThrow();
    standIn.clearFaults();
    const broken = {
      ...world.mailcow,
      createMailbox: async (box: Parameters<MailcowWithJobs['createMailbox']>[0]) => {
        await world.mailcow.createMailbox(box);
        throw new Error('connect ECONNREFUSED');
      },
    };
    const first = openWorld<MailcowWithJobs>(broken, { state: world.state });
    await expect(first.sync([person('a'), person('b')])).rejects.toThrow('ECONNREFUSED');
    expect(world.state.openIntents().map(({ change }) => brief(change))).toEqual([
      'create mailbox a active=1 name=A quotaMiB=3072',
    ]);
    expect(world.state.lastRuns(1)[0]).toMatchObject({ outcome: 'failed' });
    standIn.resetStats();
    expect(did(await world.sync([person('a'), person('b')]))).toEqual([
      'create mailbox b active=1 name=B quotaMiB=3072',
    ]);
    expect(standIn.stats().calls['GET get/mailbox/{address}']).toBeGreaterThanOrEqual(2);
    expect(world.state.openIntents()).toEqual([]);
    expect(boxes()).toEqual(['a 1', 'b 1']);
  });

  test('reads that cannot be trusted change nothing', async () => {
    await world.sync([...staff, person('a')]);
    const writes = standIn.writes.length;
    standIn.fault({ route: 'get/mailbox', mode: 'empty' });
    await expect(world.sync(staff, { audit: true })).rejects.toThrow();
    await expect(world.sync(staff, { audit: true })).rejects.toThrow();
    expect(standIn.writes).toHaveLength(writes);
    standIn.clearFaults();
    expect(did(await world.sync(staff))).toEqual([]);
  });

  test('401 stops the sync at once (4.18)', async () => {
    standIn.fault({ route: 'add/mailbox', mode: '401' });
    await expect(world.sync([person('a'), person('b'), person('c')])).rejects.toThrow();
    expect(standIn.stats().calls['POST add/mailbox']).toBe(1);
  });
});

describe('a rename', () => {
  test('keeps the old address, marked and allowed to send, and what led there leads on', async () => {
    await world.sync([...staff, person('a', { aliases: ['x'] })]);
    await world.sync([...staff, person('a', { mail: 'b', aliases: ['x'] })]);
    expect(boxes()).toEqual(['b 1', 's1 1', 's2 1', 's3 1']);
    expect(letters()).toEqual(['a>b 1', 'k1>s3 1', 'k2>s3 1', 'k3>s3 1', 'x>b 1']);
    expect(aliasAt('a')).toMatchObject({
      privateComment: `${markOf('a')} former address`,
      senderAllowed: 1,
    });
    expect(boxAt('b')?.tags).toEqual([markOf('a')]);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });

  test('of an address that begins with the number of another alias touches only its own', async () => {
    await world.sync(staff);
    const id = aliasAt('k1')?.id ?? 0;
    const number = `${id}ers`;
    await world.sync([...staff, person('n', { mail: number })]);
    await world.sync([...staff, person('n', { mail: 'new' })]);
    expect(letters()).toEqual([`${number}>new 1`, 'k1>s3 1', 'k2>s3 1', 'k3>s3 1']);
    expect(aliasAt('k1')).toMatchObject({ id, privateComment: markOf('s3') });
    expect(aliasAt(number)).toMatchObject({ privateComment: `${markOf('n')} former address` });
  });
});

describe('an alias that begins with the number of another one (facts, section 1)', () => {
  test('is made, led elsewhere, switched off and removed without touching the other', async () => {
    await world.sync(staff);
    const before = aliasAt('k1');
    const number = `${before?.id ?? 0}ers`;
    const says = (fields: Parameters<typeof person>[1], other: Parameters<typeof person>[1] = {}) => [
      ...staff,
      person('n', fields),
      person('m', other),
    ];
    await world.sync(says({ aliases: [number] }));
    expect(aliasAt(number)).toMatchObject({ goto: at('n'), active: 1 });
    await world.sync(says({}, { aliases: [number] }));
    expect(aliasAt(number)).toMatchObject({ goto: at('m'), privateComment: markOf('m') });
    await world.sync(says({}, { aliases: [number], disabled: true }));
    expect(aliasAt(number)).toMatchObject({ active: 0 });
    await world.sync(says({}));
    expect(aliasAt(number)).toBeUndefined();
    expect(aliasAt('k1')).toEqual(before);
  });
});

describe('two owners on one mailcow (4.5)', () => {
  test('leave each other’s objects alone', async () => {
    await world.sync([...staff, person('a', { aliases: ['x'] })]);
    const other = openWorld(adapter(), { settings: { owner: 'other' } });
    const report = await other.sync([person('a', { name: 'Mine', aliases: ['x', 'z'] }), person('o')]);
    expect(did(report)).toEqual(['create mailbox o active=1 name=O quotaMiB=3072']);
    expect(report.plan.findings.map(briefFinding)).toEqual(['foreign-owner a']);
    expect(boxAt('a')).toMatchObject({ name: 'A', tags: [markOf('a')] });
    for (let round = 0; round < 3; round++) await other.sync([person('o')], { audit: true });
    expect(boxes()).toContain('a 1');
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
    other.state.close();
  });
});

describe('a re-created account (4.6)', () => {
  test('takes mailbox and aliases over with its new mark', async () => {
    const account = 'anna';
    await world.sync([...staff, person('old', { mail: 'a', account, aliases: ['x'] })]);
    const again = person('new', { mail: 'a', account, name: 'OLD', aliases: ['x'] });
    expect(did(await world.sync([...staff, again]))).toEqual(['adopt mailbox a']);
    expect(boxAt('a')?.tags).toEqual([markOf('new')]);
    expect(aliasAt('x')?.privateComment).toBe(markOf('new'));
    for (let round = 0; round < 3; round++)
      expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
    expect(boxAt('a')?.active).toBe(1);
  });
});

describe('a lost SQLite file (4.5)', () => {
  test('is made up for by the marks', async () => {
    await world.sync([...staff, person('a', { aliases: ['x'] })]);
    world.state.close();
    world.state = openState(file('new.sqlite3'));
    const writes = standIn.writes.length;
    for (let round = 0; round < 3; round++) expect(did(await world.sync())).toEqual([]);
    expect(standIn.writes).toHaveLength(writes);
    await world.sync([...staff, person('a', { name: 'New', aliases: ['x'] })]);
    expect(boxAt('a')?.name).toBe('New');
  });
});

describe('a half-deleted mailbox (facts, section 9)', () => {
  // Once a defect: an audit sent an add/mailbox that mailcow had to refuse, because the list does not say which it is.
  test('is a finding and nothing is written to it, also by an audit', async () => {
    await world.sync([...staff, person('a')]);
    standIn.store.halfDelete(at('a'));
    const writes = standIn.writes.length;
    const report = await world.sync([...staff, person('a', { name: 'New' })], { audit: true });
    expect(report.plan.findings.map(({ code }) => code)).toContain('half-deleted-mailbox');
    expect(standIn.writes).toHaveLength(writes);
  });

  test('is a finding and nothing is written to it', async () => {
    await world.sync([...staff, person('a')]);
    standIn.store.halfDelete(at('a'));
    const writes = standIn.writes.length;
    const report = await world.sync([...staff, person('a', { name: 'New' })]);
    expect(report.plan.findings.map(({ code }) => code)).toContain('half-deleted-mailbox');
    expect(standIn.writes).toHaveLength(writes);
  });

  test('of ours, left by a deletion that died, is deleted again', async () => {
    const day = 24 * 60;
    world.settings = syncSettings({ plan: { deleteAfterDays: 2 } });
    await world.sync([...staff, person('a')]);
    await world.sync(staff);
    await world.sync(staff);
    standIn.fault({ route: 'delete/mailbox', times: 1, mode: 'half-deleted' });
    await world.sync(staff, { minutes: day });
    await world.sync(staff, { minutes: day });
    expect(standIn.store.snapshot().mailboxes.map(({ username }) => username)).not.toContain(at('a'));
  });

  test('is told once, not at every audit', async () => {
    await world.sync(staff);
    standIn.store.halfDelete(at('s1'));
    for (const audit of [true, false, true, false]) await world.sync(undefined, { audit });
    const told = world.lines.filter(({ message }) =>
      message.startsWith('finding half-deleted-mailbox: mailcow'),
    );
    expect(told).toHaveLength(1);
  });
});

describe('tls', () => {
  const mapped = { tlsEnforceIn: 'tlsIn', tlsEnforceOut: 'tlsOut' };
  const tls = (id: string, value: string): ReturnType<typeof person> =>
    person(id, { attributes: { tlsin: [value], tlsout: [value] } });

  test('flags are written by their own route', async () => {
    world.settings = syncSettings({ mapping: mapped });
    await world.sync([tls('a', 'TRUE')]);
    expect(boxAt('a')?.attributes).toMatchObject({ tls_enforce_in: '1', tls_enforce_out: '1' });
    expect(did(await world.sync([tls('a', 'FALSE')]))).toEqual([
      'update mailbox a tlsEnforceIn=true->false tlsEnforceOut=true->false',
    ]);
  });

  // Once a defect (sync/perform-mailbox.ts setTls): a creation writes the TLS policy also where it is what mailcow has set.
  test('flags that are as mailcow sets them are not written (4.13)', async () => {
    world.settings = syncSettings({ mapping: mapped });
    await world.sync([tls('a', 'FALSE')]);
    expect(standIn.stats().calls['POST edit/tls_policy']).toBeUndefined();
  });
});

test('the journal has an intent for each write, ended, with what came of it (4.15)', async () => {
  await world.sync([person('a', { aliases: ['x'] })]);
  const [run] = world.state.lastRuns(1);
  expect(run).toMatchObject({
    kind: 'sync',
    outcome: 'done',
    counts: { 'create mailbox': 1, 'create alias': 1, held: 0, failed: 0, findings: 0 },
  });
  expect(world.state.openIntents()).toEqual([]);
});

test('odd names and addresses come back as they are and cause no second write', async () => {
  const people = [
    person('o', { mail: "o'brien+list", name: 'O’Brien & Söhne "GmbH"' }),
    person('s', { mail: 'a/b', name: '<Sales> 😀' }),
    person('p', { mail: '100%', name: "D'Arc" }),
    person('l', { name: 'x'.repeat(300) }),
  ];
  await world.sync(people);
  expect(boxAt("o'brien+list")?.name).toBe('O’Brien & Söhne "GmbH"');
  expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
});
