/** What the directory does not know in domains of ours (LDAP_MAILCOW_DOMAIN_POLICY=exclusive). */
import { describe, expect, test } from '@jest/globals';
import { isRemoval } from '../../src/core/change.ts';
import { strayId } from '../../src/core/watch.ts';
import {
  alias,
  at,
  domain,
  group,
  mailbox,
  markOf,
  ownedAlias,
  ownedMailbox,
  person,
  row,
  type Owned,
} from '../support/builders.ts';
import {
  briefPlan,
  briefRow,
  draftOf,
  importedHeritage,
  managedDomains,
  ourDomain,
  type Scene,
} from '../support/builders-plan.ts';

const anna = person('anna');
const hers = ownedMailbox('anna', { mailbox: { name: 'ANNA' } });
const box = (name: string): string => strayId('mailbox', at(name));
const letter = (name: string): string => strayId('alias', at(name));

/** Anna is known; x is a mailbox and y an alias that are not, and have not been for long enough. */
const exclusive = (scene: Scene = {}): Scene => ({
  domains: [ourDomain('example.test'), domain('other.test')],
  mailboxes: [mailbox('x')],
  aliases: [alias('y', 'anna')],
  people: [anna],
  managed: [hers],
  watched: [box('x'), letter('y')],
  ...scene,
  settings: {
    newQuotaMiB: undefined,
    domains: { ...managedDomains, exclusive: true },
    ...scene.settings,
  },
});

/** A mailbox that we switched off because nobody knew it. */
const switchedOff = (name: string, active = 0): Owned => ({
  mailbox: mailbox(name, { active, tags: [markOf(encodeURIComponent(box(name))), 'ldap-adopted'] }),
  row: row('mailbox', name, { directoryId: box(name), origin: 'adopted', lastActive: false }),
});
const aliasSwitchedOff = (name: string, goto: string): Owned => ({
  alias: alias(name, goto, { active: 0, privateComment: markOf(encodeURIComponent(letter(name))) }),
  row: row('alias', name, { directoryId: letter(name), origin: 'adopted', lastActive: false }),
});

const both = ['deactivate alias y active=1->0', 'deactivate mailbox x active=1->0'];

describe('after their grace', () => {
  test('unknown mailboxes and aliases of a managed domain are deactivated', () => {
    expect(briefPlan(exclusive())).toEqual({ writes: both, findings: [], skips: [] });
    expect(draftOf(exclusive()).changes.map(({ reason }) => reason)).toEqual([
      'the directory does not know it; LDAP_MAILCOW_DOMAIN_POLICY=exclusive',
      'the directory does not know it; LDAP_MAILCOW_DOMAIN_POLICY=exclusive; it points to anna@example.test',
    ]);
  });

  test.each<[string, Partial<NonNullable<Scene['settings']>>, readonly string[], readonly string[]]>([
    [
      'mailboxes that still receive',
      { inactiveState: 2 },
      [both[0] ?? '', 'deactivate mailbox x active=1->2'],
      [],
    ],
    ['aliases of leavers are removed', { removeLeaversAliases: true }, ['remove alias y', both[1] ?? ''], []],
    ['nothing is deactivated', { disableDeleted: false }, [], ['alias y', 'mailbox x']],
    ['mailboxes are not synced', { syncMailboxes: false }, [both[0] ?? ''], []],
    ['aliases are not synced', { syncAliases: false }, [both[1] ?? ''], []],
    ['groups are not read, so nobody knows their addresses', { syncLists: false }, [both[1] ?? ''], []],
    ['domains are shared', { domains: managedDomains }, [], []],
    ['an address is protected', { protectedAddresses: new Set([at('x'), at('y')]) }, [], []],
  ])('where %s', (_what, settings, writes, skips) => {
    expect(briefPlan(exclusive({ settings }))).toEqual({ writes, findings: [], skips });
  });

  test('what is not managed is nobody’s to judge: other domains, and all without LDAP_MAILCOW_MANAGE_DOMAINS', () => {
    expect(briefPlan(exclusive({ domains: [domain()] })).writes).toEqual([]);
    const { domains: _domains, ...settings } = exclusive().settings ?? {};
    expect(briefPlan({ ...exclusive(), settings }).writes).toEqual([]);
  });

  test('the mark of the older tool for schools makes a domain ours too', () => {
    const description = ' #### managed by linuxmuster.net ####';
    expect(briefPlan(exclusive({ domains: [ourDomain('example.test', { description })] })).writes).toEqual(
      both,
    );
    const changed = { description: '#### managed by linuxmuster.net #### since 2020' };
    expect(briefPlan(exclusive({ domains: [ourDomain('example.test', changed)] })).writes).toEqual([]);
  });

  test('nothing is concluded from an empty directory, from an incomplete reading, or before the grace is over', () => {
    expect(draftOf(exclusive({ people: [], inGrace: [anna] }))).toMatchObject({
      changes: [],
      watched: new Set(),
    });
    const incomplete = draftOf(exclusive({ complete: false }));
    expect(incomplete).toMatchObject({ changes: [], watched: new Set([box('x'), letter('y')]) });
    const first = exclusive({ watched: [] });
    expect(briefPlan(first)).toEqual({ writes: [], findings: [], skips: ['alias y', 'mailbox x'] });
    expect(draftOf(first).watched).toEqual(new Set([box('x'), letter('y')]));
  });
});

describe('stays, and is not waited for', () => {
  const stays = (scene: Scene): void => {
    const draft = draftOf(exclusive(scene));
    expect([...draft.watched]).toEqual([]);
    expect(draft.changes.filter(isRemoval)).toEqual([]);
  };
  const names = ['postmaster', 'abuse'];
  test.each<[string, Scene]>([
    ['postmaster@ and abuse@', { mailboxes: names.map((name) => mailbox(name)), aliases: [] }],
    [
      'postmaster@ and abuse@ as aliases',
      { mailboxes: [], aliases: names.map((name) => alias(name, 'anna')) },
    ],
    ['a catch-all', { mailboxes: [], aliases: [alias('@example.test', 'anna')] }],
    [
      'what a catch-all or postmaster@ leads to, over however many aliases',
      {
        mailboxes: [mailbox('x'), mailbox('z')],
        aliases: [
          alias('@example.test', 'x'),
          alias('postmaster@other.test', 'y'),
          alias('y', ['z', 'y2']),
          alias('y2', 'y'),
        ],
      },
    ],
    ['what has the tag ldap-keep', { mailboxes: [mailbox('x', { tags: ['ldap-keep'] })], aliases: [] }],
    [
      'what bears a mark, whosever',
      {
        mailboxes: [mailbox('x', { tags: [markOf('x', 'other')] })],
        aliases: [alias('y', 'anna', { privateComment: markOf('y') })],
      },
    ],
    [
      'what is off and was not switched off by us',
      { mailboxes: [mailbox('x', { active: 0 })], aliases: [alias('y', 'anna', { active: 0 })] },
    ],
    [
      'what is in other domains',
      { mailboxes: [mailbox('x@other.test')], aliases: [alias('y@other.test', 'anna')] },
    ],
    [
      'what a person asks for, as mailbox or alias',
      { people: [person('anna', { aliases: ['y'] }), person('x', { name: 'X', quotaMiB: 3072 })] },
    ],
    [
      'what several people quarrel about, and what nobody gets',
      { people: [anna, person('p', { mail: 'x' }), person('q', { mail: 'x', aliases: ['y'] })] },
    ],
    [
      'what entries name that are not understood, in grace or left alone',
      {
        people: [anna, person('p', { mail: ['x', 'other'] })],
        inGrace: [person('q', { mail: 'nobody@nowhere.test', aliases: ['y'] })],
      },
    ],
    [
      'what a list is, or a group that is no list',
      { people: [anna], groups: [group('x', { aliases: ['y'] })] },
    ],
    [
      'what belongs to an entry that may be a member of a list',
      {
        members: {
          key: undefined,
          decides: false,
          entries: [person('x', { mail: 'x', aliases: ['y'] })],
        },
      },
    ],
    [
      'who has just left',
      {
        mailboxes: [],
        aliases: [],
        managed: [hers, ownedMailbox('ben'), ownedAlias('b', 'ben')],
        inGrace: [person('ben')],
      },
    ],
    [
      'what an older tool left, which has a grace of its own',
      { heritage: importedHeritage(['x'], ['y']), settings: { adopt: false } },
    ],
  ])('%s', (_what, scene) => {
    stays(scene);
  });
});

describe('what we switched off', () => {
  const days = { deleteAfterDays: 3 };
  const none = { mailboxes: [], aliases: [] };
  const scene = (more: Scene = {}): Scene =>
    exclusive({ ...none, managed: [hers, switchedOff('x'), aliasSwitchedOff('y', 'anna')], ...more });

  test('stays so, waited for, and is deleted only under the rules for leavers', () => {
    expect(draftOf(scene()).watched).toEqual(new Set([box('x'), letter('y')]));
    expect(briefPlan(scene())).toEqual({ writes: [], findings: [], skips: [] });
    const due = (more: Scene): readonly string[] =>
      briefPlan(scene({ settings: days, missingDays: 3, ...more })).writes;
    expect(due({})).toEqual(['delete mailbox x']);
    expect(due({ missingDays: 2 })).toEqual([]);
    expect(due({ clockTrusted: false })).toEqual([]);
    expect(due({ watched: [] })).toEqual([]);
    expect(due({ settings: { ...days, domains: managedDomains } })).toEqual([]);
    expect(due({ settings: { ...days, protectedAddresses: new Set([at('x')]) } })).toEqual([]);
  });

  test('is removed when aliases of leavers are', () => {
    expect(briefPlan(scene({ settings: { removeLeaversAliases: true } })).writes).toEqual(['remove alias y']);
  });

  test('is switched off again when somebody switches it on, and left alone once domains are shared', () => {
    const on = { ...none, managed: [hers, switchedOff('x', 1)] };
    expect(briefPlan(scene(on)).writes).toEqual(['deactivate mailbox x active=1->0']);
    expect(briefPlan(scene({ ...on, settings: { domains: managedDomains } })).writes).toEqual([]);
  });

  const heir = person('heir', { mail: 'x', name: 'X', quotaMiB: 3072, aliases: ['y'] });
  test('is adopted by who asks for it, with nothing handed on by anybody', () => {
    const managed = [hers, switchedOff('x'), aliasSwitchedOff('y', 'x')];
    const { changes, findings, watched } = draftOf(scene({ people: [anna, heir], managed }));
    expect(findings).toEqual([]);
    expect([...watched]).toEqual([]);
    expect(changes.map(({ kind, key, directoryId, formerId }) => [kind, key, directoryId, formerId])).toEqual(
      [
        ['adopt', at('x'), 'heir', box('x')],
        ['adopt', at('y'), 'heir', undefined],
      ],
    );
    expect(changes[1]).toMatchObject({ switchedOff: true });
  });

  test('is not adopted with LDAP_MAILCOW_ADOPT=false, nor an alias that leads elsewhere', () => {
    const adopt = { people: [anna, heir], settings: { adopt: false } };
    expect(briefPlan(scene(adopt))).toMatchObject({ writes: [], skips: ['alias y', 'mailbox x'] });
    const { writes, findings } = briefPlan(scene({ people: [anna, heir] }));
    expect({ writes, findings }).toEqual({ writes: ['adopt mailbox x'], findings: ['foreign-alias y'] });
  });

  test('an alias of nobody’s frees no address for a mailbox', () => {
    expect(briefRow(scene({ people: [anna, person('y')] }))).toEqual({
      writes: [],
      notes: ['address-taken y'],
    });
  });
});
