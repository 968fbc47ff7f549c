import { afterEach, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowOptions, MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { roomyDomain } from '../support/mailcow/start-state.ts';
import { get, newMailbox, post } from './client.ts';

let running: MailcowStandIn | undefined;

afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function start(options?: MailcowOptions): Promise<MailcowStandIn> {
  running = await startMailcow(options);
  return running;
}

const anna = newMailbox('anna@example.test');
const withAnna = { state: { domains: [roomyDomain('example.test')], mailboxes: [anna] } };

function addresses(mailcow: MailcowStandIn): readonly string[] {
  return mailcow.store.snapshot().mailboxes.map((row) => row.username);
}

function gotos(mailcow: MailcowStandIn): readonly string[] {
  return mailcow.store.snapshot().aliases.map((row) => `${row.address} -> ${row.goto}`);
}

describe('the start state', () => {
  it('has two roomy domains when none is given', async () => {
    const mailcow = await start();
    const domains = mailcow.store.snapshot().domains.map((row) => [row.domain, row.mailboxes, row.aliases]);
    expect(domains).toEqual([
      ['example.test', 100_000, 100_000],
      ['other.test', 100_000, 100_000],
    ]);
  });

  it('takes the bodies of add calls', async () => {
    const aliases = [{ address: 'info@example.test', goto: 'anna@example.test', active: 1 }];
    const filter = { username: 'anna@example.test', script_desc: 'x', script_data: 'keep;' };
    const filters = [{ ...filter, filter_type: 'prefilter', active: 1 }];
    const mailcow = await start({ state: { ...withAnna.state, aliases, filters } });
    expect(addresses(mailcow)).toEqual(['anna@example.test']);
    expect(gotos(mailcow)).toEqual(['info@example.test -> anna@example.test']);
    expect(mailcow.store.snapshot().filters).toHaveLength(1);
  });

  it('is refused with a sentence that names the body and the error, without its password', async () => {
    const state = { domains: [roomyDomain('example.test')], mailboxes: [anna, anna] };
    const started = startMailcow({ state });
    await expect(started).rejects.toThrow(
      /^start state: mailcow would refuse mailboxes\[1\] .*"anna".*object_exists/,
    );
    await expect(started).rejects.not.toThrow(/SSHA512/);
  });

  it('copes with 10,000 mailboxes and 20,000 aliases', async () => {
    const number = (index: number): string => `p${index % 10_000}@example.test`;
    const mailboxes = Array.from({ length: 10_000 }, (_, index) => newMailbox(number(index)));
    const aliases = Array.from({ length: 20_000 }, (_, index) => ({
      address: `a${index}@example.test`,
      goto: `${number(index)},${number(index + 1)}`,
    }));
    const mailcow = await start({ state: { domains: [roomyDomain('example.test')], mailboxes, aliases } });
    expect(await get(mailcow, 'get/mailbox/reduced')).toHaveLength(10_000);
    expect(await get(mailcow, 'get/alias/all')).toHaveLength(20_000);
    await post(mailcow, 'delete/mailbox', ['p7@example.test']);
    expect(await get(mailcow, 'get/alias/a7@example.test')).toMatchObject({ goto: 'p8@example.test' });
  });
});

describe('what a deletion does to other objects', () => {
  it('takes the mailbox out of every goto, and aliases to it alone with it', async () => {
    const mailcow = await start(withAnna);
    await post(mailcow, 'add/alias', { address: 'alone@example.test', goto: 'anna@example.test' });
    await post(mailcow, 'add/alias', { address: 'both@example.test', goto: 'anna@example.test,x@y.test' });
    await post(mailcow, 'delete/mailbox', ['anna@example.test']);
    expect(gotos(mailcow)).toEqual(['both@example.test -> x@y.test']);
  });

  it('leaves an address with a plus in longer gotos, as the unescaped REGEXP of mailcow does', async () => {
    const mailcow = await start();
    await post(mailcow, 'add/mailbox', newMailbox('a+b@example.test'));
    await post(mailcow, 'add/alias', { address: 'both@example.test', goto: 'a+b@example.test,x@y.test' });
    await post(mailcow, 'delete/mailbox', ['a+b@example.test']);
    expect(gotos(mailcow)).toEqual(['both@example.test -> a+b@example.test,x@y.test']);
  });
});

describe('a rename', () => {
  it('keeps the mailbox, follows in exact gotos only and leaves the old address as an alias', async () => {
    const mailcow = await start(withAnna);
    await post(mailcow, 'add/alias', { address: 'alone@example.test', goto: 'anna@example.test' });
    await post(mailcow, 'add/alias', { address: 'both@example.test', goto: 'anna@example.test,x@y.test' });
    await post(mailcow, 'edit/rename-mbox', {
      items: ['anna@example.test'],
      attr: { domain: 'example.test', old_local_part: 'anna', new_local_part: 'anne', create_alias: 1 },
    });
    expect(addresses(mailcow)).toEqual(['anne@example.test']);
    expect(gotos(mailcow)).toEqual([
      'alone@example.test -> anne@example.test',
      'both@example.test -> anna@example.test,x@y.test',
      'anna@example.test -> anne@example.test',
    ]);
  });
});

describe('a client that has died', () => {
  it('does not keep mailcow from going on', async () => {
    const mailcow = await start({ ...withAnna, latencyMs: 100 });
    const body = JSON.stringify(['anna@example.test']);
    const headers = { 'X-API-Key': mailcow.apiKey, 'Content-Type': 'application/json' };
    await new Promise<void>((resolve) => {
      const call = request(`${mailcow.url}/api/v1/delete/mailbox`, { method: 'POST', headers });
      call.on('error', () => {
        resolve();
      });
      call.end(body, () => setTimeout(() => call.destroy(), 20));
    });
    expect(addresses(mailcow)).toEqual(['anna@example.test']);
    await get(mailcow, 'get/status/version');
    expect(addresses(mailcow)).toEqual([]);
    expect(mailcow.writes).toMatchObject([{ route: 'delete/mailbox', performed: true }]);
  });
});

describe('compression', () => {
  it('is used for long replies when the client asks for it', async () => {
    const mailcow = await start(withAnna);
    const headers = { 'X-API-Key': mailcow.apiKey, 'Accept-Encoding': 'gzip' };
    const response = await fetch(`${mailcow.url}/api/v1/get/mailbox/all`, { headers });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.json()).toHaveLength(1);
  });
});
