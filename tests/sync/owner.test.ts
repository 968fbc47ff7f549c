/** LDAP_MAILCOW_OWNER comes, changes and goes (4.5). */
import { describe, expect, test } from '@jest/globals';
import { planSync } from '../../src/sync.ts';
import type { SyncReport } from '../../src/sync/report.ts';
import { at, brief, briefFinding, person } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const open = (owner: string | undefined): World => openWorld(openMemoryMailcow(), { settings: { owner } });

/** A start with another configuration, which also changes its digest. */
const restartAs = (world: World, owner: string | undefined): void => {
  world.settings = { ...world.settings, owner, configDigest: `owner ${owner ?? 'unset'}` };
};

const did = (report: SyncReport): readonly string[] => report.done.map(brief);
const sentences = ({ plan }: Pick<SyncReport, 'plan'>): readonly string[] =>
  plan.findings.filter(({ code }) => code === 'owner-changed').map(({ message }) => message);
const marksOn = (world: World, address: string): readonly string[] =>
  (world.mailcow.mailboxes.get(at(address))?.tags ?? []).map((tag) => tag.split(':')[1] ?? '');

const people = [person('a', { aliases: ['x'] }), person('b')];
const changed = [person('a', { aliases: ['x'], name: 'New' }), person('b')];

describe('the default owner', () => {
  test('is back when a configured one is unset, and what bears it is managed as before', async () => {
    const world = open(undefined);
    await world.sync(people);
    expect(marksOn(world, 'a')).toEqual(['derived']);
    restartAs(world, 'school');
    expect(did(await world.sync(changed))).toEqual([]);
    restartAs(world, undefined);
    const report = await world.sync(changed);
    expect(did(report)).toEqual(['update mailbox a name=A->New']);
    expect(report.plan.findings.map(briefFinding)).toEqual([]);
  });

  test('stays that of the first start, though another was configured then and the base DN has moved', async () => {
    const world = open('school');
    await world.sync(people);
    world.settings = { ...world.settings, derivedOwner: 'moved' };
    restartAs(world, undefined);
    await world.sync([...people, person('n')]);
    expect(marksOn(world, 'n')).toEqual(['derived']);
  });

  test('is the name in use for a file that did not keep both', async () => {
    const world = open('school');
    await world.sync(people);
    const { owner: _default, ownersUsed: _used, ...facts } = world.state.facts();
    const old = open(undefined);
    old.state.saveFacts({ ...facts, owner: 'school' });
    await old.sync(people);
    expect(marksOn(old, 'a')).toEqual(['school']);
  });
});

describe('an owner that changed', () => {
  test.each([
    ['set', undefined, 'school', 'derived', 'school'],
    ['unset', 'school', undefined, 'school', 'derived'],
    ['changed', 'school', 'college', 'school', 'college'],
  ])('by being %s is a finding with both names and what to set', async (_how, before, after, was, is) => {
    const world = open(before);
    await world.sync(people);
    restartAs(world, after);
    const expected = [
      `3 mailboxes and aliases bear the mark of "${was}", as which this program ran before; now it runs as "${is}" and never touches them. To go on with them set LDAP_MAILCOW_OWNER=${was}; to hand them to "${is}", take these marks away in mailcow, then they are adopted`,
    ];
    expect(sentences(await planSync(world.context()))).toEqual(expected);
    const report = await world.sync(changed);
    expect({ did: did(report), sentences: sentences(report) }).toEqual({ did: [], sentences: expected });
    expect(sentences(await world.sync(changed))).toEqual(expected);
    restartAs(world, was);
    const back = await world.sync(changed);
    expect({ did: did(back), sentences: sentences(back) }).toEqual({
      did: ['update mailbox a name=A->New'],
      sentences: [],
    });
  });

  test('is none where another installation has a name of its own', async () => {
    const world = open('school');
    await world.sync(people);
    const other = openWorld(world.mailcow, { settings: { owner: 'college' } });
    const report = await other.sync(people);
    expect(report.plan.findings.map(({ code }) => code)).not.toContain('owner-changed');
    expect(report.plan.findings.map(({ code }) => code)).toContain('foreign-owner');
  });
});
