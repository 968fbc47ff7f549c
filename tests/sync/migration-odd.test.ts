/** A migration in odd weather: who shares a login, what changes between two looks, what is cut short. */
import { describe, expect, test } from '@jest/globals';
import type { DirectoryEntry } from '../../src/core/model.ts';
import type { MigrationSettings } from '../../src/core/migration.ts';
import type { MigrationLogins } from '../../src/ports-migration.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { at, person, type PersonFields } from '../support/builders.ts';
import { migration } from '../support/builders-migration.ts';
import { openWorld, syncSettings, type SettingsPatch, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';
import type { StoredSyncJob } from '../support/memory-world.ts';

const somebody = (id: string, fields: PersonFields = {}): DirectoryEntry =>
  person(id, { ...fields, attributes: { uid: [id], ...fields.attributes } });
const withUid = (id: string, uid: string): DirectoryEntry => somebody(id, { attributes: { uid: [uid] } });
const one = (password: string): MigrationLogins => ({ kind: 'read', passwordOf: () => password });

type World = SyncWorld<MemoryMailcow> & {
  readonly jobWrites: () => readonly string[];
  readonly job: (name: string) => StoredSyncJob | undefined;
  readonly byHand: (name: string, fields: Partial<StoredSyncJob>) => void;
  readonly configure: (patch: Partial<MigrationSettings>, more?: SettingsPatch) => void;
};

function open(): World {
  const plain = openWorld(openMemoryMailcow(), { settings: { plan: { migration } } });
  const { mailcow } = plain;
  let seen = 0;
  let digest = 1;
  const job = (name: string): StoredSyncJob | undefined =>
    [...mailcow.syncJobs.values()].find(({ mailbox }) => mailbox === at(name));
  const world: World = Object.assign(plain, {
    migrationLogins: one('password-one'),
    job,
    jobWrites: () => {
      const fresh = mailcow.written.slice(seen).map(({ what }) => what.replace('@example.test', ''));
      seen = mailcow.written.length;
      return fresh.filter((what) => what.includes(' syncjob '));
    },
    byHand: (name: string, fields: Partial<StoredSyncJob>) => {
      const found = job(name);
      if (found !== undefined) mailcow.syncJobs.set(found.id, { ...found, ...fields });
    },
    configure: (patch: Partial<MigrationSettings>, more: SettingsPatch = {}) => {
      const plan = { ...more.plan, migration: { ...migration, ...patch } };
      world.settings = syncSettings({ ...more, configDigest: `digest-${(digest += 1)}`, plan });
    },
  });
  return world;
}

const findings = ({ plan }: SyncReport): readonly string[] =>
  plan.findings.map(({ code, subject }) => `${code} ${subject.replace('@example.test', '')}`);

const two = [somebody('a'), somebody('b')];
const many = Array.from({ length: 20 }, (_, index) => somebody(`p${index}`));

describe('one login there', () => {
  test('of two people is nobody’s', async () => {
    const world = open();
    const report = await world.sync([withUid('a', 'Same'), withUid('b', 'same'), somebody('c')]);
    expect(world.jobWrites()).toEqual(['create syncjob c']);
    expect(findings(report)).toEqual(['migration-login-shared a', 'migration-login-shared b']);
  });

  test('that somebody comes to share leaves the job of the other as it is', async () => {
    const world = open();
    await world.sync(two);
    world.jobWrites();
    const report = await world.sync([somebody('a'), withUid('b', 'a')]);
    expect(world.jobWrites()).toEqual([]);
    expect(world.job('b')?.user).toBe('b');
    expect(findings(report)).toEqual(['migration-login-shared a', 'migration-login-shared b']);
  });

  test('may be swapped', async () => {
    const world = open();
    await world.sync(two);
    world.jobWrites();
    await world.sync([withUid('a', 'b'), withUid('b', 'a')]);
    expect([world.job('a')?.user, world.job('b')?.user]).toEqual(['b', 'a']);
  });

  test('of a leaver is not a newcomer’s', async () => {
    const world = open();
    await world.sync([...two, somebody('c')]);
    world.jobWrites();
    for (const _ of [1, 2, 3]) {
      const report = await world.sync([...two, withUid('d', 'c')]);
      expect(findings(report)).toEqual(['migration-login-shared d']);
    }
    expect(world.job('d')).toBeUndefined();
  });

  test('of who is disabled is not another one’s', async () => {
    const world = open();
    await world.sync([...two, somebody('c')]);
    const report = await world.sync([...two, somebody('c', { disabled: true }), withUid('d', 'c')]);
    expect(findings(report)).toContain('migration-login-shared d');
    expect(world.job('d')).toBeUndefined();
  });
});

describe('a slip in the directory', () => {
  test('that gives everybody another login waits for an approval', async () => {
    const world = open();
    await world.sync(many);
    world.jobWrites();
    const { plan } = await world.sync(many.map(({ id }) => withUid(id, `x-${id}`)));
    expect(world.jobWrites()).toEqual([]);
    expect(plan.held).toHaveLength(20);
  });
});

describe('between two looks', () => {
  test('a job that came to its end after it was read is not half begun anew', async () => {
    const world = open();
    await world.sync(two);
    world.configure({ host: 'imap.new.test' });
    world.mailcow.intercept = (call) => {
      // While the job of `a` is written.
      if (call.startsWith('editSyncJob') && world.job('b')?.host === 'imap.old.test')
        world.byHand('b', { active: false, customParams: '--domain1=lm.ldap.tests.aD.c60m' });
      return undefined;
    };
    expect((await world.sync()).failed.map(({ change }) => change.key)).toEqual([at('b')]);
    world.mailcow.intercept = undefined;
    await world.sync();
    expect(world.job('b')).toMatchObject({ host: 'imap.new.test', active: true });
  });

  test('an id that went to somebody else’s job is not written to', async () => {
    const world = open();
    await world.sync(two);
    world.configure({ host: 'imap.new.test' });
    const id = world.job('b')?.id ?? 0;
    let isDone = false;
    world.mailcow.intercept = (call) => {
      if (!isDone && call.startsWith('editSyncJob')) {
        isDone = true;
        const was = world.mailcow.syncJobs.get(id);
        if (was)
          world.mailcow.syncJobs.set(id, {
            ...was,
            mailbox: at('z'),
            user: 'z',
            host: 'z.test',
            customParams: '',
          });
      }
      return undefined;
    };
    await world.sync();
    expect(world.mailcow.syncJobs.get(id)).toMatchObject({ user: 'z', host: 'z.test', customParams: '' });
  });
});

describe('a password', () => {
  test('that changed while we were down is written, although the job was made with the former one', async () => {
    const world = open();
    world.mailcow.intercept = (call) =>
      call.startsWith('createSyncJob') ? { answer: new Error('killed'), late: true } : undefined;
    await expect(world.sync(two)).rejects.toThrow('killed');
    world.mailcow.intercept = undefined;
    world.migrationLogins = one('password-two');
    for (const _ of [1, 2]) await world.sync(undefined, { audit: true });
    expect([world.job('a')?.password, world.job('b')?.password]).toEqual(['password-two', 'password-two']);
  });

  test('is written, and what somebody changed is still only reported', async () => {
    const world = open();
    const report = { plan: { reportDrift: true } };
    world.configure({}, report);
    await world.sync(two);
    world.byHand('a', { intervalMinutes: 5 });
    world.migrationLogins = one('password-two');
    await world.sync();
    for (const _ of [1, 2]) {
      expect(findings(await world.sync(undefined, { audit: true }))).toEqual(['drift a']);
    }
    expect(world.job('a')).toMatchObject({ intervalMinutes: 5, password: 'password-two' });
  });
});
