/** What the program says over the network: each HTTP request on its way to mailcow, and each connection it opens. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type Watched = {
  readonly url: string;
  /** `POST /api/v1/add/mailbox`, in the order in which they came. */
  readonly requests: readonly string[];
  /** The largest number of writes that were under way together. */
  readonly mostWrites: () => number;
  readonly close: () => Promise<void>;
};

/** Forwards to mailcow; a write is kept for a moment, so that a second one would meet it. */
export async function watchMailcow(target: string): Promise<Watched> {
  const requests: string[] = [];
  let [underWay, most] = [0, 0];
  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    requests.push(`${method} ${url}`);
    const writes = method === 'POST' ? 1 : 0;
    underWay += writes;
    most = Math.max(most, underWay);
    if (writes > 0) await pause(25);
    const upstream = ask(new URL(url, target), { method, headers }, (answer) => {
      underWay -= writes;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    request.pipe(upstream);
  };
  const server = createServer((request, response) => void forward(request, response));
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    mostWrites: () => most,
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
}

/** Runs in the program before anything else; better-sqlite3 opens a file and no connection. */
const hookOf = (log: string): string => `
const { appendFileSync } = require('node:fs');
const { Socket } = require('node:net');
const { connect } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  const { path, port } = [args].flat(2)[0];
  appendFileSync(${JSON.stringify(log)}, String(path ?? port) + '\\n');
  return connect.apply(this, args);
};
`;

/** Runs something that starts the program, and tells to which ports (or sockets of the machine) it connected. */
export async function connectionsOf(folder: string, run: () => Promise<unknown>): Promise<readonly string[]> {
  const [hook, log] = [join(folder, 'hook.cjs'), join(folder, 'connections.log')];
  writeFileSync(hook, hookOf(log));
  const before = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = `--require ${hook}`;
  try {
    await run();
  } finally {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  }
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  return [...new Set(lines)].sort();
}
