/** An LDAP server that does what the test says: for what no real server shows on demand. */
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { readElement } from './scripted-ldap-ber.ts';
import {
  bindDone,
  extendedDone,
  parseRequest,
  searchDone,
  searchEntry,
  searchReference,
  type Done,
  type SeenBind,
  type SeenExtended,
  type SeenRequest,
  type SeenSearch,
  type Values,
} from './scripted-ldap-messages.ts';

/** Answers to one request; `done` is the final one. */
export type Reply = {
  entry(dn: string, values: Values): void;
  reference(uri: string): void;
  done(done?: Done & { readonly value?: string }): void;
  /** Any bytes, whether they are LDAP or not. */
  raw(bytes: Buffer | string): void;
  /** Closes politely (FIN); what was sent before still arrives. */
  end(): void;
  /** Cuts the connection (RST where it is not encrypted). */
  reset(): void;
};

export type Pem = { readonly cert: string; readonly key: string };

export type Script = {
  /** Default: success. */
  readonly bind?: (request: SeenBind, reply: Reply) => void;
  /** All searches but those of the root DSE; default: nothing found. */
  readonly search?: (request: SeenSearch, reply: Reply) => void;
  /** All extended requests but StartTLS when there is a certificate; default: not supported. */
  readonly extended?: (request: SeenExtended, reply: Reply) => void;
  readonly rootDse?: Values;
  /** Result code for the root DSE; with another than 0 it has no entry. */
  readonly rootDseCode?: number;
  /** PEM texts: StartTLS is offered with them. */
  readonly startTls?: Pem;
  /** PEM texts: TLS from the first byte. */
  readonly ldaps?: Pem;
  /** Bytes to send as soon as somebody connects. */
  readonly greeting?: Buffer | string;
  /** Accepts connections and never says a word; TLS handshakes are not answered either. */
  readonly mute?: boolean;
};

export type ScriptedLdap = {
  readonly uri: string;
  readonly port: number;
  /** Everything that was asked, in order. */
  readonly requests: readonly SeenRequest[];
  /** The searches of `requests` without those of the root DSE. */
  readonly searches: () => readonly SeenSearch[];
  readonly connections: () => number;
  close(): Promise<void>;
};

const startTlsOid = '1.3.6.1.4.1.1466.20037';

const doneFor = (request: SeenRequest, done: Done & { readonly value?: string }): Buffer => {
  if (request.kind === 'bind') return bindDone(request.id, done);
  return request.kind === 'extended' ? extendedDone(request.id, done) : searchDone(request.id, done);
};

const replyOver = (socket: Socket, request: SeenRequest): Reply => ({
  entry: (dn, values) => socket.write(searchEntry(request.id, dn, values)),
  reference: (uri) => socket.write(searchReference(request.id, uri)),
  done: (done = {}) => socket.write(doneFor(request, done)),
  raw: (bytes) => socket.write(bytes),
  end: () => socket.end(),
  reset: () => {
    if (socket instanceof TLSSocket) socket.destroySoon();
    else socket.resetAndDestroy();
  },
});

const isRootDse = (request: SeenRequest): boolean =>
  request.kind === 'search' && request.baseDn === '' && request.scope === 0;

function answer(script: Script, request: SeenRequest, reply: Reply): void {
  if (isRootDse(request)) {
    if (!script.rootDseCode) reply.entry('', script.rootDse ?? { objectClass: ['top'] });
    reply.done({ code: script.rootDseCode ?? 0 });
  } else if (request.kind === 'search') {
    (
      script.search ??
      ((_, plain) => {
        plain.done({ cookie: '' });
      })
    )(request, reply);
  } else if (request.kind === 'bind') {
    (
      script.bind ??
      ((_, plain) => {
        plain.done();
      })
    )(request, reply);
  } else if (request.kind === 'extended') {
    (
      script.extended ??
      ((_, plain) => {
        plain.done({ code: 2 });
      })
    )(request, reply);
  } else {
    reply.end();
  }
}

type Log = { readonly requests: SeenRequest[]; readonly sockets: Set<Socket> };

type Line = { readonly socket: Socket; readonly connection: number; readonly encrypted: boolean };

function serve(script: Script, line: Line, log: Log): void {
  const { socket } = line;
  let bytes: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    // No LDAP message (a TLS handshake, say): this server waits for ever.
    if (bytes[0] !== 0x30) return;
    for (let found = readElement(bytes); found; found = readElement(bytes)) {
      bytes = bytes.subarray(found.size);
      const request = parseRequest(found.content, line);
      log.requests.push(request);
      if (script.startTls && request.kind === 'extended' && request.oid === startTlsOid) {
        socket.off('data', onData);
        socket.write(extendedDone(request.id));
        const secure = new TLSSocket(socket, { isServer: true, ...script.startTls });
        secure.on('error', () => undefined);
        serve(script, { ...line, socket: secure, encrypted: true }, log);
        return;
      }
      answer(script, request, replyOver(socket, request));
    }
  };
  socket.on('data', onData);
}

function listen(server: Server): Promise<number> {
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      done((server.address() as AddressInfo).port);
    });
  });
}

/** Starts the server on a free port of 127.0.0.1. */
export async function startScriptedLdap(script: Script = {}): Promise<ScriptedLdap> {
  const log: Log = { requests: [], sockets: new Set() };
  let connections = 0;
  const accept = (socket: Socket): void => {
    connections += 1;
    log.sockets.add(socket);
    // Two small writes in a row would otherwise wait for the delayed acknowledgement of the first: 40 ms.
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => log.sockets.delete(socket));
    if (script.greeting !== undefined) socket.write(script.greeting);
    if (script.mute) socket.resume();
    else serve(script, { socket, connection: connections, encrypted: Boolean(script.ldaps) }, log);
  };
  const server = script.ldaps ? createTlsServer(script.ldaps, accept) : createTcpServer(accept);
  server.on('tlsClientError', () => undefined);
  const port = await listen(server);
  return {
    uri: `${script.ldaps ? 'ldaps' : 'ldap'}://127.0.0.1:${port}`,
    port,
    requests: log.requests,
    searches: () =>
      log.requests.filter((request) => request.kind === 'search').filter((request) => !isRootDse(request)),
    connections: () => connections,
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        for (const socket of log.sockets) socket.destroy();
      }),
  };
}

export type Entry = readonly [dn: string, values: Values];

/** Serves these pages one after the other: the cookie names the next one, an empty page is a page too. */
export function servePages(...pages: readonly (readonly Entry[])[]): NonNullable<Script['search']> {
  return (request, reply) => {
    const at = Number(request.paging?.cookie ?? '');
    for (const [dn, values] of pages[at] ?? []) reply.entry(dn, values);
    reply.done({ cookie: at + 1 < pages.length ? String(at + 1) : '' });
  };
}
