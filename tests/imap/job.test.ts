/** The table of docs/imapsync.md: what a task becomes, and what it reads as afterwards. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SyncJob } from '../../src/core/sync-job.ts';
import { jobOf, taskOf } from '../../src/imap/job.ts';
import { isTaskId, parseMarker, renderMarker } from '../../src/imap/marker.ts';
import { readTask } from '../../src/imap/task-input.ts';
import type { TaskOptions } from '../../src/imap/task.ts';
import { customParamsProblem } from '../support/mailcow/syncjob-options.ts';
import { job, reading, shared, taskInput } from './builders.ts';

function taskFrom(fields: Readonly<Record<string, unknown>>): TaskOptions {
  const read = readTask({ ...taskInput, ...fields }, reading);
  if (read.kind === 'refused') throw new Error(JSON.stringify(read.complaints));
  return read.input.task;
}

const { id: _id, mailbox: _mailbox, isRunning: _isRunning, ...plain } = job();
const params = (mode: string, ...more: readonly string[]): string =>
  [`--domain1=lm.a0241w.${mode}`, ...more].join(' ');

describe('a task becomes a sync job', () => {
  test.each<[string, Readonly<Record<string, unknown>>, Partial<SyncJob>]>([
    ['as it is', {}, {}],
    ['tls: STARTTLS', { security: 'tls', remoteport: 143 }, { security: 'TLS', port: 143 }],
    ['no security: STARTTLS where it is offered', { security: '' }, { security: 'PLAIN' }],
    ['a port written as text', { remoteport: '143' }, { port: 143 }],
    ['a host in capitals', { remotehostname: 'IMAP.Old.test' }, { host: 'imap.old.test' }],
    ['a host beyond ASCII', { remotehostname: 'pöst.test' }, { host: 'xn--pst-sna.test' }],
    ['an IPv4 address', { remotehostname: '192.0.2.7' }, { host: '192.0.2.7' }],
    ['a single label', { remotehostname: 'dovecot' }, { host: 'dovecot' }],
    ['a master user there', { remoteusername: 'anna*vmail' }, { user: 'anna*vmail' }],
    ['delete_local', { delete_local: true }, { deleteHere: true }],
    ['delete_remote', { delete_remote: true }, { deleteThere: true }],
    ['hours', { cron: '2h' }, { intervalMinutes: 120, customParams: params('a.c2h') }],
    ['by hand', { cron: '' }, { intervalMinutes: 43_800, customParams: params('a.m'), active: false }],
    [
      'by the clock',
      { cron: ' 1  */2 * * MON-FRI ' },
      { intervalMinutes: 43_800, customParams: params('a.w1_*/2_*_*_MON~FRI'), active: false },
    ],
    [
      'deletion by age',
      { delete_remote: true, delete_remote_older: 30 },
      { intervalMinutes: 43_800, customParams: params('ar30.c5m'), active: false },
    ],
    [
      'inbox that keeps the mail there',
      { foldersynchronization: 'inbox' },
      {
        customParams: params('i.c5m', '--folder=INBOX', '--search1=UNSEEN', '--noresyncflags'),
        intervalMinutes: 43_800,
        active: false,
      },
    ],
    [
      'sieve',
      { foldersynchronization: 'inbox', delete_remote: true, sieve_enabled: true },
      {
        customParams: params('iS.c5m', '--folder=INBOX', '--search1=UNSEEN', '--noresyncflags'),
        deleteThere: true,
        intervalMinutes: 43_800,
        active: false,
      },
    ],
    [
      'inbox',
      { foldersynchronization: 'inbox', delete_remote: true },
      {
        deleteThere: true,
        customParams: params('i.c5m', '--folder=INBOX', '--search1=UNSEEN', '--noresyncflags'),
      },
    ],
    [
      'exclusion',
      { foldersynchronization: 'exclusion', exclude: '^Junk$,Old/2019,a\\/b,(?i)spam,^(Sent|Gesendet)[|)]$' },
      {
        exclude: `${shared}|^Junk$|Old\\/2019|a\\/b|(?i)spam|^(Sent|Gesendet)[|)]$`,
        customParams: params('x.c5m'),
      },
    ],
    [
      'exclusion, the list as list-tasks prints it',
      { foldersynchronization: 'exclusion', exclude: ',Junk,Drafts' },
      { exclude: `${shared}|Junk|Drafts`, customParams: params('x.c5m') },
    ],
    ['exclude in another mode', { exclude: 'Junk' }, {}],
    [
      'gmail',
      { remotehostname: 'imap.gmail.com' },
      { host: 'imap.gmail.com', customParams: params('a.c5m', '--gmail1') },
    ],
    ['no id', { task_id: undefined }, { customParams: '--domain1=lm.new123.a.c5m' }],
  ])('%s', (_what, fields, expected) => {
    const settings = jobOf(taskFrom(fields));
    expect(settings).toEqual({ ...plain, ...expected });
    expect(customParamsProblem(settings.customParams)).toBeUndefined();
    const back = taskOf(job(settings))?.task;
    const { exclude, ...rest } = taskFrom(fields);
    expect(back).toMatchObject(rest);
    const kept = rest.mode === 'exclusion' ? exclude.map((item) => item.replaceAll('\\/', '/')) : [];
    expect(back?.exclude).toEqual(kept);
  });
});

describe('a task stands', () => {
  const kept = taskFrom({ delete_remote: true, delete_remote_older: 30, delete_local: false });

  test('on the pass that deletes there what is old, and nothing here', () => {
    const settings = jobOf({ ...kept, deleteLocal: true }, { purging: true });
    expect(settings).toMatchObject({ deleteThere: true, deleteHere: false });
    expect(settings.customParams).toBe('--domain1=lm.a0241w.ar30P.c5m --minage=30');
    expect(taskOf(job(settings))).toMatchObject({ purging: true, task: { deleteRemote: true, older: 30 } });
  });

  test('at its end, switched off', () => {
    const settings = jobOf(taskFrom({}), { done: true });
    expect(settings).toMatchObject({ active: false, customParams: params('aD.c5m') });
    expect(taskOf(job(settings))).toMatchObject({ done: true, task: { cron: '5m' } });
  });

  test('with the file by which its run can be stopped', () => {
    const { customParams } = jobOf(taskFrom({}), { pidFile: '/ldapmailcow/a0241w.pid' });
    expect(customParams).toBe(params('a.c5m', '--pidfile=/ldapmailcow/a0241w.pid'));
    expect(customParamsProblem(customParams)).toBeUndefined();
  });
});

describe('a sync job is read as a task', () => {
  test('with the interval that somebody gave it in mailcow', () => {
    expect(taskOf(job({ intervalMinutes: 30 }))?.task.cron).toBe('30m');
    expect(taskOf(job({ customParams: params('a.m'), intervalMinutes: 30 }))?.task.cron).toBe('');
    expect(taskOf(job({ customParams: params('a.c1h'), intervalMinutes: 60 }))?.task.cron).toBe('1h');
  });

  test('with its mark wherever it stands among the options', () => {
    expect(taskOf(job({ customParams: `--dry ${params('a.c5m')} --gmail1` }))?.task.taskId).toBe('a0241w');
  });

  test.each([
    '',
    '--dry',
    '--domain1=example.test',
    '--domain1=lm.a0241w',
    '--domain1=lm.a.q.m',
    '--xdomain1=lm.a.a.m',
  ])('or not at all: %j', (customParams) => {
    expect(taskOf(job({ customParams }))).toBeUndefined();
  });
});

describe('the mark', () => {
  const ids = fc.stringMatching(/^[A-Za-z0-9_.]{1,64}$/);
  const tails = fc.constantFrom('', '.a.m', '.i.c5m', '.x', '.m');

  test('comes back whatever the id looks like', () => {
    fc.assert(
      fc.property(
        ids,
        tails,
        fc.constantFrom('all' as const, 'inbox' as const, 'exclusion' as const),
        fc.constantFrom('', '5m', '2h', '1 */2 * * MON-FRI', '*/5 6-20 1,15 * 0'),
        fc.record({
          sieve: fc.boolean(),
          older: fc.constantFrom(0, 7, 365),
          done: fc.boolean(),
          purging: fc.boolean(),
        }),
        (start, tail, mode, cron, flags) => {
          const taskId = `${start}${tail}`.slice(0, 64);
          expect(isTaskId(taskId)).toBe(true);
          const marker = { taskId, mode, cron, ...flags };
          expect(parseMarker(renderMarker(marker))).toEqual(marker);
          expect(customParamsProblem(renderMarker(marker))).toBeUndefined();
        },
      ),
    );
  });
});
