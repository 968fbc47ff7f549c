import { describe, expect, test } from '@jest/globals';
import {
  attributesOfTemplates,
  isMigrationTask,
  migrationTaskId,
  sourceOf,
} from '../../src/core/migration.ts';
import { isTaskId } from '../../src/imap/marker.ts';
import { person } from '../support/builders.ts';
import { migration } from '../support/builders-migration.ts';

describe('the task of a migration', () => {
  test.each(['our-school', 'a.b_c-d', 'x'.repeat(32), '-'.repeat(32)])('of %s can be marked', (owner) => {
    const id = migrationTaskId(owner);
    expect([isTaskId(id), isMigrationTask(id)]).toEqual([true, true]);
  });

  test('is another one for another owner, and no other task is one', () => {
    expect(new Set(['a-b', 'a_b', 'a.b', 'ab'].map(migrationTaskId)).size).toBe(4);
    expect(['a0241w', 'ldap'].some(isMigrationTask)).toBe(false);
  });
});

describe('templates', () => {
  const attributes = {
    uid: ['anna'],
    server: ['IMAP.Old.test'],
    two: ['a', 'b'],
    same: ['x', ' x '],
    zero: ['0'],
  };
  const entry = person('anna', { attributes, partial: ['cut'] });
  const of = (host: string, login: string): unknown => {
    const source = sourceOf(entry, 'anna@example.test', { ...migration, host, login });
    return 'problem' in source ? source.problem : `${source.login} on ${source.host}`;
  };

  test.each([
    ['{server}', '{uid}', 'anna on imap.old.test'],
    ['imap.old.test', '{mail}', 'anna@example.test on imap.old.test'],
    ['imap.old.test', '{UID}*vmail', 'anna*vmail on imap.old.test'],
    ['{uid}.old.test', '{uid}.{same}', 'anna.x on anna.old.test'],
  ])('%s with %s is %s', (host, login, expected) => {
    expect(of(host, login)).toBe(expected);
  });

  test.each([
    ['imap.old.test', '{nothing}', /has no value in nothing/],
    ['imap.old.test', '{two}', /two of .* has 2 different values/],
    ['imap.old.test', '{zero}', /the login there is empty/],
    ['{same}_y', '{uid}', /"x_y" is no server/],
  ])('%s with %s tells nothing', (host, login, expected) => {
    expect(of(host, login)).toMatch(expected);
  });

  test('a value that could not be read to its end tells nothing either', () => {
    const cut = person('b', { attributes: { uid: ['b'] }, partial: ['uid'] });
    expect(sourceOf(cut, 'b@example.test', migration)).toEqual({
      problem: expect.stringContaining('could not be read'),
    });
  });

  test('ask for their attributes, each once and in lower case', () => {
    expect(attributesOfTemplates('{Server}.test', '{uid}.{server}*{mail}')).toEqual(['server', 'uid']);
  });
});
