/** The command imapsync against the stand-in, as an administrator types it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { taskInput } from '../imap/builders.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { envFile, run, temporaryFolder, type Printed } from './program.ts';

const folder = temporaryFolder();
const world: { standIn?: MailcowStandIn; env: string } = { env: '' };
const standIn = (): MailcowStandIn => {
  if (world.standIn === undefined) throw new Error('not started');
  return world.standIn;
};

const password = String(taskInput['remotepassword']);
const people = ['anna@example.test', 'bert@example.test', 'anna@other.test'];

beforeAll(async () => {
  const mailbox = (address: string): object => {
    const [local_part, domain] = address.split('@');
    return {
      local_part,
      domain,
      name: address,
      quota: 10,
      password: 'x-Y-z-1234',
      password2: 'x-Y-z-1234',
      active: 1,
    };
  };
  world.standIn = await startMailcow();
  for (const address of people) {
    await fetch(`${standIn().url}/api/v1/add/mailbox`, {
      method: 'POST',
      headers: { 'X-API-Key': standIn().apiKey, 'Content-Type': 'application/json' },
      body: JSON.stringify(mailbox(address)),
    });
  }
  world.env = envFile(folder.path, {
    LDAP_URI: 'ldap://127.0.0.1:1',
    LDAP_BASE_DN: 'dc=example,dc=test',
    LDAP_BIND_DN: 'cn=reader',
    LDAP_BIND_DN_PASSWORD: 'bind-password',
    API_HOST: standIn().url,
    API_KEY: standIn().apiKey,
    LOG_LEVEL: 'debug',
    DB: join(folder.path, 'state', 'ldap-mailcow.sqlite'),
  });
});
afterAll(async () => {
  await standIn().close();
  folder.remove();
});
beforeEach(() => {
  standIn().store.tables.syncJobs.clear();
});

async function imapsync(action: string, input?: object): Promise<Printed> {
  const file = join(folder.path, 'input.json');
  writeFileSync(file, JSON.stringify(input ?? {}));
  const printed = await run('imapsync', action, '--data', `@${file}`, '--env', world.env);
  expect(printed.out + printed.err).not.toContain(password);
  return printed;
}
const create = (fields: object = {}): Promise<Printed> =>
  imapsync('create-task', { ...taskInput, ...fields });
const rows = (): readonly object[] => [...standIn().store.tables.syncJobs.values()];
async function tasks(): Promise<readonly object[]> {
  const { out } = await imapsync('list-tasks');
  return (JSON.parse(out) as { user_properties: readonly object[] }).user_properties;
}
const refusal = (printed: Printed): unknown => {
  expect(printed.code).toBe(1);
  return JSON.parse(printed.out);
};

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
    const before =
      standIn().store.tables.syncJobs.get(1) ?? standIn().store.tables.syncJobs.values().next().value;
    if (before === undefined) throw new Error('no job');
    const stopped = { active: 0, lastRun: '2026-11-20 11:03:49', success: 1 };
    standIn().store.tables.syncJobs.set(before.id, { ...before, ...stopped });
    expect((await create({ remotepassword: '', remotehostname: 'new.test', cron: '1h' })).code).toBe(0);
    expect(rows()).toMatchObject([
      { host1: 'new.test', minsInterval: 60, password1: password, active: 1, lastRun: null, success: null },
    ]);
    await create({ remotepassword: 'other-secret' });
    expect(rows()).toMatchObject([{ host1: 'imap.old.test', password1: 'other-secret' }]);
  });

  test('without an id one is made, and told', async () => {
    const { task_id: _id, ...rest } = taskInput;
    const { out } = await imapsync('create-task', rest);
    expect(JSON.parse(out)).toEqual({
      localuser: 'anna@example.test',
      task_id: expect.stringMatching(/^[a-z0-9]{6}$/),
    });
  });

  test('by hand: with a sentence about what happens after the run', async () => {
    const { code, err } = await create({ cron: '' });
    expect(code).toBe(0);
    expect(err).toMatch(/without stop-task it runs again/);
    expect(await tasks()).toMatchObject([{ cron: '' }]);
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
    expect(refusal(printed)).toMatchObject([{ field, parameter: field, error }]);
    expect(printed.err).toMatch(new RegExp(`^${field}: .{10,}`, 'm'));
    expect(rows()).toEqual([]);
  });

  test('a second task, or an edit, on a login that has one is refused; so is one that mailcow holds itself', async () => {
    await create();
    await create({ task_id: 'second', remoteusername: 'anna2' });
    for (const fields of [{ task_id: 'third' }, { task_id: 'second', remoteusername: 'ANNA' }]) {
      const printed = await create(fields);
      expect(refusal(printed)).toMatchObject([{ field: 'task_id', error: 'task_exists' }]);
      expect(printed.err).toContain('the task a0241w');
    }
    for (const row of standIn().store.tables.syncJobs.values())
      standIn().store.tables.syncJobs.set(row.id, { ...row, customParams: '' });
    expect((await create()).err).toContain('a sync job that is not ours');
    expect(rows()).toHaveLength(2);
  });

  test('a reply that never came is no success, and no password is in what is said', async () => {
    standIn().fault({ route: 'add/syncjob', times: 1, mode: 'empty', done: true });
    const printed = await create();
    expect(refusal(printed)).toMatchObject([{ error: 'validation_failed' }]);
    expect(printed.err).toMatch(/whether mailcow did it is not known/);
  });
});

describe('start-task, stop-task, delete-task, get-facts', () => {
  const which = { localuser: 'anna@example.test', task_id: 'a0241w' };

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
    for (const row of standIn().store.tables.syncJobs.values())
      standIn().store.tables.syncJobs.set(row.id, { ...row, isRunning: 1 });
    expect((await imapsync('stop-task', which)).err).toMatch(/goes on to its end/);
    expect((await imapsync('delete-task', which)).err).toMatch(/goes on to its end/);
  });

  test('refuse a task that is not there, and need the id where there are several', async () => {
    await create();
    await create({ task_id: 'second', remoteusername: 'anna2' });
    const unknown = await imapsync('delete-task', { ...which, task_id: 'nope' });
    expect(refusal(unknown)).toMatchObject([{ field: 'task_id', error: 'task_not_found' }]);
    const several = await imapsync('stop-task', { localuser: which.localuser });
    expect(refusal(several)).toMatchObject([{ field: 'task_id', error: 'required' }]);
    expect(several.err).toContain('a0241w, second');
    expect(refusal(await imapsync('start-task', {}))).toMatchObject([
      { field: 'localuser', error: 'required' },
    ]);
    expect(rows()).toHaveLength(2);
  });

  test('leave jobs alone that have no mark of ours', async () => {
    await create();
    for (const row of standIn().store.tables.syncJobs.values())
      standIn().store.tables.syncJobs.set(row.id, { ...row, customParams: '' });
    expect((await imapsync('delete-task', which)).code).toBe(1);
    expect(rows()).toHaveLength(1);
  });
});

describe('the input', () => {
  const inline = (data: string): Promise<Printed> =>
    run('imapsync', 'create-task', '--data', data, '--env', world.env);

  test('on the command line works, with a warning when a password stands there', async () => {
    const { code, err } = await inline(JSON.stringify(taskInput));
    expect(code).toBe(0);
    expect(err).toMatch(/^warning: others on this machine/m);
    expect(err).not.toContain(password);
  });

  test('takes the password of a file, without its line end', async () => {
    const secret = join(folder.path, 'secret');
    writeFileSync(secret, `${password}\n`);
    const { remotepassword: _password, ...rest } = taskInput;
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

  test.each([[[]], [['dance']], [['list-tasks', 'now']]])('%j is no action', async (words) => {
    const { code, err } = await run('imapsync', ...words, '--env', world.env);
    expect(code).toBe(2);
    expect(err).toMatch(/imapsync takes one action: create-task, list-tasks/);
  });
});

test('nothing of all this makes a state file', () => {
  expect(readdirSync(folder.path)).not.toContain('state');
});
