import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { MailcowRefused, MailcowUnreachable } from '../../src/mailcow/errors.ts';
import { probeMailcow } from '../../src/mailcow/probe.ts';
import { waitUntilReady } from '../../src/mailcow/wait.ts';
import { apiKey, failure, openAt, openOn } from './opened.ts';
import { recording } from './recordings.ts';
import type { Answer } from './scripted.ts';

const recorded = (start: string): Answer => {
  const { status, text } = recording(start).response;
  return { status, text };
};
const down = new MailcowUnreachable('down');

describe('waiting for mailcow', () => {
  test('says once that it waits, and asks at growing distances until mailcow answers', async () => {
    const pauses: number[] = [];
    const said: string[] = [];
    const state = { asked: 0 };
    const version = await waitUntilReady({
      ping: () => {
        state.asked += 1;
        return state.asked <= 7 ? Promise.reject(down) : Promise.resolve('2026-07a');
      },
      onWaiting: (why) => said.push(why),
      delay: (ms) => {
        pauses.push(ms);
        return Promise.resolve();
      },
    });
    expect(version).toBe('2026-07a');
    expect(said).toEqual(['down']);
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  });

  test('says nothing when mailcow is there', async () => {
    const onWaiting = (): never => {
      throw new Error('said something');
    };
    const ping = (): Promise<string> => Promise.resolve('v');
    expect(await waitUntilReady({ ping, onWaiting, delay: () => Promise.resolve() })).toBe('v');
  });

  test('does not wait for what waiting does not mend', async () => {
    const refused = new MailcowRefused('no', { status: 401 });
    const ping = (): Promise<string> => Promise.reject(refused);
    const options = { ping, onWaiting: () => undefined, delay: () => Promise.resolve() };
    expect(await failure(waitUntilReady(options))).toBe(refused);
  });

  test('ends when it is told to', async () => {
    const stop = new AbortController();
    const options = {
      ping: () => Promise.reject(down),
      onWaiting: () => undefined,
      delay: () => {
        stop.abort();
        return Promise.resolve();
      },
      signal: stop.signal,
    };
    expect(await failure(waitUntilReady(options))).toBe(down);
  });

  test('works with the real probe while mailcow starts', async () => {
    const starting: Answer = { status: 502, text: '<html>\n<title>Preparing</title></html>' };
    const { mailcow } = await openOn((_asked, before) => (before < 4 ? starting : recorded('01/001')));
    const said: string[] = [];
    const ping = (): Promise<string> => mailcow.readVersion();
    const version = await waitUntilReady({
      ping,
      onWaiting: (why) => said.push(why),
      delay: () => Promise.resolve(),
    });
    expect(version).toBe('2026-07a');
    expect(said).toEqual(['GET get/status/version: mailcow answers 502: it is still starting (Preparing)']);
  });
});

describe('the probe of the API rights', () => {
  const delay = (): Promise<void> => Promise.resolve();

  test('a read-write key may write; nothing is changed to find out', async () => {
    const { server } = await openOn(({ method }) =>
      method === 'GET' ? recorded('01/001') : recorded('02/024'),
    );
    const probe = await probeMailcow({ baseUrl: server.baseUrl, apiKey, delay });
    expect(probe).toEqual({ version: '2026-07a', mayWrite: true });
    expect(server.asked.map(({ url, body }) => [url, body])).toEqual([
      ['/api/v1/get/status/version', ''],
      ['/api/v1/edit/tls_policy', '{"items":[],"attr":{}}'],
    ]);
  });

  test('a read-only key is told with what to do', async () => {
    const { server } = await openOn(({ method }) =>
      method === 'GET' ? recorded('01/001') : recorded('02/011'),
    );
    const probe = await probeMailcow({ baseUrl: server.baseUrl, apiKey, delay });
    expect(probe).toMatchObject({ version: '2026-07a', mayWrite: false, refusal: { status: 403 } });
    expect(probe.mayWrite ? '' : probe.refusal.message).toContain('Use the key for read-write access');
  });

  test('an address that is not allowed is named', async () => {
    const { server } = await openOn(recorded('02/008'));
    const error = await failure(probeMailcow({ baseUrl: server.baseUrl, apiKey, delay }));
    expect(error).toMatchObject({ name: 'MailcowRefused', seenAddress: '203.0.113.9' });
  });
});

describe('a server that accepts and says nothing', () => {
  test('is given up on while TLS is being set up, and nothing counts as sent', async () => {
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => sockets.push(socket));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const mailcow = openAt(`https://127.0.0.1:${port}`, { connectTimeoutMs: 50 });
    const error = await failure(mailcow.deleteMailbox('a@x.test'));
    expect(error).toBeInstanceOf(MailcowUnreachable);
    expect(error.message).toContain('mailcow cannot be reached: no connection within 50 ms');
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
});
