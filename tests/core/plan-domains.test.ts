/** Mail domains of the directory: before, directory, expected writes. */
import { describe, expect, test } from '@jest/globals';
import type { DomainSettings } from '../../src/core/domain-settings.ts';
import type { Change } from '../../src/core/change.ts';
import { domain, group, markOf, ownedMailbox, person } from '../support/builders.ts';
import { briefPlan, draftOf, managedDomains, type Scene } from '../support/builders-plan.ts';

const withDomains = (scene: Scene, settings: Partial<DomainSettings> = {}): Scene => ({
  ...scene,
  settings: { newQuotaMiB: undefined, ...scene.settings, domains: { ...managedDomains, ...settings } },
});
const ours = (fields: Parameters<typeof domain>[1] = {}) =>
  domain('school.test', {
    description: markOf('domain'),
    maxMailboxes: 100,
    maxAliases: 200,
    defaultQuotaMiB: 1024,
    maxMailboxQuotaMiB: 10_240,
    quotaMiB: 10_240,
    ...fields,
  });
const pupil = (id: string, quotaMiB?: number) =>
  person(id, { mail: `${id}@school.test`, ...(quotaMiB !== undefined && { quotaMiB }) });
const changes = (scene: Scene): readonly Change[] =>
  draftOf(scene).changes.filter(({ resource }) => resource === 'domain');
const afters = (scene: Scene): readonly unknown[] =>
  changes(scene).map(({ kind, key, after }) => [kind, key, after]);

describe('a domain that mailcow lacks', () => {
  test('is created before the mailboxes and lists in it, which need it', () => {
    const scene = withDomains({
      domains: [],
      people: [pupil('a')],
      groups: [group('all', { mail: 'all@school.test', members: ['a'] })],
    });
    const [create, ...others] = draftOf(scene).changes;
    expect(create).toMatchObject({ kind: 'create', resource: 'domain', key: 'school.test', restart: true });
    expect(create?.after).toEqual({
      maxMailboxes: 100,
      maxAliases: 200,
      quotaMiB: 10_240,
      maxMailboxQuotaMiB: 10_240,
      defaultQuotaMiB: 1024,
      gal: true,
    });
    expect(others.map(({ kind, resource, needs }) => [kind, resource, needs])).toEqual([
      ['create', 'mailbox', ['create domain school.test']],
      ['create', 'alias', ['create domain school.test']],
    ]);
  });

  test('is large enough for everybody in it, with room', () => {
    const people = [pupil('a', 20_000), pupil('b', 4000)];
    expect(changes(withDomains({ domains: [], people }))[0]?.after).toMatchObject({
      quotaMiB: 30_000,
      maxMailboxQuotaMiB: 20_000,
    });
    const fixed = changes(withDomains({ domains: [], people }, { quotaMiB: 5000 }))[0]?.after;
    expect(fixed).toMatchObject({ quotaMiB: 5000, maxMailboxQuotaMiB: 5000 });
  });

  test('restarts SOGo once, with the last of several', () => {
    const people = [pupil('a'), person('b', { mail: 'b@other.test' })];
    expect(changes(withDomains({ domains: [], people })).map(({ key, restart }) => [key, restart])).toEqual([
      ['other.test', undefined],
      ['school.test', true],
    ]);
  });

  test('is not made for an alias alone, nor for an address that is none', () => {
    const people = [person('a', { aliases: ['a@school.test'] }), person('b', { mail: 'b@@school.test' })];
    expect(changes(withDomains({ people }))).toEqual([]);
  });

  test('is not made without the setting', () => {
    expect(briefPlan({ people: [pupil('a')] })).toMatchObject({
      writes: [],
      findings: ['unknown-domain cn=a,ou=People,dc=example,dc=test'],
    });
  });
});

describe('a domain of ours', () => {
  const a = ownedMailbox('a', { at: 'a@school.test', mailbox: { name: 'A', quotaMiB: 4000 } });
  test.each<[string, Parameters<typeof domain>[1], Partial<DomainSettings>, readonly unknown[]]>([
    ['that is as it should be is not written', {}, {}, []],
    ['follows changed settings', {}, { mailboxes: 300 }, [['update', 'school.test', { maxMailboxes: 300 }]]],
    ['never gets less than is in use', { aliases: 250, maxAliases: 250 }, {}, []],
    [
      'is raised when it does not suffice any more',
      { quotaMiB: 3000, quotaUsedMiB: 3000, maxMailboxQuotaMiB: 3000 },
      {},
      [['update', 'school.test', { quotaMiB: 5000, maxMailboxQuotaMiB: 4000 }]],
    ],
  ])('%s', (_what, fields, settings, expected) => {
    const scene = { domains: [ours(fields)], managed: [a], people: [pupil('a', 4000)] };
    expect(afters(withDomains(scene, settings))).toEqual(expected);
  });
});

describe('a domain that is not ours', () => {
  const theirs = domain('school.test', { maxMailboxes: 5 });
  test('is never touched, and its people are synced', () => {
    const { writes } = briefPlan(withDomains({ domains: [theirs], people: [pupil('a', 7)] }));
    expect(writes).toEqual(['create mailbox a@school.test active=1 name=A quotaMiB=7']);
  });

  test('is left alone with its people where that is the setting', () => {
    const plan = briefPlan(
      withDomains({ domains: [theirs], people: [pupil('a', 7)] }, { skipUnmanaged: true }),
    );
    expect(plan).toEqual({ writes: [], findings: [], skips: ['mailbox a@school.test'] });
  });
});
