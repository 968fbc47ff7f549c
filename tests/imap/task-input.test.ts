/** create-task's input: ns8's words for what is wrong, a sentence for what is refused. */
import { describe, expect, test } from '@jest/globals';
import { readTask } from '../../src/imap/task-input.ts';
import { reading, taskInput } from './builders.ts';

const complaintsOn = (fields: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] => {
  const read = readTask({ ...taskInput, ...fields }, reading);
  return read.kind === 'refused' ? read.complaints.map(({ field, error }) => [field, error] as const) : [];
};

describe('a field is refused with the word of ns8', () => {
  test.each<[string, unknown, string]>([
    ['localuser', undefined, 'required'],
    ['localuser', '', 'string_gte'],
    ['localuser', 7, 'invalid_type'],
    ['remoteusername', undefined, 'required'],
    ['remoteusername', '', 'string_gte'],
    ['remoteusername', '0', 'format'],
    ['remoteusername', 'u'.repeat(256), 'format'],
    ['remotehostname', undefined, 'required'],
    ['remotehostname', '', 'format'],
    ['remotehostname', 'imap.old.test.', 'format'],
    ['remotehostname', 'im_ap.test', 'format'],
    ['remotehostname', '2001:db8::1', 'format'],
    ['remotehostname', 'bad host!!', 'format'],
    ['remotepassword', undefined, 'required'],
    ['remotepassword', 7, 'invalid_type'],
    ['remotepassword', '0', 'format'],
    ['remotepassword', 'two\nlines', 'format'],
    ['remotepassword', 'p'.repeat(256), 'format'],
    ['remoteport', undefined, 'required'],
    ['remoteport', 'imap', 'invalid_type'],
    ['remoteport', 99.5, 'invalid_type'],
    ['remoteport', 0, 'number_gte'],
    ['remoteport', 65_536, 'number_lte'],
    ['security', undefined, 'required'],
    ['security', 'starttls', 'enum'],
    ['delete_local', undefined, 'required'],
    ['delete_local', 'yes', 'invalid_type'],
    ['delete_remote', undefined, 'required'],
    ['delete_remote_older', -1, 'number_gte'],
    ['sieve_enabled', 1, 'invalid_type'],
    ['exclude', undefined, 'required'],
    ['exclude', '([', 'format'],
    ['exclude', 'a\\', 'format'],
    ['exclude', 'x'.repeat(500), 'format'],
    ['cron', undefined, 'required'],
    ['cron', '5', 'format'],
    ['cron', '0m', 'format'],
    ['cron', '731h', 'format'],
    ['cron', '1 */2 * *', 'format'],
    ['cron', '99 * * * *', 'format'],
    ['cron', '1 */2 * * * *', 'format'],
    ['foldersynchronization', undefined, 'required'],
    ['foldersynchronization', 'some', 'enum'],
    ['task_id', '', 'string_gte'],
    ['task_id', 'a-b', 'format'],
    ['task_id', 'a b', 'format'],
    ['task_id', 'x'.repeat(65), 'format'],
    ['colour', 'blue', 'additional_property_not_allowed'],
  ])('%s %j: %s', (field, value, error) => {
    expect(complaintsOn({ [field]: value })).toEqual([[field, error]]);
  });

  test('all at once', () => {
    expect(readTask({}, reading)).toMatchObject({ kind: 'refused' });
    expect(complaintsOn({ remoteport: 0, cron: 'x', localuser: '' })).toHaveLength(3);
  });

  test('and no password is repeated, also under a wrong name', () => {
    const secret = 'hunter2\nhunter2';
    const read = readTask({ ...taskInput, remotepassword: secret, password: secret }, reading);
    expect(read.kind).toBe('refused');
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });
});

describe('a combination is refused with a sentence', () => {
  const inbox = { foldersynchronization: 'inbox' };
  test.each<[string, Readonly<Record<string, unknown>>, string, string]>([
    ['inbox with delete_local', { ...inbox, delete_local: true }, 'delete_local', 'loses_mail'],
    ['both deletions', { delete_local: true, delete_remote: true }, 'delete_local', 'loses_mail'],
  ])('%s', (_what, fields, field, error) => {
    const read = readTask({ ...taskInput, ...fields }, reading);
    expect(read).toMatchObject({ kind: 'refused', complaints: [{ field, parameter: field, error }] });
    expect(read.kind === 'refused' && read.complaints[0]?.message.length).toBeGreaterThan(60);
  });
});

describe('what ns8 ignores', () => {
  test.each<[Readonly<Record<string, unknown>>, RegExp]>([
    [{ sieve_enabled: true }, /^sieve_enabled has no effect/],
    [{ delete_remote_older: 30 }, /^delete_remote_older has no effect/],
    [{ exclude: 'Junk' }, /^exclude has no effect/],
    [{ delete_local: true }, /leaves folders/],
  ])('%j is taken with a warning', (fields, sentence) => {
    const read = readTask({ ...taskInput, ...fields }, reading);
    expect(read).toMatchObject({ kind: 'read', warnings: [expect.stringMatching(sentence)] });
  });

  test('may be left out altogether', () => {
    const { delete_remote_older: _older, sieve_enabled: _sieve, task_id: _id, ...rest } = taskInput;
    expect(readTask(rest, reading)).toMatchObject({
      kind: 'read',
      warnings: [],
      input: { task: { taskId: 'new123' } },
    });
  });
});
