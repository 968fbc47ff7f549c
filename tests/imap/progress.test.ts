import { describe, expect, test } from '@jest/globals';
import { progressOf, type ProgressInput } from '../../src/imap/progress.ts';
import { renderProgress, sayBytes, sayTime } from '../../src/imap/progress-text.ts';
import type { SyncJob } from '../../src/core/sync-job.ts';
import type { TaskRecord } from '../../src/ports-imap.ts';
import { job as anyJob } from './builders.ts';

const taskId = 'ldap.tests';
const now = new Date('2026-06-01T14:00:00Z');
const noon = Date.parse('2026-06-01T12:00:00Z');

const job = (name: string, fields: Partial<SyncJob> & { readonly done?: boolean } = {}): SyncJob => {
  const { done = false, ...more } = fields;
  const customParams = `--domain1=lm.${taskId}.a${done ? 'D' : ''}.c60m`;
  return anyJob({ mailbox: `${name}@example.test`, customParams, active: !done, ...more });
};

const record = (name: string, fields: Partial<TaskRecord> = {}): TaskRecord => ({
  mailbox: `${name}@example.test`,
  taskId,
  jobId: 7,
  phase: 'idle',
  pass: 'copy',
  stopped: false,
  wanted: false,
  copied: { messages: 0, bytes: 0, runs: 0 },
  clean: 0,
  ...fields,
});

const ended = { lastRun: '2026-06-01 12:30:00', succeeded: true, exitStatus: 'EX_OK' };
const refused = {
  lastRun: '2026-06-01 12:30:00',
  succeeded: false,
  exitStatus: 'EXIT_AUTHENTICATION_FAILURE_USER1',
};

const progress = (jobs: readonly SyncJob[], more: Partial<ProgressInput> = {}) =>
  progressOf({ jobs, records: [], taskId, now, ...more });

describe('a person', () => {
  test.each<[string, SyncJob, Partial<TaskRecord>]>([
    ['waiting', job('a'), {}],
    ['running', job('a', { isRunning: true }), {}],
    ['copying', job('a', ended), {}],
    ['copying', job('a'), { copied: { messages: 3, bytes: 4, runs: 1 } }],
    ['done', job('a', { ...ended, done: true }), {}],
    ['failed', job('a', refused), {}],
    ['failed', job('a', { lastRun: 'x' }), {}],
    ['off', job('a', { active: false }), {}],
  ])('is %s', (state, one, fields) => {
    expect(progress([one], { records: [record('a', fields)] }).rows).toMatchObject([{ state }]);
  });

  test('is told why in words', () => {
    expect(progress([job('a', refused)]).rows[0]?.error).toBe('the other server refused the login');
  });

  test('has what was copied over all runs, and no one else’s', () => {
    const copied = { messages: 3, bytes: 4000, runs: 2 };
    const records = [
      record('a', { copied }),
      record('a', { taskId: 'other', copied: { messages: 9, bytes: 9, runs: 9 } }),
    ];
    const jobs = [job('a', ended), anyJob(), anyJob({ customParams: '--domain1=lm.ldap.others.a.c60m' })];
    expect(progress(jobs, { records }).rows).toEqual([
      { mailbox: 'a@example.test', state: 'copying', ...copied, lastRun: ended.lastRun },
    ]);
  });
});

test('what is here at the end of the last run counts, where its log says it', () => {
  const last = { lastRun: 'x', exit: 0, transferred: 0, bytes: 0, present: { messages: 50, bytes: 5000 } };
  const records = [record('a', { last, copied: { messages: 3, bytes: 4, runs: 2 } })];
  expect(progress([job('a', ended)], { records }).rows).toMatchObject([
    { messages: 50, bytes: 5000, runs: 2 },
  ]);
});

describe('all of them', () => {
  const done = job('a', { ...ended, done: true });
  const jobs = [done, job('b', ended), job('c'), job('d', { active: false }), job('e', refused)];

  test('are counted; who is off does not hold up the others', () => {
    expect(progress(jobs).totals).toMatchObject({
      people: 5,
      done: 1,
      percent: 25,
      counts: { done: 1, copying: 1, waiting: 1, off: 1, failed: 1, running: 0 },
    });
  });

  test('take as long for each that is left as for each that is done', () => {
    expect(progress(jobs, { beganAt: noon }).totals.secondsLeft).toBe(3 * 2 * 3600);
    const records = [
      record('a', { last: { lastRun: 'x', startedAt: noon / 1000, exit: 0, transferred: 0, bytes: 0 } }),
    ];
    expect(progress(jobs, { records }).totals.secondsLeft).toBe(3 * 2 * 3600);
  });

  test('take who knows how long before the first is done, and no time after the last', () => {
    expect(progress(jobs.slice(1), { beganAt: noon }).totals).not.toHaveProperty('secondsLeft');
    expect(progress([done], { beganAt: noon }).totals).not.toHaveProperty('secondsLeft');
  });
});

test('the table', () => {
  const jobs = [
    job('anna', { ...ended, done: true }),
    job('b', { ...refused, mailbox: 'b@example.test' }),
    job('c', { isRunning: true }),
  ];
  const records = [record('anna', { copied: { messages: 1200, bytes: 3_500_000, runs: 4 } })];
  expect(renderProgress(progress(jobs, { records, beganAt: noon }))).toBe(
    [
      'person             state    messages     size  runs  last run             error',
      'anna@example.test  done         1200  3.3 MiB     4  2026-06-01 12:30:00',
      'b@example.test     failed          0      0 B     0  2026-06-01 12:30:00  the other server refused the login',
      'c@example.test     running         0      0 B     0  -',
      '',
      '[#########.....................] 33 %, 1 of 3 done, time left: about 4 h 0 min',
      '1 running, 1 done, 1 failed; 1200 messages, 3.3 MiB',
      '',
    ].join('\n'),
  );
  expect(renderProgress(progress([]))).toBe('mailcow has no sync job of the migration.\n');
  expect(renderProgress(progress(jobs.slice(1)))).toContain('0 %, 0 of 2 done, time left: unknown');
});

test('sizes and times', () => {
  expect([0, 1023, 1024, 1_572_864, 2 ** 41].map(sayBytes)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 MiB',
    '2.0 TiB',
  ]);
  expect([1, 300, 12_000, 183_600].map(sayTime)).toEqual(['1 min', '5 min', '3 h 20 min', '2 d 3 h']);
});
