/** The server as a monitoring system meets it, over real connections. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgeReady } from '../../src/http/ready.ts';
import { answer, type Sources } from '../../src/http/routes.ts';
import { ListenError, openHttpServer, type HttpServer } from '../../src/http/server.ts';
import { freePort } from '../support/slapd-process.ts';

const token = 'a-long-random-token';

let port = 0;
let server: HttpServer;
let asked: { readonly audit: boolean }[] = [];
let errors: unknown[] = [];
let sources: Sources;

beforeEach(async () => {
  port = await freePort();
  asked = [];
  errors = [];
  sources = {
    readiness: () => ({ ready: false, reason: 'no sync yet' }),
    metrics: () => Promise.resolve({ type: 'text/plain; version=0.0.4', text: 'a_total 1\n' }),
    token,
    syncNow: (options) => {
      asked.push(options);
      return undefined;
    },
  };
  server = await openHttpServer({
    host: '127.0.0.1',
    port,
    answer: (request) => answer(request, sources),
    onError: (error) => {
      errors.push(error);
    },
  });
});
afterEach(() => server.close());

type Seen = { readonly status: number; readonly text: string; readonly headers: Headers };

async function ask(path: string, init: RequestInit = {}): Promise<Seen> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const bearer = (text: string): RequestInit => ({ method: 'POST', headers: { authorization: text } });

describe('whoever reads', () => {
  test('hears that the process is alive', async () => {
    const { status, text, headers } = await ask('/healthz');
    expect({ status, text }).toEqual({ status: 200, text: 'alive\n' });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('hears in one line whether it is ready', async () => {
    expect(await ask('/readyz')).toMatchObject({ status: 503, text: 'no sync yet\n' });
    sources = { ...sources, readiness: () => ({ ready: true, reason: 'last good sync 3 s ago' }) };
    expect(await ask('/readyz')).toMatchObject({ status: 200, text: 'last good sync 3 s ago\n' });
  });

  test('gets the metrics in their own type', async () => {
    const { status, text, headers } = await ask('/metrics?name=x');
    expect({ status, text }).toEqual({ status: 200, text: 'a_total 1\n' });
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('may ask for the head alone', async () => {
    expect(await ask('/healthz', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  test.each(['/', '/metrics/', '/healthz/x', '/../etc/passwd', '/favicon.ico'])(
    'finds nothing at %s',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  test.each([
    ['/metrics', 'POST', 'GET, HEAD'],
    ['/healthz', 'DELETE', 'GET, HEAD'],
    ['/sync', 'GET', 'POST'],
  ])('is told at %s that %s is no way to ask', async (path, method, allowed) => {
    const { status, headers } = await ask(path, { method });
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow: allowed });
  });

  test('does not see why something failed; the log does', async () => {
    sources = { ...sources, metrics: () => Promise.reject(new Error('database is locked')) };
    expect(await ask('/metrics')).toMatchObject({ status: 500, text: 'this failed; the log says why\n' });
    expect(errors).toEqual([new Error('database is locked')]);
    expect((await ask('/healthz')).status).toBe(200);
  });
});

describe('whoever wants a sync', () => {
  test('gets one with the token', async () => {
    expect((await ask('/sync', bearer(`Bearer ${token}`))).status).toBe(202);
    expect((await ask('/sync?full=1', bearer(`bearer ${token}`))).status).toBe(202);
    expect(asked).toEqual([{ audit: false }, { audit: true }]);
  });

  test.each([
    '',
    token,
    `Basic ${token}`,
    'Bearer',
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token} x`,
  ])('gets none with "%s"', async (header) => {
    const { status, headers } = await ask('/sync', bearer(header));
    expect({ status, challenge: headers.get('www-authenticate') }).toEqual({
      status: 401,
      challenge: 'Bearer',
    });
    expect(asked).toEqual([]);
  });

  test('hears that there is no token', async () => {
    sources = { ...sources, token: undefined };
    const { status, text } = await ask('/sync', bearer('Bearer undefined'));
    expect({ status, text }).toEqual({
      status: 404,
      text: 'no sync by HTTP: LDAP_MAILCOW_HTTP_TOKEN is not set\n',
    });
  });

  test('hears why there will be none now', async () => {
    sources = { ...sources, syncNow: () => 'mailcow refuses the key' };
    expect(await ask('/sync', bearer(`Bearer ${token}`))).toMatchObject({
      status: 503,
      text: 'mailcow refuses the key\n',
    });
  });

  test('is cut off when it sends a long body', async () => {
    const long = await ask('/sync', { ...bearer(`Bearer ${token}`), body: 'x'.repeat(2000) });
    expect(long.status).toBe(413);
    expect(asked).toEqual([]);
    expect((await ask('/sync', { ...bearer(`Bearer ${token}`), body: '{}' })).status).toBe(202);
  });
});

/** What the server says to these bytes, to the end of the connection. */
const raw = (bytes: string): Promise<string> =>
  new Promise((done) => {
    let said = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => {
      said += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      done(said);
    });
  });

describe('the server', () => {
  test('refuses long headers and broken requests, and lives on', async () => {
    expect(await raw(`GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toContain(
      ' 431 ',
    );
    expect(await raw('hello\r\n\r\n')).toContain(' 400 ');
    expect((await ask('/healthz')).status).toBe(200);
  });

  test('does not wait for ever for somebody who does not read', async () => {
    const body = 'x'.repeat(20_000_000);
    const other = await freePort();
    const slow = await openHttpServer({
      host: '127.0.0.1',
      port: other,
      stallMs: 50,
      answer: () => Promise.resolve({ status: 200, body }),
      onError: () => undefined,
    });
    let read = 0;
    const socket = connect(other, '127.0.0.1', () =>
      socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    );
    socket.on('error', () => undefined);
    socket.pause();
    await sleep(500);
    const closed = once(socket, 'close');
    socket.on('data', (data: Buffer) => {
      read += data.length;
    });
    socket.resume();
    await closed;
    expect(read).toBeLessThan(body.length);
    await slow.close();
  });

  test('ends at once, also with a connection that says nothing', async () => {
    const silent = raw('GET /healthz HTTP/1.1\r\n');
    const start = Date.now();
    await server.close();
    await silent;
    expect(Date.now() - start).toBeLessThan(3000);
  });

  test('says in words why it cannot listen', async () => {
    const second = openHttpServer({
      host: '127.0.0.1',
      port,
      answer: () => Promise.reject(new Error()),
      onError: () => undefined,
    });
    await expect(second).rejects.toThrow(ListenError);
    await expect(second).rejects.toThrow('another program listens there already');
  });
});

describe('it is ready', () => {
  const at = (minutes: number): Date => new Date(minutes * 60_000);
  const base = { lastGoodAt: at(0), deadline: at(17), syncingSince: undefined, failures: 0 };

  test('until another good sync should have ended', () => {
    expect(judgeReady({ ...base, now: at(17), failures: 3 })).toEqual({
      ready: true,
      reason: 'last good sync 1020 s ago; 3 syncs have failed since',
    });
    expect(judgeReady({ ...base, now: at(17.1), failures: 1 })).toEqual({
      ready: false,
      reason: 'last good sync 1026 s ago; 1 sync has failed since',
    });
  });

  test('while a long sync goes on that began in time, for a day', () => {
    expect(judgeReady({ ...base, now: at(300), syncingSince: at(5) }).ready).toBe(true);
    expect(judgeReady({ ...base, now: at(300), syncingSince: at(18) }).ready).toBe(false);
    expect(judgeReady({ ...base, now: at(24 * 60 + 6), syncingSince: at(5) }).ready).toBe(false);
  });

  test('not before the first one', () => {
    const never = { ...base, lastGoodAt: undefined, now: at(0) };
    expect(judgeReady(never)).toEqual({ ready: false, reason: 'no sync yet' });
    expect(judgeReady({ ...never, failures: 2 }).reason).toBe('no good sync yet: 2 syncs have failed');
  });

  test('also when the clock went back', () => {
    expect(judgeReady({ ...base, now: at(-5) })).toEqual({ ready: true, reason: 'last good sync 0 s ago' });
  });
});
