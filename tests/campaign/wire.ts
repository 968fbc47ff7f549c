/** The way to the directory: one port that never changes, and a wire that can be cut. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What the wire does to the connections that come now. */
export type WireMode =
  | { readonly kind: 'open' }
  | { readonly kind: 'down' }
  | { readonly kind: 'cut'; readonly afterBytes: number };

export type Wire = {
  readonly uri: string;
  setMode(mode: WireMode): void;
  close(): Promise<void>;
};

/** Starts the wire; `onConnect` is called for each connection of a client, before anything is forwarded. */
export async function startWire(options: {
  readonly port: number;
  readonly onConnect: () => void;
  /** Bytes of the server were lost on the way. */
  readonly onCut: () => void;
}): Promise<Wire> {
  const sockets = new Set<Socket>();
  let mode: WireMode = { kind: 'open' };

  function forward(client: Socket): void {
    options.onConnect();
    let left = mode.kind === 'cut' ? mode.afterBytes : Number.POSITIVE_INFINITY;
    if (mode.kind === 'down') {
      options.onCut();
      client.resetAndDestroy();
      return;
    }
    const server = connect(options.port, '127.0.0.1');
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk: Buffer) => server.write(chunk));
    server.on('data', (chunk: Buffer) => {
      if (chunk.length <= left) client.write(chunk);
      else {
        options.onCut();
        client.write(chunk.subarray(0, left));
        client.destroySoon();
      }
      left = Math.max(0, left - chunk.length);
    });
  }

  const listener = createServer(forward);
  await new Promise<void>((done) => {
    listener.listen(0, '127.0.0.1', done);
  });
  return {
    uri: `ldap://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    setMode: (next) => {
      mode = next;
    },
    close: () =>
      new Promise((done) => {
        listener.close(() => {
          done();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}
