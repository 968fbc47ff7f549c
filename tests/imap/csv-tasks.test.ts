/** The rows of ns8's table, and what becomes of each. */
import { describe, expect, test } from '@jest/globals';
import { planCsvTasks, readCsvTasks } from '../../src/imap/csv-tasks.ts';
import type { Ground, Step } from '../../src/imap/import-steps.ts';
import { job, reading } from './builders.ts';

const header = 'localusername,remoteusername,remotepassword,remotehostname,remoteport,security';
const secret = 'never-shown-4711';
const row = `anna,anna,${secret},imap.old.test,993,ssl`;

const ground: Ground = {
  mailboxes: [
    { address: 'anna@example.test' },
    { address: 'bert@example.test' },
    { address: 'bert@other.test' },
  ],
  jobs: [],
  isSchedule: reading.isSchedule,
};

function plan(text: string, { update = false, jobs = ground.jobs } = {}): readonly Step[] {
  const table = readCsvTasks(text);
  if (table.kind === 'unusable') throw new Error(table.why);
  const steps = planCsvTasks(table.rows, { ...ground, jobs }, { update });
  for (const step of steps) if ('why' in step) expect(JSON.stringify(step)).not.toContain(secret);
  return steps;
}

describe('the table', () => {
  test.each([
    ['', 'it is empty'],
    ['\r\n , ,\n', 'it is empty'],
    [header, 'it has no rows'],
    [`${header}\n,,,,,\n`, 'it has no rows'],
    [row, /^the header lacks localusername, remoteusername, /],
    [header.replaceAll(',', ';'), /columns are separated by commas/],
    [header.replace(',security', ''), 'the header lacks security'],
    [`${header},security\n${row},ssl`, 'the header has security twice'],
    [`${header}\n"${row}`, 'the quote that opens in line 2 is never closed'],
  ])('%j is not usable', (text, why) => {
    const table = readCsvTasks(text);
    expect(table.kind === 'unusable' ? table.why : '').toEqual(
      typeof why === 'string' ? why : expect.stringMatching(why),
    );
    expect(JSON.stringify(table)).not.toContain(secret);
  });

  test('may have its columns in any order, blanks around values, and columns that nobody knows', () => {
    const text = ` Security ,remoteport,remark,remotehostname,remotepassword,remoteusername,localusername\nssl, 993 ,x,imap.old.test," ${secret} ",anna, anna`;
    const table = readCsvTasks(text);
    expect(table).toMatchObject({ kind: 'read', remarks: ['these columns are not looked at: remark'] });
    expect(plan(text)).toMatchObject([
      {
        kind: 'create',
        where: 'line 2',
        input: { remotepassword: secret, remoteport: '993', security: 'ssl' },
      },
    ]);
  });
});

describe('a row', () => {
  test('becomes a task with defaults, without an id, for the mailbox of that name', () => {
    expect(plan(`${header}\n\n${row}\n`)).toEqual([
      {
        kind: 'create',
        where: 'line 3',
        account: 'anna from anna at imap.old.test',
        remarks: [],
        input: {
          localuser: 'anna@example.test',
          remoteusername: 'anna',
          remotepassword: secret,
          remotehostname: 'imap.old.test',
          remoteport: '993',
          security: 'ssl',
          cron: '',
          delete_local: false,
          delete_remote: false,
          delete_remote_older: 0,
          exclude: '',
          foldersynchronization: 'all',
          sieve_enabled: false,
        },
      },
    ]);
  });

  test.each([
    ['a port that is none', row.replace('993', 'imaps'), /remoteport must be a whole number/],
    ['a port beyond all', row.replace('993', '70000'), /remoteport must be 65535 or less/],
    ['another security', row.replace('ssl', 'starttls'), /security must be one of/],
    ['an empty value', row.replace('imap.old.test', ' '), 'remotehostname must not be empty'],
    ['no password', row.replace(secret, ''), 'remotepassword must not be empty'],
    ['IPv6', row.replace('imap.old.test', '::1'), /no host name/],
    ['a name of no mailbox', row.replace('anna', 'ghost'), 'there is no mailbox ghost in mailcow'],
    [
      'a name of several',
      row.replace('anna', 'bert'),
      /several mailboxes: bert@example.test, bert@other.test/,
    ],
    ['a comma in the password', row.replace(secret, `${secret},x`), /it has 7 values and the header 6/],
    ['too few values', `anna,anna,${secret}`, /it has 3 values and the header 6/],
  ])('with %s is refused, and the others go on', (_what, wrong, why) => {
    const steps = plan(`${header}\n${wrong}\n${row}`);
    expect(steps).toMatchObject([
      { kind: 'refuse', where: 'line 2', why: typeof why === 'string' ? why : expect.stringMatching(why) },
      { kind: 'create', where: 'line 3' },
    ]);
    if (wrong.split(',').length !== 6) expect(steps[0]?.account).toBe('(not told apart)');
  });

  test('that repeats an account in other letters is skipped, after a refused one it counts', () => {
    const other = `ANNA@Example.test,ANNA,other,IMAP.old.test,143,tls`;
    expect(plan(`${header}\n${row.replace('993', '0')}\n${row}\n${other}`)).toMatchObject([
      { kind: 'refuse' },
      { kind: 'create' },
      { kind: 'skip', why: 'the same account as line 3' },
    ]);
  });

  test('of an account that has a task is skipped', () => {
    expect(plan(`${header}\n${row.replace('anna,anna', 'anna,ANNA')}`, { jobs: [job()] })).toMatchObject([
      { kind: 'skip', why: expect.stringMatching(/the task a0241w already/) },
    ]);
  });

  test('updates it with --update: stored id, spelling and options stay', () => {
    const there = job({ user: 'Anna', customParams: '--domain1=lm.a0241w.x.c2h', deleteHere: true, intervalMinutes: 120, exclude: `${job().exclude}|^Junk$|^a\\/b` }); // prettier-ignore
    const text = `${header}\n${row.replace('993,ssl', '143,tls')}\n${row}`;
    expect(plan(text, { update: true, jobs: [there] })).toEqual([
      {
        kind: 'update',
        where: 'line 2',
        account: 'anna from anna at imap.old.test',
        remarks: [],
        input: {
          task_id: 'a0241w',
          localuser: 'anna@example.test',
          remoteusername: 'Anna',
          remotehostname: 'imap.old.test',
          remotepassword: secret,
          remoteport: 143,
          security: 'tls',
          delete_local: true,
          delete_remote: false,
          delete_remote_older: 0,
          exclude: '^Junk$,^a/b',
          cron: '2h',
          foldersynchronization: 'exclusion',
          sieve_enabled: false,
        },
      },
      { kind: 'skip', where: 'line 3', account: 'anna from anna at imap.old.test', why: 'the same account as line 2' }, // prettier-ignore
    ]);
  });

  test('of an account that has a foreign sync job is refused, with --update too', () => {
    const jobs = [job({ customParams: '' })];
    for (const update of [false, true])
      expect(plan(`${header}\n${row}`, { update, jobs })).toMatchObject([
        { kind: 'refuse', why: expect.stringMatching(/not ours/) },
      ]);
  });
});
