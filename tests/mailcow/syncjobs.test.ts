import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NewSyncJob, SyncJobEdit } from '../../src/core/sync-job.ts';
import { MailcowMalformed } from '../../src/mailcow/errors.ts';
import type { SyncJobs } from '../../src/ports-mailcow.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { failure, openAt, openOn } from './opened.ts';
import type { Opened } from './opened.ts';
import { recording } from './recordings.ts';
import type { Answer } from './scripted.ts';

const password = 'never-shown-4711';
const job: NewSyncJob = {
  mailbox: 'anna@al.test',
  host: 'imap.old.test',
  port: 993,
  user: 'anna',
  password,
  security: 'SSL',
  exclude: '',
  customParams: '',
  intervalMinutes: 20,
  active: true,
  deleteThere: false,
  deleteHere: false,
};
const { password: _password, ...shown } = job;
const done = { kind: 'done' };
const unclear = { kind: 'unclear', why: expect.any(String) };
const refused = (word: string, ...args: readonly string[]): object => ({
  kind: 'refused',
  words: [{ word, args }],
});
const recorded = (start: string): Answer => ({ text: recording(start).response.text });

function sent({ server }: Opened): readonly (readonly [string, unknown])[] {
  return server.asked
    .filter(({ method }) => method === 'POST')
    .map(({ url, body }) => [url, JSON.parse(body)] as const);
}
const urls = ({ server }: Opened): readonly string[] => server.asked.map(({ url }) => url);

describe('sync jobs are read', () => {
  test('all of them, or those of one mailbox, always without their logs', async () => {
    const opened = await openOn(recorded('10/003'));
    const [all, one] = [
      await opened.mailcow.listSyncJobs(),
      await opened.mailcow.listSyncJobs('Anna@AL.test'),
    ];
    expect(all).toEqual([{ ...shown, id: 1, isRunning: false }]);
    expect(one).toEqual(all);
    expect(urls(opened)).toEqual([
      '/api/v1/get/syncjobs/all/no_log',
      '/api/v1/get/syncjobs/anna%2540al.test/no_log',
    ]);
  });

  test('as none where mailcow writes {}', async () => {
    const { mailcow } = await openOn(recorded('01/012'));
    expect(await mailcow.listSyncJobs()).toEqual([]);
  });

  test('with how the last run ended', async () => {
    const { mailcow } = await openOn(recorded('10/024'));
    const jobs = await mailcow.listSyncJobs();
    expect(jobs[0]).toMatchObject({
      isRunning: true,
      active: false,
      lastRun: '2026-11-20 11:03:49',
      succeeded: true,
      exitStatus: 'EX_OK',
    });
    expect(jobs[1]).toMatchObject({ exclude: '(?i)spam|(?i)junk', customParams: '--dry --nosyncacls' });
    expect(jobs[1]).not.toHaveProperty('lastRun');
  });

  test('without the password, also where mailcow shows it', async () => {
    const { mailcow } = await openOn(recorded('10/006'));
    expect(JSON.stringify(await mailcow.listSyncJobs())).not.toContain('oldpw');
  });

  test('not at all when one makes no sense, and the error has no values', async () => {
    const [first] = JSON.parse(recording('10/006').response.text) as readonly object[];
    const row = { ...first, enc1: 'ssl' };
    const { mailcow } = await openOn({ json: [row] });
    const error = await failure(mailcow.listSyncJobs());
    expect(error).toBeInstanceOf(MailcowMalformed);
    expect(error.message).toMatch(/0\.enc1/);
    expect(error.message).not.toContain('oldpw');
  });
});

describe('a new sync job', () => {
  const reply = (add: string, read: string) => (asked: { readonly method: string }) =>
    recorded(asked.method === 'GET' ? read : add);

  test('is sent with everything that mailcow would set to 0 or die of, and its id is read', async () => {
    const opened = await openOn(reply('10/002', '10/005'));
    expect(await opened.mailcow.createSyncJob({ ...job, host: 'IMAP.old.test' })).toEqual({
      kind: 'done',
      id: 1,
    });
    expect(sent(opened)).toEqual([
      [
        '/api/v1/add/syncjob',
        {
          username: 'anna@al.test',
          host1: 'imap.old.test',
          port1: 993,
          user1: 'anna',
          password1: password,
          enc1: 'SSL',
          exclude: '',
          custom_params: '',
          mins_interval: 20,
          active: 1,
          delete1: 0,
          delete2: 0,
        },
      ],
    ]);
  });

  test.each([
    ['10/007', refused('object_exists', 'imap.old.test / anna')],
    ['10/012', refused('access_denied')],
    ['10/013', refused('access_denied')],
    ['10/014', refused('access_denied')],
    ['10/015', refused('access_denied')],
    ['10/016', refused('bad character SPACE')],
    ['10/017', refused('bad option skipmess')],
    ['10/018', refused('access_denied')],
    ['10/001', unclear],
    ['10/019', unclear],
  ])('%s is judged, and the password that mailcow echoes is not in the verdict', async (start, verdict) => {
    const opened = await openOn(recorded(start));
    const result = await opened.mailcow.createSyncJob(job);
    expect(result).toEqual(verdict);
    expect(JSON.stringify(result)).not.toMatch(/oldpw|never-shown/);
    expect(opened.server.asked).toHaveLength(1);
  });

  test('that cannot be found afterwards is unclear, not an error: it was created', async () => {
    const { mailcow } = await openOn(reply('10/002', '01/012'));
    expect(await mailcow.createSyncJob(job)).toEqual({
      kind: 'unclear',
      why: 'the sync job was created, but none reads like it',
    });
  });
});

describe('what mailcow would refuse without a reason, ignore or die of is not sent', () => {
  test.each<[string, SyncJobEdit, ...string[]]>([
    ['host_invalid', { host: 'bad host!!' }, 'bad host!!'],
    ['host_invalid', { host: '2001:db8::1' }, '2001:db8::1'],
    ['host_invalid', { host: 'imap.old.test.' }, 'imap.old.test.'],
    ['host_invalid', { host: 'im_ap.test' }, 'im_ap.test'],
    ['host_invalid', { host: '' }, ''],
    ['port_invalid', { port: 0 }, '0'],
    ['port_invalid', { port: 65_536 }, '65536'],
    ['interval_invalid', { intervalMinutes: 43_801 }, '43801'],
    ['interval_invalid', { intervalMinutes: 1.5 }, '1.5'],
    ['user_invalid', { user: '' }],
    ['user_invalid', { user: 'u'.repeat(256) }],
    ['remote_password_invalid', { password: '' }],
    ['remote_password_invalid', { password: '0' }],
    ['remote_password_invalid', { password: 'two\nlines' }],
    ['remote_password_invalid', { password: 'p'.repeat(256) }],
    ['exclude_too_long', { exclude: 'x'.repeat(501) }],
    ['custom_params_too_long', { customParams: 'x'.repeat(513) }],
  ])('%s: %j', async (word, edit, ...args) => {
    const opened = await openOn(recorded('10/020'));
    expect(await opened.mailcow.createSyncJob({ ...job, ...edit })).toEqual(refused(word, ...args));
    expect(await opened.mailcow.editSyncJob(1, edit)).toEqual(refused(word, ...args));
    expect(opened.server.asked).toEqual([]);
  });
});

describe('an edit of a sync job', () => {
  test('names it by number and sends the given fields only', async () => {
    const opened = await openOn(recorded('10/020'));
    for (const edit of [{ active: false }, { runNow: true }, { exclude: '', port: 143 }])
      expect(await opened.mailcow.editSyncJob(1, edit)).toEqual(done);
    expect(sent(opened)).toEqual(
      [{ active: 0 }, { last_run: '', success: '' }, { port1: 143, exclude: '' }].map((attr) => [
        '/api/v1/edit/syncjob',
        { items: [1], attr },
      ]),
    );
  });

  test('is not sent when there is nothing to change', async () => {
    const opened = await openOn(recorded('10/020'));
    expect(await opened.mailcow.editSyncJob(1, { runNow: false })).toEqual(done);
    expect(opened.server.asked).toEqual([]);
  });

  test.each([
    ['10/011', refused('access_denied')],
    ['10/025', done],
    ['10/001', unclear],
  ])('%s is judged', async (start, verdict) => {
    const { mailcow } = await openOn(recorded(start));
    expect(await mailcow.editSyncJob(4, { active: false })).toEqual(verdict);
  });
});

describe('the deletion of sync jobs', () => {
  test('is one call with numbers and has a verdict for each, in the order asked', async () => {
    const opened = await openOn(recorded('10/027'));
    expect(await opened.mailcow.deleteSyncJobs([2, 9999, 3])).toEqual([done, refused('access_denied'), done]);
    expect(await opened.mailcow.deleteSyncJobs([])).toEqual([]);
    expect(sent(opened)).toEqual([['/api/v1/delete/syncjob', [2, 9999, 3]]]);
  });

  test('is unclear where the reply says too little', async () => {
    const { mailcow } = await openOn(recorded('10/028'));
    expect(await mailcow.deleteSyncJobs([2])).toEqual([unclear]);
  });
});

describe('on a whole mailcow', () => {
  const world: { standIn?: MailcowStandIn; jobs?: SyncJobs } = {};
  const jobs = (): SyncJobs => {
    if (world.jobs === undefined) throw new Error('not started');
    return world.jobs;
  };
  const anna = "anna.o'b+c@example.test";
  const own: NewSyncJob = { ...job, mailbox: anna };

  beforeEach(async () => {
    world.standIn = await startMailcow();
    const mailcow = openAt(world.standIn.url, { apiKey: world.standIn.apiKey });
    await mailcow.createMailbox({ address: anna, name: 'A', quotaMiB: 1, active: 1, tags: [] });
    world.jobs = mailcow;
  });
  afterEach(async () => {
    await world.standIn?.close();
  });

  test('a sync job lives its life, read back after each step', async () => {
    const { password: _hidden, ...seen } = own;
    expect(await jobs().createSyncJob(own)).toEqual({ kind: 'done', id: 1 });
    expect(await jobs().listSyncJobs(anna)).toEqual([{ ...seen, id: 1, isRunning: false }]);
    expect(await jobs().createSyncJob({ ...own, user: 'ANNA' })).toEqual(
      refused('object_exists', 'imap.old.test / ANNA'),
    );
    const edit: SyncJobEdit = { exclude: '^Junk$', active: false, deleteThere: true, security: 'TLS' };
    expect(await jobs().editSyncJob(1, edit)).toEqual(done);
    expect(await jobs().listSyncJobs()).toEqual([{ ...seen, ...edit, id: 1, isRunning: false }]);
    expect(await jobs().editSyncJob(1, { exclude: '' })).toEqual(done);
    expect(world.standIn?.store.tables.syncJobs.get(1)?.password1).toBe(password);
    expect(await jobs().deleteSyncJobs([1, 2])).toEqual([done, refused('access_denied')]);
    expect(await jobs().listSyncJobs()).toEqual([]);
  });

  test('what mailcow does not take is refused with its word', async () => {
    const tries: readonly (readonly [Partial<NewSyncJob>, object])[] = [
      [{ customParams: '--folder=Sent-Mail' }, refused('bad option Mail')],
      [{ customParams: '--folder Sent' }, refused('bad character SPACE')],
      [{ exclude: '^Shared/' }, refused('access_denied')],
      [{ mailbox: 'ghost@example.test' }, refused('access_denied')],
    ];
    for (const [fields, verdict] of tries)
      expect(await jobs().createSyncJob({ ...own, ...fields })).toEqual(verdict);
  });
});
