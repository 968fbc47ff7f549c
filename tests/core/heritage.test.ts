/** What an older tool left (docs/decisions/013). */
import { describe, expect, test } from '@jest/globals';
import { guardPlan } from '../../src/core/guard.ts';
import { importedId, type HeritageEntry } from '../../src/core/heritage.ts';
import { indexLedger } from '../../src/core/ledger.ts';
import { alias, at, currentOf, group, mailbox, markOf, ownedAlias, person } from '../support/builders.ts';
import { briefPlan, draftOf, type Scene } from '../support/builders-plan.ts';

const left = (name: string, active = true): HeritageEntry => ({
  resource: 'mailbox',
  key: at(name),
  id: importedId(name),
  active,
});
const leftAlias = (name: string, goto: readonly string[], active = true): HeritageEntry => ({
  ...left(name, active),
  resource: 'alias',
  goto: goto.map(at),
});

type Row = readonly [what: string, scene: Scene, writes: readonly string[]];

describe('of what an older tool left', () => {
  test.each<Row>([
    ['nothing is done where mailcow has nothing', { heritage: [left('a'), leftAlias('x', ['a'])] }, []],
    [
      'what a person has is adopted for the person',
      { heritage: [left('a')], mailboxes: [mailbox('a')], people: [person('a')] },
      ['adopt mailbox a'],
    ],
    [
      'what works and nobody has is adopted too, so that it has a grace',
      {
        heritage: [left('a'), leftAlias('x', ['a'])],
        mailboxes: [mailbox('a')],
        aliases: [alias('x', ['a'])],
      },
      ['adopt mailbox a', 'adopt alias x'],
    ],
    [
      'what is off and nobody has is left alone',
      { heritage: [left('a', false), left('b')], mailboxes: [mailbox('a'), mailbox('b', { active: 0 })] },
      [],
    ],
    [
      'what an incomplete reading does not show is left alone',
      { heritage: [left('a')], mailboxes: [mailbox('a')], complete: false },
      [],
    ],
    [
      'protected addresses, and what is kept or marked by somebody, are left alone',
      {
        heritage: [left('postmaster'), left('k'), left('f')],
        mailboxes: [
          mailbox('postmaster'),
          mailbox('k', { tags: ['ldap-keep'] }),
          mailbox('f', { tags: ['ldap-mailcow:other:f'] }),
        ],
      },
      [],
    ],
    [
      'nothing is adopted where adopting is switched off',
      { heritage: [left('a')], mailboxes: [mailbox('a')], settings: { adopt: false } },
      [],
    ],
    [
      'mailboxes are left alone where they are not synced and leavers keep them',
      {
        heritage: [left('a')],
        mailboxes: [mailbox('a')],
        settings: { syncMailboxes: false, disableDeleted: false },
      },
      [],
    ],
    [
      'a list that stands as the tool made it is adopted, whatever its members are now',
      {
        heritage: [leftAlias('team', ['a', 'b'])],
        mailboxes: [mailbox('a'), mailbox('b')],
        aliases: [alias('team', ['b', 'a'])],
        people: [person('a'), person('b')],
        groups: [group('team', { members: ['a'] })],
      },
      ['adopt alias team', 'adopt mailbox a', 'adopt mailbox b'],
    ],
    [
      'a list that somebody changed since is a foreign one',
      {
        heritage: [leftAlias('team', ['a', 'b'])],
        mailboxes: [mailbox('a')],
        aliases: [alias('team', ['printer'])],
        people: [person('a')],
        groups: [group('team', { members: ['a'] })],
      },
      ['adopt mailbox a'],
    ],
  ])('%s', (...[, scene, writes]) => {
    expect([...briefPlan(scene).writes].sort()).toEqual([...writes].sort());
  });

  test('who claims what only the file spoke for takes it over', () => {
    const scene: Scene = {
      mailboxes: [mailbox('a', { tags: [markOf(importedId('a'))] })],
      people: [person('a')],
    };
    expect(draftOf(scene).changes).toMatchObject([
      { kind: 'adopt', key: at('a'), directoryId: person('a').id, formerId: importedId('a') },
    ]);
  });

  test('only what is off, and was switched off by the tool, is ours to switch on', () => {
    const scene = (entry: HeritageEntry, active: number): Scene => ({
      heritage: [entry],
      mailboxes: [mailbox('a', { active })],
      people: [person('a')],
    });
    expect(draftOf(scene(left('a', false), 0)).changes).toMatchObject([{ switchedOff: true }]);
    expect(draftOf(scene(left('a'), 0)).changes[0]?.switchedOff).toBeUndefined();
    expect(draftOf(scene(left('a', false), 1)).changes[0]?.switchedOff).toBeUndefined();
  });

  test('what only the file speaks for is never taken away without an approval', () => {
    const change = {
      kind: 'remove',
      resource: 'alias',
      key: at('x'),
      directoryId: importedId('x'),
      before: {},
      after: {},
      reason: '',
      needs: [],
      stage: 7,
    } as const;
    const { held } = guardPlan({
      changes: [change],
      ledger: indexLedger([]),
      current: currentOf({ aliases: [alias('x', 'a'), alias('y', 'a')] }),
      missingByScope: new Set(),
      arrivedByScope: new Set(),
      lostFields: new Set(),
      groupIds: new Set(),
      membersInDoubt: false,
      missingInMailcow: 0,
    });
    expect(held.map(({ why }) => why)).toEqual(['only the file of the older tool speaks for it']);
  });
});

describe('mailboxes that are not ours to make, of which leavers are to be deactivated', () => {
  const settings = { syncMailboxes: false };

  test('are marked, and nothing of them is edited', () => {
    const scene: Scene = {
      mailboxes: [mailbox('a', { name: 'Another' }), mailbox('b')],
      people: [person('a'), person('c')],
      settings,
    };
    expect(briefPlan(scene).writes).toEqual(['adopt mailbox a']);
  });

  test('aliases of leavers go when that is asked for', () => {
    const scene = (removeLeaversAliases: boolean): Scene => ({
      mailboxes: [mailbox('a')],
      managed: [ownedAlias('x', 'a')],
      gone: [person('a', { aliases: ['x'] })],
      settings: { syncMailboxes: false, disableDeleted: false, removeLeaversAliases },
    });
    expect(briefPlan(scene(true)).writes).toEqual(['remove alias x']);
    expect(briefPlan(scene(false)).writes).toEqual([]);
  });
});
