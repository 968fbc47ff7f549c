/** A loopback server that answers as it is told and remembers what it was asked. */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

export type Asked = {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
};

export type Answer =
  | {
      readonly status?: number;
      readonly json?: unknown;
      readonly text?: string;
      readonly raw?: Buffer;
      readonly headers?: http.OutgoingHttpHeaders;
    }
  /** The connection is cut; nothing answers any more. */
  | 'drop'
  /** Nothing comes. */
  | 'hang'
  /** Headers and half of a body come, then the connection is cut. */
  | 'half';

export type Scripted = {
  readonly baseUrl: string;
  readonly asked: readonly Asked[];
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

/** Starts the server; `answer` gets each request and how many came before it. */
export async function startScripted(
  answer: (asked: Asked, before: number) => Answer,
  tls?: https.ServerOptions,
): Promise<Scripted> {
  const asked: Asked[] = [];
  const seen = { connections: 0 };
  const listener: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      const before = asked.push(one) - 1;
      give(response, answer(one, before));
    });
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  server.on('connection', () => (seen.connections += 1));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    connections: () => seen.connections,
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          closed();
        });
        server.closeAllConnections();
      }),
  };
}

function give(response: http.ServerResponse, answer: Answer): void {
  if (answer === 'hang') return;
  if (answer === 'drop') {
    response.socket?.destroy();
    return;
  }
  if (answer === 'half') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1000 });
    response.write('[{"half":', () => response.socket?.destroy());
    return;
  }
  const text = answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json));
  response.writeHead(answer.status ?? 200, { 'Content-Type': 'application/json', ...answer.headers });
  response.end(answer.raw ?? text);
}
