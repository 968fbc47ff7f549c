/** What only reads: status, list-tasks, get-log, list-informations, and how a task is named. */
import { describe, expect, test } from '@jest/globals';
import { createTask, taskActions } from '../../src/imap/actions.ts';
import { readKey } from '../../src/imap/actions-find.ts';
import type { Action } from '../../src/imap/actions-parts.ts';
import type { TaskRun } from '../../src/ports-imap.ts';
import type { FolderChoice, MailLogin, Measured, MeasureProgress } from '../../src/ports-mail.ts';
import { actionsWorld, allOf, start, taskWith, which, type ActionsWorld } from './actions-world.ts';
import { job } from './builders.ts';

const action = (name: string): Action => {
  const entry = taskActions[name];
  if (entry === undefined) throw new Error(name);
  return entry.act;
};

async function withTask(
  fields: object = {},
  options: Parameters<typeof actionsWorld>[0] = {},
): Promise<ActionsWorld> {
  const world = actionsWorld(options);
  await world.run(createTask, taskWith(fields));
  world.writes.length = 0;
  return world;
}

const ended = { lastRun: '2026-11-21 09:58:00', succeeded: true, exitStatus: 'EX_OK' };
const iso = (local: string): string => new Date(Date.parse(local.replace(' ', 'T'))).toISOString();

describe('status', () => {
  const statusOf = async (world: ActionsWorld): Promise<unknown> =>
    (await world.run(action('status'), which)).output;

  test('of a task that has run', async () => {
    const world = await withTask({ cron: '2h' });
    world.set(7, ended);
    const now = Date.parse('2026-11-21T09:59:00');
    const parts = { ...world.parts, now: () => new Date(now) };
    expect((await action('status')(parts, which)).output).toEqual({
      ...which,
      phase: 'waiting',
      running: false,
      next_run: iso('2026-11-21 11:58:00'),
      last_run: {
        started: null,
        ended: iso(ended.lastRun),
        exit_code: 0,
        exit_status: 'EX_OK',
        message: 'it went well',
      },
    });
    expect(world.writes).toEqual([]);
  });

  test.each<[string, object, Parameters<ActionsWorld['set']>[1], string]>([
    ['before its first run', {}, {}, 'queued'],
    ['under way', {}, { isRunning: true }, 'running'],
    ['stopped', {}, { active: false, ...ended }, 'stopped'],
    ['at its end', {}, { active: false, customParams: '--domain1=lm.a0241w.aD.c5m' }, 'done'],
    ['armed by the daemon', { cron: '' }, {}, 'queued'],
    ['with something left to do for the daemon', { cron: '' }, ended, 'finishing'],
  ])('a task %s', async (_what, fields, change, phase) => {
    const world = await withTask(fields);
    world.set(7, change);
    expect(await statusOf(world)).toMatchObject({ phase });
  });

  test('a task by hand is idle, one by the clock waits, one that was stopped is stopped', async () => {
    const key = { mailbox: which.localuser, taskId: which.task_id };
    const hand = await withTask({ cron: '' });
    hand.state.patchTask(key, { phase: 'idle' });
    expect(await statusOf(hand)).toMatchObject({ phase: 'idle', next_run: null, last_run: null });
    const clock = await withTask({ cron: '1 */2 * * *' });
    clock.state.patchTask(key, { phase: 'idle' });
    expect(await statusOf(clock)).toMatchObject({
      phase: 'waiting',
      next_run: new Date(start + 3_600_000).toISOString(),
    });
    clock.state.patchTask(key, { stopped: true });
    expect(await statusOf(clock)).toMatchObject({ phase: 'stopped', next_run: null });
  });

  test('of all, and of none', async () => {
    const world = await withTask();
    expect((await world.run(action('status'))).output).toMatchObject([{ task_id: 'a0241w' }]);
    expect((await actionsWorld().run(action('status'))).output).toEqual([]);
    expect(await world.run(action('status'), { ...which, task_id: 'nope' })).toMatchObject({ code: 1 });
  });
});

describe('list-tasks', () => {
  const last: TaskRun = {
    lastRun: ended.lastRun,
    startedAt: 1_700_000_000,
    exit: 111,
    exitName: 'EXIT_WITH_ERRORS',
    transferred: 3,
    bytes: 9,
  };
  const listed = async (world: ActionsWorld): Promise<unknown> =>
    ((await world.run(action('list-tasks'))).output as { user_properties: readonly unknown[] })
      .user_properties[0];

  async function remembered(fields: object): Promise<ActionsWorld> {
    const world = await withTask({ cron: '' });
    world.state.patchTask({ mailbox: which.localuser, taskId: which.task_id }, fields);
    return world;
  }

  test('shows the start of the last run where it is remembered', async () => {
    const world = await remembered({ phase: 'idle', seen: last.lastRun, last });
    world.set(7, ended);
    expect(await listed(world)).toMatchObject({
      last_sync_timestamp: 1_700_000_000,
      last_sync_exit_code: 111,
    });
  });

  test('shows it also when mailcow has forgotten it for the next one', async () => {
    const world = await remembered({ seen: last.lastRun, last });
    expect(await listed(world)).toMatchObject({ last_sync_timestamp: 1_700_000_000, has_log: true });
  });

  test('shows the end by mailcow of a run that nobody remembers, or of another one than remembered', async () => {
    const end = Date.parse('2026-11-21T09:58:00') / 1000;
    const plain = await withTask();
    plain.set(7, ended);
    expect(await listed(plain)).toMatchObject({ last_sync_timestamp: end, last_sync_exit_code: 0 });
    const newer = await remembered({
      seen: '2026-11-20 01:00:00',
      last: { ...last, lastRun: '2026-11-20 01:00:00' },
    });
    newer.set(7, ended);
    expect(await listed(newer)).toMatchObject({ last_sync_timestamp: end, last_sync_exit_code: 0 });
  });

  test('keeps what was said before of a run that was stopped', async () => {
    const world = await remembered({ phase: 'idle', seen: '2026-11-21 10:30:00', last });
    world.set(7, { lastRun: '2026-11-21 10:30:00', succeeded: false, exitStatus: 'EXIT_BY_FILE' });
    expect(await listed(world)).toMatchObject({ last_sync_exit_code: 111 });
  });
});

describe('get-log', () => {
  const getLog = action('get-log');

  test('is the log of the last run, empty before it and for what is not there', async () => {
    const world = await withTask();
    const nothing = { code: 0, output: { log_content: '', truncated: false } };
    expect(await world.run(getLog, which)).toMatchObject(nothing);
    expect(await world.run(getLog, { ...which, task_id: 'nope' })).toMatchObject(nothing);
    expect(await world.run(getLog, { ...which, localuser: '../etc' })).toMatchObject(nothing);
    world.logs.set(7, 'Here is imapsync\n');
    expect((await world.run(getLog, which)).output).toEqual({
      log_content: 'Here is imapsync\n',
      truncated: false,
    });
    expect(await world.run(getLog, {})).toMatchObject({ code: 1, output: [{ field: 'localuser' }] });
  });

  test('is cut to its last 100 KiB from the beginning of a line on', async () => {
    const world = await withTask();
    const line = (at: number): string => `line ${String(at).padStart(5, '0')} äöü`;
    const lines = Array.from({ length: 10_000 }, (_, at) => line(at));
    world.logs.set(7, lines.join('\n'));
    const { log_content: log, truncated } = (await world.run(getLog, which)).output as {
      log_content: string;
      truncated: boolean;
    };
    expect(truncated).toBe(true);
    expect(Buffer.byteLength(log)).toBeLessThanOrEqual(102_400);
    expect(Buffer.byteLength(log)).toBeGreaterThan(102_350);
    expect(lines.join('\n').endsWith(log)).toBe(true);
    expect(log).toMatch(/^line \d{5} äöü\n/);
  });
});

describe('list-informations', () => {
  const listInformations = action('list-informations');
  type Asked = { readonly login: MailLogin; readonly choice: FolderChoice };

  function measuring(asked: Asked[]): (login: MailLogin, choice: FolderChoice) => Promise<Measured> {
    return (login, choice) => {
      asked.push({ login, choice });
      return Promise.resolve(
        login.host === 'dovecot'
          ? { folders: 2, messages: 4, bytes: 6 }
          : { folders: 3, messages: 5, bytes: 7000 },
      );
    };
  }

  test('counts both sides, with the folders of the task', async () => {
    const asked: Asked[] = [];
    const world = await withTask(
      { foldersynchronization: 'exclusion', exclude: '^Junk$' },
      { mail: { measure: measuring(asked) } },
    );
    const result = await world.run(listInformations, which);
    expect(result).toEqual({
      code: 0,
      output: {
        status: true,
        host1Folders: 3,
        host1Messages: 5,
        host1Sizes: 7000,
        host2Folders: 2,
        host2Messages: 4,
        host2Sizes: 6,
      },
      notes: [],
    });
    expect(asked.map(({ login }) => [login.host, login.user, login.password])).toEqual([
      ['imap.old.test', 'anna', 'never-shown-4711'],
      ['dovecot', 'anna@example.test*master@mailcow.local', 'master-secret'],
    ]);
    expect(asked[0]?.choice).toEqual({
      inboxOnly: false,
      exclude: ['^Junk$'],
    });
    expect(world.writes).toEqual([]);
  });

  test('fails without an error code, and says why', async () => {
    const fails = { mail: { measure: () => Promise.reject(new Error('connection refused')) } };
    const world = await withTask({}, fails);
    const result = await world.run(listInformations, which);
    expect(result).toEqual({
      code: 0,
      output: { status: false },
      notes: ['at imap.old.test: connection refused', 'here: connection refused'],
    });
    expect(allOf(world, result)).not.toContain('never-shown');
    expect(await world.run(listInformations, { ...which, task_id: 'nope' })).toMatchObject({
      code: 0,
      output: { status: false },
    });
    const masterless = await withTask(
      {},
      {
        localLogin: () => {
          throw new Error('no master login');
        },
      },
    );
    expect(await masterless.run(listInformations, which)).toMatchObject({
      output: { status: false },
      notes: ['no master login'],
    });
  });

  test('says how far it is when it takes long, and not at every folder', async () => {
    const world = await withTask();
    const clock = { ms: start };
    const measure = (
      _login: MailLogin,
      _choice: FolderChoice,
      onProgress?: (progress: MeasureProgress) => void,
    ): Promise<Measured> => {
      for (const done of [1, 2, 3, 4, 5]) {
        clock.ms += 900;
        onProgress?.({ folder: `f${done}`, done, total: 5 });
      }
      return Promise.resolve({ folders: 5, messages: 0, bytes: 0 });
    };
    const parts = { ...world.parts, mail: { ...world.parts.mail, measure }, now: () => new Date(clock.ms) };
    await listInformations(parts, which);
    expect(world.said).toEqual([
      'at imap.old.test: 3 of 5 folders, last f3',
      expect.stringMatching(/^here: /),
    ]);
  });
});

describe('a task is named', () => {
  const two = (): ActionsWorld => {
    const world = actionsWorld();
    world.jobs.set(1, job({ id: 1 }));
    world.jobs.set(2, job({ id: 2, mailbox: 'anna_b@example.test', customParams: '--domain1=lm.x_y.a.c5m' }));
    world.jobs.set(3, job({ id: 3, mailbox: 'bert@example.test', customParams: '--domain1=lm.z.a.c5m' }));
    world.jobs.set(4, job({ id: 4, mailbox: 'bert@other.test', customParams: '--domain1=lm.z.a.c5m' }));
    world.jobs.set(5, job({ id: 5, mailbox: 'bert@other.test', customParams: '' }));
    return world;
  };

  test.each([
    ['anna@example.test_a0241w', 'anna@example.test', 'a0241w'],
    ['ANNA@example.test_a0241w', 'anna@example.test', 'a0241w'],
    ['anna_a0241w', 'anna@example.test', 'a0241w'],
    ['anna_b_x_y', 'anna_b@example.test', 'x_y'],
    ['anna_b@example.test_x_y', 'anna_b@example.test', 'x_y'],
    ['bert@other.test_z', 'bert@other.test', 'z'],
    ['anna', 'anna@example.test', 'a0241w'],
    ['anna_b@example.test', 'anna_b@example.test', 'x_y'],
  ])('%s', async (name, localuser, task_id) => {
    expect(await readKey(two().parts, name)).toEqual({ localuser, task_id });
  });

  test('or refused, with those that it may be', async () => {
    expect(await readKey(two().parts, 'bert_z')).toMatchObject({
      code: 1,
      complaints: [
        {
          error: 'required',
          message: 'bert_z may be one of several: bert@example.test_z, bert@other.test_z',
        },
      ],
    });
    const world = two();
    world.jobs.set(6, job({ id: 6, mailbox: 'anna@example.test', customParams: '--domain1=lm.b.a.c5m' }));
    expect(await readKey(world.parts, 'anna_b')).toMatchObject({
      complaints: [{ message: expect.stringContaining('anna@example.test_b, anna_b@example.test_x_y') }],
    });
    expect(await readKey(world.parts, 'anna')).toMatchObject({ complaints: [{ error: 'required' }] });
    expect(await readKey(world.parts, 'nobody_a0241w')).toMatchObject({
      complaints: [{ error: 'task_not_found' }],
    });
  });
});
