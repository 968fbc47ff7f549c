/** Sockets until they can be used, and the ways in which they end. */
import type { Socket } from 'node:net';

/** How a connection ended, beside the codes of node and OpenSSL. */
type FailureCode =
  | 'LDAP_TIMEOUT'
  | 'LDAP_CLOSED'
  /** Closed before the server had sent a single byte. */
  | 'LDAP_CLOSED_UNHEARD'
  | 'LDAP_GARBLED'
  | 'LDAP_SPOKE_TLS'
  | 'LDAP_NOTICE';

export class ConnectionFailure extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

type Handshake = {
  readonly socket: Socket;
  readonly event: 'connect' | 'secureConnect';
  readonly timeoutMs: number;
};

/** Waits until the socket can be used; destroys it when it cannot. */
export function establish({ socket, event, timeoutMs }: Handshake): Promise<void> {
  return new Promise((done, failed) => {
    const fail = (error: Error): void => {
      clearTimeout(timer);
      // Errors that come late must not end the process.
      socket.on('error', () => undefined);
      socket.destroy();
      failed(error);
    };
    const closed = (): void => {
      fail(new ConnectionFailure('LDAP_CLOSED', 'the server closed the connection'));
    };
    const timer = setTimeout(() => {
      fail(new ConnectionFailure('LDAP_TIMEOUT', `no connection within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.once('error', fail);
    socket.once('close', closed);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off('error', fail);
      socket.off('close', closed);
      done();
    });
  });
}
