import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Mailcow, NewAliases, NewMailbox } from '../../src/ports-mailcow.ts';
import { MailcowRefused, MailcowUnreachable } from '../../src/mailcow/errors.ts';
import { probeMailcow } from '../../src/mailcow/probe.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { failure, openAt } from './opened.ts';

const person = (address: string): NewMailbox => ({
  address,
  name: `Name of ${address}`,
  quotaMiB: 1024,
  active: 1,
  tags: ['ldap-mailcow:owner:id-1'],
});
const list = (addresses: readonly string[], goto: readonly string[]): NewAliases => ({
  addresses,
  goto,
  active: 1,
  privateComment: 'ldap-mailcow:owner:id-1',
  internal: false,
  sogoVisible: true,
  senderAllowed: true,
});
const odd = ['a+b', "o'brien", 'a/b', 'a&b', 'a%b', '_a_', '12345', 'x=y', 'a#b'].map(
  (localPart) => `${localPart}@example.test`,
);
const done = { kind: 'done' };

const world: { standIn?: MailcowStandIn; mailcow?: Mailcow } = {};
function standIn(): MailcowStandIn {
  if (world.standIn === undefined) throw new Error('not started');
  return world.standIn;
}
function mailcow(): Mailcow {
  if (world.mailcow === undefined) throw new Error('not started');
  return world.mailcow;
}

beforeEach(async () => {
  world.standIn = await startMailcow();
  world.mailcow = openAt(world.standIn.url, { apiKey: world.standIn.apiKey });
});
afterEach(async () => {
  await world.standIn?.close();
});

describe('on a whole mailcow', () => {
  test('a mailbox lives its life, read back after each step', async () => {
    const address = 'anna@example.test';
    const read = (): Promise<unknown> => mailcow().readMailbox(address);
    expect(await mailcow().createMailbox(person(address))).toEqual(done);
    expect(await read()).toMatchObject({
      ...person(address),
      authSource: 'mailcow',
      tlsEnforceIn: false,
      tlsEnforceOut: false,
    });
    expect(await mailcow().editMailbox(address, { name: 'A', quotaMiB: 0, addTags: ['t'] })).toEqual(done);
    expect(await read()).toMatchObject({ name: 'A', quotaMiB: 0, active: 1 });
    expect(await read()).toMatchObject({ tags: ['ldap-mailcow:owner:id-1', 't'] });
    expect(await mailcow().editTlsPolicy(address, { in: true, out: false })).toEqual(done);
    expect(await read()).toMatchObject({ tlsEnforceIn: true, tlsEnforceOut: false });
    expect(await mailcow().removeMailboxTag(address, 't')).toEqual(done);
    expect(await mailcow().editMailbox(address, { active: 2 })).toEqual(done);
    expect(await read()).toMatchObject({ active: 2, tags: ['ldap-mailcow:owner:id-1'] });
    const rename = { from: address, to: 'anne@example.test', keepAlias: true };
    expect(await mailcow().renameMailbox(rename)).toEqual(done);
    expect(await read()).toBeUndefined();
    expect(await mailcow().readMailbox('ANNE@example.test')).toMatchObject({ address: rename.to });
    expect(await mailcow().readAlias({ address })).toMatchObject({ goto: [rename.to], active: 1 });
    expect(await mailcow().deleteMailbox(rename.to)).toEqual(done);
    expect(await mailcow().listMailboxes()).toEqual({ mailboxes: [], halfDeleted: 0 });
    expect(await mailcow().listAliases()).toEqual([]);
  });

  test.each(odd)('%s can be created, read, marked, unmarked and deleted', async (address) => {
    expect(await mailcow().createMailbox(person(address))).toEqual(done);
    expect(await mailcow().readMailbox(address)).toMatchObject({ address, quotaMiB: 1024 });
    const untag = await mailcow().removeMailboxTag(address, 'ldap-mailcow:owner:id-1');
    expect(untag.kind).toBe(address.includes('/') ? 'refused' : 'done');
    expect(await mailcow().deleteMailbox(address)).toEqual(done);
    expect(await mailcow().readMailbox(address)).toBeUndefined();
  });

  test('aliases with odd addresses are created in one call and removed by number', async () => {
    await mailcow().createMailbox(person('anna@example.test'));
    const added = await mailcow().createAliases(list(odd, ['anna@example.test']));
    const ids = added.flatMap((one) => (one.kind === 'done' ? [one.id] : []));
    expect(ids).toHaveLength(odd.length);
    for (const [index, address] of odd.entries()) {
      expect(await mailcow().readAlias({ address })).toMatchObject({ address, id: ids[index] });
    }
    const [first = 0] = ids;
    expect(await mailcow().editAlias(first, { active: 0, goto: ['x@else.test'] })).toEqual(done);
    expect(await mailcow().readAlias({ id: first })).toMatchObject({ active: 0, goto: ['x@else.test'] });
    expect(await mailcow().removeAliases(ids)).toEqual(ids.map(() => done));
    expect(await mailcow().removeAliases(ids)).toEqual(
      ids.map(() => expect.objectContaining({ kind: 'unclear' })),
    );
    expect(await mailcow().listAliases()).toEqual([]);
  });

  test('an address that begins with the id of another alias reads as none', async () => {
    const [added] = await mailcow().createAliases(list(['a@example.test'], ['x@else.test']));
    const id = added?.kind === 'done' ? added.id : 0;
    expect(await mailcow().readAlias({ address: `${id}zzz@example.test` })).toBeUndefined();
  });

  test('a mixed call of aliases is told apart', async () => {
    await mailcow().createMailbox(person('anna@example.test'));
    const addresses = ['new@example.test', 'anna@example.test', 'x@unknown.test', 'last@other.test'];
    const results = await mailcow().createAliases(list(addresses, ['bert@example.test']));
    expect(results.map(({ kind }) => kind)).toEqual(['done', 'refused', 'refused', 'done']);
  });

  test('domains are listed and read', async () => {
    const domains = await mailcow().listDomains();
    expect(domains.map(({ name }) => name).sort()).toEqual(['example.test', 'other.test']);
    expect(await mailcow().readDomain('Example.test')).toEqual(
      domains.find(({ name }) => name === 'example.test'),
    );
    expect(await mailcow().readDomain('missing.test')).toBeUndefined();
  });

  test('a template is found by name', async () => {
    expect(await mailcow().createMailbox({ ...person('a@example.test'), template: 'Default' })).toEqual(done);
    const unknown = await mailcow().createMailbox({ ...person('b@example.test'), template: 'nope' });
    expect(unknown.kind).toBe('refused');
  });

  test('a half-deleted mailbox is seen, and a second deletion repairs it', async () => {
    await mailcow().createMailbox(person('anna@example.test'));
    standIn().store.halfDelete('anna@example.test');
    expect(await mailcow().readMailbox('anna@example.test')).toBe('half-deleted');
    expect(await mailcow().listMailboxes()).toEqual({ mailboxes: [], halfDeleted: 1 });
    expect(await mailcow().deleteMailbox('anna@example.test')).toEqual(done);
    expect(await mailcow().readMailbox('anna@example.test')).toBeUndefined();
  });

  test('the probe tells a read-only key from a read-write one and changes nothing', async () => {
    const { url: baseUrl, apiKey, readOnlyKey } = standIn();
    const before = JSON.stringify(standIn().store.snapshot());
    expect(await probeMailcow({ baseUrl, apiKey })).toMatchObject({ mayWrite: true });
    expect(await probeMailcow({ baseUrl, apiKey: readOnlyKey })).toMatchObject({ mayWrite: false });
    expect(await failure(probeMailcow({ baseUrl, apiKey: 'wrong' }))).toBeInstanceOf(MailcowRefused);
    expect(JSON.stringify(standIn().store.snapshot())).toBe(before);
  });
});

describe('when mailcow misbehaves', () => {
  test('a write that it carried out without saying so is unclear, and there when read', async () => {
    standIn().fault({ route: 'add/mailbox', times: 1, mode: 'empty', done: true });
    const verdict = await mailcow().createMailbox(person('anna@example.test'));
    expect(verdict.kind).toBe('unclear');
    expect(await mailcow().readMailbox('anna@example.test')).toMatchObject({ quotaMiB: 1024 });
    expect(standIn().stats().writes).toBe(1);
  });

  test.each(['drop', '500', 'empty', 'down', 'deadlock'] as const)(
    'a write is unclear and sent once: %s',
    async (mode) => {
      await mailcow().createMailbox(person('anna@example.test'));
      standIn().resetStats();
      standIn().fault({ route: 'edit/mailbox', times: 1, mode });
      expect((await mailcow().editMailbox('anna@example.test', { active: 0 })).kind).toBe('unclear');
      expect(standIn().stats().writes).toBe(1);
    },
  );

  test('a deletion that died of a deadlock is unclear and leaves a half-deleted mailbox', async () => {
    await mailcow().createMailbox(person('anna@example.test'));
    standIn().fault({ route: 'delete/mailbox', times: 1, mode: 'half-deleted' });
    expect((await mailcow().deleteMailbox('anna@example.test')).kind).toBe('unclear');
    expect(await mailcow().readMailbox('anna@example.test')).toBe('half-deleted');
  });

  test('a write that takes too long is unclear, and mailcow goes on with it', async () => {
    const { url, apiKey } = standIn();
    const hasty = openAt(url, { apiKey, writeTimeoutMs: 50 });
    standIn().fault({ route: 'add/mailbox', times: 1, mode: 'slow', ms: 300, done: true });
    expect((await hasty.createMailbox(person('anna@example.test'))).kind).toBe('unclear');
    expect(await hasty.readMailbox('anna@example.test')).toMatchObject({ quotaMiB: 1024 });
  });

  test('reads get over a short outage, and report a long one', async () => {
    standIn().fault({ route: 'get/mailbox', times: 2, mode: 'down' });
    expect(await mailcow().listMailboxes()).toEqual({ mailboxes: [], halfDeleted: 0 });
    standIn().fault({ mode: 'redis-down' });
    const error = await failure(mailcow().listMailboxes());
    expect(error).toBeInstanceOf(MailcowUnreachable);
    expect(error.message).toContain('Connection to Redis failed');
  });
});
