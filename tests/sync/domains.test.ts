/** Mail domains of the directory, over a mailcow in memory. */
import { describe, expect, test } from '@jest/globals';
import type { SyncReport } from '../../src/sync/report.ts';
import { planSync } from '../../src/sync.ts';
import { brief, domain, markOf, person } from '../support/builders.ts';
import { managedDomains } from '../support/builders-plan.ts';
import { openWorld, syncSettings, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const settings = { plan: { domains: managedDomains, newQuotaMiB: undefined } };
const open = (): World => openWorld(openMemoryMailcow({ domains: [domain('old.test')] }), { settings });
const did = (report: SyncReport): readonly string[] => report.done.map(brief);
const pupils = ['a', 'b'].map((id) =>
  person(id, { mail: `${id}@school.test`, aliases: [`${id}x@school.test`] }),
);

describe('domains of the directory (LDAP_MAILCOW_MANAGE_DOMAINS)', () => {
  test('come with their mailboxes and aliases in one sync, marked, and the second writes nothing', async () => {
    const world = open();
    const report = await world.sync(pupils);
    expect(report.failed).toEqual([]);
    expect(did(report)[0]).toMatch(/^create domain school\.test /);
    expect(report.done).toHaveLength(5);
    expect(world.mailcow.domains.get('school.test')).toMatchObject({
      description: markOf('domain'),
      maxMailboxes: 100,
      quotaMiB: 10_240,
    });
    expect(did(await world.sync())).toEqual([]);
    expect(did(await world.sync(undefined, { audit: true }))).toEqual([]);
  });

  test('that mailcow refuses take what is in them along', async () => {
    const world = open();
    world.mailcow.intercept = (call) =>
      call.startsWith('createDomain')
        ? { answer: { kind: 'refused', words: [{ word: 'domain_invalid', args: [] }] } }
        : undefined;
    const report = await world.sync(pupils);
    expect(did(report)).toEqual([]);
    expect(report.failed).toHaveLength(5);
    world.mailcow.intercept = undefined;
    expect((await world.sync(undefined, { minutes: 60 })).done).toHaveLength(5);
  });

  test.each([true, false])('are there after a crash in their creation (carried out: %s)', async (late) => {
    const world = open();
    world.mailcow.intercept = (call) =>
      call.startsWith('createDomain') ? { answer: new Error('connection refused'), late } : undefined;
    await expect(world.sync(pupils)).rejects.toThrow('connection refused');
    world.mailcow.intercept = undefined;
    await world.sync();
    expect(world.mailcow.domains.has('school.test')).toBe(true);
    expect(world.mailcow.mailboxes.size).toBe(2);
    expect(did(await world.sync())).toEqual([]);
  });

  test('follow changed settings by one edit', async () => {
    const world = open();
    await world.sync(pupils);
    world.settings = syncSettings({
      ...settings,
      plan: { ...settings.plan, domains: { ...managedDomains, mailboxes: 50 } },
      configDigest: 'new',
    });
    const { plan } = await planSync(world.context());
    expect(plan.changes.map(({ resource, after }) => [resource, after])).toEqual([
      ['domain', { maxMailboxes: 50 }],
    ]);
    expect(await world.sync()).toMatchObject({ failed: [] });
    expect(world.mailcow.domains.get('school.test')?.maxMailboxes).toBe(50);
    expect(did(await world.sync())).toEqual([]);
  });
});
