/** A small HTTP server: short requests, short answers, nothing kept. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Asked, Reply } from './routes.ts';

/** It cannot listen; the message is the rest of a sentence that begins with the address. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export type HttpServer = {
  /** Ends idle connections at once and those at work within a second. */
  readonly close: () => Promise<void>;
};

export type HttpServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly answer: (asked: Asked) => Promise<Reply>;
  /** Told when `answer` throws; whoever asked gets 500 and none of it. */
  readonly onError: (error: unknown) => void;
  /** How long somebody may take who neither sends nor reads, default 10,000 ms. */
  readonly stallMs?: number;
};

const mostHeaderBytes = 8 * 1024;
/** Nothing here reads a body. */
const mostBodyBytes = 1024;
const mostConnections = 50;
const requestMs = 10_000;
const closeMs = 1000;

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'ports below 1024 need a right that the program does not have',
  EADDRNOTAVAIL: 'this is no address of this machine (or of this container)',
  ENOTFOUND: 'there is no host of this name',
};

function listenError(error: Error): ListenError {
  const code = 'code' in error ? String(error.code) : '';
  return new ListenError(reasons[code] ?? error.message, { cause: error });
}

const plainHeaders = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, { ...plainHeaders, ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

const tooLarge: Reply = {
  status: 413,
  body: 'no body is wanted here\n',
  headers: { Connection: 'close' },
};

/** Reads a body away; false when it is longer than anybody needs. */
async function endsSoon(request: IncomingMessage): Promise<boolean> {
  if (Number(request.headers['content-length'] ?? 0) > mostBodyBytes) return false;
  let bytes = 0;
  for await (const chunk of request) {
    bytes += Buffer.isBuffer(chunk) ? chunk.length : 0;
    if (bytes > mostBodyBytes) return false;
  }
  return true;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { answer, onError }: HttpServerOptions,
): Promise<void> {
  try {
    if (!(await endsSoon(request))) {
      send(response, tooLarge);
      return;
    }
    const { method = '', url = '', headers } = request;
    const { authorization } = headers;
    send(
      response,
      await answer({ method, target: url, ...(authorization !== undefined && { authorization }) }),
    );
  } catch (error) {
    // Who broke off while sending is no fault of ours.
    if (request.destroyed && !request.complete) return;
    onError(error);
    if (!response.headersSent) send(response, { status: 500, body: 'this failed; the log says why\n' });
  }
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    const patience = setTimeout(() => {
      server.closeAllConnections();
    }, closeMs);
    server.close(() => {
      clearTimeout(patience);
      done();
    });
    server.closeIdleConnections();
  });
}

/** Listens; rejects with a ListenError when it cannot. */
export function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = {
    maxHeaderSize: mostHeaderBytes,
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    keepAliveTimeout: requestMs,
    connectionsCheckingInterval: requestMs / 2,
  };
  const server = createServer(limits, (request, response) => {
    void serve(request, response, options);
  });
  server.maxConnections = mostConnections;
  // Who asks and does not read would keep a connection for ever.
  server.setTimeout(options.stallMs ?? requestMs);
  return new Promise((done, failed) => {
    const onListenError = (error: Error): void => {
      failed(listenError(error));
    };
    server.once('error', onListenError);
    server.listen(options.port, options.host, () => {
      server.off('error', onListenError);
      server.on('error', options.onError);
      done({ close: () => close(server) });
    });
  });
}
