/** The pure parts of the runner: who is due, what the log looks like, which folders and messages are meant. */
import { describe, expect, test } from '@jest/globals';
import type { ListResponse } from 'imapflow';
import { dueJobs } from '../support/mailcow-runner/due.ts';
import { exitOf, readExit, renderExit, type ErrorKind } from '../support/mailcow-runner/exits.ts';
import { chooseFolders, nameThere } from '../support/mailcow-runner/folders.ts';
import {
  renderBytes,
  renderCopied,
  renderErrors,
  renderFolder,
  renderMoment,
  renderStatistics,
} from '../support/mailcow-runner/log.ts';
import { identityOf, indexOf, type Message } from '../support/mailcow-runner/messages.ts';
import { commandOf } from '../support/mailcow-runner/command.ts';
import { parseOptions } from '../support/mailcow-runner/options.ts';
import { matcherOf } from '../support/mailcow-runner/patterns.ts';
import { noTally } from '../support/mailcow-runner/session.ts';
import { jobRow } from './rows.ts';

test('due is what is active, rests, and has waited longer than its interval; who never ran comes first', () => {
  const minutesAgo: Readonly<Record<string, number>> = { '11:00': 20, '11:10': 10, '11:15': 5, '11:16': 4 };
  const rows = [
    jobRow({ id: 1, lastRun: '11:10' }),
    jobRow({ id: 2, lastRun: '11:00' }),
    jobRow({ id: 3 }),
    jobRow({ id: 4, active: 0 }),
    jobRow({ id: 5, isRunning: 1 }),
    jobRow({ id: 6, lastRun: '11:15' }),
    jobRow({ id: 7, lastRun: '11:16' }),
    jobRow({ id: 8 }),
  ];
  const due = dueJobs(rows, {
    elapsedMs: ({ lastRun }) => (minutesAgo[lastRun ?? ''] ?? 0) * 60_000,
    minuteMs: 60_000,
  });
  expect(due.map(({ id }) => id)).toEqual([3, 8, 2, 1]);
});

describe('the log', () => {
  test('has a line with both UIDs for each copy', () => {
    const line = renderCopied({
      from: { folder: 'INBOX', uid: 62_414 },
      to: { folder: 'INBOX', uid: 6_111 },
      size: 10_311,
      total: { messages: 1_130, bytes: 40_150_958, seconds: 1_000 },
    });
    expect(line).toBe(
      'msg INBOX/62414 {10311}       copied to INBOX/6111       1.13 msgs/s  39.210 KiB/s 38.291 MiB copied',
    );
  });

  test('pads the names of folders', () => {
    expect(renderFolder({ number: 1, of: 2, from: 'INBOX', to: 'INBOX' })).toBe(
      'Folder     1/2 [INBOX]                             -> [INBOX]                            ',
    );
  });

  test.each([
    [0, '0.000 KiB'],
    [123_456, '120.563 KiB'],
    [40_150_958, '38.291 MiB'],
    [12_288_619_438, '11.445 GiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(renderBytes(bytes)).toBe(text);
  });

  test.each([
    ['2023-01-16T21:13:26Z', 'Monday 16 January 2023-01-16 21:13:26 +0000 UTC'],
    ['2022-02-02T08:11:18Z', 'Wednesday  2 February 2022-02-02 08:11:18 +0000 UTC'],
  ])('%s is %s', (moment, text) => {
    expect(renderMoment(new Date(moment))).toBe(text);
  });

  test('ends with statistics', () => {
    const at = new Date('2026-11-20T11:00:00Z');
    const of = { ...noTally(), started: at, ended: at, seconds: 9_002.3, transferred: 1_885, errors: 0 };
    expect(renderStatistics({ ...of, folders: 5, foldersDone: 5 })).toEqual(
      expect.arrayContaining([
        '++++ Statistics',
        'Transfer started on                     : Friday 20 November 2026-11-20 11:00:00 +0000 UTC',
        'Transfer time                           : 9002.3 sec',
        'Folders synced                          : 5/5 synced',
        'Messages transferred                    : 1885 ',
        'Messages found in host1 not in host2    : 0 messages',
        'Total bytes transferred                 : 0 (0.000 KiB)',
        'Message rate                            : 0.2 messages/s',
        'Detected 0 errors',
      ]),
    );
  });

  test('says why and how it ended, and mailcow reads that', () => {
    const errors = (['ERR_APPEND', 'ERR_OVERQUOTA', 'ERR_OVERQUOTA'] as const).map((kind) => ({
      kind,
      text: kind,
    }));
    expect(renderErrors(errors)).toEqual([
      '++++ Listing 3 errors encountered during the sync ( avoid this listing with --noerrorsdump ).',
      'Err 1/3: ERR_APPEND',
      'Err 2/3: ERR_OVERQUOTA',
      'Err 3/3: ERR_OVERQUOTA',
      'The most frequent error is ERR_OVERQUOTA. ',
    ]);
    expect(renderErrors([])).toEqual([]);
    const many = Array.from({ length: 50 }, () => ({ kind: 'ERR_APPEND' as const, text: '' }));
    expect(renderErrors(many).at(-1)).toMatch(/^Maximum number of errors 50 reached \(.*\)\. Exiting\.$/);
    const [good, bad] = [exitOf([]), exitOf(errors)].map((exit) =>
      renderExit({ exit, errors: 0, pid: 9_937 }),
    );
    expect([good, bad]).toEqual([
      'Exiting with return value 0 (EX_OK: successful termination) 0/50 nb_errors/max_errors PID 9937',
      'Exiting with return value 113 (EXIT_OVERQUOTA) 0/50 nb_errors/max_errors PID 9937',
    ]);
    expect(readExit(good ?? '')).toEqual({ success: 1, exitStatus: 'EX_OK' });
    expect(readExit(bad ?? '')).toEqual({ success: 0, exitStatus: 'EXIT_OVERQUOTA' });
    expect(readExit('Unknown option: x\n')).toEqual({ success: 0, exitStatus: null });
  });

  test.each<[readonly ErrorKind[], string]>([
    [['ERR_APPEND'], 'EXIT_ERR_APPEND'],
    [['ERR_AUTHENTICATION_FAILURE_USER1'], 'EXIT_AUTHENTICATION_FAILURE_USER1'],
    [['ERR_CONNECTION_FAILURE_HOST1', 'ERR_AUTHENTICATION_FAILURE_USER2'], 'EXIT_CONNECTION_FAILURE_HOST1'],
  ])('%j ends with %s', (kinds, exit) => {
    expect(exitOf(kinds.map((kind) => ({ kind, text: '' })))).toBe(exit);
  });
});

describe('exclude', () => {
  test.each([
    [
      '^Shared(\\/.*)?$|^Public(\\/.*)?$',
      ['Shared', 'Shared/x', 'Public/y'],
      ['Shareds', 'x/Shared', 'public'],
    ],
    ['Junk', ['Junk', 'x/Junk mail'], ['junk']],
    ['(?i)spam|(?i)junk', ['SPAM', 'junk'], ['Sent']],
    ['Spam|(?i)junk|trash', ['Spam', 'JUNK', 'TRASH'], ['spam']],
    ['^(a|b)[|]c$', ['a|c', 'b|c'], ['a', 'c']],
  ])('%s', (pattern, matching, others) => {
    const matches = matcherOf(pattern);
    expect([...matching, ...others].filter(matches)).toEqual(matching);
  });

  test('what Perl alone knows is no pattern here', () => {
    expect(() => matcherOf('a(?i)b')).toThrow(/Invalid/);
  });
});

describe('folders', () => {
  const folder = (path: string, flags: readonly string[] = []): ListResponse => ({
    path,
    pathAsListed: path,
    name: path,
    delimiter: '/',
    parent: [],
    parentPath: '',
    flags: new Set(flags),
    listed: true,
    subscribed: true,
  });
  const all = [folder('Sent'), folder('INBOX'), folder('Archive', ['\\Noselect']), folder('Archive/2024')];
  const chosen = (customParams: string, exclude = ''): readonly string[] => {
    const options = parseOptions(commandOf(jobRow({ customParams, exclude }), 'm'));
    if (typeof options === 'string') throw new Error(options);
    return chooseFolders(all, options).map(({ path }) => path);
  };

  test('are all that can be opened, by name, less those excluded', () => {
    expect(chosen('')).toEqual(['Archive/2024', 'INBOX', 'Sent']);
    expect(chosen('', '^Archive')).toEqual(['INBOX', 'Sent']);
    expect(chosen('--folder=INBOX')).toEqual(['INBOX']);
    expect(chosen('--folderrec=Archive --include=^S')).toEqual(['Archive/2024', 'Sent']);
  });

  test.each([
    ['INBOX', 'INBOX'],
    ['inbox', 'INBOX'],
    ['INBOX.Sent.2024', 'Sent/2024'],
    ['INBOX.a/b', 'a.b'],
  ])('%s of a server with the prefix INBOX. is %s here', (path, there) => {
    const trees = { from: { prefix: 'INBOX.', separator: '.' }, to: { prefix: '', separator: '/' } };
    expect(nameThere(path, trees)).toBe(there);
  });
});

describe('messages', () => {
  test('are the same by Message-Id and Received, whatever their case and order', () => {
    const one = identityOf('Message-ID: <a@b>\r\nReceived: from x\r\n\tby y\r\nReceived: from z\r\n\r\n');
    const other = identityOf('received: from z\r\nReceived: from x\tby y\r\nMESSAGE-ID: <A@B>\r\n');
    expect(one).toBe(other);
    expect(one).not.toBe(identityOf('Message-ID: <a@b>\r\n'));
    expect(identityOf('Subject: none\r\n')).toBe('');
  });

  test('the first of each counts, the others are duplicates', () => {
    const message = (uid: number, key?: string): Message => ({
      ...{ uid, key, flags: [], internalDate: undefined, size: 1, isHeaderless: false },
    });
    const { byKey, duplicates, unknown } = indexOf([
      message(1, 'a'),
      message(2, 'b'),
      message(3, 'a'),
      message(4),
    ]);
    expect([...byKey].map(([key, { uid }]) => [key, uid])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect([duplicates.map(({ uid }) => uid), unknown]).toEqual([[3], 1]);
  });
});
