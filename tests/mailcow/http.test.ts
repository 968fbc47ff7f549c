import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { MailcowMalformed, MailcowUnreachable } from '../../src/mailcow/errors.ts';
import type { MailcowCall } from '../../src/mailcow/options.ts';
import { apiKey, failure, openAt, openOn } from './opened.ts';
import { recording } from './recordings.ts';
import type { Answer } from './scripted.ts';

const version: Answer = { json: { version: '2026-07a' } };

describe('one request', () => {
  test('carries the key and what mailcow needs, and nothing that it minds', async () => {
    const { mailcow, server } = await openOn(version);
    await mailcow.readVersion();
    const { method, url, headers, body } = server.asked[0] ?? {};
    expect([method, url, body]).toEqual(['GET', '/api/v1/get/status/version', '']);
    expect(headers).toMatchObject({
      'x-api-key': apiKey,
      accept: 'application/json',
      'accept-encoding': 'gzip',
      connection: 'keep-alive',
    });
    expect(Object.keys(headers ?? {}).filter((name) => /^(sec-|cookie|authorization)/.test(name))).toEqual(
      [],
    );
  });

  test('a write is JSON', async () => {
    const { mailcow, server } = await openOn({ text: '' });
    await mailcow.deleteMailbox('a+b@x.test');
    expect(server.asked[0]).toMatchObject({
      method: 'POST',
      url: '/api/v1/delete/mailbox',
      body: '["a+b@x.test"]',
    });
    expect(server.asked[0]?.headers['content-type']).toBe('application/json');
  });

  test('a path behind the host is ignored', async () => {
    const { server } = await openOn(version);
    const mailcow = openAt(`${server.baseUrl}/some/path/`);
    expect(await mailcow.readVersion()).toBe('2026-07a');
    expect(server.asked[0]?.url).toBe('/api/v1/get/status/version');
  });

  test('the session cookie is never sent back', async () => {
    const { mailcow, server } = await openOn({
      ...version,
      headers: { 'Set-Cookie': 'MCSESSID=abc; path=/' },
    });
    await mailcow.readVersion();
    await mailcow.deleteMailbox('a@x.test');
    await mailcow.readVersion();
    expect(server.asked.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined, undefined]);
  });

  test('one connection is kept for all of them', async () => {
    const { mailcow, server } = await openOn(version);
    for (let i = 0; i < 5; i += 1) await mailcow.readVersion();
    expect(server.connections()).toBe(1);
  });

  test('goes straight to mailcow, whatever proxies the environment names', async () => {
    const { mailcow, server } = await openOn(version);
    process.env['HTTP_PROXY'] = process.env['http_proxy'] = 'http://127.0.0.1:1';
    try {
      expect(await mailcow.readVersion()).toBe('2026-07a');
    } finally {
      delete process.env['HTTP_PROXY'];
      delete process.env['http_proxy'];
    }
    expect(server.asked).toHaveLength(1);
  });

  test('a packed reply is unpacked', async () => {
    const raw = gzipSync(recording('13/013').response.text);
    const { mailcow } = await openOn({ raw, headers: { 'Content-Encoding': 'gzip' } });
    expect((await mailcow.listDomains()).length).toBeGreaterThan(1);
  });

  test('a package that was cut off fails the read', async () => {
    const raw = gzipSync(recording('13/013').response.text).subarray(0, 200);
    const { mailcow } = await openOn({ raw, headers: { 'Content-Encoding': 'gzip' } });
    expect(await failure(mailcow.listDomains())).toBeInstanceOf(MailcowMalformed);
  });

  test('each attempt is reported, without bodies', async () => {
    const calls: MailcowCall[] = [];
    const answers: readonly Answer[] = [{ status: 502, text: '<html>' }, { json: {} }, { text: '' }];
    const { mailcow } = await openOn((_asked, before) => answers[before] ?? 'drop', {
      onCall: (call) => calls.push(call),
    });
    await mailcow.readMailbox('a@x.test');
    await mailcow.deleteMailbox('a@x.test');
    await mailcow.deleteMailbox('a@x.test');
    const ms = expect.any(Number);
    expect(calls).toEqual([
      { method: 'GET', route: 'get/mailbox', object: 'a@x.test', status: 502, ms },
      { method: 'GET', route: 'get/mailbox', object: 'a@x.test', status: 200, ms },
      { method: 'POST', route: 'delete/mailbox', status: 200, ms },
      { method: 'POST', route: 'delete/mailbox', status: undefined, ms },
    ]);
  });
});

describe('reads', () => {
  const failing: readonly (readonly [string, Answer])[] = [
    ['a cut connection', 'drop'],
    ['half an answer', 'half'],
    ['a 500', { status: 500, text: '<center>Connection to Redis failed.</center>' }],
    ['a 502', { status: 502, text: '<html><title>Preparing</title></html>' }],
    ['an empty body', { text: '' }],
  ];

  test.each(failing)('after %s are tried twice again', async (_name, answer) => {
    const { mailcow, server } = await openOn((_asked, before) => (before < 2 ? answer : version));
    expect(await mailcow.readVersion()).toBe('2026-07a');
    expect(server.asked).toHaveLength(3);
  });

  test.each(failing)('give up after three times of %s', async (_name, answer) => {
    const pauses: number[] = [];
    const { mailcow, server } = await openOn(answer, {
      delay: (ms) => {
        pauses.push(ms);
        return Promise.resolve();
      },
    });
    const error = await failure(mailcow.readVersion());
    expect(error instanceof MailcowUnreachable || error instanceof MailcowMalformed).toBe(true);
    expect(error.message).toMatch(/^GET get\/status\/version: /);
    expect(server.asked).toHaveLength(3);
    expect(pauses).toEqual([500, 1000]);
  });

  test.each([
    ['12/007', 'dockerapi container'],
    ['12/009', 'Redis'],
    ['12/010', 'database'],
  ])('%s says which part of mailcow is missing: %s', async (start, part) => {
    const { response } = recording(start);
    const { mailcow } = await openOn({ status: response.status, text: response.text });
    const error = await failure(mailcow.readVersion());
    expect(error.message).toBe(`GET get/status/version: mailcow answers 500: Connection to ${part} failed`);
  });

  test('what does not parse is not asked again', async () => {
    const { mailcow, server } = await openOn({ text: '<html>' });
    expect(await failure(mailcow.readVersion())).toBeInstanceOf(MailcowMalformed);
    expect(server.asked).toHaveLength(1);
  });

  test('one that timed out is not asked again: PHP is still at it', async () => {
    const { mailcow, server } = await openOn('hang', { readTimeoutMs: 50 });
    const error = await failure(mailcow.readVersion());
    expect(error).toBeInstanceOf(MailcowUnreachable);
    expect(error.message).toBe('GET get/status/version: no answer from mailcow: no answer within 50 ms');
    expect(server.asked).toHaveLength(1);
  });

  test('one under way ends when we are told to stop, and none starts after that', async () => {
    const stop = new AbortController();
    const { mailcow, server } = await openOn(
      () => {
        stop.abort();
        return 'hang';
      },
      { signal: stop.signal },
    );
    expect(await failure(mailcow.readVersion())).toBeInstanceOf(MailcowUnreachable);
    expect(await failure(mailcow.readVersion())).toBeInstanceOf(MailcowUnreachable);
    expect(server.asked).toHaveLength(1);
  });

  test('a server that is not there is unreachable', async () => {
    const { server } = await openOn(version);
    await server.close();
    const error = await failure(openAt(server.baseUrl).readVersion());
    expect(error).toBeInstanceOf(MailcowUnreachable);
    expect(error.message).toContain('mailcow cannot be reached: connect ECONNREFUSED');
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('writes', () => {
  test.each([
    ['a cut connection', 'drop', 'the connection was lost'],
    ['half an answer', 'half', 'the connection was lost'],
    ['a 500', { status: 500, text: '<html>' }, 'mailcow answers 500'],
    ['a 502', { status: 502, text: '<html>' }, 'mailcow answers 502'],
    ['an empty body', { text: '' }, 'an empty reply'],
    ['an HTML page', { text: '<html>' }, 'not JSON'],
  ] as const)('are unclear after %s and never repeated', async (_name, answer, why) => {
    const { mailcow, server } = await openOn(answer);
    const verdict = await mailcow.deleteMailbox('a@x.test');
    expect(verdict).toEqual({ kind: 'unclear', why: expect.stringContaining(why) });
    expect(server.asked).toHaveLength(1);
  });

  test('are unclear when no answer comes in time', async () => {
    const { mailcow, server } = await openOn('hang', { writeTimeoutMs: 50, readTimeoutMs: 5 });
    expect(await mailcow.deleteMailbox('a@x.test')).toEqual({
      kind: 'unclear',
      why: 'the connection was lost: no answer within 50 ms',
    });
    expect(server.asked).toHaveLength(1);
  });

  test('on a kept connection that is cut are unclear: it may have arrived', async () => {
    const { mailcow, server } = await openOn((_asked, before) => (before === 0 ? version : 'drop'));
    await mailcow.readVersion();
    expect((await mailcow.deleteMailbox('a@x.test')).kind).toBe('unclear');
    expect(server.asked).toHaveLength(2);
  });

  test('that cannot have been sent stop the sync', async () => {
    const { server } = await openOn(version);
    await server.close();
    const error = await failure(openAt(server.baseUrl).deleteMailbox('a@x.test'));
    expect(error).toBeInstanceOf(MailcowUnreachable);
    expect(error.message).toMatch(/^POST delete\/mailbox: /);
    const noName = openAt('http://no-such-host.invalid');
    expect(await failure(noName.deleteMailbox('a@x.test'))).toBeInstanceOf(MailcowUnreachable);
  });

  test('go on to their end when we are told to stop, and none starts after that', async () => {
    const stop = new AbortController();
    const answer: Answer = { json: [{ type: 'success', log: [], msg: ['mailbox_removed', 'a@x.test'] }] };
    const { mailcow, server } = await openOn(
      () => {
        stop.abort();
        return answer;
      },
      { signal: stop.signal },
    );
    expect(await mailcow.deleteMailbox('a@x.test')).toEqual({ kind: 'done' });
    expect(await failure(mailcow.deleteMailbox('a@x.test'))).toBeInstanceOf(MailcowUnreachable);
    expect(server.asked).toHaveLength(1);
  });
});
