/** The rounds of the runner: order, what a change during a round does, what a crash leaves. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createStore, type Store } from '../support/mailcow/store.ts';
import type { SyncJobRow } from '../support/mailcow/rows.ts';
import { startRunner, type RunnerOptions } from '../support/mailcow-runner/runner.ts';
import { jobRow } from './rows.ts';
import { startTwoServers, until, type Pair, type TwoServers } from './world.ts';

const world: { servers?: TwoServers } = {};
const servers = (): TwoServers => {
  if (world.servers === undefined) throw new Error('not started');
  return world.servers;
};
const folder = mkdtempSync(join(tmpdir(), 'runner-'));

beforeAll(async () => {
  world.servers = await startTwoServers();
}, 60_000);
afterAll(async () => {
  await servers().close();
  rmSync(folder, { recursive: true, force: true });
});

/** A job between a pair, by a name that only `resolve` knows. */
const jobOf = (pair: Pair, fields: Partial<SyncJobRow> = {}): SyncJobRow =>
  jobRow({ username: pair.mailbox, user1: pair.user, password1: pair.password, ...fields });

type Timed = { readonly store: Store; readonly clock: { now: Date } };
const timed = (...jobs: readonly SyncJobRow[]): Timed => {
  const clock = { now: new Date('2026-11-20T11:00:00Z') };
  const store = createStore({ now: () => clock.now, hostname: 'mail.mailcow.test' });
  for (const job of jobs) store.syncJobs.set(job.id, job);
  return { store, clock };
};

const optionsOf = (store: Store, fields: Partial<RunnerOptions> = {}): RunnerOptions => ({
  store,
  local: servers().local,
  resolve: (host, port) =>
    host === 'imap.old.test' ? { host: '127.0.0.1', port: servers().old.imapsPort } : { host, port },
  ...fields,
});

const edit = (store: Store, id: number, fields: Partial<SyncJobRow>): void => {
  const row = store.syncJobs.get(id);
  if (row) store.syncJobs.set(id, { ...row, ...fields });
};

const mails = (count: number): readonly { subject: string }[] =>
  Array.from({ length: count }, (_, index) => ({ subject: `Mail ${index}` }));

describe('a round', () => {
  test('runs who is due, one after the other, and again only after the interval', async () => {
    const [first, second] = [servers().take(), servers().take()];
    const { store, clock } = timed(
      jobOf(first, { id: 1, lastRun: '2026-11-20 10:00:00' }),
      jobOf(second, { id: 2 }),
      jobOf(second, { id: 3, active: 0 }),
    );
    const runner = startRunner(optionsOf(store));
    expect(await runner.runOnce()).toEqual({ jobs: [2, 1] });
    expect(store.syncJobs.get(1)).toMatchObject({
      ...{ lastRun: '2026-11-20 11:00:00', success: 1, exitStatus: 'EX_OK', isRunning: 0 },
      modified: '2026-11-20 11:00:00',
    });
    clock.now = new Date('2026-11-20T11:05:00Z');
    expect(await runner.runOnce()).toEqual({ jobs: [] });
    clock.now = new Date('2026-11-20T11:05:01Z');
    edit(store, 2, { lastRun: null });
    expect(await runner.runOnce()).toEqual({ jobs: [2, 1] });
    expect(runner.rounds()).toHaveLength(3);
    await runner.stop();
  });

  test('has its list from the beginning, with the values of then; the end of a deleted job is written nowhere', async () => {
    const [busy, stopped, edited, deleted] = [1, 2, 3, 4].map(() => servers().take());
    if (!busy || !stopped || !edited || !deleted) throw new Error('no mailboxes');
    for (const pair of [busy, stopped, edited, deleted]) await pair.putThere('INBOX', mails(2));
    const { store } = timed(
      jobOf(busy, { id: 1 }),
      jobOf(stopped, { id: 2 }),
      jobOf(edited, { id: 3 }),
      jobOf(deleted, { id: 4 }),
      jobOf(busy, { id: 5, active: 0 }),
    );
    const runner = startRunner(optionsOf(store, { pace: 100 }));
    const round = runner.runOnce();
    await until(() => store.syncJobs.get(1)?.isRunning === 1);
    edit(store, 1, { active: 0, customParams: '--wrong' });
    edit(store, 2, { active: 0 });
    edit(store, 3, { host1: 'new.test', password1: 'never-shown-wrong' });
    edit(store, 5, { active: 1 });
    store.syncJobs.delete(4);
    expect(await round).toEqual({ jobs: [1, 2, 3, 4] });
    for (const pair of [stopped, edited, deleted]) expect(await pair.here()).toHaveLength(2);
    expect([...store.syncJobs.values()]).toMatchObject([
      { id: 1, active: 0, success: 1 },
      { id: 2, active: 0, success: 1, isRunning: 0 },
      { id: 3, host1: 'new.test', success: 1 },
      { id: 5, lastRun: null },
    ]);
    await runner.stop();
  });

  test('forgets at the start of a run how the last one ended', async () => {
    const pair = servers().take();
    await pair.putThere('INBOX', mails(3));
    const was = { lastRun: '2026-11-20 10:00:00', success: 1, exitStatus: 'EX_OK', returnedText: 'old' };
    const { store } = timed(jobOf(pair, was));
    const runner = startRunner(optionsOf(store, { pace: 100 }));
    const round = runner.runOnce();
    await until(() => store.syncJobs.get(1)?.isRunning === 1);
    expect(store.syncJobs.get(1)).toMatchObject({ ...was, isRunning: 1, success: null, exitStatus: null });
    await round;
    await runner.stop();
  });

  test('counts minutes of another length in real time', async () => {
    const store = createStore({ now: () => new Date(), hostname: 'mail.mailcow.test' });
    store.syncJobs.set(1, jobOf(servers().take(), { minsInterval: 1 }));
    const long = startRunner(optionsOf(store, { minuteMs: 30_000 }));
    expect([await long.runOnce(), await long.runOnce()]).toEqual([{ jobs: [1] }, { jobs: [] }]);
    await long.stop();
    edit(store, 1, { lastRun: null });
    const short = startRunner(optionsOf(store, { minuteMs: 1 }));
    await short.runOnce();
    await wait(10);
    expect(await short.runOnce()).toEqual({ jobs: [1] });
    await short.stop();
  });

  test('comes again and again until it is stopped', async () => {
    const store = createStore({ now: () => new Date(), hostname: 'mail.mailcow.test' });
    store.syncJobs.set(1, jobOf(servers().take(), { minsInterval: 1 }));
    const runner = startRunner(optionsOf(store, { roundMs: 20, minuteMs: 1 }));
    await until(() => runner.rounds().length > 2);
    await runner.stop();
    const rounds = runner.rounds().length;
    await wait(60);
    expect(runner.rounds()).toHaveLength(rounds);
  });

  test('says what it does not imitate, at the latest when it is stopped', async () => {
    const { store } = timed(jobOf(servers().take(), { flags: { automap: 1 } }));
    const runner = startRunner(optionsOf(store, { roundMs: 10 }));
    await until(() => store.syncJobs.get(1)?.isRunning === 1);
    await expect(runner.stop()).rejects.toThrow(/does not imitate the column automap/);
  });
});

describe('a crash', () => {
  test('writes nothing more; the job is marked as running until a runner starts', async () => {
    const pair = servers().take();
    await pair.putThere('INBOX', mails(30));
    const pidfile = join(folder, 'crash.pid');
    const { store } = timed(jobOf(pair, { customParams: `--pidfile=${pidfile}`, flags: { delete1: 1 } }));
    const runner = startRunner(optionsOf(store, { pace: 20 }));
    const round = runner.runOnce();
    await until(async () => (await pair.here()).length > 2);
    await runner.crash();
    expect(await round).toEqual({ jobs: [] });
    const left = (await pair.there()).length;
    expect(left).toBeGreaterThan(0);
    await wait(100);
    expect(await pair.there()).toHaveLength(left);
    expect(store.syncJobs.get(1)).toMatchObject({
      isRunning: 1,
      success: null,
      lastRun: null,
      returnedText: null,
    });
    expect(existsSync(pidfile)).toBe(true);
    const next = startRunner(optionsOf(store));
    expect(store.syncJobs.get(1)).toMatchObject({ isRunning: 0 });
    await next.runOnce();
    await next.stop();
    expect(store.syncJobs.get(1)).toMatchObject({ success: 1, exitStatus: 'EX_OK' });
    expect([await pair.there(), (await pair.here()).length]).toEqual([[], 30]);
    expect(existsSync(pidfile)).toBe(false);
  });
});
