/** What is done about runs of tasks: their ends, what follows them, and what is started. */
import { describe, expect, test } from '@jest/globals';
import { startRun } from '../../src/imap/attend/start.ts';
import { tasksAmong } from '../../src/imap/list.ts';
import { attendWorld, logOf, password, type AttendWorld } from './attend-world.ts';

const inbox = { mode: 'inbox' as const };
const record = (world: AttendWorld) => world.records.tasks()[0];

async function ask(world: AttendWorld): Promise<void> {
  const [found] = tasksAmong([...world.jobs.values()]);
  if (found === undefined) throw new Error('no task');
  await startRun(world.parts, found);
}

describe('a task that mailcow does alone', () => {
  test('is left alone; the end of each run is one line', async () => {
    const world = attendWorld();
    world.addTask({});
    expect(await world.look()).toBe(1);
    const before = world.job();
    world.endRun(logOf([[1, 11]]));
    await world.look();
    await world.look();
    expect(world.lines).toEqual([
      'info: imapsync anna@example.test a0241w: a run ended, 1 transferred (100 bytes), exit code 0 (EX_OK)',
    ]);
    expect(world.job()).toMatchObject({ active: before.active, customParams: before.customParams });
    expect(world.asked).toEqual([]);
    expect(record(world)).toMatchObject({
      copied: { messages: 1, bytes: 100, runs: 1 },
      last: { exit: 0, startedAt: Date.parse('2023-01-16T21:13:26+01:00') / 1000 },
    });
  });

  test('warns of a failure, and of one without a word', async () => {
    const world = attendWorld();
    world.addTask({});
    await world.look();
    world.endRun(logOf([], '161 (EXIT_AUTHENTICATION_FAILURE_USER1)'), 'EXIT_AUTHENTICATION_FAILURE_USER1');
    await world.look();
    world.endRun('Could not start or finish imapsync', '');
    await world.look();
    expect(world.lines).toEqual([
      expect.stringMatching(/^warn: .* exit code 161 \(EXIT_AUTHENTICATION_FAILURE_USER1\)$/),
      expect.stringMatching(/^warn: .* exit code 1 \(/),
    ]);
  });

  test('runs that ended before it was known are not told', async () => {
    const world = attendWorld();
    world.addTask({});
    world.endRun(logOf([[1, 11]]));
    await world.look();
    expect(world.lines).toEqual([]);
  });

  test('is forgotten when its job has been gone for a day', async () => {
    const world = attendWorld();
    world.addTask({});
    await world.look();
    world.jobs.clear();
    expect(await world.look()).toBe(0);
    world.pass(60 * 23);
    await world.look();
    expect(world.records.tasks()).toHaveLength(1);
    world.pass(61);
    await world.look();
    expect(world.records.tasks()).toEqual([]);
  });
});

describe('a task by hand', () => {
  test('runs when it is asked for, once', async () => {
    const world = attendWorld();
    world.addTask({ cron: '' });
    await world.look();
    expect(world.job().active).toBe(false);
    await ask(world);
    expect(world.job()).toMatchObject({ active: true });
    await world.look();
    expect(world.job().active).toBe(true);
    world.endRun(logOf([]));
    await world.look();
    world.pass(60 * 24 * 40);
    await world.look();
    expect(world.job().active).toBe(false);
    expect(world.lines).toHaveLength(1);
  });

  test('is started by the daemon when somebody only wished it', async () => {
    const world = attendWorld();
    world.addTask({ cron: '' });
    await world.look();
    world.records.patchTask({ mailbox: 'anna@example.test', taskId: 'a0241w' }, { wanted: true });
    await world.look();
    expect([world.job().active, record(world)?.phase]).toEqual([true, 'armed']);
  });

  test('is started again when the program died between remembering and writing', async () => {
    const world = attendWorld();
    world.addTask({ cron: '' });
    await world.look();
    world.records.patchTask({ mailbox: 'anna@example.test', taskId: 'a0241w' }, { phase: 'armed' });
    world.restart();
    await world.look();
    expect(world.job().active).toBe(true);
  });

  test('that somebody switched off while it waited stays off', async () => {
    const world = attendWorld();
    world.addTask({ cron: '' });
    world.endRun(logOf([]));
    await world.look();
    await ask(world);
    world.jobs.set(7, { ...world.job(), active: false });
    await world.look();
    expect(world.job().active).toBe(false);
  });
});

describe('a task by the clock', () => {
  test('starts at its minute, and not at once', async () => {
    const world = attendWorld();
    world.addTask({ cron: '0 * * * *' });
    await world.look();
    expect(world.job().active).toBe(false);
    world.pass(61);
    await world.look();
    expect(world.job().active).toBe(true);
    world.endRun(logOf([]));
    await world.look();
    world.pass(30);
    await world.look();
    expect(world.job().active).toBe(false);
  });

  test('does not start while it is stopped', async () => {
    const world = attendWorld();
    world.addTask({ cron: '0 * * * *' });
    await world.look();
    world.records.patchTask({ mailbox: 'anna@example.test', taskId: 'a0241w' }, { stopped: true });
    world.pass(61);
    await world.look();
    world.pass(61);
    await world.look();
    expect(world.job().active).toBe(false);
  });
});

describe('the INBOX alone, which stays there', () => {
  test('is marked as read there after each run, and runs again after its interval', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    await world.look();
    expect(world.job().active).toBe(true);
    world.endRun(
      logOf([
        [4, 14],
        [5, 15],
      ]),
    );
    await world.look();
    expect(world.asked).toEqual(['seen anna 11 4,5']);
    expect(world.job().active).toBe(false);
    world.pass(4);
    await world.look();
    expect(world.job().active).toBe(false);
    world.pass(1);
    await world.look();
    expect(world.job().active).toBe(true);
  });

  test('also after a failed run: what was copied was copied', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    await world.look();
    world.endRun(logOf([[4, 14]], '113 (EXIT_OVERQUOTA)'), 'EXIT_OVERQUOTA');
    await world.look();
    expect(world.asked).toEqual(['seen anna 11 4']);
  });

  test('nothing is started before that has been done, however often it fails, and it is told once', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    await world.look();
    world.endRun(logOf([[4, 14]]));
    world.faults.set('markSeen', () => {
      throw new Error('imap.old.test does not answer');
    });
    for (let times = 0; times < 3; times += 1) {
      await world.look();
      world.pass(61);
    }
    expect(world.job()).toMatchObject({ active: false, lastRun: '2026-11-21 10:01:00' });
    expect(world.lines.filter((line) => line.includes('does not answer'))).toHaveLength(1);
    world.faults.clear();
    world.restart();
    await world.look();
    expect(world.asked.at(-1)).toBe('seen anna 11 4');
    expect(record(world)).toMatchObject({ phase: 'idle', copied: { messages: 1, runs: 1 } });
    expect(world.lines.filter((line) => line.includes('a run ended'))).toHaveLength(1);
  });

  test('an INBOX that was made anew there is not marked by numbers of the old one', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    await world.look();
    world.endRun(logOf([[4, 14]]));
    world.faults.set('markSeen', () => ({ kind: 'validity-changed' }));
    await world.look();
    expect(world.lines.at(-1)).toMatch(/^warn: .*the INBOX there was made anew/);
    expect(record(world)?.phase).toBe('idle');
  });

  test('a run whose start nobody saw marks nothing, and says so', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    world.jobs.set(7, { ...world.job(), active: true });
    world.endRun(logOf([[4, 14]]));
    await world.look();
    expect(world.asked).toEqual([]);
    expect(world.lines.at(-1)).toMatch(/its start was not seen/);
  });
});

describe('deletion by age', () => {
  const older = { deleteRemote: true, older: 30 };

  test('of the INBOX: only what was marked as copied', async () => {
    const world = attendWorld();
    world.addTask({ ...inbox, ...older });
    await world.look();
    expect(world.job().deleteThere).toBe(false);
    world.endRun(logOf([[4, 14]]));
    await world.look();
    expect(world.asked).toEqual(['copied anna 11 4', 'seen anna 11 4', 'delete anna 30']);
    world.pass(5);
    await world.look();
    world.endRun(logOf([[5, 15]]));
    await world.look();
    expect(world.asked.slice(3)).toEqual(['copied anna 11 5', 'seen anna 11 5']);
    world.pass(60 * 24);
    await world.look();
    world.endRun(logOf([]));
    await world.look();
    expect(world.asked.at(-1)).toBe('delete anna 30');
  });

  test('of an INBOX on a server without keywords: nothing, and it is said', async () => {
    const world = attendWorld();
    world.addTask({ ...inbox, ...older });
    world.faults.set('markCopied', () => ({ kind: 'no-keywords' }));
    world.faults.set('deleteCopied', () => 0);
    await world.look();
    world.endRun(logOf([[4, 14]]));
    await world.look();
    expect(world.lines.at(-1)).toMatch(/keeps no keywords, so nothing is ever deleted there/);
    expect(world.asked).toContain('seen anna 11 4');
  });

  test('of all folders: by a pass of the engine a day, after a good run; the job is then what it was', async () => {
    const world = attendWorld();
    world.addTask(older);
    await world.look();
    const normal = world.job();
    expect(normal).toMatchObject({ active: true, deleteThere: false });
    world.endRun(logOf([], '113 (EXIT_OVERQUOTA)'), 'EXIT_OVERQUOTA');
    await world.look();
    world.pass(5);
    await world.look();
    expect(world.job()).toMatchObject({ active: true, deleteThere: false });
    world.endRun(logOf([[1, 2]]));
    await world.look();
    await world.look();
    expect(world.job()).toMatchObject({ active: true, deleteThere: true, deleteHere: false });
    expect(world.job().customParams).toContain('--minage=30');
    world.restart();
    world.endRun(logOf([]));
    await world.look();
    expect(world.job()).toMatchObject({
      active: false,
      deleteThere: false,
      customParams: normal.customParams,
    });
    expect(world.lines.at(-1)).toMatch(/the pass that deletes there what is old ended/);
    world.pass(5);
    await world.look();
    expect(world.job()).toMatchObject({ active: true, deleteThere: false });
  });

  test('a pass is taken back also when nothing is remembered of it', async () => {
    const world = attendWorld();
    world.addTask(older);
    await world.look();
    world.endRun(logOf([]));
    await world.look();
    await world.look();
    expect(world.job().deleteThere).toBe(true);
    world.records.dropTask('anna@example.test', 'a0241w');
    world.endRun(logOf([]));
    await world.look();
    expect(world.job()).toMatchObject({ active: false, deleteThere: false });
    expect(record(world)).toMatchObject({ purgedAt: expect.any(String) });
  });
});

describe('sieve', () => {
  const sieved = { ...inbox, sieve: true };

  test('comes after the other server was told, and only once', async () => {
    const world = attendWorld();
    world.addTask(sieved);
    await world.look();
    world.endRun(logOf([[4, 14]]));
    world.faults.set('runSieve', () => {
      throw new Error('cut off');
    });
    await world.look();
    world.faults.clear();
    world.restart();
    await world.look();
    await world.look();
    expect(world.asked).toEqual([
      'seen anna 11 4',
      'sieve anna@example.test*master anna@example.test 22 14',
      'sieve anna@example.test*master anna@example.test 22 14',
    ]);
  });

  test('that does not take a message leaves it where it is, and the task goes on', async () => {
    const world = attendWorld();
    world.addTask(sieved);
    await world.look();
    world.endRun(logOf([[4, 14]]));
    world.faults.set('runSieve', () => ({ kind: 'done', absent: 0, refused: 1 }));
    await world.look();
    expect(world.lines.at(-1)).toMatch(/1 of what came could not be delivered through sieve/);
    expect(record(world)?.phase).toBe('idle');
  });

  test('with delete_remote nothing is marked there', async () => {
    const world = attendWorld();
    world.addTask({ ...sieved, deleteRemote: true });
    await world.look();
    world.endRun(logOf([[4, 14]]));
    await world.look();
    expect(world.asked).toEqual(['sieve anna@example.test*master anna@example.test 22 14']);
  });

  test('does not touch an INBOX here that was made anew', async () => {
    const world = attendWorld();
    world.addTask({ ...sieved, deleteRemote: true });
    await world.look();
    world.endRun(logOf([[4, 14]]));
    world.faults.set('runSieve', () => ({ kind: 'validity-changed' }));
    await world.look();
    expect(world.lines.at(-1)).toMatch(/the INBOX here was made anew/);
  });
});

describe('a migration', () => {
  const mine = { taskId: 'ldap.school', cron: '60m' };

  test('ends after two runs in a row that brought nothing', async () => {
    const world = attendWorld('ldap.school');
    world.addTask(mine);
    await world.look();
    const runs: readonly (readonly [number, string])[] = [
      [3, 'EX_OK'],
      [0, 'EX_OK'],
      [0, 'EXIT_WITH_ERRORS'],
      [0, 'EX_OK'],
      [0, 'EX_OK'],
    ];
    for (const [count, name] of runs) {
      expect(world.job().active).toBe(true);
      const copied = Array.from({ length: count }, (_none, index) => [index, index] as const);
      world.endRun(logOf(copied, name === 'EX_OK' ? undefined : `111 (${name})`), name);
      await world.look();
    }
    expect(world.job()).toMatchObject({ active: false, customParams: '--domain1=lm.ldap.school.aD.c60m' });
    expect(world.lines.at(-1)).toMatch(/the migration of this mailbox is done/);
    expect(record(world)?.copied).toEqual({ messages: 3, bytes: 300, runs: 5 });
  });

  test('does not end where a sync has just begun another one', async () => {
    const world = attendWorld('ldap.school');
    world.addTask(mine);
    await world.look();
    world.endRun(logOf([]));
    await world.look();
    world.endRun(logOf([]));
    const looks = { count: 0 };
    world.faults.set('listSyncJobs', () => {
      looks.count += 1;
      if (looks.count === 3) world.jobs.set(7, { ...world.job(), host: 'imap.other.test' });
      return [...world.jobs.values()];
    });
    await world.look();
    expect(looks.count).toBe(3);
    expect(world.job()).toMatchObject({ active: true, customParams: '--domain1=lm.ldap.school.a.c60m' });
  });

  test('of somebody else is not looked after', async () => {
    const world = attendWorld('ldap.office');
    world.addTask(mine);
    expect(await world.look()).toBe(0);
    expect(world.records.tasks()).toEqual([]);
  });
});

test('what mailcow refuses to start is said, and tried again later', async () => {
  const world = attendWorld();
  world.addTask(inbox);
  world.faults.set('editSyncJob', () => ({ kind: 'refused', words: [{ word: 'access_denied', args: [] }] }));
  await world.look();
  await world.look();
  expect(world.lines).toEqual([expect.stringMatching(/^warn: .*access_denied; tried again in 60 s$/)]);
});

test('no password is in the state or in the log', async () => {
  const world = attendWorld();
  world.addTask(inbox);
  await world.look();
  world.endRun(logOf([[4, 14]]));
  await world.look();
  expect(JSON.stringify([world.records.tasks(), world.lines, world.asked])).not.toContain(password);
});
