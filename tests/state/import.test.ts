import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { findOlder, importedFrom, importOlder } from '../../src/state/import.ts';
import { stateProblem } from '../../src/state/inspect.ts';
import { sayFound, sayImported } from '../../src/state/say-older.ts';
import { openState } from '../../src/state/state.ts';
import {
  oldPasswordHash,
  writeMyOmikronFile,
  writeTypeOrmFile,
  writeUsersFile,
} from '../support/older-files.ts';
import { digestOf, neighboursOf, stateErrorOf, temporaryFiles } from './setup.ts';

const file = temporaryFiles();

const users = [
  { email: 'Anna@example.test', active: 1 },
  { email: 'bert@example.test', active: 0 },
];
const aliases = [
  { address: 'office@example.test', goto: 'bert@example.test,Anna@example.test', active: 1 },
  { address: 'boss@example.test', goto: 'anna@example.test', active: 1 },
  { address: 'SMTP:anna@example.test', goto: 'anna@example.test', active: 1 },
];

const found = (path = file()) => {
  const older = findOlder(path);
  if (older === undefined) throw new Error('nothing was found');
  return older;
};

describe('the file of an older tool', () => {
  test('is read for the addresses, what was done to them, and where aliases led', () => {
    writeUsersFile(file(), users, aliases);
    const { older } = found();
    expect(older).toMatchObject({ tool: 'users-and-aliases', unreadable: 1 });
    expect(older.entries.map(({ id: _, ...entry }) => entry)).toEqual([
      { resource: 'mailbox', key: 'anna@example.test', active: true },
      { resource: 'mailbox', key: 'bert@example.test', active: false },
      {
        resource: 'alias',
        key: 'office@example.test',
        active: true,
        goto: ['anna@example.test', 'bert@example.test'],
      },
      { resource: 'alias', key: 'boss@example.test', active: true, goto: ['anna@example.test'] },
    ]);
    const [anna, , office, boss] = older.entries;
    expect(boss?.id).toBe(anna?.id);
    expect(office?.id).not.toBe(anna?.id);
    expect(anna?.id).toMatch(/^imported:[0-9a-f]{16}$/);
  });

  test('of rinkp in TypeScript: 2 is off', () => {
    writeTypeOrmFile(file(), [...users, { email: 'cora@example.test', active: 2 }]);
    expect(found().older.entries.map(({ active }) => active)).toEqual([true, false, false]);
  });

  test('of myOmikron, also under its own name beside ours; its passwords are not read', () => {
    const row = { uid: 'uid=anna,dc=example,dc=test', mail: 'anna@example.test', active: '1' };
    writeMyOmikronFile(file('mailcow.sqlite3'), [row]);
    const { older, path, copy } = found();
    expect([path, copy]).toEqual([file('mailcow.sqlite3'), file('mailcow.sqlite3')]);
    expect(older.entries).toMatchObject([{ key: 'anna@example.test', active: true, dn: row.uid }]);
    expect(JSON.stringify(older)).not.toContain(oldPasswordHash);
    expect(sayFound(found())).toMatch(/holds password hashes/);
    const before = digestOf(path);
    importOlder(found(), file());
    expect(digestOf(path)).toBe(before);
    expect(neighboursOf(file())).toEqual(['mailcow.sqlite3', 'state.sqlite3']);
    expect(findOlder(file())).toBeUndefined();
  });

  test('is looked at without a trace', () => {
    writeUsersFile(file(), users);
    const before = digestOf(file());
    expect(stateProblem(file())).toBeUndefined();
    expect(sayFound(found())).toMatch(
      /is the file of an older tool \(2 mailboxes and 0 aliases\): the first sync/,
    );
    expect(neighboursOf(file())).toEqual(['state.sqlite3']);
    expect(digestOf(file())).toBe(before);
  });
});

describe('importing', () => {
  test('keeps a copy that the older tool works with, and makes a state file of ours', () => {
    writeUsersFile(file(), users, aliases);
    const before = digestOf(file());
    const what = found();
    importOlder(what, file());
    expect(sayImported(what)).toContain(`kept as ${file()}.before-import`);
    expect(neighboursOf(file())).toEqual(['state.sqlite3', 'state.sqlite3.before-import']);
    expect(digestOf(`${file()}.before-import`)).toBe(before);
    expect(statSync(`${file()}.before-import`).mode & 0o777).toBe(0o600);
    const copy = new Database(`${file()}.before-import`);
    expect(copy.prepare("UPDATE users SET active = 1 WHERE email = 'bert@example.test'").run().changes).toBe(
      1,
    );
    copy.close();
    const state = openState(file());
    expect([...state.heritage().mailboxes.values()].map(({ key, active }) => [key, active])).toEqual([
      ['anna@example.test', true],
      ['bert@example.test', false],
    ]);
    expect(state.heritage().aliases.get('office@example.test')?.goto).toHaveLength(2);
    state.close();
    expect(importedFrom(file())).toBe('users-and-aliases');
    expect(findOlder(file())).toBeUndefined();
  });

  test('a second time, after the way back, overwrites no copy', () => {
    writeUsersFile(file(), users);
    importOlder(found(), file());
    copyFileSync(`${file()}.before-import`, file());
    const db = new Database(file());
    db.exec("INSERT INTO users VALUES ('new@example.test', 1, 'x')");
    db.close();
    const first = digestOf(`${file()}.before-import`);
    importOlder(found(), file());
    expect(digestOf(`${file()}.before-import`)).toBe(first);
    expect(existsSync(`${file()}.before-import-2`)).toBe(true);
  });

  test('that was cut short is done again', () => {
    writeUsersFile(file(), users);
    const what = found();
    copyFileSync(file(), `${file()}.before-import`);
    writeFileSync(`${file()}.importing`, 'half of it');
    expect(what.copy).toBe(found().copy);
    importOlder(found(), file());
    expect(neighboursOf(file())).toEqual(['state.sqlite3', 'state.sqlite3.before-import']);
    expect(importedFrom(file())).toBe('users');
  });

  test('waits for an older tool that was cut short while it wrote', () => {
    writeUsersFile(file(), users);
    writeFileSync(`${file()}-journal`, 'x');
    const before = readFileSync(file());
    expect(stateErrorOf(() => findOlder(file())).message).toMatch(/Start it once more/);
    expect(readFileSync(file()).equals(before)).toBe(true);
  });

  test('what is taken up or gone is forgotten', () => {
    writeUsersFile(file(), users, aliases);
    importOlder(found(), file());
    const state = openState(file());
    state.keepHeritage(new Set(['bert@example.test']));
    expect([...state.heritage().mailboxes.keys(), ...state.heritage().aliases.keys()]).toEqual([
      'bert@example.test',
    ]);
    state.close();
  });
});

describe('nothing is imported', () => {
  test('where there is nothing, or ours, or somebody else’s', () => {
    expect(findOlder(file())).toBeUndefined();
    openState(file()).close();
    expect([findOlder(file()), importedFrom(file())]).toEqual([undefined, undefined]);
    rmSync(file());
    const db = new Database(file());
    db.exec('CREATE TABLE users (name TEXT)');
    db.close();
    expect(findOlder(file())).toBeUndefined();
    expect(stateErrorOf(() => openState(file())).message).toMatch(/belongs to another program/);
  });

  test('and the file of an older tool is never opened as ours', () => {
    writeUsersFile(file(), users);
    const before = digestOf(file());
    stateErrorOf(() => openState(file()));
    expect(digestOf(file())).toBe(before);
  });

  test('from a file with the other name once there is one of ours', () => {
    writeMyOmikronFile(file('mailcow.sqlite3'), []);
    openState(file()).close();
    expect(findOlder(file())).toBeUndefined();
  });
});
