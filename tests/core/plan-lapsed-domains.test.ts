/** Managed domains that nobody in the directory asks for any more. */
import { describe, expect, test } from '@jest/globals';
import { lapsedDomainId, strayId } from '../../src/core/watch.ts';
import {
  alias,
  domain,
  group,
  mailbox,
  markOf,
  ownedAlias,
  ownedMailbox,
  person,
  row,
} from '../support/builders.ts';
import { briefRow, draftOf, managedDomains, ourDomain, type Scene } from '../support/builders-plan.ts';

const NAME = 'old.test';
const anna = person('anna');
const ben = person('ben');
const hers = ownedMailbox('anna', { mailbox: { name: 'ANNA' } });

/** Nobody has asked for old.test on three days. */
const lapsed = (scene: Scene = {}, fields: Parameters<typeof domain>[1] = {}): Scene => ({
  domains: [domain(), ourDomain(NAME, fields)],
  people: [anna],
  managed: [hers],
  watched: [lapsedDomainId(NAME)],
  missingDays: 3,
  ...scene,
  settings: { newQuotaMiB: undefined, domains: managedDomains, deleteAfterDays: 3, ...scene.settings },
});
const gone = ['delete domain old.test'];

describe('is deleted', () => {
  test('when it is empty, after as many days as mailboxes, last of all', () => {
    expect(briefRow(lapsed())).toEqual({ writes: gone, notes: [] });
    expect(draftOf(lapsed()).changes).toMatchObject([
      {
        directoryId: 'domain:old.test',
        stage: 13,
        reason:
          'nobody in the directory asks for it on 3 days, and it is empty; LDAP_MAILCOW_DELETE_AFTER_DAYS=3',
      },
    ]);
  });

  test('with the aliases that those left who are gone', () => {
    const left = ownedAlias('x@old.test', 'ben', { alias: { active: 0 } });
    expect(briefRow(lapsed({ managed: [hers, left], gone: [ben] }, { aliases: 1 })).writes).toEqual(gone);
  });

  test('with the mark of the older tool', () => {
    const description = '#### managed by linuxmuster ####';
    expect(briefRow(lapsed({}, { description })).writes).toEqual(gone);
  });
});

describe('is not deleted', () => {
  test.each<[string, Scene]>([
    ['without LDAP_MAILCOW_DELETE_AFTER_DAYS', { settings: { deleteAfterDays: undefined } as never }],
    ['without LDAP_MAILCOW_MANAGE_DOMAINS', { settings: { domains: undefined } as never }],
    ['when it is not ours', { domains: [domain(), domain(NAME)] }],
    ['in an empty directory', { people: [], inGrace: [anna] }],
    ['when somebody in grace asks for it', { inGrace: [person('b', { mail: 'b@old.test' })] }],
    [
      'when a group asks for it',
      { groups: [group('g', { mail: 'g@old.test' })], settings: { syncLists: false } },
    ],
    ['when it is named in a further address', { people: [person('anna', { aliases: ['a@old.test'] })] }],
    [
      'when it is named in an address with a mistake',
      { people: [anna, person('b', { mail: 'b@@old.test' })] },
    ],
    [
      'when somebody has something in it, who is not understood now',
      {
        people: [anna, person('b', { mail: [] })],
        managed: [hers, ownedMailbox('b', { at: 'b@old.test' })],
      },
    ],
  ])('%s', (_what, scene) => {
    const draft = draftOf(lapsed(scene));
    expect(draft.changes.filter(({ kind }) => kind === 'delete')).toEqual([]);
    expect([...draft.watched]).toEqual([]);
  });

  test.each<[string, Scene]>([
    ['before its grace is over', { watched: [] }],
    ['before the days have passed', { missingDays: 2 }],
    ['after a jump of the clock', { clockTrusted: false }],
    ['in an incomplete reading', { complete: false }],
  ])('%s, but waited for', (_what, scene) => {
    const draft = draftOf(lapsed(scene));
    expect(draft.changes).toEqual([]);
    expect([...draft.watched]).toEqual(['domain:old.test']);
  });

  const strayAlias = { directoryId: strayId('alias', 'x@old.test'), lastActive: false };
  const stray = alias('x@old.test', 'anna', {
    active: 0,
    privateComment: markOf('stray%3Aalias%3Ax%40old.test'),
  });
  test.each<[string, Scene, Parameters<typeof domain>[1], string]>([
    ['mailcow counts a mailbox', {}, { mailboxes: 1 }, 'it has 1 mailboxes'],
    ['there is a mailbox', { mailboxes: [mailbox('m@old.test')] }, {}, 'it has 1 mailboxes'],
    ['mailcow counts an alias', {}, { aliases: 1 }, 'it has 1 aliases that are not ours'],
    [
      'there is an alias of others',
      { aliases: [alias('@old.test', 'anna')] },
      { aliases: 1 },
      'it has 1 aliases that are not ours',
    ],
    [
      'an alias is there that we only switched off',
      { managed: [hers, { alias: stray, row: row('alias', 'x@old.test', strayAlias) }] },
      { aliases: 1 },
      'it has 1 aliases that are not ours',
    ],
    [
      'mailcow counts less than we know',
      { managed: [hers, ownedAlias('x@old.test', 'ben', { alias: { active: 0 } })], gone: [ben] },
      { aliases: 0 },
      'its aliases are not as we know them',
    ],
  ])('while %s', (_what, scene, fields, why) => {
    const { changes, skips } = draftOf(lapsed(scene, fields));
    expect(changes).toEqual([]);
    expect(skips).toEqual([
      { resource: 'domain', key: NAME, reason: `nobody in the directory asks for it, but ${why}` },
    ]);
  });

  test('while the same sync still changes something in it', () => {
    const managed = [hers, ownedAlias('x@old.test', 'ben')];
    expect(briefRow(lapsed({ managed, gone: [ben] }, { aliases: 1 }))).toEqual({
      writes: ['deactivate alias x@old.test active=1->0'],
      notes: ['(domain old.test)'],
    });
  });
});
