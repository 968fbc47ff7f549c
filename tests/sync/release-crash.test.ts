import { describe, expect, test } from '@jest/globals';
import { prepareRelease } from '../../src/sync/release.ts';
import { at, mailbox, markOf, person } from '../support/builders.ts';
import { openWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow } from '../support/memory-mailcow.ts';

const people = ['b', 'c', 'd', 'e'].map((id) => person(id));

describe('a release of one address', () => {
  test.each([1, 2])('that is cut short at call %d is not undone by the next sync', async (call) => {
    const world = openWorld(openMemoryMailcow({ mailboxes: [mailbox('a')] }));
    await world.sync([person('a'), ...people]);
    expect(world.mailcow.mailboxes.get(at('a'))?.tags).toEqual([markOf('a'), 'ldap-adopted']);
    const { apply } = await prepareRelease(world.context(), { only: new Set([at('a')]), isDry: false });
    let calls = 0;
    world.mailcow.intercept = () =>
      (calls += 1) === call ? { answer: new Error('crash'), late: true } : undefined;
    await expect(apply()).rejects.toThrow('crash');
    world.mailcow.intercept = undefined;
    const tags = world.mailcow.mailboxes.get(at('a'))?.tags;
    await world.sync();
    expect(world.mailcow.mailboxes.get(at('a'))?.tags).toEqual(tags);
  });
});
