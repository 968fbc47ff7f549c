/** The notifier in front of a real server on loopback. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HeldGroup, Situation, Told } from '../../src/notify/events.ts';
import { openNotifier, type Notifier } from '../../src/notify/notifier.ts';
import { eventually } from '../integration/world.ts';

const secret = 'T0KEN-in-the-URL';
const hold: HeldGroup = { id: 'c187c6ad', kind: 'deactivate mailbox', count: 4, of: 12, command: 'x' };
const situation = (held: readonly HeldGroup[], run = 'r1'): Situation => ({
  run,
  held,
  failures: 0,
  cause: '',
});

let server: Server;
let received: { readonly url: string; readonly body: string }[] = [];
let respond: (response: ServerResponse) => void;
let told: Told;
let lines: string[] = [];
let notifier: Notifier;
const at = new Date('2026-01-01T00:00:00.000Z');
const fields = { program: 'ldap-mailcow', version: '1.2.3', host: 'h' };

function open(base: string): Notifier {
  const log = (line: string): void => {
    lines.push(line);
  };
  return openNotifier({
    notifyUrl: `${base}/hook/${secret}`,
    heartbeatUrl: `${base}/beat?key=${secret}`,
    identity: fields,
    told: () => told,
    save: (patch) => {
      told = { ...told, ...patch };
    },
    log: { error: log, warn: log, info: log, debug: log },
    now: () => at,
  });
}

const baseOf = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeEach(async () => {
  received = [];
  lines = [];
  told = { hold: '', failures: 0 };
  respond = (response) => response.writeHead(200).end('ok');
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      received.push({ url: request.url ?? '', body });
      respond(response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  notifier = open(baseOf());
});
afterEach(async () => {
  await notifier.close(100);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

describe('a webhook', () => {
  test('gets one JSON object for each event, and what it got is kept', async () => {
    notifier.tell(situation([hold]));
    await notifier.close(5000);
    expect(received).toHaveLength(1);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      event: 'hold',
      at: at.toISOString(),
      ...fields,
      run: 'r1',
      message: expect.stringContaining('deactivate mailbox 4 of 12 managed'),
      holds: [hold],
      failures: 0,
    });
    expect(told).toEqual({ hold: 'c187c6ad', failures: 0 });
  });

  test('that refuses is asked again at the next sync, and the log says it once, without the token', async () => {
    respond = (response) => response.writeHead(500).end(secret);
    for (const run of ['r1', 'r2']) {
      notifier.tell(situation([hold], run));
      await eventually(`${run} was sent`, () => received.at(-1)?.body.includes(`"${run}"`) === true);
    }
    expect(told.hold).toBe('');
    respond = (response) => response.writeHead(204).end();
    await eventually('the refusal was seen', () => lines.length === 1);
    notifier.tell(situation([hold], 'r3'));
    await eventually('it was kept', () => told.hold === 'c187c6ad');
    expect(lines).toEqual([
      `LDAP_MAILCOW_NOTIFY_URL: ${baseOf()} answers 500; syncs go on, and each of them tries again`,
      `LDAP_MAILCOW_NOTIFY_URL: ${baseOf()} answers again`,
    ]);
  });

  test('that leads elsewhere is not followed', async () => {
    respond = (response) => response.writeHead(307, { location: `${baseOf()}/other` }).end();
    notifier.tell(situation([hold]));
    await notifier.close(5000);
    expect(received.map(({ url }) => url)).toEqual([`/hook/${secret}`]);
    expect(lines.join()).toContain('leads elsewhere (307): give the URL that it leads to');
  });

  test('that is slow gets the newest of what comes meanwhile', async () => {
    const open: ServerResponse[] = [];
    respond = (response) => open.push(response);
    notifier.tell(situation([hold], 'r1'));
    await eventually('the first has come', () => open.length === 1);
    for (const run of ['r2', 'r3', 'r4']) notifier.tell(situation([], run));
    respond = (response) => response.writeHead(200).end();
    open[0]?.writeHead(200).end();
    await eventually('the last has come', () => told.hold === '' && received.length === 2);
    expect(received.map(({ body }) => (JSON.parse(body) as { run: string }).run)).toEqual(['r1', 'r4']);
  });

  test('that never answers does not keep the program from ending, and nothing counts as told', async () => {
    respond = () => undefined;
    notifier.tell(situation([hold]));
    notifier.beat();
    const start = Date.now();
    await notifier.close(200);
    expect(Date.now() - start).toBeLessThan(1500);
    expect(told.hold).toBe('');
    expect(lines).toEqual([]);
  });

  test('that is not there is a line in the log', async () => {
    const base = baseOf();
    await new Promise((done) => server.close(done));
    const lost = open(base);
    lost.tell(situation([hold]));
    await lost.close(5000);
    expect(lines.join()).toBe(
      `LDAP_MAILCOW_NOTIFY_URL: ${base} cannot be reached (ECONNREFUSED); syncs go on, and each of them tries again`,
    );
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
});

describe('a heartbeat', () => {
  test('is one GET', async () => {
    notifier.beat();
    await notifier.close(5000);
    expect(received).toEqual([{ url: `/beat?key=${secret}`, body: '' }]);
  });
});
