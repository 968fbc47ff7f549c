/** The imitated imapsync between two real Dovecots. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStore, type Store } from '../support/mailcow/store.ts';
import type { SyncJobRow } from '../support/mailcow/rows.ts';
import { startRunner, type RunnerOptions } from '../support/mailcow-runner/runner.ts';
import { jobRow } from './rows.ts';
import { oldMaster, startTwoServers, until, type Pair, type TwoServers } from './world.ts';

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

/** A job that goes by the old server's own ports, of a pair. */
const jobOf = (pair: Pair, fields: Partial<SyncJobRow> = {}): SyncJobRow =>
  jobRow({
    ...{ username: pair.mailbox, user1: pair.user, password1: pair.password },
    ...{ host1: '127.0.0.1', port1: servers().old.imapPort, enc1: 'PLAIN' },
    ...fields,
  });

const storeOf = (...jobs: readonly SyncJobRow[]): Store => {
  const store = createStore({ now: () => new Date(), hostname: 'mail.mailcow.test' });
  for (const job of jobs) store.syncJobs.set(job.id, job);
  return store;
};

const runnerOptions = (store: Store, fields: Partial<RunnerOptions> = {}): RunnerOptions => ({
  store,
  local: servers().local,
  ...fields,
});

/** Runs the job once; its row afterwards. */
async function run(job: SyncJobRow): Promise<SyncJobRow> {
  const store = storeOf(job);
  const runner = startRunner(runnerOptions(store));
  await runner.runOnce();
  await runner.stop();
  const row = store.syncJobs.get(job.id);
  if (row === undefined) throw new Error('the job went');
  expect(row.returnedText).not.toContain('never-shown');
  expect(row).toMatchObject({ isRunning: 0, lastRun: expect.any(String) });
  return row;
}

const succeeded = { success: 1, exitStatus: 'EX_OK' };
const flags2 = { delete2: 1 };
const flags1 = { delete1: 1 };

describe('copies', () => {
  test('all folders, with flags, dates and every byte, once', async () => {
    const pair = servers().take();
    const date = new Date('2025-03-04T05:06:07Z');
    await pair.putThere('INBOX', [
      { subject: 'One', flags: ['\\Seen', '\\Flagged', 'work'], date },
      { subject: 'Two' },
    ]);
    await pair.putThere('Archive/2024', [{ subject: 'Old' }]);
    await pair.putThere('Entwürfe', [{ subject: 'Draft' }]);
    await pair.putHere('INBOX', [{ subject: 'Own' }]);
    const row = await run(jobOf(pair));
    expect(row).toMatchObject(succeeded);
    expect(await pair.here()).toEqual([
      'Archive/2024: Old',
      'Entwürfe: Draft',
      'INBOX: One',
      'INBOX: Own',
      'INBOX: Two',
    ]);
    const [one] = await pair.mailsThere().then((mails) => mails.filter(({ subject }) => subject === 'One'));
    const [copy] = await pair.mailsHere().then((mails) => mails.filter(({ subject }) => subject === 'One'));
    expect(copy).toMatchObject({ flags: one?.flags, internalDate: date, source: one?.source });
    const again = await run(jobOf(pair));
    expect(again.returnedText).toMatch(/^Messages transferred +: 0 $/m);
    expect(again.returnedText).toMatch(/^Messages skipped +: 4$/m);
    expect(await pair.here()).toHaveLength(5);
  });

  test('with a log that tells the UIDs of both sides', async () => {
    const pair = servers().take();
    await pair.putHere('INBOX', [{ subject: 'Own' }]);
    const [uid = 0] = await pair.putThere('INBOX', [{ subject: 'One' }]);
    const { returnedText } = await run(jobOf(pair));
    const text = returnedText ?? '';
    const copy = (await pair.mailsHere()).find(({ subject }) => subject === 'One');
    const said =
      /^msg INBOX\/(\d+) \{(\d+)\} +copied to INBOX\/(\d+) +[\d.]+ msgs\/s {2}[\d.]+ KiB\/s [\d.]+ KiB copied$/m;
    expect(said.exec(text)?.slice(1).map(Number)).toEqual([uid, copy?.size, copy?.uid]);
    for (const line of [
      `Host1: IMAP server [127.0.0.1] port [${servers().old.imapPort}] user [${pair.user}]`,
      `user [${pair.mailbox}*master@mailcow.local]`,
      '++++ Looping on each one of 1 folders to sync',
      'Folder     1/1 [INBOX]                             -> [INBOX]',
      'Host1: folder [INBOX] has 1 messages in total (mentioned by SELECT)',
      'Host2: folder [INBOX] has 1 messages in total (mentioned by SELECT)',
      '++++ End looping on each folder',
      'Messages transferred                    : 1 ',
      'Messages found in host2 not in host1    : 1 messages',
      'Detected 0 errors',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toMatch(
      /Exiting with return value 0 \(EX_OK: successful termination\) 0\/50 nb_errors\/max_errors PID \d+$/m,
    );
  });

  test('a message without an id gets one, and is known by it the next time', async () => {
    const pair = servers().take();
    const [uid = 0] = await pair.putThere('INBOX', [{ raw: 'Subject: Nameless\r\n\r\nText\r\n' }]);
    await run(jobOf(pair));
    await run(jobOf(pair));
    const mails = await pair.mailsHere();
    expect(mails.map(({ source }) => source)).toEqual([
      `Message-Id: <${uid}@imapsync>\r\nSubject: Nameless\r\n\r\nText\r\n`,
    ]);
  });

  test('duplicates there once, and counts them', async () => {
    const pair = servers().take();
    const mail = { subject: 'Twice', messageId: '<twice@example.net>' };
    await pair.putThere('INBOX', [mail, mail]);
    const { returnedText } = await run(jobOf(pair));
    expect(await pair.here()).toEqual(['INBOX: Twice']);
    expect(returnedText).toMatch(/^Messages found duplicate on host1 +: 1$/m);
  });

  test('nothing in a dry run', async () => {
    const pair = servers().take();
    await pair.putThere('Archive', [{ subject: 'One' }]);
    await pair.putThere('INBOX', [{ subject: 'Two' }]);
    await pair.putHere('INBOX', [{ subject: 'Own' }]);
    const row = await run(jobOf(pair, { customParams: '--dry', flags: { delete1: 1, delete2: 1 } }));
    expect(row).toMatchObject(succeeded);
    expect([await pair.here(), await pair.there()]).toEqual([['INBOX: Own'], ['Archive: One', 'INBOX: Two']]);
  });
});

describe('flags of what is on both sides', () => {
  const seen = async (customParams: string): Promise<unknown> => {
    const pair = servers().take();
    const mail = { subject: 'One', messageId: '<both@example.net>' };
    await pair.putThere('INBOX', [{ ...mail, flags: ['\\Seen'] }]);
    await pair.putHere('INBOX', [{ ...mail, flags: ['\\Flagged'] }]);
    await run(jobOf(pair, { customParams }));
    return (await pair.mailsHere()).map(({ flags }) => flags);
  };

  test('become those of host1', async () => {
    expect(await seen('')).toEqual([['\\Seen']]);
  });

  test('stay with --noresyncflags', async () => {
    expect(await seen('--noresyncflags')).toEqual([['\\Flagged']]);
  });
});

describe('deletes', () => {
  test('with delete1 what has arrived, now or before, and what was marked there already', async () => {
    const pair = servers().take();
    const both = { subject: 'Both', messageId: '<there@example.net>' };
    await pair.putThere('INBOX', [both, { subject: 'New' }, { subject: 'Marked', flags: ['\\Deleted'] }]);
    await pair.putHere('INBOX', [both]);
    const row = await run(jobOf(pair, { flags: flags1 }));
    expect(row).toMatchObject(succeeded);
    expect([await pair.here(), await pair.there()]).toEqual([['INBOX: Both', 'INBOX: New'], []]);
    expect(row.returnedText).toMatch(/^Messages deleted on host1 +: 2$/m);
  });

  test('with delete2 what host1 has not, folder by folder; folders stay without --delete2folders', async () => {
    const pair = servers().take();
    await pair.putThere('INBOX', [{ subject: 'One' }]);
    await pair.putThere('Excluded', [{ subject: 'Kept' }]);
    await pair.putHere('INBOX', [{ subject: 'Gone' }]);
    await pair.putHere('Own', [{ subject: 'Own' }]);
    await pair.putHere('Excluded', [{ subject: 'Mine' }]);
    const job = jobOf(pair, { flags: flags2, exclude: '^Excluded$' });
    await run(job);
    expect(await pair.here()).toEqual(['Excluded: Mine', 'INBOX: One', 'Own: Own']);
    await run({ ...job, customParams: '--delete2folders' });
    expect(await pair.here()).toEqual(['Excluded: Mine', 'INBOX: One']);
  });

  test('with delete2 and --search1 all that the search does not find there: the trap', async () => {
    const pair = servers().take();
    const read = { subject: 'Read', messageId: '<read@example.net>', flags: ['\\Seen'] };
    await pair.putThere('INBOX', [read, { subject: 'Unread' }]);
    await pair.putHere('INBOX', [read]);
    await run(jobOf(pair, { flags: flags2, customParams: '--folder=INBOX --search1=UNSEEN' }));
    expect(await pair.here()).toEqual(['INBOX: Unread']);
  });

  test('with --minage only what is old by its Date header, and not yet what lies there longer', async () => {
    const pair = servers().take();
    const day = 86_400_000;
    const at = (days: number): string => new Date(Date.now() - days * day).toUTCString();
    const mail = (subject: string, days: number): { raw: string } => ({
      raw: `Subject: ${subject}\r\nMessage-Id: <${subject}@x>\r\nDate: ${at(days)}\r\n\r\nText\r\n`,
    });
    await pair.putThere('INBOX', [mail('old', 40), mail('older', 31), mail('young', 29)]);
    await run(jobOf(pair, { flags: flags1, customParams: '--minage=30' }));
    expect([await pair.here(), await pair.there()]).toEqual([
      ['INBOX: old', 'INBOX: older'],
      ['INBOX: young'],
    ]);
  });

  test('with delete2duplicates all but the first', async () => {
    const pair = servers().take();
    const mail = { subject: 'Twice', messageId: '<twice@example.net>' };
    await pair.putHere('INBOX', [mail, mail]);
    await run(jobOf(pair, { flags: { delete2duplicates: 1 } }));
    expect(await pair.here()).toEqual(['INBOX: Twice']);
  });
});

describe('reaches host1', () => {
  const port = (secure: boolean): number => (secure ? servers().old.imapsPort : servers().old.imapPort);

  test.each<[string, string, boolean, boolean]>([
    ['PLAIN', '', false, true],
    ['PLAIN', '--notls1 --nossl1', false, false],
    ['TLS', '', false, true],
    ['SSL', '', true, true],
  ])('by %s %s', async (enc1, customParams, secure, isEncrypted) => {
    const pair = servers().take();
    await pair.putThere('INBOX', [{ subject: 'One' }]);
    const before = servers().old.log().length;
    const row = await run(jobOf(pair, { enc1, customParams, port1: port(secure) }));
    expect(row).toMatchObject(succeeded);
    expect(await pair.here()).toEqual(['INBOX: One']);
    const login = servers()
      .old.log()
      .slice(before)
      .split('\n')
      .find((line) => line.includes('Login: user='));
    expect(/\bTLS\b/.test(login ?? '')).toBe(isEncrypted);
  });

  test('as a master', async () => {
    const pair = servers().take();
    await pair.putThere('INBOX', [{ subject: 'One' }]);
    const login = { user1: `${pair.user}*${oldMaster.user}`, password1: oldMaster.password };
    expect(await run(jobOf(pair, login))).toMatchObject(succeeded);
    expect(await pair.here()).toEqual(['INBOX: One']);
  });
});

/** As a limit on the size of mails looks in mailcow's Dovecot. */
const smallMails = `
protocol imap {
  mail_plugins = quota
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_max_mail_size = 2k
}
`;

describe('fails', () => {
  test.each<[string, () => Partial<SyncJobRow>, string, RegExp]>([
    [
      'by a wrong password',
      () => ({ password1: 'never-shown-wrong' }),
      'EXIT_AUTHENTICATION_FAILURE_USER1',
      /^Host1 failure: Error login on \[127\.0\.0\.1\] with user \[user\d+\] auth \[LOGIN\]: 2 NO \[AUTHENTICATIONFAILED\] Authentication failed\.$/m,
    ],
    [
      'by a port where nobody listens',
      () => ({ port1: 1 }),
      'EXIT_CONNECTION_FAILURE_HOST1',
      /^Host1 failure: can not open imap connection on host1 \[127\.0\.0\.1\] with user \[user\d+\]: Unable to connect/m,
    ],
    [
      'by a host that there is not',
      () => ({ host1: 'nowhere.invalid' }),
      'EXIT_CONNECTION_FAILURE_HOST1',
      /ENOTFOUND|EAI_AGAIN/,
    ],
    [
      'by TLS from the start at a port without',
      () => ({ enc1: 'SSL' }),
      'EXIT_CONNECTION_FAILURE_HOST1',
      /^The most frequent error is ERR_CONNECTION_FAILURE_HOST1\. $/m,
    ],
    [
      'by a mailbox that there is not here',
      () => ({ username: 'ghost@example.test' }),
      'EXIT_AUTHENTICATION_FAILURE_USER2',
      /^Host2 failure: Error login on \[localhost\] with user \[ghost@example\.test\*master@mailcow\.local\]/m,
    ],
    [
      'by a pid file in no folder',
      () => ({ customParams: '--pidfile=/does/not/exist/a.pid' }),
      'EXIT_PID_FILE_ERROR',
      /^Exiting with return value 8 \(EXIT_PID_FILE_ERROR\)/m,
    ],
  ])('%s', async (_what, fields, exitStatus, said) => {
    const row = await run(jobOf(servers().take(), fields()));
    expect(row).toMatchObject({ success: 0, exitStatus });
    expect(row.returnedText).toMatch(said);
  });

  test('by a command line that imapsync rejects, without a status', async () => {
    const pair = servers().take();
    await pair.putThere('INBOX', [{ subject: 'One' }]);
    const row = await run(jobOf(pair, { customParams: '--folder=Sent Items' }));
    expect(row).toMatchObject({ success: 0, exitStatus: null });
    expect(await pair.here()).toEqual([]);
  });

  test('by a master that the own server does not know', async () => {
    const store = storeOf(jobOf(servers().take()));
    const local = { ...servers().local, masterPassword: 'never-shown-wrong' };
    await startRunner({ store, local }).runOnce();
    const row = store.syncJobs.get(1);
    expect(row).toMatchObject({ success: 0, exitStatus: 'EXIT_AUTHENTICATION_FAILURE_USER2' });
    expect(row?.returnedText).toMatch(
      /^Host2 failure: Error login on \[localhost\] with user \[.*\*master@mailcow\.local\]/m,
    );
  });

  test('by a server without STARTTLS where it must be, and by a message too large for the own one', async () => {
    const others = await startTwoServers({ old: { tls: false }, own: { extra: smallMails } });
    try {
      const { local, old } = others;
      const pair = others.take();
      await pair.putThere('INBOX', [{ subject: 'Huge', body: 'x'.repeat(3_000) }, { subject: 'Small' }]);
      const job = { port1: old.imapPort, flags: flags1 };
      const [bare, large] = [jobOf(pair, { ...job, enc1: 'TLS' }), jobOf(pair, { ...job, id: 2 })];
      const store = storeOf(bare, large);
      await startRunner({ store, local }).runOnce();
      expect(store.syncJobs.get(1)).toMatchObject({ success: 0, exitStatus: 'EXIT_TLS_FAILURE' });
      expect(store.syncJobs.get(2)).toMatchObject({ success: 0, exitStatus: 'EXIT_ERR_APPEND' });
      const said =
        /^- msg INBOX\/1 \{\d+\} could not append \( Subject:\[Huge\], Date:\["\d\d-\w{3}-\d{4} [\d:]{8} \+0000"\], Size:\[\d+\], Flags:\[\] \) to folder INBOX: Error sending 'APPEND INBOX': NO \[LIMIT\] .*size/m;
      expect(store.syncJobs.get(2)?.returnedText).toMatch(said);
      expect([await pair.here(), await pair.there()]).toEqual([['INBOX: Small'], ['INBOX: Huge']]);
    } finally {
      await others.close();
    }
  });
});

describe('stops', () => {
  test('before the next message when the file asks for it', async () => {
    const pair = servers().take();
    await pair.putThere(
      'INBOX',
      Array.from({ length: 20 }, (_, index) => ({ subject: `Mail ${index}` })),
    );
    const pidfile = join(folder, 'a.pid');
    const store = storeOf(jobOf(pair, { customParams: `--pidfile=${pidfile}` }));
    const runner = startRunner(runnerOptions(store, { pace: 50 }));
    const round = runner.runOnce();
    await until(async () => existsSync(pidfile) && (await pair.here()).length > 0);
    expect(store.syncJobs.get(1)).toMatchObject({ isRunning: 1, success: null });
    const abort = `${pidfile}abort${readFileSync(pidfile, 'utf8').trim()}`;
    writeFileSync(abort, '');
    await round;
    await runner.stop();
    expect(store.syncJobs.get(1)).toMatchObject({ isRunning: 0, success: 0, exitStatus: 'EXIT_BY_FILE' });
    expect(store.syncJobs.get(1)?.returnedText).toMatch(/^Exiting with return value 7 \(EXIT_BY_FILE\)/m);
    expect([existsSync(pidfile), existsSync(abort)]).toEqual([false, false]);
    expect((await pair.here()).length).toBeLessThan(20);
  });

  test.each(['copying', 'with --delete2'])('when the connection is cut, %s', async (what) => {
    const pair = servers().take();
    await pair.putThere('INBOX', many);
    await pair.putHere('INBOX', [{ subject: 'Own' }]);
    const wire = await startCutWire(servers().old.imapPort);
    try {
      const flags = what === 'copying' ? flags1 : flags2;
      const store = storeOf(jobOf(pair, { port1: wire.port, flags }));
      const runner = startRunner(runnerOptions(store, { pace: 50 }));
      const round = runner.runOnce();
      await until(async () => (await pair.here()).length > 2);
      wire.cut();
      await round;
      expect(store.syncJobs.get(1)).toMatchObject({ success: 0, exitStatus: 'EXIT_CONNECTION_FAILURE' });
      const [here, there] = [await pair.here(), await pair.there()];
      expect(new Set([...here, ...there]).size).toBe(many.length + (what === 'copying' ? 1 : 0));
      expect(there.length).toBeGreaterThan(0);
    } finally {
      wire.close();
    }
  });
});

const many = Array.from({ length: 20 }, (_, index) => ({ subject: `Mail ${index}` }));

type Wire = { readonly port: number; readonly cut: () => void; readonly close: () => void };

/** A port that leads to another, until it is cut. */
async function startCutWire(to: number): Promise<Wire> {
  const sockets: Socket[] = [];
  const server = createServer((here) => {
    const there = connect(to, '127.0.0.1');
    for (const socket of [here, there]) socket.on('error', () => undefined);
    here.pipe(there).pipe(here);
    sockets.push(here, there);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut,
    close: () => {
      cut();
      server.close();
    },
  };
}
