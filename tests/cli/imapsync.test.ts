/** The command imapsync against the stand-in and a real Dovecot, as an administrator types it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { taskInput } from '../imap/builders.ts';
import { password, people, refusalOf, startWorld, which, type ImapsyncWorld } from './imapsync-world.ts';
import { run, type Printed } from './program.ts';

const made: { world?: ImapsyncWorld } = {};
const world = (): ImapsyncWorld => {
  if (made.world === undefined) throw new Error('not started');
  return made.world;
};
const { create, imapsync, rows, tasks, change } = {
  create: (...args: Parameters<ImapsyncWorld['create']>) => world().create(...args),
  imapsync: (...args: Parameters<ImapsyncWorld['imapsync']>) => world().imapsync(...args),
  rows: () => world().rows(),
  tasks: () => world().tasks(),
  change: (...args: Parameters<ImapsyncWorld['change']>) => {
    world().change(...args);
  },
};

beforeAll(async () => {
  made.world = await startWorld();
});
afterAll(() => world().close());
beforeEach(() => {
  world().standIn.store.tables.syncJobs.clear();
});

describe('create-task and list-tasks', () => {
  test('a task is made, and is listed with the mailboxes that could have one', async () => {
    expect(await create()).toMatchObject({ code: 0, out: '' });
    expect(rows()).toMatchObject([
      { username: 'anna@example.test', password1: password, active: 1, minsInterval: 5 },
    ]);
    const { out, code } = await imapsync('list-tasks');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      enabled_mailboxes: people.map((address) => ({ name: address, label: address, value: address })),
      user_properties: [
        { task_id: 'a0241w', localuser: 'anna@example.test', remotepassword: '', cron: '5m' },
      ],
    });
  });

  test('the same id edits, an empty password keeps the stored one, and it runs at once', async () => {
    await create();
    change({ active: 0, lastRun: '2026-11-20 11:03:49', success: 1 });
    expect((await create({ remotepassword: '', remotehostname: 'localhost', cron: '1h' })).code).toBe(0);
    expect(rows()).toMatchObject([
      { host1: 'localhost', minsInterval: 60, password1: password, active: 1, lastRun: null, success: null },
    ]);
    const refused = await create({ remotepassword: 'other-secret' });
    expect(refusalOf(refused, 2)).toMatchObject([{ error: 'bad_user_credentials' }]);
    expect(rows()).toMatchObject([{ host1: 'localhost', password1: password }]);
  });

  test('without an id one is made, and told', async () => {
    const { out } = await create({ task_id: undefined });
    expect(JSON.parse(out)).toEqual({
      localuser: 'anna@example.test',
      task_id: expect.stringMatching(/^[a-z0-9]{6}$/),
    });
  });

  test('a short name is the one mailbox of that name', async () => {
    expect((await create({ localuser: 'Bert' })).code).toBe(0);
    expect(await tasks()).toMatchObject([{ localuser: 'bert@example.test' }]);
  });

  test.each<[string, object, string, string]>([
    ['a name of two mailboxes', { localuser: 'anna' }, 'localuser', 'user_not_found'],
    ['a name of none', { localuser: 'ghost' }, 'localuser', 'user_not_found'],
    ['an address of none', { localuser: 'ghost@example.test' }, 'localuser', 'user_not_found'],
    ['a new task without a password', { remotepassword: '' }, 'createTask', 'validation_failed'],
    ['both deletions', { delete_local: true, delete_remote: true }, 'delete_local', 'loses_mail'],
  ])('%s is refused, and nothing is written', async (_what, fields, field, error) => {
    const printed = await create(fields);
    expect(refusalOf(printed)).toMatchObject([{ field, parameter: field, error }]);
    expect(printed.err).toMatch(new RegExp(`^${field}: .{10,}`, 'm'));
    expect(rows()).toEqual([]);
  });

  test('a second task, or an edit, on a login that has one is refused; so is one that mailcow holds itself', async () => {
    await create();
    await create({ task_id: 'second', remoteusername: 'anna2' });
    for (const fields of [{ task_id: 'third' }, { task_id: 'second', remoteusername: 'ANNA' }]) {
      const printed = await create(fields);
      expect(refusalOf(printed)).toMatchObject([{ field: 'task_id', error: 'task_exists' }]);
      expect(printed.err).toContain('the task a0241w');
    }
    change({ customParams: '' });
    expect((await create()).err).toContain('a sync job that is not ours');
    expect(rows()).toHaveLength(2);
  });

  test('a reply that never came is no success, and no password is in what is said', async () => {
    world().standIn.fault({ route: 'add/syncjob', times: 1, mode: 'empty', done: true });
    const printed = await create();
    expect(refusalOf(printed)).toMatchObject([{ error: 'validation_failed' }]);
    expect(printed.err).toMatch(/whether mailcow did it is not known/);
  });
});

describe('start-task, stop-task, delete-task, get-facts', () => {
  test('switch the job off, on and first in the queue, and take it away', async () => {
    await create();
    expect(await imapsync('stop-task', which)).toMatchObject({ code: 0, out: '' });
    expect(rows()).toMatchObject([{ active: 0 }]);
    expect((await imapsync('stop-task', which)).code).toBe(0);
    expect((await imapsync('start-task', { localuser: which.localuser })).code).toBe(0);
    expect(rows()).toMatchObject([{ active: 1, lastRun: null }]);
    expect(JSON.parse((await imapsync('get-facts')).out)).toMatchObject({ tasks_total_count: 1 });
    expect((await imapsync('delete-task', which)).code).toBe(0);
    expect(rows()).toEqual([]);
  });

  test('say that a run which is under way goes on', async () => {
    await create();
    change({ isRunning: 1 });
    expect((await imapsync('stop-task', which)).err).toMatch(/goes on to its end/);
    expect((await imapsync('delete-task', which)).err).toMatch(/goes on to its end/);
  });

  test('refuse a task that is not there, and need the id where there are several', async () => {
    await create();
    await create({ task_id: 'second', remoteusername: 'anna2' });
    const unknown = await imapsync('delete-task', { ...which, task_id: 'nope' });
    expect(refusalOf(unknown)).toMatchObject([{ field: 'task_id', error: 'task_not_found' }]);
    const several = await imapsync('stop-task', { localuser: which.localuser });
    expect(refusalOf(several)).toMatchObject([{ field: 'task_id', error: 'required' }]);
    expect(several.err).toContain('a0241w, second');
    expect(refusalOf(await imapsync('start-task', {}))).toMatchObject([
      { field: 'localuser', error: 'required' },
    ]);
    expect(rows()).toHaveLength(2);
  });

  test('leave jobs alone that have no mark of ours', async () => {
    await create();
    change({ customParams: '' });
    expect((await imapsync('delete-task', which)).code).toBe(1);
    expect(rows()).toHaveLength(1);
  });
});

describe('the input', () => {
  const input = (): Readonly<Record<string, unknown>> => ({
    ...taskInput,
    remotehostname: '127.0.0.1',
    remoteport: world().mail.imapsPort,
  });
  const inline = (data: string): Promise<Printed> =>
    run('imapsync', 'create-task', '--data', data, '--env', world().env);

  test('on the command line works, with a warning when a password stands there', async () => {
    const { code, err } = await inline(JSON.stringify(input()));
    expect(code).toBe(0);
    expect(err).toMatch(/^warning: others on this machine/m);
    expect(err).not.toContain(password);
  });

  test('takes the password of a file, without its line end', async () => {
    const secret = join(world().folder, 'secret');
    writeFileSync(secret, `${password}\n`);
    const { remotepassword: _password, ...rest } = input();
    const { code, err } = await inline(JSON.stringify({ ...rest, remotepassword_file: secret }));
    expect([code, err]).toEqual([0, expect.not.stringContaining('warning: others')]);
    expect(rows()).toMatchObject([{ password1: password }]);
  });

  test.each([
    ['[]', /--data takes a JSON object/],
    ['{"remotepassword": "never-shown-4711"', /--data takes a JSON object/],
    ['@/does/not/exist', /cannot read \/does\/not\/exist/],
    ['{"remotepassword": "never-shown-4711", "remotepassword_file": "x"}', /in the place of remotepassword/],
  ])('%s ends with 2 and a sentence without the password', async (data, sentence) => {
    const { code, out, err } = await inline(data);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
    expect(err).not.toContain(password);
  });

  test.each([[[]], [['dance']]])('%j is no action', async (words) => {
    const { code, err } = await run('imapsync', ...words, '--env', world().env);
    expect(code).toBe(2);
    expect(err).toMatch(/imapsync takes one action: create-task, delete-task/);
  });
});

describe('a word for the task', () => {
  test('is its key, or a user who has one task', async () => {
    await create();
    for (const word of ['anna@example.test_a0241w', 'anna@example.test', 'anna'])
      expect(await run('imapsync', 'stop-task', word, '--env', world().env)).toMatchObject({ code: 0 });
    expect(rows()).toMatchObject([{ active: 0 }]);
  });

  test('is refused where it may be several, and they are listed', async () => {
    await create();
    await create({ localuser: 'anna@other.test', remoteusername: 'anna2' });
    const printed = await run('imapsync', 'delete-task', 'anna_a0241w', '--env', world().env);
    expect(refusalOf(printed)).toMatchObject([{ field: 'task_id', error: 'required' }]);
    expect(printed.err).toContain('anna@example.test_a0241w, anna@other.test_a0241w');
    expect(rows()).toHaveLength(2);
  });

  test.each<[readonly string[], RegExp]>([
    [['list-tasks', 'now'], /list-tasks takes no "now"/],
    [['stop-task', 'anna', 'bert'], /unexpected argument "bert"/],
    [['stop-task', 'anna', '--data', '{"localuser": "anna"}'], /not both/],
    [['list-tasks', '--wait'], /no --wait/],
    [['list-tasks', '--dry-run'], /no --dry-run/],
    [['start-task', 'anna', '--timeout', '5'], /belongs to --wait/],
    [['start-task', 'anna', '--wait', '--timeout', 'soon'], /takes seconds/],
    [['start-task', 'anna', '--wait', '--dry-run'], /--dry-run starts nothing/],
  ])('%j is a wrong command line', async (words, sentence) => {
    const { code, out, err } = await run('imapsync', ...words, '--env', world().env);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
  });
});

describe('the state file', () => {
  const files = (): readonly string[] =>
    readdirSync(world().folder).filter((name) => name.includes('sqlite'));

  test('is made by none of the actions that read, nor by tasks of mailcow alone, nor by --dry-run', async () => {
    await create();
    await imapsync('stop-task', which);
    for (const action of ['status', 'get-log', 'list-informations', 'delete-task'])
      await imapsync(action, which);
    await create({ cron: '' }, '--dry-run');
    for (const action of ['list-tasks', 'get-facts', 'status', 'start-all-tasks']) await imapsync(action);
    expect(files()).toEqual([]);
  });

  test('remembers what the daemon has to do for a task, and no password', async () => {
    expect((await create({ cron: '' })).err).toMatch(/the daemon \(ldap-mailcow run\)/);
    expect(rows()).toMatchObject([{ active: 1, lastRun: null }]);
    expect(JSON.parse((await imapsync('status', which)).out)).toMatchObject({ phase: 'queued' });
    for (const name of files())
      expect(readFileSync(join(world().folder, name)).includes(password)).toBe(false);
    expect(files()).not.toEqual([]);
    await imapsync('delete-task', which);
    expect(rows()).toEqual([]);
  });
});
