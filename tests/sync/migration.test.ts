/** The sync jobs of a migration over time: what is written, what is read for it, and what is left alone. */
import { describe, expect, test } from '@jest/globals';
import type { DirectoryEntry } from '../../src/core/model.ts';
import type { MigrationSettings } from '../../src/core/migration.ts';
import type { TaskRecord } from '../../src/ports-imap.ts';
import type { MigrationLogins } from '../../src/ports-migration.ts';
import { openState } from '../../src/state/state.ts';
import { planSync } from '../../src/sync.ts';
import { approveHolds } from '../../src/sync/holds.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { at, person, type PersonFields } from '../support/builders.ts';
import { migration } from '../support/builders-migration.ts';
import { openWorld, syncSettings, type SettingsPatch, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';
import type { StoredSyncJob } from '../support/memory-world.ts';

const somebody = (id: string, fields: PersonFields = {}): DirectoryEntry =>
  person(id, { ...fields, attributes: { uid: [id], ...fields.attributes } });

type World = SyncWorld<MemoryMailcow> & {
  /** Writes of sync jobs and what they were for, since the last call. */
  readonly jobWrites: () => readonly string[];
  readonly job: (name: string) => StoredSyncJob | undefined;
  /** Changes a job past our program. */
  readonly byHand: (name: string, fields: Partial<StoredSyncJob>) => void;
  readonly configure: (patch: Partial<MigrationSettings> | undefined, more?: SettingsPatch) => void;
};

const one = (password: string): MigrationLogins => ({ kind: 'read', passwordOf: () => password });

/** With the domain's people `a` and `b` unless a test says otherwise. */
function open(): World {
  const plain = openWorld(openMemoryMailcow(), { settings: { plan: { migration } } });
  const { mailcow } = plain;
  let seen = 0;
  let digest = 1;
  const job = (name: string): StoredSyncJob | undefined =>
    [...mailcow.syncJobs.values()].find(({ mailbox }) => mailbox === at(name));
  const world: World = Object.assign(plain, {
    migrationLogins: one('password-one'),
    job,
    jobWrites: () => {
      const fresh = mailcow.written.slice(seen).map(({ what }) => what.replace('@example.test', ''));
      seen = mailcow.written.length;
      return fresh.filter((what) => what.includes(' syncjob '));
    },
    byHand: (name: string, fields: Partial<StoredSyncJob>) => {
      const found = job(name);
      if (found !== undefined) mailcow.syncJobs.set(found.id, { ...found, ...fields });
    },
    configure: (patch: Partial<MigrationSettings> | undefined, more: SettingsPatch = {}) => {
      const plan = { ...more.plan, ...(patch && { migration: { ...migration, ...patch } }) };
      world.settings = syncSettings({ ...more, configDigest: `digest-${(digest += 1)}`, plan });
    },
  });
  return world;
}

const findings = ({ plan }: SyncReport): readonly string[] =>
  plan.findings.map(({ code, subject }) => `${code} ${subject.replace('@example.test', '')}`);

const two = [somebody('a'), somebody('b')];

describe('the migration', () => {
  test('makes one job for each person, and an unchanged sync reads no job', async () => {
    const world = open();
    await world.sync(two);
    expect(world.jobWrites()).toEqual(['create syncjob a', 'create syncjob b']);
    expect(world.job('a')).toMatchObject({
      host: 'imap.old.test',
      user: 'a',
      password: 'password-one',
      customParams: '--domain1=lm.ldap.tests.a.c60m',
      active: true,
      deleteHere: false,
      deleteThere: false,
    });
    const reads = world.mailcow.jobReads.length;
    await world.sync();
    expect(world.jobWrites()).toEqual([]);
    expect(world.mailcow.jobReads.slice(reads)).toEqual([]);
    await world.sync(undefined, { audit: true });
    expect(world.jobWrites()).toEqual([]);
    expect(world.mailcow.jobReads.slice(reads)).toEqual(['*']);
  });

  test('reads the jobs of a newcomer alone', async () => {
    const world = open();
    await world.sync(two);
    const reads = world.mailcow.jobReads.length;
    await world.sync([...two, somebody('c')]);
    expect(world.mailcow.jobReads.slice(reads)).toEqual([at('c')]);
    expect(world.job('c')?.user).toBe('c');
  });

  test('writes another password once, and at once', async () => {
    const world = open();
    await world.sync(two);
    world.byHand('a', { lastRun: '2026-06-01 12:00:00' });
    world.jobWrites();
    world.migrationLogins = one('password-two');
    const { done } = await world.sync();
    expect(done.map(({ after }) => after)).toEqual([
      { password: 'another password' },
      { password: 'another password' },
    ]);
    expect(world.job('a')).toMatchObject({ password: 'password-two' });
    expect(world.job('a')?.lastRun).toBeUndefined();
    world.jobWrites();
    await world.sync(undefined, { audit: true });
    expect(world.jobWrites()).toEqual([]);
  });

  test('adopts nothing in the first sync, and gives what was adopted its job with the next', async () => {
    const world = open();
    await world.sync(two);
    const again = open();
    for (const [key, box] of world.mailcow.mailboxes) again.mailcow.mailboxes.set(key, { ...box, tags: [] });
    await again.sync(two);
    expect(again.jobWrites()).toEqual([]);
    await again.sync();
    expect(again.jobWrites()).toEqual(['create syncjob a', 'create syncjob b']);
  });
});

describe('leavers', () => {
  test('lose their job after grace, with their mailbox; it comes back with them', async () => {
    const world = open();
    const three = [...two, somebody('c')];
    await world.sync(three);
    world.jobWrites();
    await world.sync(two);
    expect(world.job('c')?.active).toBe(true);
    await world.sync();
    expect(world.mailcow.written.slice(-2).map(({ what }) => what)).toEqual([
      `deactivate syncjob ${at('c')}`,
      `deactivate mailbox ${at('c')}`,
    ]);
    await world.sync(undefined, { audit: true });
    expect([world.job('a')?.active, world.job('c')?.active]).toEqual([true, false]);
    world.jobWrites();
    await world.sync(three);
    await world.sync();
    expect(world.jobWrites()).toEqual(['reactivate syncjob c']);
    expect(world.job('c')?.active).toBe(true);
  });

  test('are not taken for such when 30 % vanish at once: nothing is switched off', async () => {
    const world = open();
    const many = Array.from({ length: 20 }, (_, index) => somebody(`p${index}`));
    await world.sync(many);
    world.jobWrites();
    for (const _ of [1, 2, 3]) await world.sync(many.slice(6));
    const { plan } = await world.sync(undefined, { audit: true });
    expect(world.jobWrites()).toEqual([]);
    expect(plan.held.filter(({ change }) => change.resource === 'syncjob')).toHaveLength(6);
    expect([...world.mailcow.syncJobs.values()].every(({ active }) => active)).toBe(true);
  });

  test('whose departure was approved lose mailbox and job', async () => {
    const world = open();
    const many = Array.from({ length: 20 }, (_, index) => somebody(`p${index}`));
    await world.sync(many);
    for (const _ of [1, 2]) await world.sync(many.slice(6));
    const holds = world.state.holds();
    if (holds === undefined) throw new Error('nothing is held');
    approveHolds(world.state, holds, world.clock);
    world.jobWrites();
    await world.sync();
    expect(world.jobWrites()).toHaveLength(6);
    expect([...world.mailcow.syncJobs.values()].filter(({ active }) => active)).toHaveLength(14);
    expect([...world.mailcow.mailboxes.values()].filter(({ active }) => active === 1)).toHaveLength(14);
  });

  test('and the disabled are the same, but at once', async () => {
    const world = open();
    await world.sync([...two, somebody('c')]);
    world.jobWrites();
    await world.sync([...two, somebody('c', { disabled: true })]);
    expect(world.jobWrites()).toEqual(['deactivate syncjob c']);
    world.byHand('c', { active: true });
    await world.sync(undefined, { audit: true });
    expect(world.jobWrites()).toEqual(['deactivate syncjob c']);
    await world.sync([...two, somebody('c')]);
    expect(world.jobWrites()).toEqual(['reactivate syncjob c']);
  });

  test('are none in an incomplete reading, and what comes is still made', async () => {
    const world = open();
    await world.sync(two);
    world.jobWrites();
    const reading = { people: [somebody('b'), somebody('d')], problems: ['cut off'] };
    for (const _ of [1, 2, 3]) await world.sync(reading);
    expect(world.jobWrites()).toEqual(['create syncjob d']);
  });

  test('whose mailbox is deleted take nothing along that we would remember', async () => {
    const world = open();
    await world.sync([...two, somebody('c')]);
    world.mailcow.mailboxes.delete(at('c'));
    for (const [id, { mailbox }] of world.mailcow.syncJobs)
      if (mailbox === at('c')) world.mailcow.syncJobs.delete(id);
    await world.sync(two, { audit: true });
    expect([...world.state.remembered().syncJobs.keys()]).toEqual([at('a'), at('b')]);
  });
});

describe('what somebody did in mailcow', () => {
  test('a job that was deleted is made again, with drift only reported it is not', async () => {
    const world = open();
    await world.sync(two);
    world.mailcow.syncJobs.clear();
    world.configure({}, { plan: { reportDrift: true } });
    expect(findings(await world.sync())).toEqual(['drift a', 'drift b']);
    world.jobWrites();
    world.configure({});
    await world.sync();
    expect(world.jobWrites()).toEqual(['create syncjob a', 'create syncjob b']);
    expect(world.job('a')?.password).toBe('password-one');
  });

  test('a job that was changed is put right', async () => {
    const world = open();
    await world.sync(two);
    world.byHand('a', { deleteThere: true, host: 'elsewhere.test' });
    world.jobWrites();
    await world.sync(undefined, { audit: true });
    expect(world.jobWrites()).toEqual(['update syncjob a']);
    expect(world.job('a')).toMatchObject({ deleteThere: false, host: 'imap.old.test' });
  });

  test('a job that was switched off stays off', async () => {
    const world = open();
    await world.sync(two);
    world.byHand('a', { active: false });
    world.jobWrites();
    expect(findings(await world.sync(undefined, { audit: true }))).toEqual(['changed-by-hand a']);
    world.migrationLogins = one('password-two');
    await world.sync();
    expect(world.jobWrites()).toEqual(['update syncjob b']);
  });

  test('a job without its mark is nobody’s, and a new one cannot be made', async () => {
    const world = open();
    await world.sync(two);
    world.byHand('a', { customParams: '' });
    world.jobWrites();
    expect(findings(await world.sync(undefined, { audit: true }))).toEqual(['sync-job-taken a']);
    await world.sync([somebody('b')]);
    await world.sync();
    expect(world.job('a')?.active).toBe(true);
    expect(world.jobWrites()).toEqual([]);
  });

  test('jobs of another owner are not ours', async () => {
    const world = open();
    await world.sync(two);
    for (const name of ['a', 'b'])
      world.byHand(name, { customParams: '--domain1=lm.ldap.others.a.c60m', user: `${name}-x` });
    world.jobWrites();
    await world.sync(undefined, { audit: true });
    expect(world.jobWrites()).toEqual(['create syncjob a', 'create syncjob b']);
  });
});

describe('the end', () => {
  test('a job that has come to its end stays off, until its mail comes from elsewhere', async () => {
    const world = open();
    await world.sync(two);
    world.byHand('a', { active: false, customParams: '--domain1=lm.ldap.tests.aD.c60m', lastRun: 'x' });
    world.jobWrites();
    for (const _ of [1, 2]) await world.sync(undefined, { audit: true });
    world.migrationLogins = one('password-two');
    await world.sync();
    expect(world.jobWrites()).toEqual(['update syncjob b']);
    world.configure({ host: 'imap.new.test' });
    await world.sync();
    expect(world.jobWrites()).toEqual(['reactivate syncjob a', 'update syncjob b']);
    expect(world.job('a')).toMatchObject({
      host: 'imap.new.test',
      password: 'password-two',
      active: true,
      customParams: '--domain1=lm.ldap.tests.a.c60m',
    });
    expect(world.job('a')?.lastRun).toBeUndefined();
  });

  test('an end that mailcow knows and we do not is seen before anything is written', async () => {
    const world = open();
    await world.sync(two);
    world.byHand('a', { active: false, customParams: '--domain1=lm.ldap.tests.aD.c60m' });
    world.jobWrites();
    world.migrationLogins = one('password-two');
    await world.sync();
    expect(world.jobWrites()).toEqual(['update syncjob b']);
  });

  test('without a server nothing is done, and what goes on is said once', async () => {
    const world = open();
    await world.sync(two);
    world.jobWrites();
    world.configure(undefined);
    const reads = world.mailcow.jobReads.length;
    for (const _ of [1, 2, 3]) await world.sync(undefined, { audit: true });
    expect(world.jobWrites()).toEqual([]);
    expect(world.mailcow.jobReads.length).toBe(reads);
    const said = world.lines.filter(({ message }) => message.includes('2 sync jobs of the migration go on'));
    expect(said).toHaveLength(1);
    world.configure({});
    await world.sync();
    expect(world.jobWrites()).toEqual([]);
  });
});

const record = (mailbox: string, taskId: string, clean: number): TaskRecord => ({
  mailbox: at(mailbox),
  taskId,
  jobId: 1,
  phase: 'idle',
  pass: 'copy',
  stopped: false,
  wanted: false,
  copied: { messages: 1, bytes: 2, runs: 3 },
  clean,
});

describe('what is remembered of runs', () => {
  test('follows a rename, and so does the job', async () => {
    const world = open();
    await world.sync(two);
    world.state.saveTask(record('a', 'ldap.tests', 1));
    world.state.saveTask(record('a', 'a0241w', 1));
    const jobs = world.mailcow.syncJobs.size;
    world.jobWrites();
    await world.sync([somebody('a', { mail: 'anna' }), somebody('b')]);
    expect(world.state.tasks().map(({ mailbox }) => mailbox)).toEqual([at('anna'), at('anna')]);
    expect([...world.state.remembered().syncJobs.keys()].sort()).toEqual([at('anna'), at('b')]);
    for (const _ of [1, 2]) await world.sync(undefined, { audit: true });
    expect([world.jobWrites(), world.mailcow.syncJobs.size, world.job('anna')?.active]).toEqual([
      [],
      jobs,
      true,
    ]);
  });

  test('counts clean runs anew after another password', async () => {
    const world = open();
    await world.sync(two);
    world.state.saveTask(record('a', 'ldap.tests', 1));
    world.state.saveTask(record('a', 'a0241w', 1));
    world.migrationLogins = one('password-two');
    await world.sync();
    expect(world.state.tasks().map(({ taskId, clean }) => [taskId, clean])).toEqual([
      ['a0241w', 1],
      ['ldap.tests', 0],
    ]);
  });
});

describe('the file of logins', () => {
  test('that cannot be read holds up the jobs and nothing else', async () => {
    const world = open();
    await world.sync(two);
    world.jobWrites();
    world.migrationLogins = {
      kind: 'unreadable',
      path: '/logins.csv',
      why: 'line 3 is not "address,password"',
    };
    world.configure({ host: 'imap.new.test' });
    const report = await world.sync([...two, somebody('c', { aliases: ['c2'] })]);
    expect(findings(report)).toEqual(['migration-logins-unreadable /logins.csv']);
    expect(world.jobWrites()).toEqual([]);
    expect(world.mailcow.mailboxes.has(at('c'))).toBe(true);
  });

  test('without a person in it is a finding, and no more', async () => {
    const world = open();
    world.migrationLogins = {
      kind: 'read',
      passwordOf: (address) => (address === at('a') ? 'password-one' : undefined),
      exposed: '/logins.csv may be read by others than its owner',
    };
    expect(findings(await world.sync(two))).toEqual([
      'migration-logins-exposed LDAP_MAILCOW_IMAPSYNC_LOGINS',
      'migration-no-login b',
    ]);
    expect(world.jobWrites()).toEqual(['create syncjob a']);
  });
});

describe('a sync that was cut short', () => {
  test('a lost answer is read, and no second job is made', async () => {
    const world = open();
    world.mailcow.intercept = (call) =>
      call.startsWith('createSyncJob')
        ? { answer: { kind: 'unclear', why: 'empty' }, late: true }
        : undefined;
    const { failed } = await world.sync(two);
    expect(failed).toEqual([]);
    world.mailcow.intercept = undefined;
    world.jobWrites();
    for (const _ of [1, 2]) await world.sync(undefined, { audit: true });
    expect([world.jobWrites(), world.mailcow.syncJobs.size]).toEqual([[], 2]);
  });

  test('a creation that nobody saw the end of is found again', async () => {
    const world = open();
    world.mailcow.intercept = (call) =>
      call.startsWith('createSyncJob') ? { answer: new Error('killed'), late: true } : undefined;
    await expect(world.sync(two)).rejects.toThrow('killed');
    world.mailcow.intercept = undefined;
    for (const _ of [1, 2]) await world.sync(undefined, { audit: true });
    expect([...world.mailcow.syncJobs.values()].map(({ mailbox }) => mailbox).sort()).toEqual([
      at('a'),
      at('b'),
    ]);
  });

  test('a lost state file is made anew from mailcow, without a second job', async () => {
    const world = open();
    await world.sync(two);
    world.jobWrites();
    world.state = openState(':memory:');
    await world.sync();
    // Which password mailcow has, nobody knows any more.
    expect(world.jobWrites()).toEqual(['update syncjob a', 'update syncjob b']);
    await world.sync();
    await world.sync(undefined, { audit: true });
    expect([world.jobWrites(), world.mailcow.syncJobs.size]).toEqual([[], 2]);
  });
});

describe('policies', () => {
  test.each([
    ['observe', []],
    ['create-only', []],
    ['upsert-only', ['update syncjob a', 'update syncjob b']],
  ] as const)('%s', async (policy, expected) => {
    const world = open();
    await world.sync([...two, somebody('c')]);
    world.jobWrites();
    world.configure({ host: 'imap.new.test' }, { policy });
    await world.sync(two);
    const { plan } = await world.sync();
    expect(world.jobWrites()).toEqual(expected);
    expect(plan.forbidden.map(({ change }) => `${change.kind} ${change.key}`)).toContain(
      `deactivate ${at('c')}`,
    );
    expect(world.job('c')?.active).toBe(true);
  });
});

test('no password is in a report, a plan, the log or the state', async () => {
  const world = open();
  const reports = [await world.sync(two)];
  world.migrationLogins = one('password-two');
  reports.push(await world.sync());
  world.mailcow.intercept = (call) =>
    call.startsWith('editSyncJob')
      ? { answer: { kind: 'refused', words: [{ word: 'no', args: [] }] } }
      : undefined;
  world.migrationLogins = one('password-three');
  reports.push(await world.sync());
  const plan = await planSync(world.context());
  const remembered = world.state.remembered();
  const kept = JSON.stringify([
    reports,
    plan,
    world.lines,
    [...remembered.syncJobs.values()],
    [...remembered.snapshot.values()],
    world.state.facts(),
    world.state.findings(),
    world.state.openIntents(),
    [...world.state.retries().values()],
    world.state.lastRuns(9),
  ]);
  expect(kept).not.toContain('password-');
  expect(kept).toContain('another password');
});
