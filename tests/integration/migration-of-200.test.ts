/**
 * 200 people with 50 mails each move from one real Dovecot to the other by the declarative way, while the daemon is
 * killed three times: nothing lost, nothing doubled, and what is said of it right.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvSettings } from '../sandbox/env-file.ts';
import { mailOwner } from '../support/dovecot-config.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { homeOf } from '../support/mail-server-config.ts';
import { startRunner } from '../support/mailcow-runner/runner.ts';
import type { SyncJobRow } from '../support/mailcow/rows.ts';
import { eventually, withWorld } from './world.ts';

const people = Array.from({ length: 200 }, (_none, index) => `person${String(index + 1).padStart(3, '0')}`);
const addressOf = (uid: string): string => `${uid}@example.test`;
const oldMaster = { user: 'vmail', password: 'never-shown-vmail-4711' };
const ownMaster = { user: 'master@mailcow.local', password: 'never-shown-master-4711' };

/** Folders there, as Maildir++ names them, with how many mails; 50 in all. */
const folders: readonly (readonly [name: string, count: number])[] = [
  ['', 30],
  ['.Sent', 12],
  ['.Projects.2019', 8],
];

const base = `dn: dc=example,dc=test
objectClass: dcObject
objectClass: organization
o: Example
dc: example

`;

const directory =
  base +
  people
    .map(
      (uid) =>
        `dn: uid=${uid},dc=example,dc=test\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${addressOf(uid)}\n`,
    )
    .join('\n');

const servers: { old?: MailServer; own?: MailServer } = {};
function started(server: MailServer | undefined): MailServer {
  if (server === undefined) throw new Error('not started');
  return server;
}
const old = (): MailServer => started(servers.old);
const own = (): MailServer => started(servers.own);

const [uid = 0, gid = 0] = mailOwner().split(':').map(Number);

function make(path: string): void {
  mkdirSync(path, { recursive: true });
  chownSync(path, uid, gid);
}

function fill(person: string): void {
  const home = homeOf(old().folder, person);
  make(home);
  make(join(home, 'Maildir'));
  for (const [name, count] of folders) {
    const folder = join(home, 'Maildir', name);
    for (const path of [folder, ...['cur', 'new', 'tmp'].map((part) => join(folder, part))]) make(path);
    for (let index = 0; index < count; index += 1) {
      const id = `${person}${name}.${index}`;
      const path = join(folder, 'cur', `1700000000.${id}.test:2,${index % 2 === 0 ? 'S' : ''}`);
      writeFileSync(
        path,
        `From: a@example.net\r\nTo: ${person}\r\nSubject: Mail ${id}\r\nMessage-ID: <${id}@old.test>\r\nDate: Fri, 2 Jan 2026 03:04:05 +0000\r\n\r\nMail number ${id}.\r\n`,
      );
      chownSync(path, uid, gid);
    }
  }
}

/** What lies in a mailbox, by folder: Message-IDs and whether it was read, sorted. */
function contentOf(home: string): readonly string[] {
  const root = join(home, 'Maildir');
  const found = [
    '',
    ...readdirSync(root).filter((name) => name.startsWith('.') && statSync(join(root, name)).isDirectory()),
  ];
  return found
    .flatMap((name) =>
      ['cur', 'new'].flatMap((part) =>
        readdirSync(join(root, name, part)).map((file) => {
          const [, id = ''] =
            /^Message-ID: <(.*)>/im.exec(readFileSync(join(root, name, part, file), 'utf8')) ?? [];
          return `${name} ${id} ${/:2,[^:]*S/.test(file) ? 'read' : 'unread'}`;
        }),
      ),
    )
    .sort();
}

beforeAll(async () => {
  const password = 'never-shown-person-4711';
  [servers.old, servers.own] = await Promise.all([
    startMailServer({ users: Object.fromEntries(people.map((name) => [name, password])), master: oldMaster }),
    startMailServer({
      users: Object.fromEntries(people.map((name) => [addressOf(name), password])),
      master: ownMaster,
    }),
  ]);
  people.forEach(fill);
}, 120_000);
afterAll(async () => {
  await servers.old?.close();
  await servers.own?.close();
}, 120_000);

type Progress = {
  readonly totals: { readonly people: number; readonly done: number; readonly messages: number };
};

test('all mail of all people arrives once', async () => {
  await withWorld({ ldif: [], text: directory }, async (world) => {
    const settings: EnvSettings = {
      LDAP_FILTER: '(objectClass=inetOrgPerson)',
      API_QUOTA: '100',
      SYNC_INTERVAL: '2',
      GRACE_SPACING: '0',
      OWNER: 'old-school',
      IMAPSYNC_HOST: '127.0.0.1',
      IMAPSYNC_PORT: String(old().imapPort),
      IMAPSYNC_SECURITY: 'none',
      IMAPSYNC_USER: '{uid}*vmail',
      IMAPSYNC_PASSWORD: oldMaster.password,
      IMAPSYNC_INTERVAL: '1',
      IMAPSYNC_POLL: '1',
    };
    const jobs = (): readonly SyncJobRow[] => [...world.mailcow.store.tables.syncJobs.values()];
    const done = (): number => jobs().filter(({ customParams }) => customParams.includes('.aD.')).length;
    const ran = (): number => jobs().filter(({ lastRun }) => lastRun !== null).length;
    const holder = { daemon: world.start(['run'], settings) };
    const killAt = async (what: string, isSo: () => boolean): Promise<void> => {
      await eventually(what, isSo, 400_000).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${holder.daemon.stderr().slice(-3000)}`);
      });
      holder.daemon.child.kill('SIGKILL');
      await holder.daemon.ended;
      holder.daemon = world.start(['run'], settings);
    };
    await killAt('some jobs are made', () => jobs().length > 40);
    const runner = startRunner({
      store: world.mailcow.store.tables,
      local: {
        host: '127.0.0.1',
        port: own().imapPort,
        masterUser: ownMaster.user,
        masterPassword: ownMaster.password,
      },
      roundMs: 50,
      minuteMs: 300,
    });
    try {
      await killAt(
        'half of them have run',
        () => jobs().length === people.length && ran() > people.length / 2,
      );
      await killAt('some have come to their end', () => done() > 20);
      await eventually('all have come to their end', () => done() === people.length, 600_000);
    } finally {
      await runner.stop();
    }
    for (const person of people) {
      const wanted = contentOf(homeOf(old().folder, person));
      expect(wanted).toHaveLength(50);
      expect(contentOf(homeOf(own().folder, addressOf(person)))).toEqual(wanted);
    }
    expect(jobs()).toHaveLength(people.length);
    expect(jobs().filter(({ active }) => active !== 0)).toEqual([]);
    const { stdout, code } = await world.run(['imapsync', 'progress', '--json'], settings);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Progress).totals).toMatchObject({
      people: people.length,
      done: people.length,
      messages: people.length * 50,
    });
    expect(world.output() + world.stateBytes()).not.toContain('never-shown');
  });
}, 1_200_000);
