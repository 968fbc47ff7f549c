/**
 * A task of ns8 and what becomes of the mail: the rows of facts/imapsync.md section 3 that mailcow's engine does by
 * itself. The task is made by the program, the imitated engine runs it between two real Dovecots.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobOf as jobOfTask } from '../../src/imap/job.ts';
import { envFile, run, temporaryFolder, type Printed } from '../cli/program.ts';
import { taskInput } from '../imap/builders.ts';
import {
  mailboxes,
  oldMaster,
  startTwoServers,
  until,
  type Pair,
  type TwoServers,
} from '../mailcow-runner/world.ts';
import { newMailbox, post } from '../mailcow-stand-in/client.ts';
import { startMailcow, type MailcowStandIn } from '../support/mailcow/stand-in.ts';
import type { SyncJobRow } from '../support/mailcow/rows.ts';
import { startRunner, type Runner } from '../support/mailcow-runner/runner.ts';

const folder = temporaryFolder();
const clock = { now: new Date() };
const world: { servers?: TwoServers; standIn?: MailcowStandIn; runner?: Runner; env: string } = { env: '' };

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('not started');
  return part;
}
const servers = (): TwoServers => started(world.servers);
const standIn = (): MailcowStandIn => started(world.standIn);
const runner = (): Runner => started(world.runner);

beforeAll(async () => {
  world.servers = await startTwoServers();
  world.standIn = await startMailcow({ now: () => clock.now });
  for (const address of mailboxes) await post(standIn(), 'add/mailbox', newMailbox(address));
  world.runner = startRunner({ store: standIn().store.tables, local: servers().local, pace: 10 });
  world.env = envFile(folder.path, {
    LDAP_URI: 'ldap://127.0.0.1:1',
    LDAP_BASE_DN: 'dc=example,dc=test',
    LDAP_BIND_DN: 'cn=reader',
    LDAP_BIND_DN_PASSWORD: 'bind-password',
    API_HOST: standIn().url,
    API_KEY: standIn().apiKey,
    DB: join(folder.path, 'state', 'ldap-mailcow.sqlite'),
  });
}, 60_000);
afterAll(async () => {
  await runner().stop();
  await standIn().close();
  await servers().close();
  folder.remove();
});
beforeEach(() => {
  standIn().store.tables.syncJobs.clear();
});

async function imapsync(action: string, input: object): Promise<Printed> {
  const file = join(folder.path, 'input.json');
  writeFileSync(file, JSON.stringify(input));
  const printed = await run('imapsync', action, '--data', `@${file}`, '--env', world.env);
  expect(printed.out + printed.err).not.toContain('never-shown');
  return printed;
}

/** Makes or edits the task of a pair. */
async function create(pair: Pair, fields: object = {}): Promise<void> {
  const task = {
    ...taskInput,
    localuser: pair.mailbox,
    ...{ remotehostname: '127.0.0.1', remoteport: servers().old.imapPort, security: '' },
    ...{ remoteusername: pair.user, remotepassword: pair.password },
  };
  expect(await imapsync('create-task', { ...task, ...fields })).toMatchObject({ code: 0 });
}

const only = (): SyncJobRow => started([...standIn().store.tables.syncJobs.values()][0]);
const change = (fields: Partial<SyncJobRow>): void => {
  standIn().store.tables.syncJobs.set(only().id, { ...only(), ...fields });
};

/** One round; how the one job ended. */
async function engine(): Promise<SyncJobRow> {
  await runner().runOnce();
  expect(only().returnedText).not.toContain('never-shown');
  return only();
}
const succeeded = { success: 1, exitStatus: 'EX_OK', isRunning: 0 };

/** Moves on the clock of mailcow. */
const later = (minutes: number): void => {
  clock.now = new Date(clock.now.getTime() + minutes * 60_000 + 1_000);
};
const taskOf = async (): Promise<unknown> => {
  const { out } = await imapsync('list-tasks', {});
  return (JSON.parse(out) as { user_properties: readonly unknown[] }).user_properties[0];
};
const both = async (pair: Pair): Promise<object> => ({ here: await pair.here(), there: await pair.there() });

describe('folders', () => {
  /** Some mail on both sides, in folders of all kinds. */
  async function furnished(): Promise<Pair> {
    const pair = servers().take();
    await pair.putThere('INBOX', [{ subject: 'Unread' }, { subject: 'Read', flags: ['\\Seen'] }]);
    for (const name of [
      'Sent',
      'Junk',
      'Junk/Older',
      'junkyard',
      'Drafts',
      'Shared/boss',
      'Public',
      'Public2',
    ]) {
      await pair.putThere(name, [{ subject: name }]);
    }
    await pair.putHere('INBOX', [{ subject: 'Own' }]);
    return pair;
  }

  test('all: every folder but what others share', async () => {
    const pair = await furnished();
    await create(pair, { foldersynchronization: 'all' });
    expect(await engine()).toMatchObject(succeeded);
    expect(await pair.here()).toEqual([
      'Drafts: Drafts',
      'INBOX: Own',
      'INBOX: Read',
      'INBOX: Unread',
      'Junk/Older: Junk/Older',
      'Junk: Junk',
      'Public2: Public2',
      'Sent: Sent',
      'junkyard: junkyard',
    ]);
    expect(await pair.there()).toHaveLength(10);
  });

  test('exclusion: neither those of the list', async () => {
    const pair = await furnished();
    await create(pair, { foldersynchronization: 'exclusion', exclude: ',Junk,^Drafts$' });
    expect(await engine()).toMatchObject(succeeded);
    expect(await pair.here()).toEqual([
      'INBOX: Own',
      'INBOX: Read',
      'INBOX: Unread',
      'Public2: Public2',
      'Sent: Sent',
      'junkyard: junkyard',
    ]);
  });

  test('exclusion: an item may hold a slash, an alternative and a flag', async () => {
    const pair = await furnished();
    await create(pair, {
      foldersynchronization: 'exclusion',
      exclude: 'Junk/Older,^(Drafts|Sent)$,(?i)yard',
    });
    expect(await engine()).toMatchObject(succeeded);
    expect(await pair.here()).toEqual([
      'INBOX: Own',
      'INBOX: Read',
      'INBOX: Unread',
      'Junk: Junk',
      'Public2: Public2',
    ]);
  });

  test('inbox with delete_remote: unread mail of the INBOX moves, all else stays', async () => {
    const pair = await furnished();
    await create(pair, { foldersynchronization: 'inbox', delete_remote: true });
    expect(await engine()).toMatchObject(succeeded);
    expect(await pair.here()).toEqual(['INBOX: Own', 'INBOX: Unread']);
    const there = await pair.there();
    expect(there).toHaveLength(9);
    expect(there).not.toContain('INBOX: Unread');
    // Nothing comes again, wherever it went.
    later(5);
    expect((await engine()).returnedText).toMatch(/^Messages transferred +: 0 $/m);
  });
});

describe('deletions', () => {
  async function shared(): Promise<Pair> {
    const pair = servers().take();
    const kept = { subject: 'Both', messageId: '<both@example.net>' };
    await pair.putThere('INBOX', [kept, { subject: 'New' }]);
    await pair.putHere('INBOX', [kept, { subject: 'Gone there' }]);
    await pair.putHere('Own folder', [{ subject: 'Own' }]);
    return pair;
  }

  test('none: what is here stays here, what is there stays there', async () => {
    const pair = await shared();
    await create(pair);
    expect(await engine()).toMatchObject(succeeded);
    expect(await both(pair)).toEqual({
      here: ['INBOX: Both', 'INBOX: Gone there', 'INBOX: New', 'Own folder: Own'],
      there: ['INBOX: Both', 'INBOX: New'],
    });
  });

  test('delete_local: what is not there goes here, of folders that are there', async () => {
    const pair = await shared();
    await create(pair, { delete_local: true });
    expect(await engine()).toMatchObject(succeeded);
    expect(await both(pair)).toEqual({
      here: ['INBOX: Both', 'INBOX: New', 'Own folder: Own'],
      there: ['INBOX: Both', 'INBOX: New'],
    });
  });

  test('delete_remote: what has arrived goes there', async () => {
    const pair = await shared();
    await create(pair, { delete_remote: true });
    expect(await engine()).toMatchObject(succeeded);
    expect(await both(pair)).toEqual({
      here: ['INBOX: Both', 'INBOX: Gone there', 'INBOX: New', 'Own folder: Own'],
      there: [],
    });
  });
});

describe('the other server', () => {
  async function oneMail(): Promise<Pair> {
    const pair = servers().take();
    await pair.putThere('INBOX', [{ subject: 'One' }]);
    return pair;
  }

  test.each<[string, 'imapPort' | 'imapsPort']>([
    ['', 'imapPort'],
    ['tls', 'imapPort'],
    ['ssl', 'imapsPort'],
  ])('security %j', async (security, port) => {
    const pair = await oneMail();
    await create(pair, { security, remoteport: servers().old[port] });
    expect(await engine()).toMatchObject(succeeded);
    expect(await pair.here()).toEqual(['INBOX: One']);
  });

  test('a login by a master', async () => {
    const pair = await oneMail();
    const login = { remoteusername: `${pair.user}*${oldMaster.user}`, remotepassword: oldMaster.password };
    await create(pair, login);
    expect(await engine()).toMatchObject(succeeded);
    expect(await pair.here()).toEqual(['INBOX: One']);
  });

  test('a name, and a mailbox by its short name', async () => {
    const pair = await oneMail();
    await create(pair, { remotehostname: 'LOCALHOST', localuser: pair.mailbox.split('@')[0] });
    expect(await engine()).toMatchObject({ ...succeeded, host1: 'localhost' });
    expect(await pair.here()).toEqual(['INBOX: One']);
  });

  test('an edit without a password keeps the one that there is', async () => {
    const pair = await oneMail();
    await create(pair, { foldersynchronization: 'exclusion', exclude: 'INBOX' });
    expect(await engine()).toMatchObject(succeeded);
    expect(await pair.here()).toEqual([]);
    await create(pair, { remotepassword: '' });
    expect(await engine()).toMatchObject(succeeded);
    expect(await pair.here()).toEqual(['INBOX: One']);
  });

  test("Gmail's option is accepted", async () => {
    const pair = await oneMail();
    await create(pair);
    const job = jobOfTask({
      ...{ taskId: 'a0241w', remoteUsername: pair.user, remoteHostname: 'imap.gmail.com', remotePort: 993 },
      ...{ security: 'ssl', deleteLocal: false, deleteRemote: false, mode: 'all', exclude: [], cron: '5m' },
      ...{ older: 0, sieve: false },
    });
    expect(job.customParams).toContain('--gmail1');
    change({ customParams: job.customParams });
    expect(await engine()).toMatchObject(succeeded);
    expect(await pair.here()).toEqual(['INBOX: One']);
  });
});

describe('when', () => {
  test.each([
    ['5m', 5],
    ['2h', 120],
  ])('cron %s: at once, and again after %d minutes', async (cron, minutes) => {
    const pair = servers().take();
    await create(pair, { cron });
    await engine();
    await pair.putThere('INBOX', [{ subject: 'One' }]);
    later(minutes - 1);
    await engine();
    expect(await pair.here()).toEqual([]);
    later(1);
    await engine();
    expect(await pair.here()).toEqual(['INBOX: One']);
  });

  test('stop-task, start-task, delete-task', async () => {
    const pair = servers().take();
    const which = { localuser: pair.mailbox, task_id: 'a0241w' };
    await create(pair);
    await engine();
    await pair.putThere('INBOX', [{ subject: 'One' }]);
    await imapsync('stop-task', which);
    later(60);
    await engine();
    expect(await pair.here()).toEqual([]);
    await imapsync('start-task', which);
    await engine();
    expect(await pair.here()).toEqual(['INBOX: One']);
    await imapsync('start-task', which);
    await imapsync('delete-task', which);
    expect(await runner().runOnce()).toEqual({ jobs: [] });
  });
});

describe('how it went', () => {
  test('is in list-tasks: never, under way, well', async () => {
    const pair = servers().take();
    await pair.putThere(
      'INBOX',
      Array.from({ length: 30 }, (_, index) => ({ subject: `Mail ${index}` })),
    );
    await create(pair);
    const never = { service_running: false, last_sync_timestamp: null, last_sync_exit_code: null };
    expect(await taskOf()).toMatchObject(never);
    const round = runner().runOnce();
    await until(() => only().isRunning === 1);
    expect(await taskOf()).toMatchObject({ ...never, service_running: true });
    await round;
    expect(await taskOf()).toMatchObject({
      ...{ service_running: false, last_sync_exit_code: 0 },
      last_sync_timestamp: expect.any(Number),
    });
  });

  test.each<[string, Partial<SyncJobRow>, number]>([
    ['a password that is no longer right', { password1: 'never-shown-wrong' }, 161],
    ['a server that is gone', { port1: 1 }, 101],
    ['a pid file in no folder', { customParams: '--domain1=lm.a0241w.a.c5m --pidfile=/none/a.pid' }, 8],
    [
      'a command line that imapsync rejects',
      { customParams: '--domain1=lm.a0241w.a.c5m --folder=Sent Items' },
      1,
    ],
  ])('%s is %d', async (_what, fields, code) => {
    await create(servers().take());
    change(fields);
    await engine();
    expect(await taskOf()).toMatchObject({ service_running: false, last_sync_exit_code: code });
  });

  test('a run that a file asked to stop is 7, and what came stays', async () => {
    const pair = servers().take();
    await pair.putThere(
      'INBOX',
      Array.from({ length: 40 }, (_, index) => ({ subject: `Mail ${index}` })),
    );
    await create(pair, { delete_remote: true });
    const pidfile = join(folder.path, 'a0241w.pid');
    change({ customParams: `${only().customParams} --pidfile=${pidfile}` });
    const round = runner().runOnce();
    await until(async () => existsSync(pidfile) && (await pair.here()).length > 0);
    writeFileSync(`${pidfile}abort${readFileSync(pidfile, 'utf8').trim()}`, '');
    await round;
    expect(await taskOf()).toMatchObject({ last_sync_exit_code: 7 });
    const [here, there] = [(await pair.here()).length, (await pair.there()).length];
    expect([here > 0, there > 0, here + there]).toEqual([true, true, 40]);
  });
});
