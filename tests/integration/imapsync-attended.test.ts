/**
 * What the daemon does about tasks that mailcow's engine cannot do alone: the real program, two real Dovecots, the
 * imitated engine between them (facts/imapsync.md 4.1 to 4.5).
 */
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { taskInput } from '../imap/builders.ts';
import { mailboxes, startTwoServers, type Pair, type TwoServers } from '../mailcow-runner/world.ts';
import { newMailbox, post } from '../mailcow-stand-in/client.ts';
import type { Started } from '../sandbox/program.ts';
import { homeOf } from '../support/mail-server-config.ts';
import { startRunner, type Runner } from '../support/mailcow-runner/runner.ts';
import type { SyncJobRow } from '../support/mailcow/rows.ts';
import { eventually, withDirectory, type Played } from './world.ts';

const servers: { two?: TwoServers } = {};
const two = (): TwoServers => {
  if (servers.two === undefined) throw new Error('not started');
  return servers.two;
};
const filing =
  'require ["fileinto", "mailbox"];\nif header :contains "Subject" "invoice" { fileinto :create "Bills"; }\n';

beforeAll(async () => {
  servers.two = await startTwoServers({ own: { filterSieve: true } });
}, 60_000);
afterAll(() => two().close());

/** Whether the daemon has done all that follows the last run. */
function isSettled({ stateFile }: Played): boolean {
  const db = new Database(stateFile, { readonly: true });
  try {
    const row = db.prepare<[], { body: string }>('SELECT body FROM imap_tasks').get();
    const { phase, seen } = JSON.parse(row?.body ?? '{}') as { phase?: string; seen?: string };
    return phase === 'idle' && seen !== undefined;
  } finally {
    db.close();
  }
}

type Scene = {
  readonly played: Played;
  readonly pair: Pair;
  readonly runner: Runner;
  readonly daemon: () => Started;
  readonly job: () => SyncJobRow;
  readonly imapsync: (action: string, input: object) => Promise<void>;
  /** Asks for a run and waits for the end of what follows it. */
  readonly runOnce: () => Promise<void>;
  readonly restartDaemon: () => Promise<void>;
};

const daysAgo = (days: number): Date => new Date(Date.now() - days * 24 * 60 * 60_000);

/** A daemon that looks every second, an engine that goes round when it is told to. */
async function withTask(
  fields: object,
  {
    prepare,
    play,
    lmtp = false,
  }: { prepare?: (pair: Pair) => Promise<unknown>; play: (scene: Scene) => Promise<void>; lmtp?: boolean },
): Promise<void> {
  const pair = two().take();
  const { own, old, local } = two();
  const settings = {
    LDAP_URI: 'ldap://127.0.0.1:1',
    LDAP_BASE_DN: 'dc=example,dc=test',
    LDAP_BIND_DN: 'cn=reader',
    LDAP_BIND_DN_PASSWORD: 'bind-password',
    IMAPSYNC_POLL: '1',
    IMAPSYNC_IMAP_URI: `imap://127.0.0.1:${own.imapPort}`,
    IMAPSYNC_LMTP_URI: `lmtp://127.0.0.1:${lmtp ? own.lmtpPort : 1}`,
  };
  await withDirectory(settings, async (played) => {
    writeFileSync(join(played.folder, 'sieve.creds'), `${local.masterUser}:${local.masterPassword}\n`);
    const more = { CONF_SOGO: played.folder };
    for (const address of mailboxes) await post(played.mailcow, 'add/mailbox', newMailbox(address));
    await prepare?.(pair);
    const imapsync = async (action: string, input: object): Promise<void> => {
      const path = join(played.folder, 'input.json');
      writeFileSync(path, JSON.stringify(input));
      const { code, stdout, stderr } = await played.run(['imapsync', action, '--data', `@${path}`], more);
      expect({ code, stdout, stderr: code === 0 ? '' : stderr }).toMatchObject({ code: 0, stderr: '' });
    };
    await imapsync('create-task', {
      ...taskInput,
      ...{ remotehostname: '127.0.0.1', remoteport: old.imapPort, security: 'tls' },
      ...{ localuser: pair.mailbox, remoteusername: pair.user, remotepassword: pair.password },
      ...fields,
    });
    const runner = startRunner({ store: played.mailcow.store.tables, local });
    const holder = { daemon: played.start(['run'], more) };
    const job = (): SyncJobRow => {
      const [row] = played.mailcow.store.tables.syncJobs.values();
      if (row === undefined) throw new Error('no job');
      return row;
    };
    const ends = (): number => holder.daemon.stderr().split(' ended, ').length;
    try {
      await play({
        played,
        pair,
        runner,
        daemon: () => holder.daemon,
        job,
        imapsync,
        runOnce: async () => {
          const before = ends();
          await eventually('it is switched on', () => job().active === 1);
          await runner.runOnce();
          await eventually(
            'its end was seen, and it is switched off',
            () => ends() > before && job().active === 0 && isSettled(played),
          );
        },
        restartDaemon: async () => {
          holder.daemon.child.kill('SIGKILL');
          await holder.daemon.ended;
          holder.daemon = played.start(['run'], more);
        },
      });
      expect(played.output() + played.stateBytes()).not.toContain('never-shown');
    } finally {
      await runner.stop();
    }
  });
}

const which = ({ mailbox }: Pair): object => ({ localuser: mailbox, task_id: taskInput['task_id'] });

describe('the INBOX alone', () => {
  const inbox = { foldersynchronization: 'inbox' };

  test('what stays there is marked as read, and does not come again when it was moved away here', async () => {
    await withTask(inbox, {
      prepare: (pair) =>
        pair.putThere('INBOX', [
          { subject: 'One' },
          { subject: 'Two' },
          { subject: 'Read', flags: ['\\Seen'] },
        ]),
      play: async ({ pair, runOnce, imapsync }) => {
        await runOnce();
        expect(await pair.here()).toEqual(['INBOX: One', 'INBOX: Two']);
        expect((await pair.mailsThere()).map(({ flags }) => flags.includes('\\Seen'))).toEqual([
          true,
          true,
          true,
        ]);
        await two().own.restart();
        await pair.putThere('INBOX', [{ subject: 'Three' }]);
        await imapsync('start-task', which(pair));
        await runOnce();
        expect(await pair.here()).toEqual(['INBOX: One', 'INBOX: Three', 'INBOX: Two']);
      },
    });
  }, 120_000);

  test('a crash between the run and that changes nothing about it', async () => {
    await withTask(inbox, {
      prepare: (pair) => pair.putThere('INBOX', [{ subject: 'One' }]),
      play: async ({ pair, runner, job, daemon, restartDaemon, played }) => {
        await eventually('it is switched on', () => job().active === 1);
        daemon().child.kill('SIGKILL');
        await daemon().ended;
        await runner.runOnce();
        expect((await pair.mailsThere()).map(({ flags }) => flags)).toEqual([[]]);
        await restartDaemon();
        await eventually('its end was seen', () => job().active === 0 && isSettled(played));
        expect((await pair.mailsThere()).map(({ flags }) => flags)).toEqual([['\\Seen']]);
      },
    });
  }, 120_000);

  test('numbers of an INBOX that was made anew there in between are not taken for those of the run', async () => {
    await withTask(inbox, {
      prepare: (pair) => pair.putThere('INBOX', [{ subject: 'One' }]),
      play: async ({ pair, runner, job, daemon, restartDaemon, played }) => {
        await eventually('it is switched on', () => job().active === 1);
        daemon().child.kill('SIGKILL');
        await daemon().ended;
        await runner.runOnce();
        rmSync(homeOf(two().old.folder, pair.user), { recursive: true });
        await two().old.restart();
        await pair.putThere('INBOX', [{ subject: 'Another message' }]);
        await restartDaemon();
        await eventually('its end was seen', () => job().active === 0 && isSettled(played));
        expect(daemon().stderr()).toContain('the INBOX there was made anew');
        expect((await pair.mailsThere()).map(({ uid, flags }) => [uid, flags])).toEqual([[1, []]]);
      },
    });
  }, 120_000);

  test('deleted there by age: what was copied and is old, and nothing else', async () => {
    await withTask(
      { ...inbox, delete_remote: true, delete_remote_older: 30 },
      {
        prepare: (pair) =>
          pair.putThere('INBOX', [
            { subject: 'Old', date: daysAgo(40) },
            { subject: 'Young' },
            { subject: 'Old, read there, never copied', date: daysAgo(40), flags: ['\\Seen'] },
          ]),
        play: async ({ pair, runOnce, daemon }) => {
          await runOnce();
          await eventually('it says so', () =>
            daemon().stderr().includes('1 deleted there, copied and older than 30 days'),
          );
          expect(await pair.there()).toEqual(['INBOX: Old, read there, never copied', 'INBOX: Young']);
          expect(await pair.here()).toEqual(['INBOX: Old', 'INBOX: Young']);
        },
      },
    );
  }, 120_000);
});

describe('sieve on what has arrived', () => {
  const sieved = { foldersynchronization: 'inbox', sieve_enabled: true };

  test.each([
    ['FILTER=SIEVE', false],
    ['LMTP', true],
  ])(
    'by %s',
    async (_way, lmtp) => {
      if (lmtp) {
        await two().close();
        servers.two = await startTwoServers();
      }
      await withTask(sieved, {
        lmtp,
        prepare: async (pair) => {
          two().own.setSieve(pair.mailbox, filing);
          await pair.putHere('INBOX', [{ subject: 'invoice that was here before' }]);
          await pair.putThere('INBOX', [{ subject: 'An invoice' }, { subject: 'A letter' }]);
        },
        play: async ({ pair, runOnce }) => {
          await runOnce();
          expect(await pair.here()).toEqual([
            'Bills: An invoice',
            'INBOX: A letter',
            'INBOX: invoice that was here before',
          ]);
          expect((await pair.mailsThere()).every(({ flags }) => flags.includes('\\Seen'))).toBe(true);
        },
      });
    },
    120_000,
  );
});

describe('deletion by age in whole mailboxes', () => {
  test('is a pass of the engine, and the job is then what it was', async () => {
    await withTask(
      { delete_remote: true, delete_remote_older: 30, cron: '12h' },
      {
        prepare: async (pair) => {
          await pair.putThere('INBOX', [
            { subject: 'Young', date: daysAgo(2) },
            { subject: 'Old', date: daysAgo(40) },
          ]);
          await pair.putThere('Archive', [{ subject: 'Older', date: daysAgo(90) }]);
        },
        play: async ({ pair, runOnce, job, runner, daemon }) => {
          const { customParams } = job();
          await runOnce();
          expect(await pair.there()).toHaveLength(3);
          await eventually(
            'the pass is armed',
            () => job().active === 1 && job().customParams.includes('--minage=30'),
          );
          await runner.runOnce();
          await eventually(
            'the job is what it was',
            () => job().active === 0 && job().customParams === customParams,
          );
          await eventually('its end was said', () =>
            daemon().stderr().includes('deletes there what is old ended'),
          );
          expect(job().flags['delete1']).toBe(0);
          expect(await pair.there()).toEqual(['INBOX: Young']);
          expect(await pair.here()).toEqual(['Archive: Older', 'INBOX: Old', 'INBOX: Young']);
        },
      },
    );
  }, 120_000);
});

describe('by hand and by the clock', () => {
  test('once, and then switched off', async () => {
    await withTask(
      { cron: '' },
      {
        prepare: (pair) => pair.putThere('INBOX', [{ subject: 'One' }]),
        play: async ({ pair, runOnce, job, runner }) => {
          await runOnce();
          expect(await pair.here()).toEqual(['INBOX: One']);
          expect(await runner.runOnce()).toEqual({ jobs: [] });
          expect(job().active).toBe(0);
        },
      },
    );
  }, 120_000);

  test('at its minute', async () => {
    await withTask(
      { cron: '* * * * *' },
      {
        prepare: (pair) => pair.putThere('INBOX', [{ subject: 'One' }]),
        play: async ({ pair, runner, job, runOnce }) => {
          // create-task runs at once, as in ns8.
          await runOnce();
          expect(await pair.here()).toEqual(['INBOX: One']);
          await eventually('the minute has come', () => job().active === 1, 70_000);
          await runner.runOnce();
        },
      },
    );
  }, 180_000);
});
