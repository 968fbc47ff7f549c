/** create-task: nothing is written before the login there was tried, and every refusal leaves all as it was. */
import { describe, expect, test } from '@jest/globals';
import { createTask } from '../../src/imap/actions.ts';
import { startTask } from '../../src/imap/actions-start.ts';
import { makeAttendant } from '../../src/imap/attend/attend.ts';
import { withoutWriting } from '../../src/imap/actions-dry.ts';
import type { LoginTrial, MailLogin, SieveWay } from '../../src/ports-mail.ts';
import { actionsWorld, allOf, taskWith, which, type Script } from './actions-world.ts';

const password = 'never-shown-4711';
const inbox = { foldersynchronization: 'inbox' };
const sieve = { ...inbox, delete_remote: true, sieve_enabled: true };

const refusing = (kind: Exclude<LoginTrial['kind'], 'ok'>): Script => ({
  tryLogin: () => Promise.resolve({ kind, why: 'the server said no' }),
});

describe('the login there', () => {
  test.each<[Exclude<LoginTrial['kind'], 'ok'>, string, number]>([
    ['bad-credentials', 'bad_user_credentials', 2],
    ['unreachable', 'Check_hostname_or_tcp_port', 3],
    ['tls-failed', 'SSL_encryption_error', 4],
    ['no-starttls', 'STARTTLS_not_allowed_use_IMAPS', 4],
    ['failed', 'validation_failed', 1],
  ])('%s: %s with exit code %d, and nothing is written', async (kind, error, code) => {
    const world = actionsWorld({ mail: refusing(kind) });
    const result = await world.run(createTask, taskWith());
    expect(result).toEqual({
      code,
      output: [{ field: 'createTask', parameter: 'createTask', value: error, error }],
      notes: ['createTask: the login of anna at imap.old.test:993 failed: the server said no'],
    });
    expect([world.writes, world.jobs.size]).toEqual([[], 0]);
  });

  test('is the one that the task would have', async () => {
    const logins: MailLogin[] = [];
    const tryLogin = (login: MailLogin): Promise<LoginTrial> => {
      logins.push(login);
      return Promise.resolve({ kind: 'ok' });
    };
    const world = actionsWorld({ mail: { tryLogin } });
    expect(await world.run(createTask, taskWith({ security: 'tls', remoteport: 143 }))).toEqual({
      code: 0,
      notes: [],
    });
    const login = { host: 'imap.old.test', port: 143, user: 'anna', security: 'tls', password };
    expect(logins).toEqual([login]);
    await world.run(createTask, taskWith({ remotepassword: '', remotehostname: 'new.test' }));
    expect(logins[1]).toEqual({ ...login, host: 'new.test', port: 993, security: 'ssl' });
    expect(world.passwords.get(7)).toBe(password);
  });

  test('refused in an edit, leaves the task as it was, password included', async () => {
    const world = actionsWorld();
    await world.run(createTask, taskWith());
    const [before, count] = [world.job(), world.writes.length];
    const other = actionsWorld({ mail: refusing('bad-credentials') });
    const parts = { ...world.parts, mail: other.parts.mail };
    const result = await createTask(parts, { ...taskWith({ remotepassword: 'wrong', cron: '1h' }) });
    expect(result.code).toBe(2);
    expect([world.job(), world.passwords.get(7), world.writes.length]).toEqual([before, password, count]);
    expect(JSON.stringify(result)).not.toContain('wrong"');
  });
});

describe('refused, and nothing is written:', () => {
  const none: SieveWay = 'none';
  const noMaster = (): never => {
    throw new Error('mount sieve.creds');
  };
  test.each<[string, object, Parameters<typeof actionsWorld>[0], string, string, RegExp]>([
    ['an id of migrations', { task_id: 'ldap.x' }, {}, 'task_id', 'reserved', /choose another/],
    ['no password', { remotepassword: '' }, {}, 'createTask', 'validation_failed', /needs a remotepassword/],
    ['an unknown mailbox', { localuser: 'ghost' }, {}, 'localuser', 'user_not_found', /no mailbox/],
    ['a name of two', { localuser: 'bert' }, {}, 'localuser', 'user_not_found', /not one mailbox/],
    [
      'sieve without a way to it',
      sieve,
      { mail: { sieveWay: () => Promise.resolve(none) } },
      'sieve_enabled',
      'not_supported',
      /LDAP_MAILCOW_IMAPSYNC_LMTP_URI/,
    ],
    [
      'sieve without a master',
      sieve,
      { localLogin: noMaster },
      'sieve_enabled',
      'not_supported',
      /mount sieve\.creds/,
    ],
    [
      'sieve with a mailbox that cannot be opened',
      sieve,
      { mail: { sieveWay: () => Promise.reject(new Error('connection refused')) } },
      'sieve_enabled',
      'not_supported',
      /connection refused/,
    ],
  ])('%s', async (_what, fields, options, field, error, sentence) => {
    const world = actionsWorld(options);
    const result = await world.run(createTask, taskWith(fields));
    expect(result).toMatchObject({
      code: 1,
      output: [{ field, error }],
      notes: [expect.stringMatching(sentence)],
    });
    expect([world.writes, world.jobs.size]).toEqual([[], 0]);
  });

  test('a second task for a login', async () => {
    const world = actionsWorld();
    await world.run(createTask, taskWith());
    const result = await world.run(createTask, taskWith({ task_id: 'second' }));
    expect(result).toMatchObject({ code: 1, output: [{ error: 'task_exists' }] });
    expect(world.writes).toEqual(['create']);
  });

  test('an edit while what a run copied has still to be marked there', async () => {
    const world = actionsWorld();
    await world.run(createTask, taskWith(inbox));
    world.set(7, { isRunning: true });
    const count = world.writes.length;
    const result = await world.run(createTask, taskWith(inbox));
    expect(result).toMatchObject({ code: 1, notes: [expect.stringMatching(/try again after it/)] });
    expect(world.writes).toHaveLength(count);
  });
});

test('an edit to another login is refused while a run may begin with the old one, any other is not', async () => {
  const world = actionsWorld();
  await world.run(createTask, taskWith(inbox));
  const before = world.job();
  const result = await world.run(createTask, taskWith({ ...inbox, remotehostname: 'new.test' }));
  expect(result).toMatchObject({ code: 1, notes: [expect.stringMatching(/about to begin/)] });
  expect(world.job()).toEqual(before);
  expect((await world.run(createTask, taskWith({ ...inbox, cron: '1h' }))).code).toBe(0);
  world.state.patchTask({ mailbox: which.localuser, taskId: which.task_id }, { phase: 'idle' });
  expect((await world.run(createTask, taskWith({ ...inbox, remotehostname: 'new.test' }))).code).toBe(0);
});

describe('a task', () => {
  test('of mailcow alone makes no state', async () => {
    const world = actionsWorld();
    await world.run(createTask, taskWith());
    expect(world.writes).toEqual(['create']);
    expect(world.job()).toMatchObject({ active: true, customParams: '--domain1=lm.a0241w.a.c5m' });
  });

  test('of mailcow alone is told to a state file that there is, so that the daemon reports its runs', async () => {
    const world = actionsWorld({ hasState: true });
    await world.run(createTask, taskWith());
    world.set(7, { lastRun: '2026-11-21 11:00:00' });
    expect(world.state.tasks()).toMatchObject([{ jobId: 7, phase: 'idle', stopped: false }]);
    expect(world.state.tasks()[0]).not.toHaveProperty('seen');
    await world.run(createTask, taskWith({ cron: '1h' }));
    expect(world.state.tasks()).toMatchObject([{ jobId: 7, phase: 'idle', wanted: false }]);
  });

  test.each([
    ['by hand', { cron: '' }],
    ['by the clock', { cron: '1 */2 * * *' }],
    ['that keeps the mail there', inbox],
    ['with sieve', sieve],
    ['that deletes what is old', { delete_remote: true, delete_remote_older: 30 }],
  ])('%s is armed, and told to need the daemon', async (_what, fields) => {
    const world = actionsWorld();
    const result = await world.run(createTask, taskWith(fields));
    expect(result).toMatchObject({ code: 0, notes: [expect.stringMatching(/the daemon/)] });
    expect(world.job()).toMatchObject({ active: true });
    expect(world.state.task('anna@example.test', 'a0241w')).toMatchObject({ phase: 'armed', jobId: 7 });
  });

  test('that needs nothing of the mailbox here needs no master', async () => {
    const world = actionsWorld({
      localLogin: () => {
        throw new Error('no master');
      },
    });
    expect((await world.run(createTask, taskWith(inbox))).code).toBe(0);
    expect(world.state.task('anna@example.test', 'a0241w')).toMatchObject({ phase: 'armed' });
  });

  test('whose first run cannot be started is left to the daemon', async () => {
    const world = actionsWorld({ mail: { inboxValidity: () => Promise.reject(new Error('gone away')) } });
    const result = await world.run(createTask, taskWith(inbox));
    expect(result).toMatchObject({
      code: 0,
      notes: [expect.stringMatching(/daemon will try again: gone away/)],
    });
    expect(world.job().active).toBe(false);
    expect(world.state.task('anna@example.test', 'a0241w')).toMatchObject({ wanted: true, phase: 'idle' });
  });

  test('has the file by which its run can be stopped', async () => {
    const world = actionsWorld({ runFolder: '/ldapmailcow' });
    await world.run(createTask, taskWith());
    expect(world.job().customParams).toMatch(/ --pidfile=\/ldapmailcow\/a0241w_[0-9a-f]{8}\.pid$/);
  });

  test('becomes one of mailcow alone by an edit, and back', async () => {
    const world = actionsWorld();
    await world.run(createTask, taskWith({ cron: '' }));
    await world.run(createTask, taskWith({ cron: '1h' }));
    expect(world.job()).toMatchObject({ active: true, intervalMinutes: 60 });
    expect(world.state.task('anna@example.test', 'a0241w')).toMatchObject({ phase: 'idle', wanted: false });
    await world.run(createTask, taskWith({ cron: '' }));
    expect(world.state.task('anna@example.test', 'a0241w')).toMatchObject({ phase: 'armed' });
  });

  test('that is made anew has nothing of the one of that name before', async () => {
    const world = actionsWorld();
    await world.run(createTask, taskWith({ cron: '' }));
    world.jobs.clear();
    await world.run(createTask, taskWith());
    expect(world.state.tasks()).toEqual([]);
  });
});

test('an edit while a run is queued, whose new run cannot be started, is not forgotten by the daemon', async () => {
  const faults = { on: false };
  const world = actionsWorld({
    mail: {
      inboxValidity: () => (faults.on ? Promise.reject(new Error('no answer')) : Promise.resolve('11')),
    },
  });
  const inbox = taskWith({ foldersynchronization: 'inbox', cron: '5m' });
  await world.run(createTask, inbox);
  // One run has ended and been seen; the next one is in the queue.
  world.set(7, { lastRun: '2026-11-21 10:01:00', exitStatus: 'EX_OK', succeeded: true });
  const daemon = makeAttendant(world.parts);
  await daemon.look({ all: true });
  expect(world.job()).toMatchObject({ active: false });
  await world.run(startTask, which);
  expect(world.job()).toMatchObject({ active: true });
  expect(world.job().lastRun).toBeUndefined();
  faults.on = true;
  await world.run(createTask, inbox);
  faults.on = false;
  await daemon.look({ all: true });
  await daemon.look({ all: true });
  expect([world.job().active, world.state.tasks()[0]]).toMatchObject([true, { phase: 'armed' }]);
});

describe('--dry-run', () => {
  test('says what would be created, tries the login, and writes nothing', async () => {
    const world = actionsWorld();
    const result = await createTask(withoutWriting(world.parts), { ...taskWith(inbox) });
    expect(result.code).toBe(0);
    expect(world.said).toContain('would create a sync job of anna@example.test:');
    expect(world.said).toContain('  host: "imap.old.test"');
    expect([world.writes, world.jobs.size, world.state.tasks()]).toEqual([[], 0, []]);
    expect(allOf(world, result)).not.toContain(password);
    const refused = actionsWorld({ mail: refusing('unreachable') });
    expect((await createTask(withoutWriting(refused.parts), { ...taskWith() })).code).toBe(3);
    expect(refused.said).toEqual([]);
  });

  test('says what an edit would change, and only that', async () => {
    const world = actionsWorld();
    await world.run(createTask, taskWith());
    const input = { ...taskWith({ cron: '1h', remotepassword: 'other-secret' }) };
    const result = await createTask(withoutWriting(world.parts), input);
    expect(world.said).toEqual([
      'would change the sync job 7:',
      '  customParams: "--domain1=lm.a0241w.a.c5m" -> "--domain1=lm.a0241w.a.c1h"',
      '  intervalMinutes: 5 -> 60',
      '  password: the one given',
      '  and run it now',
    ]);
    expect(allOf(world, result)).not.toContain('other-secret');
    expect([world.writes, world.job().intervalMinutes]).toEqual([['create'], 5]);
  });
});

describe('--wait', () => {
  const endWith = (exitStatus: string) => ({ lastRun: '2026-11-21 11:00:00', exitStatus, isRunning: false });

  test.each([
    ['EX_OK', 0, /it went well \(exit code 0, EX_OK\)/],
    ['EXIT_AUTHENTICATION_FAILURE_USER1', 1, /the other server refused the login \(exit code 161/],
  ] as const)('%s ends with %d', async (exitStatus, code, sentence) => {
    const world = actionsWorld();
    world.pauses.push(
      () => {
        world.set(7, { isRunning: true });
      },
      () => undefined,
      () => {
        world.set(7, endWith(exitStatus));
      },
    );
    const result = await world.run(createTask, taskWith(), { wait: {} });
    expect(result).toEqual({ code, notes: [expect.stringMatching(sentence)] });
    expect(world.said).toEqual([
      'anna@example.test_a0241w: waits for its turn in mailcow',
      'anna@example.test_a0241w: the run is under way',
    ]);
  });

  test('ends at its time, with 1', async () => {
    const world = actionsWorld();
    const result = await world.run(createTask, taskWith({ task_id: undefined }), {
      wait: { timeoutMs: 5000 },
    });
    expect(result).toMatchObject({
      code: 1,
      notes: [expect.stringMatching(/not ended in time/)],
      output: { localuser: which.localuser, task_id: 'new123' },
    });
    expect(world.parts.now().getTime() - Date.parse('2026-11-21T10:00:00Z')).toBe(5000);
  });

  test('of a task of the daemon ends when the daemon has done its part', async () => {
    const world = actionsWorld();
    const last = { lastRun: '2026-11-21 11:00:00', exit: 0, exitName: 'EX_OK', transferred: 1, bytes: 2 };
    const key = { mailbox: which.localuser, taskId: which.task_id };
    world.pauses.push(
      () => {
        world.set(7, endWith('EX_OK'));
      },
      () => {
        world.state.patchTask(key, { phase: 'idle', seen: last.lastRun, last });
      },
    );
    const result = await world.run(createTask, taskWith(inbox), { wait: {} });
    expect(result).toMatchObject({ code: 0, notes: [expect.stringMatching(/it went well/)] });
    expect(world.said).toContain('anna@example.test_a0241w: waits for the daemon (ldap-mailcow run)');
  });

  test('outlasts a mailcow that does not answer for a while, but no refusal', async () => {
    const world = actionsWorld();
    await world.run(createTask, taskWith());
    const errors = ['MailcowUnreachable', 'MailcowRefused'].map((name) =>
      Object.assign(new Error('it was started anew'), { name }),
    );
    let looks = 0;
    const listSyncJobs: typeof world.parts.jobs.listSyncJobs = (mailbox) => {
      looks += 1;
      const error = looks > 1 ? errors.shift() : undefined;
      return error === undefined ? world.parts.jobs.listSyncJobs(mailbox) : Promise.reject(error);
    };
    const parts = { ...world.parts, jobs: { ...world.parts.jobs, listSyncJobs } };
    await expect(createTask(parts, { ...taskWith() }, { wait: {} })).rejects.toMatchObject({
      name: 'MailcowRefused',
    });
    expect(world.said).toEqual(['anna@example.test_a0241w: mailcow does not answer: it was started anew']);
  });

  test('says when a run with the old settings is under way', async () => {
    const world = actionsWorld();
    await world.run(createTask, taskWith());
    world.set(7, { isRunning: true });
    const result = await world.run(createTask, taskWith({ cron: '1h' }));
    expect(result).toMatchObject({ code: 0, notes: [expect.stringMatching(/settings from before/)] });
  });

  test('of a task of the daemon does not wait for the run that the daemon starts next', async () => {
    const world = actionsWorld();
    const key = { mailbox: which.localuser, taskId: which.task_id };
    const last = { lastRun: '2026-11-21 11:00:00', exit: 111, transferred: 1, bytes: 2 };
    world.pauses.push(() => {
      world.state.patchTask(key, { phase: 'armed', pass: 'purge', seen: last.lastRun, last });
    });
    expect(await world.run(createTask, taskWith(inbox), { wait: {} })).toMatchObject({ code: 1 });
  });

  test('ends when the task is taken away, with 1', async () => {
    const world = actionsWorld();
    world.pauses.push(() => {
      world.jobs.clear();
    });
    expect(await world.run(createTask, taskWith(), { wait: {} })).toMatchObject({
      code: 1,
      notes: [expect.stringMatching(/the task is gone/)],
    });
  });
});
