import { describe, expect, test } from '@jest/globals';
import { prepareRelease } from '../../src/sync/release.ts';
import { at, mailbox, markOf, person } from '../support/builders.ts';
import { openWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow } from '../support/memory-mailcow.ts';

const people = ['b', 'c', 'd', 'e'].map((id) => person(id));

describe('a release with what another owner has by now', () => {
  test('leaves its marks', async () => {
    const world = openWorld(openMemoryMailcow());
    await world.sync([person('a', { aliases: ['x'] }), ...people]);
    const { mailboxes, aliases } = world.mailcow;
    const other = markOf('z', 'others');
    mailboxes.set(at('a'), mailbox('a', { tags: [other, 'ldap-adopted'] }));
    for (const one of aliases.values()) aliases.set(one.id, { ...one, privateComment: other });
    const { apply } = await prepareRelease(world.context(), { only: undefined, isDry: false });
    expect((await apply()).failed).toEqual([]);
    expect(mailboxes.get(at('a'))?.tags).toEqual([other, 'ldap-adopted']);
    expect([...aliases.values()].map(({ privateComment }) => privateComment)).toEqual([other]);
  });
});
