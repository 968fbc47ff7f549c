/** A TCP server that says what a test tells it to: IMAP servers that no real one would be. */
import { createServer, type Socket } from 'node:net';

export type ScriptedMail = {
  readonly port: number;
  /** What clients sent, line by line. */
  readonly lines: () => readonly string[];
  /** Connections that clients have not closed. */
  readonly open: () => number;
  /** Ends all connections from this side. */
  readonly hangUp: () => void;
  /** Resolves when all clients have hung up. */
  readonly allGone: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type ScriptedOptions = {
  /** Sent at once; `undefined`: nothing. */
  readonly greeting?: string;
  /** Answers a line; the tag and the command in capitals are cut out already. */
  readonly answer?: (line: {
    readonly tag: string;
    readonly command: string;
    readonly text: string;
    readonly socket: Socket;
  }) => string | undefined;
};

function listen(socket: Socket, take: (line: string) => void): void {
  let rest = '';
  socket.on('data', (chunk: Buffer) => {
    rest += chunk.toString('latin1');
    const lines = rest.split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}

/** Starts it on 127.0.0.1. */
export async function startScriptedMail({ greeting, answer }: ScriptedOptions): Promise<ScriptedMail> {
  const sockets = new Set<Socket>();
  const lines: string[] = [];
  let waiting: (() => void)[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const done of waiting) done();
      waiting = [];
    });
    if (greeting !== undefined) socket.write(greeting);
    listen(socket, (text) => {
      lines.push(text);
      const [tag = '', command = ''] = text.split(' ');
      const said = answer?.({ tag, command: command.toUpperCase(), text, socket });
      if (said !== undefined && !socket.destroyed) socket.write(said);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    lines: () => lines,
    open: () => sockets.size,
    hangUp: () => {
      for (const socket of sockets) socket.end();
    },
    allGone: () =>
      sockets.size === 0
        ? Promise.resolve()
        : new Promise((done) => {
            waiting.push(done);
          }),
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          done();
        });
      }),
  };
}

type Line = Parameters<NonNullable<ScriptedOptions['answer']>>[0];

/** The usual answers up to the login, with these capabilities; `undefined` for anything else. */
export function usualAnswer({ tag, command }: Line, capabilities: string): string | undefined {
  if (command === 'CAPABILITY') return `* CAPABILITY IMAP4rev1 ${capabilities}\r\n${tag} OK done\r\n`;
  if (command === 'LOGIN' || command === 'NAMESPACE' || command === 'LOGOUT') return `${tag} OK done\r\n`;
  return undefined;
}
