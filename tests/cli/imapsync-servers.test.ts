/** What the command imapsync does with mail servers and the run folder: real Dovecots, real files. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { startScriptedMail, type ScriptedMail } from '../support/mail-server-scripted.ts';
import { refusalOf, startWorld, which, type ImapsyncWorld } from './imapsync-world.ts';

type Made = { readonly world: ImapsyncWorld; readonly plain: MailServer; readonly strange: ScriptedMail };

const made: { all?: Made } = {};
const all = (): Made => {
  if (made.all === undefined) throw new Error('not started');
  return made.all;
};

beforeAll(async () => {
  const world = await startWorld();
  const plain = await startMailServer({ users: { anna: 'x' }, tls: false });
  const strange = await startScriptedMail({
    greeting: '* OK [CAPABILITY IMAP4rev1] ready\r\n',
    answer: ({ tag, command }) =>
      command === 'LOGIN' ? `${tag} NO [UNAVAILABLE] come back later\r\n` : `${tag} OK done\r\n`,
  });
  made.all = { world, plain, strange };
});
afterAll(async () => {
  await all().strange.close();
  await all().plain.close();
  await all().world.close();
});
beforeEach(() => {
  all().world.standIn.store.tables.syncJobs.clear();
});

describe('create-task is refused, and nothing is written, when the login there', () => {
  test.each<[string, (made: Made) => object, string, number]>([
    ['is refused', () => ({ remotepassword: 'wrong' }), 'bad_user_credentials', 2],
    ['meets nobody', () => ({ remoteport: 1 }), 'Check_hostname_or_tcp_port', 3],
    [
      'meets no such name',
      () => ({ remotehostname: 'does-not-exist.invalid' }),
      'Check_hostname_or_tcp_port',
      3,
    ],
    [
      'asks for TLS where there is none',
      ({ plain }) => ({ remoteport: plain.imapPort }),
      'SSL_encryption_error',
      4,
    ],
    [
      'asks for STARTTLS where there is none',
      ({ plain }) => ({ remoteport: plain.imapPort, security: 'tls' }),
      'STARTTLS_not_allowed_use_IMAPS',
      4,
    ],
    [
      'fails otherwise',
      ({ strange }) => ({ remoteport: strange.port, security: '' }),
      'validation_failed',
      1,
    ],
  ])('%s', async (_what, fields, error, code) => {
    const { world } = all();
    const writes = world.standIn.writes.length;
    const printed = await world.create(fields(all()));
    expect(refusalOf(printed, code)).toEqual([
      { field: 'createTask', parameter: 'createTask', value: error, error },
    ]);
    expect(printed.err).toMatch(/^createTask: the login of anna at .+ failed: .{5,}/m);
    expect([world.rows(), world.standIn.writes.length]).toEqual([[], writes]);
    expect(readdirSync(world.folder).filter((name) => name.includes('sqlite'))).toEqual([]);
  });

  test('is tried by --dry-run too', async () => {
    const { world } = all();
    expect((await world.create({ remotepassword: 'wrong' }, '--dry-run')).code).toBe(2);
    const printed = await world.create({}, '--dry-run');
    expect(printed).toMatchObject({ code: 0, out: '' });
    expect(printed.err).toMatch(/^would create a sync job of anna@example\.test:$/m);
    expect(world.rows()).toEqual([]);
  });

  test.each(['tls', ''])('works by security "%s"', async (security) => {
    const { world } = all();
    expect((await world.create({ security, remoteport: world.mail.imapPort })).code).toBe(0);
  });
});

describe('sieve_enabled', () => {
  const sieve = { foldersynchronization: 'inbox', delete_remote: true, sieve_enabled: true };

  test('is taken where LMTP answers', async () => {
    const { world } = all();
    expect((await world.create(sieve)).code).toBe(0);
    await world.imapsync('delete-task', which);
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['without a master login', { CONF_SOGO: '/does/not/exist' }, /sieve\.creds/],
    [
      'without LMTP and FILTER=SIEVE',
      { IMAPSYNC_LMTP_URI: 'lmtp://127.0.0.1:1' },
      /LDAP_MAILCOW_IMAPSYNC_LMTP_URI/,
    ],
  ])('is refused %s', async (_what, settings, sentence) => {
    const { world } = all();
    const printed = await world.create(sieve, '--env', world.envWith(settings));
    expect(refusalOf(printed)).toMatchObject([{ field: 'sieve_enabled', error: 'not_supported' }]);
    expect(printed.err).toMatch(sentence);
    expect(world.rows()).toEqual([]);
  });
});

describe('list-informations', () => {
  test('counts both sides of real servers', async () => {
    const { world } = all();
    await world.create();
    await world.mail.put('anna', 'INBOX', [{ subject: 'one' }, { subject: 'two' }]);
    await world.mail.put('anna', 'Junk', [{ subject: 'three' }]);
    await world.mail.put('anna@example.test', 'INBOX', [{ subject: 'one' }]);
    const { code, out } = await world.imapsync('list-informations', which);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      status: true,
      host1Folders: 2,
      host1Messages: 3,
      host2Folders: 1,
      host2Messages: 1,
    });
  });

  test('is {"status":false} with a reason and no error code when it cannot', async () => {
    const { world } = all();
    await world.create();
    const env = world.envWith({ CONF_SOGO: '/does/not/exist' });
    const printed = await world.imapsync('list-informations', which, '--env', env);
    expect(printed).toMatchObject({ code: 0, out: '{"status":false}\n' });
    expect(printed.err).toMatch(/sieve\.creds/);
  });
});

describe('with a run folder', () => {
  test('stop-task asks the run to end by a file, and the task goes on', async () => {
    const { world } = all();
    const folder = `/tmp/run_${process.pid}_${Date.now()}`;
    mkdirSync(folder);
    const env = world.envWith({ IMAPSYNC_RUN_FOLDER: folder });
    await world.create({}, '--env', env);
    const [, pidFile = ''] = / --pidfile=(\S+)/.exec(world.rows()[0]?.customParams ?? '') ?? [];
    expect(pidFile.startsWith(`${folder}/a0241w_`)).toBe(true);
    world.change({ isRunning: 1 });
    writeFileSync(`${pidFile}abort1`, '');
    expect((await world.imapsync('stop-task', which, '--env', env)).code).toBe(1);
    writeFileSync(pidFile, '4711\n');
    const printed = await world.imapsync('stop-task', which, '--env', env);
    expect(printed.code).toBe(0);
    expect(printed.err).toMatch(/Its cron \(5m\) goes on/);
    expect([existsSync(`${pidFile}abort4711`), existsSync(`${pidFile}abort1`)]).toEqual([true, false]);
    expect(world.rows()).toMatchObject([{ active: 1 }]);
    rmSync(folder, { recursive: true });
  });
});

describe('--wait', () => {
  test('ends when the run has, with its exit code in words', async () => {
    const { world } = all();
    const waiting = world.create({}, '--wait', '--timeout', '20');
    const ticks = setInterval(() => {
      world.change({
        lastRun: '2026-11-20 11:03:49',
        success: 0,
        exitStatus: 'EXIT_AUTHENTICATION_FAILURE_USER1',
      });
    }, 200);
    const printed = await waiting;
    clearInterval(ticks);
    expect(printed).toMatchObject({ code: 1, out: '' });
    expect(printed.err).toMatch(/the run has ended: the other server refused the login/);
  });
});

describe('get-log and status', () => {
  test('print what mailcow has', async () => {
    const { world } = all();
    await world.create();
    const lastRun = '2026-11-20 11:03:49';
    world.change({ lastRun, success: 1, exitStatus: 'EX_OK', returnedText: 'Here is imapsync\nbye\n' });
    expect(JSON.parse((await world.imapsync('get-log', which)).out)).toEqual({
      log_content: 'Here is imapsync\nbye\n',
      truncated: false,
    });
    expect(JSON.parse((await world.imapsync('status')).out)).toMatchObject([
      { ...which, running: false, last_run: { exit_code: 0, exit_status: 'EX_OK' } },
    ]);
  });
});
