/** What list-tasks and get-facts print. */
import { describe, expect, test } from '@jest/globals';
import type { SyncJob } from '../../src/core/sync-job.ts';
import { factsOf, tasksAmong, userProperties } from '../../src/imap/list.ts';
import { job, shared } from './builders.ts';

const printed = (fields: Partial<SyncJob>): readonly object[] =>
  tasksAmong([job(fields)]).map((found) => userProperties(found));

describe('an entry of user_properties', () => {
  test('has all that ns8 prints, with its types', () => {
    const customParams = '--domain1=lm.a0241w.x.c5m';
    expect(printed({ customParams, exclude: `${shared}|Junk|a\\/b`, deleteHere: true })).toEqual([
      {
        task_id: 'a0241w',
        localuser: 'anna@example.test',
        remoteusername: 'anna',
        remotehostname: 'imap.old.test',
        remoteport: '993',
        remotepassword: '',
        security: 'ssl',
        delete_local: true,
        deletefolder: '--delete2folders',
        exclude: ',Junk,a/b',
        delete_remote: false,
        delete_remote_older: 0,
        sieve_enabled: false,
        expunge_remote: '',
        cron: '5m',
        folder_inbox: '',
        foldersynchronization: 'exclusion',
        service_running: false,
        last_sync_timestamp: null,
        last_sync_exit_code: null,
        has_log: false,
      },
    ]);
  });

  test.each<[Partial<SyncJob>, number | null]>([
    [{ succeeded: true, exitStatus: 'EX_OK' }, 0],
    [{ succeeded: false, exitStatus: 'EXIT_AUTHENTICATION_FAILURE_USER1' }, 161],
    [{ succeeded: false, exitStatus: 'EXIT_NEWS' }, 1],
    [{ succeeded: false }, 1],
    [{ succeeded: true }, 0],
    [{ isRunning: true }, null],
  ])('%j ended with %j', (fields, code) => {
    const lastRun = '2026-11-20 11:03:49';
    expect(printed({ ...fields, lastRun })).toMatchObject([
      {
        last_sync_exit_code: code,
        last_sync_timestamp: Date.parse('2026-11-20T11:03:49') / 1000,
        has_log: true,
      },
    ]);
  });

  test('is not there for a job without our mark', () => {
    expect(printed({ customParams: '' })).toEqual([]);
  });
});

test('get-facts counts', () => {
  const jobs = [
    job(),
    job({ customParams: '--domain1=lm.b.i.c5m', deleteThere: true }),
    job({ customParams: '--domain1=lm.c.a.m', intervalMinutes: 43_800, deleteThere: true }),
    job({ customParams: '' }),
  ];
  expect(factsOf(tasksAmong(jobs))).toEqual({
    tasks_total_count: 3,
    tasks_delete_count: 2,
    tasks_delete_older_count: 0,
    tasks_inbox_count: 1,
    tasks_inbox_and_delete_count: 1,
    tasks_cron_enabled_count: 2,
    tasks_sieve_enabled_count: 0,
  });
});
