/** A wire to the directory that can be cut in the middle of an answer. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Wire = {
  readonly uri: string;
  /** From now on each connection ends once the server has answered with so many bytes on it. */
  readonly cutAfter: (bytes: number) => void;
  readonly mend: () => void;
  readonly close: () => Promise<void>;
};

/** Forwards ldap:// connections to a port of 127.0.0.1. */
export async function openWire(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let limit = Infinity;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let answered = 0;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', cut).on('close', cut);
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      client.write(chunk.subarray(0, Math.max(0, limit - answered)));
      answered += chunk.length;
      if (answered >= limit) client.destroySoon();
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    uri: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAfter: (bytes) => {
      limit = bytes;
    },
    mend: () => {
      limit = Infinity;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}
