/** A wire between a client and a server that can be tapped and cut. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type CuttingProxy = {
  readonly uri: string;
  /** What clients sent, over all connections, as latin1 text. */
  readonly sent: () => string;
  readonly connections: () => number;
  close(): Promise<void>;
};

export type Wire = {
  /** The port of the real server on 127.0.0.1. */
  readonly port: number;
  /** Cuts each connection once the server has answered with so many bytes on it; default: never. */
  readonly cutAfterBytes?: number;
};

/** Forwards ldap://127.0.0.1 connections to the server until each has carried its share of answers. */
export async function startCuttingProxy({ port, cutAfterBytes = Infinity }: Wire): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let sent = '';
  let connections = 0;
  const forward = (client: Socket): void => {
    connections += 1;
    let answered = 0;
    const server = connect(port, '127.0.0.1');
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', cut);
    }
    client.on('data', (chunk: Buffer) => {
      sent += chunk.toString('latin1');
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      client.write(chunk.subarray(0, cutAfterBytes - answered));
      answered += chunk.length;
      if (answered >= cutAfterBytes) client.destroySoon();
    });
  };
  const listener = createServer(forward);
  await new Promise<void>((done) => {
    listener.listen(0, '127.0.0.1', done);
  });
  return {
    uri: `ldap://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    sent: () => sent,
    connections: () => connections,
    close: () =>
      new Promise((done) => {
        listener.close(() => {
          done();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}
