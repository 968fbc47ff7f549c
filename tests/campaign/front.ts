/**
 * The way to mailcow: every call passes here, so that the campaign knows when a write begins and ends, who sent
 * it, and can kill the sender in the middle. A call goes on when its sender is dead, as PHP does.
 */
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FrontCall = { readonly route: string; readonly isWrite: boolean; readonly body: string };

/** `swallow`: the call never reaches mailcow. */
export type Verdict = 'forward' | 'swallow';

export type FrontHooks = {
  readonly onArrival: (call: FrontCall) => Verdict;
  /** mailcow has done it; the answer is not yet on its way. */
  readonly onDone: (call: FrontCall) => void;
  readonly onAnswered: (call: FrontCall) => void;
};

export type Front = {
  readonly url: string;
  /** Resolves when no call is under way. */
  readonly idle: () => Promise<void>;
  close(): Promise<void>;
};

async function readAll(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString();
}

type Answer = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

/** Starts the front before a mailcow on 127.0.0.1. */
export async function startFront(port: number, hooks: FrontHooks): Promise<Front> {
  const agent = new Agent({ keepAlive: true });
  let running = 0;

  function forward(from: IncomingMessage, body: string): Promise<Answer | undefined> {
    return new Promise((done) => {
      const { method, url, headers } = from;
      const call = request({ host: '127.0.0.1', port, method, path: url, headers, agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', () => {
          done(undefined);
        });
        answer.on('end', () => {
          done({ status: answer.statusCode ?? 500, headers: answer.headers, body: Buffer.concat(chunks) });
        });
      });
      call.on('error', () => {
        done(undefined);
      });
      call.end(body);
    });
  }

  async function serve(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const body = await readAll(from);
    if (body === undefined) return;
    const route = (from.url ?? '').replace('/api/v1/', '');
    const call = { route, isWrite: from.method === 'POST', body };
    running += 1;
    const verdict = hooks.onArrival(call);
    const answer = verdict === 'swallow' ? undefined : await forward(from, body);
    running -= 1;
    hooks.onDone(call);
    if (answer === undefined) to.destroy();
    else to.writeHead(answer.status, answer.headers).end(answer.body);
    hooks.onAnswered(call);
  }

  const server = createServer((from, to) => void serve(from, to));
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    idle: async () => {
      while (running > 0) await new Promise((done) => setTimeout(done, 5));
    },
    close: () =>
      new Promise((done) => {
        agent.destroy();
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
}
