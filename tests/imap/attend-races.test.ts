/** What happens to tasks behind the back of who looks after them: other programs, mailcow's UI, the engine, the clock. */
import { describe, expect, test } from '@jest/globals';
import type { SyncJob } from '../../src/core/sync-job.ts';
import { startRun } from '../../src/imap/attend/start.ts';
import { jobOf } from '../../src/imap/job.ts';
import { tasksAmong } from '../../src/imap/list.ts';
import { MailError } from '../../src/mail/errors.ts';
import { attendWorld, logOf, type AttendWorld } from './attend-world.ts';

const inbox = { mode: 'inbox' as const };
const older = { deleteRemote: true, older: 30 };
const key = { mailbox: 'anna@example.test', taskId: 'a0241w' };
const record = (world: AttendWorld) => world.records.tasks()[0];

/** As the command line does it, in another process. */
async function ask(world: AttendWorld): Promise<void> {
  const [found] = tasksAmong([...world.jobs.values()]);
  if (found === undefined) throw new Error('no task');
  await startRun(world.parts, found);
}

/** The next list is that of before, as of a look that takes long; those that follow tell the truth. */
function listLate(
  world: AttendWorld,
  late: readonly SyncJob[],
  meanwhile: () => void = () => undefined,
): void {
  world.faults.set('listSyncJobs', () => {
    world.faults.delete('listSyncJobs');
    meanwhile();
    return late;
  });
}

describe('the log of a run with another login than the task has now', () => {
  test('marks nothing: the round of the engine began before the edit', async () => {
    const world = attendWorld();
    world.addTask({ ...inbox, ...older });
    await world.look();
    world.endRun(logOf([[4, 14]]).replace('user [anna]', 'user [bert]'));
    await world.look();
    expect(world.asked.filter((line) => !line.startsWith('delete'))).toEqual([]);
    expect(world.lines).toContainEqual(expect.stringMatching(/^warn: .*not of the login/));
    expect(record(world)?.phase).toBe('idle');
  });

  test('marks nothing: somebody changed the login in mailcow while it ran', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    await world.look();
    world.jobs.set(7, { ...world.job(), user: 'bert' });
    world.endRun(logOf([[4, 14]]));
    await world.look();
    expect(world.asked).toEqual([]);
  });

  test('marks nothing: it does not say whose it is', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    await world.look();
    world.endRun(logOf([[4, 14]]).replace(/^Host1.*\n/, ''));
    await world.look();
    expect(world.asked).toEqual([]);
  });
});

describe('a list that is late', () => {
  test('takes no record that was made while it was read', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    await world.look();
    const [made] = world.records.tasks();
    if (made === undefined) throw new Error('no record');
    world.records.dropTask(made.mailbox, made.taskId);
    listLate(world, [], () => {
      world.records.saveTask(made);
    });
    world.pass(60 * 48);
    await world.look();
    expect(record(world)).toMatchObject({ phase: 'armed', validity: { there: '11' } });
  });

  test('starts no run over the log of one that came and went meanwhile', async () => {
    const world = attendWorld();
    world.addTask({ ...inbox, cron: '' });
    await world.look();
    const late = [...world.jobs.values()];
    await ask(world);
    world.endRun(logOf([[4, 14]]));
    listLate(world, late);
    await world.look();
    await world.look();
    expect(world.asked).toEqual(['seen anna 11 4']);
  });

  test('writes no settings of before over those that somebody has just made', async () => {
    const world = attendWorld();
    world.addTask(older);
    await world.look();
    world.endRun(logOf([[1, 2]]));
    await world.look();
    await world.look();
    expect(world.job().deleteThere).toBe(true);
    world.endRun(logOf([]));
    const late = [...world.jobs.values()];
    const [found] = tasksAmong(late);
    if (found === undefined) throw new Error('no task');
    const edited = jobOf({ ...found.task, older: 0, deleteRemote: false });
    world.jobs.set(7, { ...world.job(), ...edited });
    listLate(world, late);
    await world.look();
    await world.look();
    expect(world.job()).toMatchObject({
      customParams: edited.customParams,
      deleteThere: false,
      active: true,
    });
  });
});

describe('mailcow that has no jobs for a while', () => {
  test('does not bring back to life what was stopped', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    world.jobs.set(7, { ...world.job(), lastRun: '2026-11-21 09:00:00' });
    await ask(world);
    world.jobs.set(7, { ...world.job(), active: false, lastRun: '2026-11-21 09:00:00' });
    world.records.patchTask(key, { phase: 'idle', stopped: true, seen: '2026-11-21 09:00:00' });
    listLate(world, []);
    await world.look();
    await world.look();
    expect(world.job().active).toBe(false);
  });
});

describe('a clock that was set back', () => {
  test('keeps no task from running', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    await world.look();
    world.pass(60 * 24 * 365);
    world.endRun(logOf([]));
    await world.look();
    world.pass(-60 * 24 * 365);
    await world.look();
    expect(world.job().active).toBe(true);
  });

  test('nor one with a time of its own', async () => {
    const world = attendWorld();
    world.addTask({ cron: '0 * * * *' });
    world.pass(60 * 24 * 365);
    await world.look();
    world.pass(-60 * 24 * 365);
    await world.look();
    world.pass(61);
    await world.look();
    expect(world.job().active).toBe(true);
  });

  test('nor one that failed', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    world.pass(60 * 24 * 365);
    world.faults.set('inboxValidity', () => {
      throw new Error('nobody there');
    });
    await world.look();
    world.faults.clear();
    world.pass(-60 * 24 * 365);
    await world.look();
    expect(world.job().active).toBe(true);
  });
});

test('a new cron expression counts at once, not after the next time of the old one', async () => {
  const world = attendWorld();
  world.addTask({ cron: '0 0 1 1 *' });
  const start = world.parts.now().getTime();
  const times: Record<string, Date> = {
    '0 0 1 1 *': new Date(start + 60 * 24 * 40 * 60_000),
    '*/5 * * * *': new Date(start + 5 * 60_000),
  };
  Object.assign(world.parts, { nextRun: (cron: string) => times[cron] });
  await world.look();
  const [found] = tasksAmong([...world.jobs.values()]);
  if (found === undefined) throw new Error('no task');
  const { customParams } = jobOf({ ...found.task, cron: '*/5 * * * *' });
  world.jobs.set(7, { ...world.job(), customParams });
  await world.look();
  world.pass(6);
  await world.look();
  expect(world.job().active).toBe(true);
});

describe('what deletes', () => {
  test('a task by hand deletes what is old after its runs, not every day', async () => {
    const world = attendWorld();
    world.addTask({ ...older, cron: '' });
    await world.look();
    await ask(world);
    world.endRun(logOf([[1, 2]]));
    await world.look();
    await world.look();
    expect(world.job()).toMatchObject({ active: true, deleteThere: true });
    world.endRun(logOf([]));
    await world.look();
    world.pass(60 * 25);
    await world.look();
    expect(world.job()).toMatchObject({ active: false, deleteThere: false });
  });

  test('a server that can never delete does not keep new mail from coming', async () => {
    const world = attendWorld();
    world.addTask({ ...inbox, ...older });
    await world.look();
    world.faults.set('deleteCopied', () => {
      throw new MailError('the server has no UIDPLUS', { transient: false });
    });
    world.endRun(logOf([[4, 14]]));
    await world.look();
    expect(world.lines.at(-1)).toMatch(/^warn: .*the server has no UIDPLUS/);
    world.pass(61);
    await world.look();
    expect(world.job().active).toBe(true);
  });

  test.each([
    ['the INBOX alone', inbox],
    ['deletion there of what is old', older],
  ])('delete_local that somebody ticked in mailcow: %s is not started with it', async (_what, task) => {
    const world = attendWorld();
    world.addTask(task);
    world.jobs.set(7, { ...world.job(), deleteHere: true });
    await world.look();
    expect(world.job().active).toBe(false);
    expect(world.lines.at(-1)).toMatch(/^warn: .*delete_local/);
  });
});

describe('a migration does not end', () => {
  test.each([
    ['without a log', ''],
    [
      'that only pretend to copy',
      logOf([]).replace('transferred                    : 0', '$& (could be 50 without dry mode)'),
    ],
  ])('after two runs %s', async (_what, log) => {
    const world = attendWorld('ldap.school');
    world.addTask({ taskId: 'ldap.school', cron: '60m' });
    await world.look();
    for (let runs = 0; runs < 3; runs += 1) {
      world.endRun(log);
      await world.look();
    }
    expect(world.job().active).toBe(true);
  });
});

test('a second job with the mark of a task, copied in mailcow, does not take its record away', async () => {
  const world = attendWorld();
  world.addTask(inbox);
  const copy = { ...world.job(), id: 8, user: 'bert' };
  world.jobs.set(8, copy);
  await world.look();
  world.endRun(logOf([[4, 14]]));
  await world.look();
  expect(world.asked).toEqual(['seen anna 11 4']);
  expect(world.jobs.get(8)).toEqual(copy);
});
