/** mailcow fails in its own ways: nothing is written twice, and nothing is believed done that is not (DESIGN.md 4.14). */
import { describe, expect, test } from '@jest/globals';
import { first } from '../sandbox/demo/expected.ts';
import type { Fault } from '../support/mailcow/faults.ts';
import type { WriteRecord } from '../support/mailcow/server.ts';
import { expectComplete, expectUntouched, syncWell, withWorld, type World } from './world.ts';

const anna = 'anna.berger';
const mentions = (text: string) => (write: WriteRecord) => JSON.stringify(write.body).includes(text);

const creationsOf = (world: World, localPart: string): readonly WriteRecord[] =>
  world.mailcow.writes.filter(({ route }) => route === 'add/mailbox').filter(mentions(`"${localPart}"`));

describe('a first sync during which', () => {
  test('mailcow answers one creation with nothing and has not done it: the others go on, the next one does it', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ route: 'add/mailbox', mode: 'empty', times: 1, match: anna });
      const { code, stderr } = await world.sync();
      expect({ code, stderr }).toEqual({
        code: 4,
        stderr: expect.stringContaining(`failed: create mailbox ${anna}`),
      });
      const { mailboxes, aliases } = world.held();
      expect(Object.keys(mailboxes)).toHaveLength(Object.keys(first.mailboxes).length - 1);
      expect(aliases).not.toHaveProperty('boss@example.test');
      await syncWell(world);
      await expectComplete(world);
    });
  });

  test.each<readonly [string, Fault]>([
    [
      'answers one creation with nothing although it has done it',
      { route: 'add/mailbox', mode: 'empty', done: true },
    ],
    ['loses the connection after one creation', { route: 'add/mailbox', mode: 'drop' }],
  ])('mailcow %s: it is read again and not written twice', async (_, fault) => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ ...fault, times: 1, match: anna });
      await syncWell(world);
      expect(creationsOf(world, anna)).toHaveLength(1);
      await expectComplete(world);
    });
  });

  test('mailcow loses the connection after making aliases: they are read again and not made twice', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ route: 'add/alias', mode: 'drop', times: 1, match: 'karla.lang' });
      await syncWell(world);
      expect(
        world.mailcow.writes.filter(({ route }) => route === 'add/alias').filter(mentions('karla.lang')),
      ).toHaveLength(1);
      await expectComplete(world);
    });
  });

  test.each(['get/mailbox/reduced', 'get/alias/all', 'get/domain/all'])(
    'mailcow fails to answer %s: nothing is written, and the next one does it all',
    async (route) => {
      await withWorld({}, async (world) => {
        world.mailcow.fault({ route, mode: '500' });
        await expectUntouched(world, async () => {
          const { code, stderr } = await world.sync();
          expect({ code, stderr }).toEqual({
            code: 1,
            stderr: expect.stringMatching(/sync failed: .*mailcow/),
          });
        });
        world.mailcow.clearFaults();
        await syncWell(world);
        await expectComplete(world);
      });
    },
  );

  test('mailcow refuses the key: it is asked no further, and the log says what it saw', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.resetStats();
      const { code, stderr } = await world.sync({ API_KEY: 'WR0NG0-WR0NG0-WR0NG0-WR0NG0-WR0NG0' });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/API key/) });
      const { calls } = world.mailcow.stats();
      expect(Object.values(calls).reduce((sum, count) => sum + count, 0)).toBe(1);
    });
  });
});
