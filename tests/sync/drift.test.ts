import { describe, expect, test } from '@jest/globals';
import { at, person } from '../support/builders.ts';
import { withStandIn, type StandInWorld } from './stand-in-world.ts';

const people = [person('a', { quotaMiB: 1000, aliases: ['x'] }), person('b'), person('c')];
const report = { plan: { reportDrift: true } };

const findingsOf = async (world: StandInWorld): Promise<readonly string[]> => {
  const { plan } = await world.sync(people, { audit: true });
  return plan.findings.map(({ code, subject }) => `${code} ${subject}`);
};

describe('drift that an audit finds', () => {
  test.each<[string, string, unknown, readonly string[]]>([
    ['a name', 'edit/mailbox', { items: [at('a')], attr: { name: 'Z' } }, [`edit/mailbox ${at('a')}`]],
    [
      'a quota that the directory gives',
      'edit/mailbox',
      { items: [at('a')], attr: { quota: 5 } },
      [`edit/mailbox ${at('a')}`],
    ],
    ['a deleted alias', 'delete/alias', [at('x')], [`add/alias ${at('x')}`]],
    ['a deleted mailbox', 'delete/mailbox', [at('b')], ['add/mailbox b']],
  ])('is repaired: %s', async (_what, route, body, writes) => {
    await withStandIn({}, async (world) => {
      await world.sync(people);
      await world.byHand(route, body);
      await world.sync(people, { audit: true });
      expect(world.writes()).toEqual(writes);
    });
  });

  test.each<[string, string, unknown, string]>([
    ['a name', 'edit/mailbox', { items: [at('a')], attr: { name: 'Z' } }, `drift ${at('a')}`],
    ['a quota', 'edit/mailbox', { items: [at('a')], attr: { quota: 5 } }, `drift ${at('a')}`],
    ['a deleted alias', 'delete/alias', [at('x')], `drift ${at('x')}`],
    ['a deleted mailbox', 'delete/mailbox', [at('b')], `drift ${at('b')}`],
  ])('is only reported with LDAP_MAILCOW_DRIFT=report: %s', async (_what, route, body, finding) => {
    await withStandIn(report, async (world) => {
      await world.sync(people);
      await world.byHand(route, body);
      expect(await findingsOf(world)).toEqual([finding]);
      await world.sync(people);
      expect(world.writes()).toEqual([]);
    });
  });

  test('does not keep a change of the directory from being written', async () => {
    await withStandIn(report, async (world) => {
      await world.sync(people);
      await world.byHand('edit/mailbox', { items: [at('a')], attr: { name: 'Z' } });
      await world.sync([person('a', { name: 'New', quotaMiB: 1000, aliases: ['x'] }), ...people.slice(1)], {
        audit: true,
      });
      expect(world.box(at('a'))?.name).toBe('New');
    });
  });

  test.each(['repair', 'report'])('never acts against an administrator’s hand (4.9): %s', async (mode) => {
    await withStandIn({ plan: { reportDrift: mode === 'report' } }, async (world) => {
      await world.sync(people);
      await world.byHand('edit/mailbox', { items: [at('b')], attr: { active: 0 } });
      await world.byHand('edit/mailbox', { items: [at('c')], attr: { quota: 77 } });
      expect(await findingsOf(world)).toEqual([`changed-by-hand ${at('b')}`, `changed-by-hand ${at('c')}`]);
      expect(world.writes()).toEqual([]);
      expect(world.box(at('b'))?.active).toBe(0);
    });
  });
});
