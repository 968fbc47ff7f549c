/** What is read from the state file by those who only look. */
import Database from 'better-sqlite3';
import { describe, expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { migrations } from '../../src/state/migrations/index.ts';
import { openState, openStateToRead } from '../../src/state/state.ts';
import { alias, group, mailbox, OWNER, row, snapshotEntry } from '../support/builders.ts';
import { ourDomain } from '../support/builders-plan.ts';
import { digestOf, neighboursOf, stateErrorOf, temporaryFiles } from './setup.ts';

const file = temporaryFiles();

describe('a state file opened to be read', () => {
  test('of an older version is brought up to date in memory and stays as it is', () => {
    const old = new Database(file());
    for (const { sql } of migrations.slice(0, 2)) old.exec(sql);
    old.pragma('application_id = 1280131927');
    old.pragma('user_version = 2');
    old.exec("INSERT INTO facts VALUES ('mailcowVersion', '\"2025-01\"')");
    old.close();
    const digest = digestOf(file());
    const state = openStateToRead(file());
    expect(state.facts().mailcowVersion).toBe('2025-01');
    expect(state.tasks()).toEqual([]);
    state.close();
    expect([neighboursOf(file()), digestOf(file())]).toEqual([['state.sqlite3'], digest]);
  });

  test('of another program is refused', () => {
    const other = new Database(file());
    other.exec('CREATE TABLE recipes (name TEXT)');
    other.close();
    expect(stateErrorOf(() => openStateToRead(file())).message).toMatch(/belongs to another program/);
  });

  test('shows what another process has written, also what is still in its log', () => {
    const writer = openState(file());
    const reader = openStateToRead(file());
    writer.saveFacts({ mailcowVersion: '2026-07a' });
    expect(reader.facts().mailcowVersion).toBe('2026-07a');
    reader.close();
    writer.close();
    rmSync(file());
  });
});

describe('what is managed', () => {
  test('is counted by kind and by what mailcow has; what belongs to a group is a list', () => {
    const state = openState(':memory:');
    const staff = group('staff');
    state.save({
      snapshot: { put: [snapshotEntry(staff, { kind: 'group' })], drop: [] },
      domains: {
        put: [ourDomain('example.test'), { ...ourDomain('other.test'), description: '' }],
        drop: [],
      },
      mailboxes: { put: [mailbox('anna'), mailbox('ben', { active: 0 }), mailbox('stranger')], drop: [] },
      aliases: { put: [alias('a', 'anna'), alias('staff', 'anna', { active: 0 })], drop: [] },
      ledgerMailboxes: {
        put: ['anna', 'ben', 'gone'].map((name) => row('mailbox', name, { directoryId: name })),
        drop: [],
      },
      ledgerAliases: {
        put: [row('alias', 'a', { directoryId: 'anna' }), row('alias', 'staff', { directoryId: staff.id })],
        drop: [],
      },
    });
    expect(state.countManaged(OWNER)).toEqual({
      mailboxes: { active: 1, inactive: 1, absent: 1 },
      aliases: { active: 1, inactive: 0, absent: 0 },
      lists: { active: 0, inactive: 1, absent: 0 },
      domains: 1,
      syncJobs: 0,
    });
  });
});
