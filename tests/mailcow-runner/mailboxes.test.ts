/** What becomes of sync jobs when their mailbox goes or is renamed (facts/imapsync.md section 2.1, read in the source). */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newMailbox, post } from '../mailcow-stand-in/client.ts';
import { startMailcow, type MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { jobRow } from './rows.ts';

const world: { standIn?: MailcowStandIn } = {};
const standIn = (): MailcowStandIn => {
  if (world.standIn === undefined) throw new Error('not started');
  return world.standIn;
};

beforeAll(async () => {
  world.standIn = await startMailcow();
});
afterAll(() => standIn().close());

test('a rename moves them, a deletion takes them along; those of others stay', async () => {
  for (const address of ['anna@example.test', 'bert@example.test']) {
    await post(standIn(), 'add/mailbox', newMailbox(address));
  }
  const { syncJobs } = standIn().store.tables;
  syncJobs.set(1, jobRow({ id: 1, username: 'anna@example.test' }));
  syncJobs.set(2, jobRow({ id: 2, username: 'bert@example.test' }));
  const users = (): readonly string[] => [...syncJobs.values()].map(({ username }) => username);
  await post(standIn(), 'edit/rename-mbox', {
    items: ['anna@example.test'],
    attr: { domain: 'example.test', old_local_part: 'anna', new_local_part: 'anne', create_alias: 0 },
  });
  expect(users()).toEqual(['anne@example.test', 'bert@example.test']);
  await post(standIn(), 'delete/mailbox', ['anne@example.test']);
  expect(users()).toEqual(['bert@example.test']);
});
