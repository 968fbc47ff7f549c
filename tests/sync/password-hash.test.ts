/** Hashes of the directory on their way to mailcow, on the stand-in. */
import { describe, expect, test } from '@jest/globals';
import { at, group, person } from '../support/builders.ts';
import type { SettingsPatch } from '../support/builders-sync.ts';
import type { DirectoryEntry } from '../../src/core/model.ts';
import { planSync } from '../../src/sync.ts';
import { withStandIn, type StandInWorld } from './stand-in-world.ts';

const settings: SettingsPatch = { passwordAttribute: 'userpassword' };
const ssha = (text: string): string => `{SSHA}${Buffer.from(text.padEnd(28, '-')).toString('base64')}`;
const [first, second] = [ssha('first'), ssha('second')];

const withHash = (id: string, ...userpassword: readonly string[]): DirectoryEntry =>
  person(id, { attributes: { userpassword } });
const stored = (world: StandInWorld, name: string): string =>
  world.server.store.tables.mailboxes.get(at(name))?.password ?? '';
const findings = ({ plan }: Awaited<ReturnType<StandInWorld['sync']>>): readonly string[] =>
  plan.findings.map(({ code, subject }) => `${code} ${subject}`);

/** A second further at each look: mailcow keeps the times of passwords in seconds. */
const steppingClock = (): (() => Date) => {
  let ms = Date.parse('2026-06-01T12:00:00Z');
  return () => new Date((ms += 1000));
};

describe('password hashes', () => {
  test('come with a new mailbox, follow changes, and are sent only then', async () => {
    await withStandIn(settings, async (world) => {
      await world.sync([withHash('a', first)]);
      expect(world.writes()).toEqual(['add/mailbox a']);
      expect(stored(world, 'a')).toBe(first);
      await world.sync([withHash('a', first)], { audit: true });
      expect(world.writes()).toEqual([]);
      const { done } = await world.sync([withHash('a', second)]);
      expect(done.map(({ after }) => after)).toEqual([{ password: 'changed' }]);
      expect(world.writes()).toEqual([`edit/mailbox ${at('a')}`]);
      expect(stored(world, 'a')).toBe(second);
      await world.sync(undefined, { audit: true });
      expect(world.writes()).toEqual([]);
    });
  });

  test('go to mailboxes that were there, and not to lists or those that are off', async () => {
    await withStandIn({}, async (world) => {
      const people = [
        withHash('a', first),
        person('off', { disabled: true, attributes: { userpassword: [first] } }),
      ];
      const groups = [group('l', { members: ['a'], attributes: { userpassword: [first] } })];
      await world.sync({ people, groups });
      world.settings = { ...world.settings, passwordAttribute: 'userpassword' };
      world.writes();
      await world.sync();
      expect(world.writes()).toEqual([`edit/mailbox ${at('a')}`]);
      await world.sync({ people: [withHash('a', first), withHash('off', first)], groups });
      expect(stored(world, 'off')).toBe(first);
    });
  });

  test('are shown nowhere: not in logs, plans, findings, the journal or the state', async () => {
    await withStandIn(settings, async (world) => {
      const people = [
        withHash('a', first),
        withHash('b', '{PBKDF2}not-to-be-seen'),
        withHash('c', 'in-the-clear'),
      ];
      const one = await world.sync(people);
      const two = await world.sync([withHash('a', second), ...people.slice(1)]);
      const remembered = world.state.remembered();
      const kept = JSON.stringify([
        one,
        two,
        await planSync(world.context()),
        world.lines,
        [
          ...remembered.snapshot.values(),
          ...remembered.mailboxes.values(),
          ...remembered.ledgerMailboxes.values(),
        ],
        world.state.facts(),
        world.state.findings(),
        world.state.lastRuns(9),
      ]);
      for (const secret of [first, second, 'not-to-be-seen', 'in-the-clear', first.slice(6, 20)]) {
        expect(kept).not.toContain(secret);
      }
      expect(findings(two)).toEqual([
        'password-scheme cn=b,ou=People,dc=example,dc=test',
        'password-scheme cn=c,ou=People,dc=example,dc=test',
      ]);
      expect(remembered.snapshot.get('a')?.entry.attributes).not.toHaveProperty('userpassword');
    });
  });

  test('that nobody may read are one finding, and what is set stays', async () => {
    await withStandIn(settings, async (world) => {
      await world.sync([withHash('a', first)]);
      world.writes();
      expect(findings(await world.sync([person('a')]))).toEqual(['passwords-unread userpassword']);
      expect(world.writes()).toEqual([]);
      expect(stored(world, 'a')).toBe(first);
    });
  });

  test('are written again when somebody set another in mailcow, or with DRIFT=report that is only said', async () => {
    for (const reportDrift of [false, true]) {
      const run = async (world: StandInWorld): Promise<void> => {
        await world.sync([withHash('a', first)]);
        await world.byHand('edit/mailbox', {
          items: [at('a')],
          attr: { password: 'by-hand-123', password2: 'by-hand-123' },
        });
        const report = await world.sync(undefined, { audit: true });
        expect(findings(report)).toEqual(reportDrift ? [`drift ${at('a')}`] : []);
        expect(world.writes()).toEqual(reportDrift ? [] : [`edit/mailbox ${at('a')}`]);
        expect(stored(world, 'a') === first).toBe(!reportDrift);
        await world.sync(undefined, { audit: true });
        expect(world.writes()).toEqual([]);
        // What changes in the directory is written all the same.
        await world.sync([withHash('a', second)]);
        expect(stored(world, 'a')).toBe(second);
      };
      await withStandIn({ ...settings, plan: { reportDrift } }, run, { now: steppingClock() });
    }
  });

  test('whose answer is lost are sent again', async () => {
    await withStandIn(settings, async (world) => {
      await world.sync([withHash('a', first)]);
      world.server.fault({ route: 'edit/mailbox', times: 1, mode: 'empty', done: true });
      const lost = await world.sync([withHash('a', second)]);
      expect(lost.outcome).toBe('changes-failed');
      world.writes();
      const next = await world.sync();
      expect(next.outcome).toBe('done');
      expect(world.writes()).toEqual([`edit/mailbox ${at('a')}`]);
    });
  });
});
