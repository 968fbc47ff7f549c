/** ns8's state folder: names, forms, and what becomes of each task. */
import { describe, expect, test } from '@jest/globals';
import { parseCronFile } from '../../src/imap/import-state-cron.ts';
import { parseEnvFile } from '../../src/imap/import-state-env.ts';
import { planStateTasks, readStateTasks, type StateTask } from '../../src/imap/import-state.ts';
import type { Ground, Step } from '../../src/imap/import-steps.ts';
import { job, reading } from './builders.ts';

const secret = 'never-shown-4711';

/** As ns8's create-task writes it. */
function envText(changed: Readonly<Record<string, string>> = {}): string {
  const variables = {
    TASK_ID: 'a0241w',
    LOCALUSER: 'anna',
    REMOTEUSERNAME: 'anna',
    REMOTEHOSTNAME: 'imap.old.test',
    REMOTEPORT: '993',
    SECURITY: '--ssl1',
    DELETE_LOCAL: '',
    DELETEFOLDER: '',
    EXCLUDE: '',
    DELETE_REMOTE: '',
    SIEVE_ENABLED: '',
    EXPUNGE_REMOTE: '',
    CRON: '5m',
    FOLDER_INBOX: '',
    FOLDERSYNCHRONIZATION: 'all',
    ...changed,
  };
  return `\n${Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

const stateTask = (
  changed: Readonly<Record<string, string>> = {},
  more: Partial<StateTask> = {},
): StateTask => ({
  key: 'anna_a0241w',
  env: envText(changed),
  password: secret,
  ...more,
});

const ground: Ground = {
  mailboxes: [
    { address: 'anna@example.test' },
    { address: 'bert@example.test' },
    { address: 'bert@other.test' },
  ],
  jobs: [],
  isSchedule: reading.isSchedule,
};

function plan(tasks: readonly StateTask[], changed: Partial<Ground> = {}): readonly Step[] {
  const steps = planStateTasks(readStateTasks(tasks), { ...ground, ...changed });
  for (const step of steps) if ('why' in step) expect(JSON.stringify(step)).not.toContain(secret);
  return steps;
}

describe('variables', () => {
  test.each([
    ['A=b', 'b'],
    ['A=b c\r', 'b c'],
    ['A=,^Junk\\.x$,"q"', ',^Junk\\.x$,"q"'],
    ['export A="b \\"c\\" \\\\ \\$d \\x"', 'b "c" \\ $d \\x'],
    ["A='b \\ c'", 'b \\ c'],
    ['A="--folder\\ \'INBOX\'"', "--folder\\ 'INBOX'"],
    ['A=x=y', 'x=y'],
    ['A=', ''],
  ])('%j is read', (line, value) => {
    expect(parseEnvFile(`# remark\n${line}\nnonsense\n`)).toEqual({ A: value });
  });
});

describe('a cron file', () => {
  test.each([
    ['MAIL_HOST=h.test\n*/5 * * * * root /usr/local/bin/syncctl start anna_a0241w\n', '5m'],
    ['MAIL_HOST=h.test\n1 */2 * * *  root /usr/local/bin/syncctl start anna_a0241w\n', '2h'],
    ['0 3 * * 1-5 root syncctl start x', '0 3 * * 1-5'],
    ['MAIL_HOST=h.test\n', undefined],
  ])('%j says when', (text, cron) => {
    expect(parseCronFile(text)).toBe(cron);
  });
});

describe('a task', () => {
  test('becomes the same task here', () => {
    expect(plan([stateTask()])).toEqual([
      {
        kind: 'create',
        where: 'anna_a0241w.env',
        account: 'anna from anna at imap.old.test',
        remarks: [],
        input: {
          task_id: 'a0241w',
          localuser: 'anna@example.test',
          remoteusername: 'anna',
          remotehostname: 'imap.old.test',
          remotepassword: secret,
          remoteport: '993',
          security: 'ssl',
          delete_local: false,
          delete_remote: false,
          exclude: '',
          cron: '5m',
          foldersynchronization: 'all',
          sieve_enabled: false,
        },
      },
    ]);
  });

  test.each<[Readonly<Record<string, string>>, object]>([
    [{ SECURITY: '--tls1' }, { security: 'tls' }],
    [{ SECURITY: '' }, { security: '' }],
    [{ DELETE_LOCAL: '--delete2', DELETEFOLDER: '--delete2foders' }, { delete_local: true }],
    [{ DELETE_REMOTE: '--delete1', EXPUNGE_REMOTE: '--noexpungeaftereach' }, { delete_remote: true }],
    [{ DELETE_REMOTE: '--delete1older=30' }, { delete_remote: true, delete_remote_older: '30' }],
    [
      { DELETE_REMOTE: 'True', DELETE_REMOTE_OLDER: '7' },
      { delete_remote: true, delete_remote_older: '7' },
    ],
    [
      { EXCLUDE: ',Junk,Drafts', FOLDERSYNCHRONIZATION: 'exclusion' },
      { exclude: ',Junk,Drafts', foldersynchronization: 'exclusion' },
    ],
    [
      { FOLDERSYNCHRONIZATION: 'inbox', SIEVE_ENABLED: '1', FOLDER_INBOX: '"--folder\\ \'INBOX\'"' },
      { foldersynchronization: 'inbox', sieve_enabled: true },
    ],
  ])('with %j is %j', (variables, input) => {
    expect(plan([stateTask(variables)])).toMatchObject([{ kind: 'create', input }]);
  });

  test('takes its schedule from CRON, from the cron file when there is none, and tells when they differ', () => {
    const edited = { cron: '0 3 * * * root syncctl start anna_a0241w' };
    expect(plan([stateTask({ CRON: '' }, edited)])).toMatchObject([
      { input: { cron: '0 3 * * *' }, remarks: [] },
    ]);
    expect(plan([stateTask({}, { cron: '*/5 * * * * root x' })])).toMatchObject([{ remarks: [] }]);
    expect(plan([stateTask({}, edited)])).toMatchObject([
      { input: { cron: '5m' }, remarks: [expect.stringMatching(/"5m" is taken/)] },
    ]);
  });

  test('goes to the mailbox of its name, or to that in --domain', () => {
    const bert = stateTask({ LOCALUSER: 'bert' }, { key: 'bert_a0241w' });
    expect(plan([bert])).toMatchObject([{ kind: 'refuse', why: expect.stringMatching(/several mailboxes/) }]);
    expect(plan([bert], { domain: 'Other.test' })).toMatchObject([
      { kind: 'create', input: { localuser: 'bert@other.test' } },
    ]);
    expect(plan([stateTask()], { domain: 'other.test' })).toMatchObject([
      { kind: 'refuse', why: 'there is no mailbox anna@other.test in mailcow' },
    ]);
  });

  test.each<[string, StateTask, RegExp]>([
    ['no password file', { key: 'anna_a0241w', env: envText() }, /no password: anna_a0241w.pwd is missing/],
    ['an empty password', stateTask({}, { password: '' }), /missing or empty/],
    ['a missing variable', stateTask({ REMOTEPORT: '', TASK_ID: '' }), /lacks TASK_ID, REMOTEPORT/],
    ['a name of another task', stateTask({}, { key: 'bert_a0241w' }), /does not fit LOCALUSER/],
    ['another security', stateTask({ SECURITY: '--nossl' }), /SECURITY is neither/],
    [
      'another deletion',
      stateTask({ DELETE_REMOTE: '--delete1older=x' }),
      /DELETE_REMOTE says is not understood/,
    ],
    [
      'both deletions',
      stateTask({ DELETE_LOCAL: '--delete2', DELETE_REMOTE: '--delete1' }),
      /delete_local with delete_remote/,
    ],
    ['a cron that is none', stateTask({ CRON: 'often' }), /cron must be/],
  ])('with %s is refused', (_what, task, why) => {
    expect(plan([task])).toMatchObject([{ kind: 'refuse', why: expect.stringMatching(why) }]);
  });

  test('that is there already is skipped; its id or its login with something else is refused', () => {
    expect(plan([stateTask()], { jobs: [job()] })).toMatchObject([{ kind: 'skip' }]);
    expect(plan([stateTask()], { jobs: [job({ user: 'other' })] })).toMatchObject([
      { kind: 'refuse', why: expect.stringMatching(/for another login \(other at imap.old.test\)/) },
    ]);
    expect(plan([stateTask()], { jobs: [job({ customParams: '--domain1=lm.other.a.m' })] })).toMatchObject([
      { kind: 'refuse', why: expect.stringMatching(/the task other is for this one already/) },
    ]);
    expect(plan([stateTask()], { jobs: [job({ customParams: '' })] })).toMatchObject([
      { kind: 'refuse', why: expect.stringMatching(/not ours/) },
    ]);
  });
});
