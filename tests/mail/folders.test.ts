import { describe, expect, test } from '@jest/globals';
import type { ListResponse } from 'imapflow';
import { chooseFolders } from '../../src/mail/folders.ts';
import { returnPath } from '../../src/mail/return-path.ts';
import { uidSets } from '../../src/mail/uid-sets.ts';

const folder = (path: string, more: Partial<ListResponse> = {}): ListResponse => ({
  path,
  pathAsListed: path,
  name: path,
  delimiter: '/',
  parent: [],
  parentPath: '',
  flags: new Set(),
  listed: true,
  subscribed: true,
  ...more,
});
const chosen = (
  folders: readonly ListResponse[],
  choice: { readonly inboxOnly?: boolean; readonly exclude?: readonly string[] } = {},
): readonly string[] =>
  chooseFolders(folders, { inboxOnly: false, exclude: [], ...choice }).map(({ path }) => path);

describe('the folders of a task', () => {
  test('what others share is never among them, whatever the delimiter', () => {
    const paths = ['INBOX', 'Shared', 'Shared/ben', 'Public/x', 'Sharedx', 'My/Shared', 'shared'];
    expect(chosen(paths.map((path) => folder(path)))).toEqual(['INBOX', 'Sharedx', 'My/Shared', 'shared']);
    const dotted = ['Shared', 'Shared.ben', 'Shared/ben', 'Public.x'];
    expect(chosen(dotted.map((path) => folder(path, { delimiter: '.' })))).toEqual(['Shared/ben']);
    expect(chosen([folder('Shared', { delimiter: '' })])).toEqual([]);
  });

  test('what holds no mail is not among them', () => {
    const flagged = (path: string, flag: string): ListResponse => folder(path, { flags: new Set([flag]) });
    expect(
      chosen([
        flagged('a', String.raw`\Noselect`),
        flagged('b', String.raw`\NoSelect`),
        flagged('c', String.raw`\NonExistent`),
        flagged('d', String.raw`\HasChildren`),
      ]),
    ).toEqual(['d']);
  });

  test('exclusions match anywhere and with case, unless Perl says otherwise', () => {
    const folders = ['INBOX', 'Junk', 'junk', 'Old Junk/2020', 'Drafts'].map((path) => folder(path));
    expect(chosen(folders, { exclude: ['Junk'] })).toEqual(['INBOX', 'junk', 'Drafts']);
    expect(chosen(folders, { exclude: ['^Junk$', ''] })).toEqual([
      'INBOX',
      'junk',
      'Old Junk/2020',
      'Drafts',
    ]);
    expect(chosen(folders, { exclude: ['(?i)^junk$', 'Dr'] })).toEqual(['INBOX', 'Old Junk/2020']);
    expect(chosen(folders, { inboxOnly: true })).toEqual(['INBOX']);
    expect(chosen(folders, { inboxOnly: true, exclude: ['INBOX'] })).toEqual([]);
  });

  test('a pattern that is none is named', () => {
    expect(() => chosen([], { exclude: ['('] })).toThrow('exclude: “(” is no regular expression');
  });
});

describe('sets of UIDs', () => {
  test('are compact, ascending and without repetition', () => {
    expect(uidSets([])).toEqual([]);
    expect(uidSets([7, 3, 2, 1, 9, 8, 3])).toEqual(['1:3,7:9']);
    expect(uidSets([5])).toEqual(['5']);
  });

  test('are cut before they get long', () => {
    const every = Array.from({ length: 2000 }, (_, at) => at * 2 + 1);
    const sets = uidSets(every);
    expect(Math.max(...sets.map((set) => set.length))).toBeLessThanOrEqual(1000);
    expect(sets.join(',').split(',').map(Number)).toEqual(every);
  });
});

describe('the sender of the envelope', () => {
  test.each([
    ['Return-Path: <ann@example.net>\r\nSubject: x\r\n\r\n', 'ann@example.net'],
    ['Subject: x\nreturn-path:\n <ann@example.net>\n\n', 'ann@example.net'],
    ['Return-Path: <>\r\n\r\n', ''],
    ['Subject: x\r\n\r\nReturn-Path: <ann@example.net>\r\n', ''],
    ['Return-Path: <a b@example.net>\r\n\r\n', ''],
    ['Return-Path: <a@example.net> SIZE=1\r\n\r\n', ''],
    ['Return-Path: <ann@example.net>\r\nReturn-Path: <first@example.net>\r\n\r\n', 'ann@example.net'],
    ['', ''],
  ])('%j is <%s>', (message, sender) => {
    expect(returnPath(Buffer.from(message))).toBe(sender);
  });
});
