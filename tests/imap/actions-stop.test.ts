/** start, stop, delete, one and all: what goes on, what ends, and what is said of it. */
import { describe, expect, test } from '@jest/globals';
import { createTask, taskActions } from '../../src/imap/actions.ts';
import { withoutWriting } from '../../src/imap/actions-dry.ts';
import type { Action } from '../../src/imap/actions-parts.ts';
import { pidFileOf } from '../../src/imap/pid-file.ts';
import { actionsWorld, taskWith, which, type ActionsWorld } from './actions-world.ts';
import { job } from './builders.ts';

const action = (name: string): Action => {
  const entry = taskActions[name];
  if (entry === undefined) throw new Error(name);
  return entry.act;
};
const [startTask, stopTask, deleteTask] = ['start-task', 'stop-task', 'delete-task'].map(action) as [
  Action,
  Action,
  Action,
];
const runFolder = '/ldapmailcow';
const key = { mailbox: which.localuser, taskId: which.task_id };
const pidFile = pidFileOf(runFolder, key);
const record = (world: ActionsWorld) => world.state.task(key.mailbox, key.taskId);

async function withTask(
  fields: object = {},
  options: Parameters<typeof actionsWorld>[0] = {},
): Promise<ActionsWorld> {
  const world = actionsWorld(options);
  await world.run(createTask, taskWith(fields));
  world.writes.length = 0;
  return world;
}

describe('stop-task without a run folder', () => {
  test('begins no run any more, and says that the one under way goes on', async () => {
    const world = await withTask();
    world.set(7, { isRunning: true });
    expect(await world.run(stopTask, which)).toMatchObject({
      code: 0,
      notes: [expect.stringMatching(/goes on to its end/)],
    });
    expect([world.job().active, world.writes]).toEqual([false, ['edit']]);
    await world.run(startTask, which);
    expect(world.job().active).toBe(true);
  });

  test('keeps the daemon from starting it', async () => {
    const world = await withTask({ cron: '1 */2 * * *' });
    await world.run(stopTask, which);
    expect(record(world)).toMatchObject({ stopped: true, wanted: false, phase: 'idle' });
    await world.run(startTask, which);
    expect(record(world)).toMatchObject({ stopped: false, phase: 'armed' });
    expect(world.job().active).toBe(true);
  });

  test('leaves the daemon its part in a run that is under way', async () => {
    const world = await withTask({ foldersynchronization: 'inbox' });
    world.set(7, { isRunning: true });
    await world.run(stopTask, which);
    expect(record(world)).toMatchObject({ stopped: true, phase: 'armed' });
  });
});

describe('stop-task with a run folder', () => {
  test('asks the run to end, and its cron goes on', async () => {
    const world = await withTask({}, { runFolder });
    world.set(7, { isRunning: true });
    world.pids.set(pidFile, 4711);
    const result = await world.run(stopTask, which);
    expect(result).toMatchObject({
      code: 0,
      notes: [expect.stringMatching(/before its next message.*5m\) goes on/)],
    });
    expect([world.writes, world.job().active]).toEqual([[`abort ${pidFile} 4711`], true]);
  });

  test('is no mistake when no run is under way, and writes nothing', async () => {
    const world = await withTask({}, { runFolder });
    expect(await world.run(stopTask, which)).toMatchObject({ code: 0 });
    expect(world.writes).toEqual([]);
  });

  test('takes a run off the queue that the daemon has armed', async () => {
    const world = await withTask({ cron: '' }, { runFolder });
    await world.run(stopTask, which);
    expect(record(world)).toMatchObject({ phase: 'idle', stopped: false, wanted: false });
    expect(world.job().active).toBe(false);
  });

  test('fails with a sentence when there is no process in the file', async () => {
    const world = await withTask({}, { runFolder });
    world.set(7, { isRunning: true });
    const result = await world.run(stopTask, which);
    expect(result).toMatchObject({ code: 1, output: [{ error: 'validation_failed' }] });
    expect(result.notes).toEqual([expect.stringMatching(/there is no process in/)]);
    expect(world.writes).toEqual([]);
  });

  test('does as without one for a job that was made before there was one', async () => {
    const world = await withTask();
    const parts = { ...world.parts, pidFile: () => pidFile };
    await stopTask(parts, which);
    expect(world.job().active).toBe(false);
  });

  test('with --wait ends when no run is under way, whatever became of it', async () => {
    const world = await withTask({}, { runFolder });
    world.set(7, { isRunning: true });
    world.pids.set(pidFile, 4711);
    world.pauses.push(() => {
      world.set(7, { isRunning: false, lastRun: '2026-11-21 11:00:00', exitStatus: 'EXIT_BY_FILE' });
    });
    expect(await world.run(stopTask, which, { wait: {} })).toMatchObject({ code: 0 });
    expect(world.said).toContain('anna@example.test_a0241w: the run is under way');
  });
});

describe('delete-task', () => {
  test('takes the job and what is remembered', async () => {
    const world = await withTask({ cron: '' });
    expect(await world.run(deleteTask, which)).toEqual({ code: 0, notes: [] });
    expect([world.jobs.size, world.state.tasks()]).toEqual([0, []]);
  });

  test('asks a run to end first where it can, and with --wait does not delete before it has', async () => {
    const world = await withTask({}, { runFolder });
    world.set(7, { isRunning: true });
    world.pids.set(pidFile, 4711);
    world.pauses.push(() => {
      expect(world.jobs.size).toBe(1);
      world.set(7, { isRunning: false });
    });
    expect((await world.run(deleteTask, which, { wait: {} })).code).toBe(0);
    expect(world.writes).toEqual([`abort ${pidFile} 4711`, 'edit', 'delete']);
  });

  test('with --wait that comes to its time deletes nothing', async () => {
    const world = await withTask();
    world.set(7, { isRunning: true });
    expect((await world.run(deleteTask, which, { wait: { timeoutMs: 2000 } })).code).toBe(1);
    expect(world.jobs.size).toBe(1);
  });

  test('refuses a task of the migration while there is one, and writes nothing', async () => {
    const world = actionsWorld({ isMigrating: true });
    world.jobs.set(9, job({ id: 9, customParams: '--domain1=lm.ldap.school.a.c1h' }));
    const mine = { localuser: which.localuser, task_id: 'ldap.school' };
    const result = await world.run(deleteTask, mine);
    expect(result).toMatchObject({ code: 1, output: [{ field: 'task_id', error: 'reserved' }] });
    expect(result.notes[0]).toMatch(/unset LDAP_MAILCOW_IMAPSYNC_HOST first/);
    expect(world.writes).toEqual([]);
    expect((await world.run(startTask, mine)).code).toBe(0);
    expect((await world.run(stopTask, mine)).code).toBe(0);
    const after = { ...world.parts, isMigrating: false };
    expect((await deleteTask(after, mine)).code).toBe(0);
    expect(world.jobs.size).toBe(0);
  });
});

describe('start-task', () => {
  test('begins again what had come to its end', async () => {
    const world = actionsWorld();
    world.jobs.set(9, job({ id: 9, active: false, customParams: '--domain1=lm.ldap.school.aD.c5m' }));
    await world.run(startTask, { localuser: which.localuser });
    expect(world.job()).toMatchObject({ active: true, customParams: '--domain1=lm.ldap.school.a.c5m' });
  });

  test('does not start a run whose log the daemon has still to read a second time', async () => {
    const world = await withTask({ foldersynchronization: 'inbox' });
    world.set(7, { lastRun: '2026-11-21 11:00:00' });
    expect(await world.run(startTask, which)).toMatchObject({
      code: 0,
      notes: [expect.stringMatching(/not started a second time/)],
    });
    expect(world.job().lastRun).toBe('2026-11-21 11:00:00');
  });

  test.each(['refused', 'unclear'] as const)('says what mailcow said: %s', async (kind) => {
    const world = await withTask();
    world.verdicts.push(
      kind === 'refused'
        ? { kind, words: [{ word: 'access_denied', args: [] }] }
        : { kind, why: 'an empty body' },
    );
    const result = await world.run(startTask, which);
    expect(result).toMatchObject({ code: 1, output: [{ error: 'validation_failed' }] });
    expect(result.notes[0]).toMatch(/access_denied|an empty body/);
  });

  test('with --wait ends with 1 when it is stopped meanwhile', async () => {
    const world = await withTask();
    world.pauses.push(() => {
      world.set(7, { active: false });
    });
    expect(await world.run(startTask, which, { wait: {} })).toMatchObject({ code: 1 });
  });
});

describe('start-all-tasks and stop-all-tasks', () => {
  const both = async (): Promise<ActionsWorld> => {
    const world = await withTask();
    await world.run(createTask, taskWith({ task_id: 'second', remoteusername: 'anna2' }));
    return world;
  };
  const wrong = { kind: 'refused', words: [{ word: 'access_denied', args: [] }] } as const;

  test('act on each, and one that goes wrong keeps no other', async () => {
    const world = await both();
    world.verdicts.push(wrong);
    const result = await world.run(action('stop-all-tasks'));
    expect(result).toMatchObject({ code: 0 });
    expect(result.notes).toEqual([
      'anna@example.test_a0241w: mailcow refuses it: access_denied',
      '1 of 2 tasks',
    ]);
    expect([...world.jobs.values()].map(({ active }) => active)).toEqual([true, false]);
    expect(await world.run(action('start-all-tasks'))).toMatchObject({ code: 0, notes: ['2 of 2 tasks'] });
    expect([...world.jobs.values()].map(({ active }) => active)).toEqual([true, true]);
  });

  test('fail when it goes wrong with all, and not without tasks', async () => {
    const world = await both();
    world.verdicts.push(wrong, wrong);
    expect(await world.run(action('start-all-tasks'))).toMatchObject({
      code: 1,
      output: [{ error: 'validation_failed' }],
    });
    expect(await actionsWorld().run(action('start-all-tasks'))).toEqual({ code: 0, notes: ['0 of 0 tasks'] });
  });

  test('leave alone what is not ours, and what has come to its end', async () => {
    const world = actionsWorld();
    world.jobs.set(8, job({ id: 8, active: false, customParams: '' }));
    world.jobs.set(9, job({ id: 9, active: false, customParams: '--domain1=lm.ldap.school.aD.c5m' }));
    await world.run(action('start-all-tasks'));
    expect(world.writes).toEqual([]);
  });
});

describe('--dry-run', () => {
  test.each<[string, readonly string[]]>([
    ['delete-task', ['would delete the sync job 7']],
    ['stop-task', ['would change the sync job 7:', '  active: true -> false']],
    ['start-task', ['would change the sync job 7:', '  and run it now']],
    ['stop-all-tasks', ['would change the sync job 7:', '  active: true -> false']],
  ])('%s writes nothing', async (name, said) => {
    const world = await withTask();
    expect((await action(name)(withoutWriting(world.parts), name.includes('all') ? {} : which)).code).toBe(0);
    expect(world.said).toEqual(said);
    expect([world.writes, world.jobs.size]).toEqual([[], 1]);
  });

  test('remembers nothing of a task of the daemon, and asks no run to end', async () => {
    const world = await withTask({ cron: '' }, { runFolder });
    const before = record(world);
    world.set(7, { isRunning: true });
    world.pids.set(pidFile, 4711);
    for (const act of [stopTask, startTask, deleteTask]) await act(withoutWriting(world.parts), which);
    expect(world.said).toContain(`would ask the process 4711 of ${pidFile} to end`);
    expect([world.writes, record(world)]).toEqual([[], before]);
  });
});
