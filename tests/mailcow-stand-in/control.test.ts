import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../support/mailcow/faults.ts';
import type { Json } from '../support/mailcow/json.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { get, newMailbox, post } from './client.ts';

let mailcow: MailcowStandIn;

beforeEach(async () => {
  mailcow = await startMailcow();
});

afterEach(() => mailcow.close());

const anna = newMailbox('anna@example.test');

function mailboxCount(): number {
  return mailcow.store.snapshot().mailboxes.length;
}

async function control(path: string, body?: Json): Promise<Response> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  return fetch(`${mailcow.url}${path}`, init);
}

describe('the statistics', () => {
  it('tell writes, lists and reads of one object apart', async () => {
    await post(mailcow, 'add/mailbox', anna);
    await post(mailcow, 'edit/mailbox/custom-attribute', { items: ['anna@example.test'], attr: {} });
    await post(mailcow, 'delete/mailbox/tag/anna@example.test', ['x']);
    await post(mailcow, 'search/mailbox', { draw: 1 });
    for (const route of [
      'mailbox/all',
      'mailbox/reduced/example.test',
      'alias/all',
      'filters/all',
      'domain/all',
    ]) {
      await get(mailcow, `get/${route}`);
    }
    for (const route of ['mailbox/anna@example.test', 'alias/7', 'domain/example.test', 'filters/a@b.test']) {
      await get(mailcow, `get/${route}`);
    }
    await get(mailcow, 'get/status/version');
    expect(await (await control('/_stats')).json()).toEqual({
      writes: 3,
      lists: 6,
      objects: 4,
      calls: {
        'POST add/mailbox': 1,
        'POST edit/mailbox/custom-attribute': 1,
        'POST delete/mailbox/tag/{address}': 1,
        'POST search/mailbox': 1,
        'GET get/mailbox/all': 1,
        'GET get/mailbox/reduced/{domains}': 1,
        'GET get/alias/all': 1,
        'GET get/filters/all': 1,
        'GET get/domain/all': 1,
        'GET get/mailbox/{address}': 1,
        'GET get/alias/{id}': 1,
        'GET get/domain/{domain}': 1,
        'GET get/filters/{address}': 1,
        'GET get/status/version': 1,
      },
    });
  });

  it('start again from zero after a reset without a body', async () => {
    await post(mailcow, 'add/mailbox', anna);
    const answer = await fetch(`${mailcow.url}/_stats/reset`, { method: 'POST' });
    expect(await answer.json()).toEqual({ writes: 0, lists: 0, objects: 0, calls: {} });
    expect(mailcow.stats().writes).toBe(0);
  });
});

describe('a fault', () => {
  async function addWith(fault: Fault): Promise<Response> {
    mailcow.fault(fault);
    const headers = { 'X-API-Key': mailcow.apiKey, 'Content-Type': 'application/json' };
    const body = JSON.stringify(anna);
    return fetch(`${mailcow.url}/api/v1/add/mailbox`, { method: 'POST', headers, body });
  }

  it('"500" answers with the page of a missing database and does nothing', async () => {
    const response = await addWith({ route: 'add/mailbox', mode: '500', times: 1 });
    expect([response.status, await response.text()]).toEqual([
      500,
      expect.stringContaining('database failed'),
    ]);
    expect(mailboxCount()).toBe(0);
    expect(mailcow.writes).toMatchObject([{ route: 'add/mailbox', performed: false }]);
  });

  it('"down" answers with the page of nginx', async () => {
    const response = await addWith({ mode: 'down', times: 1 });
    expect([response.status, await response.text()]).toEqual([502, expect.stringContaining('Preparing')]);
    expect(mailboxCount()).toBe(0);
  });

  it('"empty" does nothing, or everything when it is to be done', async () => {
    const undone = await addWith({ mode: 'empty', times: 1 });
    expect([undone.status, await undone.text(), mailboxCount()]).toEqual([200, '', 0]);
    const done = await addWith({ mode: 'empty', times: 1, done: true });
    expect([done.status, await done.text(), mailboxCount()]).toEqual([200, '', 1]);
  });

  it('"drop" carries the write out and loses the connection', async () => {
    await expect(addWith({ mode: 'drop', times: 1 })).rejects.toThrow();
    expect(mailboxCount()).toBe(1);
  });

  it('"slow" answers late', async () => {
    const started = Date.now();
    await addWith({ mode: 'slow', times: 1, ms: 60 });
    expect(Date.now() - started).toBeGreaterThanOrEqual(55);
    expect(mailboxCount()).toBe(1);
  });

  it('"deadlock" hides the SQL error in a success, or refuses', async () => {
    const hidden = await addWith({ mode: 'deadlock', times: 1 });
    expect(await hidden.text()).toMatch(/"type":"success"[^\]]*\],"msg":"SQLSTATE.*1213 Deadlock/);
    expect(mailboxCount()).toBe(1);
    const refused = await addWith({ mode: 'deadlock', times: 1, done: false });
    expect(await refused.json()).toMatchObject([{ type: 'danger' }]);
  });

  it('"half-deleted" leaves a deletion half-way with an empty reply', async () => {
    await post(mailcow, 'add/mailbox', anna);
    mailcow.fault({ route: 'delete/mailbox', mode: 'half-deleted', times: 1 });
    expect(await post(mailcow, 'delete/mailbox', ['anna@example.test'])).toBe('');
    expect(await get(mailcow, 'get/mailbox/all')).toMatchObject([{ username: null }]);
  });

  it('"401" refuses the key', async () => {
    expect((await addWith({ mode: '401', times: 1 })).status).toBe(401);
  });

  it('concerns only its route, its match and its number of calls, and ends when it is cleared', async () => {
    mailcow.fault({ route: 'get/mailbox', mode: '500', match: 'anna', after: 1, times: 1 });
    const status = async (route: string): Promise<number> => {
      const headers = { 'X-API-Key': mailcow.apiKey };
      return (await fetch(`${mailcow.url}/api/v1/${route}`, { headers })).status;
    };
    const asked = ['get/mailbox/bert@x.test', 'get/mailbox/anna@x.test', 'get/alias/anna@x.test'];
    for (const route of asked) expect(await status(route)).toBe(200);
    expect(await status('get/mailbox/anna@x.test')).toBe(500);
    expect(await status('get/mailbox/anna@x.test')).toBe(200);
    mailcow.fault({ mode: '500' });
    expect(await status('get/domain/all')).toBe(500);
    mailcow.fault({ times: 0 });
    expect(await status('get/domain/all')).toBe(200);
  });

  it('can be set by anyone over HTTP, and is not counted', async () => {
    const set = await control('/_fault', { route: 'get/alias/all', times: 1, mode: 'down' });
    expect(set.status).toBe(200);
    expect(mailcow.stats().calls).toEqual({});
    const headers = { 'X-API-Key': mailcow.apiKey };
    const answer = await fetch(`${mailcow.url}/api/v1/get/alias/all`, { headers });
    expect(answer.status).toBe(502);
  });

  it('is refused with a sentence when its mode is unknown', async () => {
    const answer = await control('/_fault', { mode: 'explode' });
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('must be one of slow'),
    ]);
  });
});

describe('closing', () => {
  it('does not wait for slow calls or open connections', async () => {
    mailcow.fault({ mode: 'slow', ms: 60_000 });
    const pending = post(mailcow, 'add/mailbox', anna).catch(() => 'lost');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = Date.now();
    await mailcow.close();
    expect(Date.now() - started).toBeLessThan(2_000);
    await pending;
  });
});
