import { describe, expect, test } from '@jest/globals';
import { at, person } from '../support/builders.ts';
import { openWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow } from '../support/memory-mailcow.ts';
import { withStandIn } from './stand-in-world.ts';

describe('what mailcow stands in the way of is looked at again by single reads, ever more seldom', () => {
  test('a missing domain', async () => {
    await withStandIn({}, async (world) => {
      const people = [person('a'), person('n', { mail: 'n@new.test' })];
      await world.sync(people);
      world.server.resetStats();
      const reads: number[] = [];
      for (let minute = 0; minute < 16; minute++) {
        await world.sync(people);
        reads.push(world.server.stats().objects);
      }
      // After 1, 2, 4 and 8 minutes more; never a list, never a write.
      expect(reads).toEqual([1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]);
      expect(world.server.stats()).toMatchObject({ lists: 0, writes: 0 });
    });
  });

  test('and the person gets a mailbox as soon as the domain is there, without an audit', async () => {
    await withStandIn({}, async (world) => {
      const people = [person('a'), person('n', { mail: 'n@new.test' })];
      await world.sync(people);
      await world.byHand('add/domain', {
        domain: 'new.test',
        defquota: 100,
        maxquota: 5000,
        quota: 50000,
        mailboxes: 5,
        aliases: 5,
      });
      const report = await world.sync(people);
      expect({ audited: report.audited, writes: world.writes() }).toEqual({
        audited: false,
        writes: ['add/mailbox n'],
      });
    });
  });

  test('a foreign alias', async () => {
    await withStandIn({}, async (world) => {
      await world.byHand('add/alias', { address: at('x'), goto: 'else@where.test', active: 1 });
      const people = [person('a', { aliases: ['x'] })];
      const first = await world.sync(people);
      expect(first.plan.findings.map(({ code }) => code)).toEqual(['foreign-alias']);
      await world.byHand('delete/alias', [at('x')]);
      const second = await world.sync(people);
      expect({ audited: second.audited, writes: world.writes() }).toEqual({
        audited: false,
        writes: [`add/alias ${at('x')}`],
      });
    });
  });
});

describe('what mailcow refuses', () => {
  test('is sent again only after a pause that doubles: each refusal costs it a table rebuild', async () => {
    const mailcow = openMemoryMailcow();
    const world = openWorld(mailcow);
    let sent = 0;
    mailcow.intercept = (call) => {
      if (!call.startsWith('createMailbox')) return undefined;
      sent += 1;
      return { answer: { kind: 'refused', words: [{ word: 'is_spam_alias', args: [at('a')] }] } };
    };
    const first = await world.sync([person('a')]);
    expect(first.failed.map(({ why }) => why)).toEqual([expect.stringContaining('is_spam_alias')]);
    const sentAfter: number[] = [];
    for (let minute = 1; minute <= 20; minute++) {
      await world.sync([person('a')], { audit: minute % 7 === 0 });
      sentAfter.push(sent);
    }
    // After 5 minutes, then after 10 more: an audit does not shorten it.
    expect(sentAfter).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3]);
    mailcow.intercept = undefined;
    for (let minute = 0; minute < 20; minute++) await world.sync([person('a')]);
    expect(mailcow.mailboxes.has(at('a'))).toBe(true);
  });
});
