import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { migrations } from '../../src/state/migrations/index.ts';
import { openDatabase } from '../../src/state/database.ts';
import { stateProblem } from '../../src/state/inspect.ts';
import { openState } from '../../src/state/state.ts';
import { digestOf, neighboursOf, stateErrorOf, temporaryFiles } from './setup.ts';

const file = temporaryFiles();

const foreign = (path: string, sql: string): void => {
  const db = new Database(path);
  db.exec(sql);
  db.close();
};
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a new file', () => {
  test('is made with its directory, migrated, in WAL, and for its owner alone', () => {
    const path = file('deep/er/state.sqlite3');
    const db = openDatabase(path);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    db.exec("INSERT INTO facts VALUES ('k', '1')");
    expect(neighboursOf(path).map((name) => modeOf(`${dirname(path)}/${name}`))).toEqual(
      neighboursOf(path).map(() => 0o600),
    );
    db.close();
    expect(modeOf(path)).toBe(0o600);
  });

  test('that is there but empty is used', () => {
    writeFileSync(file(), '');
    openState(file()).close();
    expect(modeOf(file())).toBe(0o600);
  });

  test('that others could read is closed to them', () => {
    openState(file()).close();
    chmodSync(file(), 0o644);
    openState(file()).close();
    expect(modeOf(file())).toBe(0o600);
  });

  test('opened again keeps what it holds and needs no migration', () => {
    const first = openState(file());
    first.saveFacts({ owner: 'o' });
    first.close();
    const again = openState(file());
    expect(again.facts()).toEqual({ owner: 'o' });
    again.close();
    expect(neighboursOf(file())).toEqual(['state.sqlite3']);
  });
});

test('a state in memory touches no file', () => {
  const state = openState(':memory:');
  state.saveFacts({ owner: 'o' });
  expect(state.facts()).toEqual({ owner: 'o' });
  state.close();
});

describe('a file that is not ours is refused in words, and its bytes stay as they are:', () => {
  const rows: readonly (readonly [what: string, make: (path: string) => void, words: RegExp])[] = [
    [
      'text',
      (path) => {
        writeFileSync(path, 'no database at all, but long enough');
      },
      /is not an SQLite file/,
    ],
    [
      'a few bytes',
      (path) => {
        writeFileSync(path, 'x');
      },
      /is not an SQLite file/,
    ],
    [
      'a picture',
      (path) => {
        writeFileSync(path, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]));
      },
      /is not an SQLite file/,
    ],
    [
      'only the head of a database',
      (path) => {
        writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4000, 7)]));
      },
      /is damaged/,
    ],
    [
      'the file of another program',
      (path) => {
        foreign(path, 'CREATE TABLE songs (title TEXT)');
      },
      /another program \(tables songs\)/,
    ],
    [
      'a file that a newer version wrote',
      (path) => {
        openState(path).close();
        foreign(path, 'PRAGMA user_version = 99');
      },
      /newer ldap-mailcow \(schema 99/,
    ],
    [
      'ours with a damaged middle',
      (path) => {
        const state = openState(path);
        state.saveFacts({ owner: 'x'.repeat(20_000) });
        state.close();
        const bytes = readFileSync(path);
        bytes.fill(0xff, 4096 * 2, 4096 * 6);
        writeFileSync(path, bytes);
      },
      /is damaged/,
    ],
    [
      'a directory',
      (path) => {
        mkdirSync(path);
      },
      /state\.sqlite3/,
    ],
  ];

  test.each(rows)('%s', (...[, make, words]) => {
    make(file());
    const isFile = statSync(file()).isFile();
    const before = isFile ? digestOf(file()) : '';
    const neighbours = neighboursOf(file());
    const said = stateProblem(file());
    expect(neighboursOf(file())).toEqual(neighbours);
    const error = stateErrorOf(() => openState(file()));
    expect(error.message).toMatch(words);
    expect(error.message).toContain(file());
    expect(said).toBe(error.message);
    if (isFile) expect(digestOf(file())).toBe(before);
    expect(neighboursOf(file())).toEqual(neighbours);
  });

  test('the damaged ones say what to do', () => {
    writeFileSync(file(), 'no database at all, but long enough');
    expect(stateErrorOf(() => openState(file())).message).toContain('marks in mailcow');
  });

  // Once a defect (state/database.ts openDatabase): opening for writing and closing again runs a checkpoint, so that a file
  // of a newer version that died with a write-ahead log is changed and its log gone although "it was left as it is".
  test('a newer file with a write-ahead log of a program that died', () => {
    openState(file()).close();
    foreign(file(), 'PRAGMA user_version = 99');
    const writer = new Database(file());
    writer.exec("INSERT INTO facts VALUES ('k', '1')");
    const main = readFileSync(file());
    const log = readFileSync(`${file()}-wal`);
    writer.close();
    writeFileSync(file(), main);
    writeFileSync(`${file()}-wal`, log);
    stateErrorOf(() => openState(file()));
    expect(neighboursOf(file())).toContain('state.sqlite3-wal');
    expect(readFileSync(file()).equals(main)).toBe(true);
  });
});

describe('looking at a file without opening it for writing', () => {
  const bytesOf = (names: readonly string[]): readonly string[] =>
    names.map((name) => `${name} ${digestOf(file(name))}`);

  test('finds nothing wrong with a good one at rest, and leaves nothing behind', () => {
    openState(file()).close();
    const before = bytesOf(neighboursOf(file()));
    expect(stateProblem(file())).toBeUndefined();
    expect(bytesOf(neighboursOf(file()))).toEqual(before);
  });

  test('sees what only the write-ahead log of a running program holds, and leaves file and log as they are', () => {
    const daemon = openState(file());
    const writer = new Database(file());
    writer.exec('PRAGMA user_version = 99');
    const before = bytesOf(['state.sqlite3', 'state.sqlite3-wal']);
    expect(stateProblem(file())).toMatch(/newer ldap-mailcow \(schema 99/);
    expect(bytesOf(['state.sqlite3', 'state.sqlite3-wal'])).toEqual(before);
    writer.close();
    daemon.close();
  });

  test('does not wait for a write in progress', () => {
    const daemon = openState(file());
    daemon.transaction(() => {
      daemon.saveFacts({ owner: 'o' });
      expect(stateProblem(file())).toBeUndefined();
    });
    daemon.close();
  });

  test('migrates nothing: an older file is one that can be used, and stays older', () => {
    foreign(
      file(),
      'PRAGMA application_id = 0x4c4d4357; PRAGMA user_version = 0; CREATE TABLE facts (key TEXT)',
    );
    const before = digestOf(file());
    expect(stateProblem(file())).toBeUndefined();
    expect(digestOf(file())).toBe(before);
  });

  test('has nothing against an empty one, from which the first sync makes a state file', () => {
    writeFileSync(file(), '');
    expect(stateProblem(file())).toBeUndefined();
    expect(neighboursOf(file())).toEqual(['state.sqlite3']);
  });
});

test('a path under a file cannot be made', () => {
  writeFileSync(file('plain'), 'x');
  expect(stateErrorOf(() => openState(file('plain/state.sqlite3'))).message).toMatch(
    /cannot create .*LDAP_MAILCOW_DB/,
  );
});

describe('backup', () => {
  test('is a whole copy of a file in use, for its owner alone', async () => {
    const state = openState(file());
    state.saveFacts({ owner: 'o' });
    await state.backup(file('copy.sqlite3'));
    state.saveFacts({ owner: 'later' });
    state.close();
    const copy = openState(file('copy.sqlite3'));
    expect(copy.facts()).toEqual({ owner: 'o' });
    copy.close();
    expect(modeOf(file('copy.sqlite3'))).toBe(0o600);
  });

  test('overwrites nothing', async () => {
    const state = openState(file());
    writeFileSync(file('there'), 'precious');
    await expect(state.backup(file('there'))).rejects.toThrow(/exists already/);
    expect(readFileSync(file('there'), 'utf8')).toBe('precious');
    state.close();
  });
});
