/** `status` says from the state file alone how it goes. */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunKind, RunOutcome, State } from '../../src/ports-state.ts';
import { openState } from '../../src/state/state.ts';
import { digestOf } from '../state/setup.ts';
import { change } from '../support/builders.ts';
import { envFile, run, temporaryFolder } from './program.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const db = join(folder.path, 'state.sqlite3');

/** Nobody is there: a command that asked anybody would fail. */
const settings = (more: Readonly<Record<string, string>> = {}): string =>
  envFile(folder.path, {
    LDAP_URI: 'ldap://127.0.0.1:1',
    LDAP_BASE_DN: 'dc=example,dc=test',
    LDAP_BIND_DN: 'cn=sync,dc=example,dc=test',
    LDAP_BIND_DN_PASSWORD: 'a-password-that-nobody-may-see',
    API_HOST: 'http://127.0.0.1:1',
    API_KEY: 'AAAAAA-BBBBBB',
    DB: db,
    ...more,
  });

const MINUTE = 60_000;
const ago = (minutes: number): string => new Date(Date.now() - minutes * MINUTE).toISOString();

type Ran = {
  readonly minutesAgo: number;
  readonly kind?: RunKind;
  readonly outcome?: RunOutcome;
  readonly counts?: Record<string, number>;
};

function ran(state: State, { minutesAgo, kind = 'sync', outcome, counts = {} }: Ran): void {
  const id = `run-${minutesAgo}`;
  const startedAt = ago(minutesAgo);
  state.beginRun({ id, kind, startedAt });
  if (outcome === undefined) return;
  const endedAt = new Date(Date.parse(startedAt) + 400).toISOString();
  state.endRun({ id, endedAt, outcome, counts, message: outcome === 'failed' ? 'mailcow is down' : '' });
}

function write(runs: readonly Ran[], more: (state: State) => void = () => undefined): void {
  const state = openState(db);
  for (const one of runs) ran(state, one);
  more(state);
  state.close();
}

const status = (...args: readonly string[]): ReturnType<typeof run> =>
  run('status', '--env', settings(), ...args);

beforeEach(() => {
  for (const name of readdirSync(folder.path)) rmSync(join(folder.path, name));
});

describe('status', () => {
  test('of a state file that is not there says so, makes none and ends with 1', async () => {
    const { code, out } = await status();
    expect({ code, out }).toEqual({ code: 1, out: `No sync yet: there is no state file at ${db}.\n` });
    expect(existsSync(db)).toBe(false);
  });

  test('after a good sync says what was done, and ends with 0', async () => {
    write([
      { minutesAgo: 2, outcome: 'done', counts: { 'create mailbox': 3, 'update alias': 1, findings: 2 } },
    ]);
    const { code, out } = await status();
    expect(code).toBe(0);
    expect(out).toMatch(/^All is well\.$/m);
    expect(out).toMatch(/run-2 {2}sync: done in 0\.4 s; 3 mailboxes created; 1 alias updated$/m);
    expect(out).toMatch(/^Next sync: .* \(in 3 min\), when the daemon runs$/m);
  });

  test('leaves the file and its folder as they are', async () => {
    write([{ minutesAgo: 2, outcome: 'done' }]);
    const env = settings();
    const [names, digest] = [readdirSync(folder.path), digestOf(db)];
    expect((await run('status', '--env', env)).code).toBe(0);
    expect([readdirSync(folder.path), digestOf(db)]).toEqual([names, digest]);
  });

  test('works while somebody else writes the file', async () => {
    write([{ minutesAgo: 3, outcome: 'done' }]);
    const daemon = new Database(db);
    daemon.exec("BEGIN IMMEDIATE; UPDATE runs SET outcome = 'failed'");
    const { code, out } = await status();
    daemon.exec('ROLLBACK');
    daemon.close();
    expect(code).toBe(0);
    expect(out).toContain('run-3');
  });

  test.each([
    ['failed', 1, 'Not well: the last sync failed.'],
    ['incomplete', 1, 'Not well: the last sync failed.'],
    ['stopped', 0, 'All is well.'],
    ['changes-failed', 0, 'All is well.'],
  ] as const)('after one that was %s ends with %d', async (outcome, code, head) => {
    write([
      { minutesAgo: 6, outcome: 'done' },
      { minutesAgo: 1, outcome },
    ]);
    const said = await status();
    expect(said.out.split('\n')[0]).toBe(head);
    expect(said.code).toBe(code);
  });

  test('counts failures in a row, says why, and when the daemon tries again', async () => {
    write([
      { minutesAgo: 6, outcome: 'failed' },
      { minutesAgo: 5, outcome: 'done' },
      { minutesAgo: 3, outcome: 'failed' },
      { minutesAgo: 2, outcome: 'incomplete' },
      { minutesAgo: 1, outcome: 'failed' },
    ]);
    const { out } = await status();
    expect(out).toMatch(/^Not well: the last sync failed \(3 times in a row\)\.$/m);
    expect(out).toMatch(/run-1 {2}sync: failed in 0\.4 s; mailcow is down$/m);
    expect(out).toMatch(/^Next sync: .* \(in 1 min\)/m);
  });

  test('a command in between is no sync: it neither ends failures nor is one', async () => {
    write([
      { minutesAgo: 8, outcome: 'done' },
      { minutesAgo: 3, outcome: 'failed' },
      { minutesAgo: 1, kind: 'undo', outcome: 'done' },
    ]);
    expect(JSON.parse((await status('--json')).out)).toMatchObject({ whyNot: 'the last sync failed' });
    rmSync(db);
    write([
      { minutesAgo: 3, outcome: 'done' },
      { minutesAgo: 1, kind: 'undo', outcome: 'failed' },
    ]);
    expect(JSON.parse((await status('--json')).out)).toMatchObject({ health: 'good', whyNot: null });
  });

  test('when mailcow refuses us the next try comes after the interval and more', async () => {
    write([
      { minutesAgo: 9, outcome: 'failed', counts: { refused: 1 } },
      { minutesAgo: 1, outcome: 'failed', counts: { refused: 1 } },
    ]);
    expect((await status()).out).toMatch(/^Next sync: .* \(in 9 min\)/m);
  });

  test('a good sync older than three intervals ends with 1, and the daemon is asked after', async () => {
    write([{ minutesAgo: 16, outcome: 'done' }]);
    const { code, out } = await status();
    expect(code).toBe(1);
    expect(out).toMatch(/^Not well: the last good sync is older than three intervals\.$/m);
    expect(out).toMatch(/^The daemon has not synced since .*: the next sync was due at .* Is it running\?$/m);
  });

  test('by a schedule the next time counts that the schedule names', async () => {
    write([{ minutesAgo: 1, outcome: 'done' }]);
    const env = settings({ SYNC_SCHEDULE: '0 3 * * *' });
    const { code, out } = await run('status', '--env', env);
    expect(code).toBe(0);
    expect(out).toMatch(/^Next sync: .* 03:00:00 /m);
  });

  test('a sync that is at work is no failure', async () => {
    write([{ minutesAgo: 40, outcome: 'done' }, { minutesAgo: 20 }]);
    const { code, out } = await status();
    expect(code).toBe(0);
    expect(out).toMatch(/run-20 {2}sync: running, or killed if nothing is at work$/m);
  });

  test('held changes are counted by their reasons, with the command to type, and end with 3', async () => {
    write([{ minutesAgo: 1, outcome: 'held' }], (state) => {
      const why = 'would take away 4 of 12 managed mailboxes; 2 at once are allowed';
      const held = ['a', 'b'].map((name) => ({
        change: change(`deactivate mailbox ${name}`),
        why,
      }));
      state.replaceHolds({ id: 'c187c6ad', held });
    });
    const { code, out } = await status();
    expect(code).toBe(3);
    expect(out).toContain('2 changes held back\n  2: would take away 4 of 12 managed mailboxes');
    expect(out).toContain('then: ldap-mailcow approve c187c6ad');
  });

  test('--json has all of it as data', async () => {
    write([{ minutesAgo: 1, outcome: 'done', counts: { 'adopt mailbox': 1 } }], (state) => {
      const finding = { code: 'no-address', subject: 'uid=a', message: 'm', since: ago(1) };
      state.replaceFindings([finding, { ...finding, subject: 'uid=b' }]);
      state.saveFacts({ mailcowVersion: '2026-07a', lastAuditAt: ago(1) });
    });
    const { code, out } = await status('--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      health: 'good',
      lastSyncs: [{ run: 'run-1', outcome: 'done', done: ['1 mailbox adopted'], durationMs: 400 }],
      findings: { 'no-address': 2 },
      holds: null,
      mailcowVersion: '2026-07a',
      managed: { mailboxes: { active: 0, inactive: 0, absent: 0 }, domains: 0 },
      imapTasks: { count: 0 },
    });
    expect(out).not.toContain('a-password-that-nobody-may-see');
  });
});
