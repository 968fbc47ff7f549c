/**
 * One connection to an LDAP server, from TCP to unbind. It is built on the messages of ldapts and not on its
 * Client, because that one reconnects by itself (anonymously, or in clear after a lost StartTLS session),
 * keeps the paging cookie to itself, and hangs on an answer it cannot parse (facts/ldap.md sections 1 and 2).
 * This one never reconnects: whatever goes wrong ends it for good, at once.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import {
  BindRequest,
  ExtendedRequest,
  ExtendedResponse,
  MessageParser,
  SearchEntry,
  SearchReference,
  SearchRequest,
  UnbindRequest,
} from 'ldapts';
import { isFinalFor, toAnswer, type Answer, type Request } from './answer.ts';
import { openFrames, searchEntryTag, type Frame } from './frames.ts';
import { ConnectionFailure, establish } from './socket.ts';

type OnEntry = (entry: SearchEntry) => void;
/** Given the content of an entry's message. */
type OnBytes = (bytes: Buffer) => void;

/** What becomes of each entry; without `onEntry` none is decoded. */
export type Takers = { readonly onEntry?: OnEntry; readonly onBytes?: OnBytes };

type Waiting = {
  readonly request: Request;
  /** For the parser. */
  readonly details: Map<string, { readonly message: Request }>;
  readonly takers: Takers;
  readonly done: (answer: Answer) => void;
  readonly failed: (error: Error) => void;
};

export type Target = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (ldaps). */
  readonly tls?: ConnectionOptions;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
};

/** Any message of the server; ldapts does not export its base class. */
type Message = { readonly messageId: number };

const startTlsOid = '1.3.6.1.4.1.1466.20037';
const ldapMessageTag = 0x30;
const tlsRecordTags = [0x15, 0x16];

export class Connection {
  #socket: Socket;
  #waiting: Waiting | undefined;
  #failure: Error | undefined;
  #lastMessageId = 0;
  #receivedAnything = false;
  readonly #timeoutMs: number;
  readonly #connectTimeoutMs: number;

  private constructor(socket: Socket, target: Target) {
    this.#socket = socket;
    this.#timeoutMs = target.timeoutMs;
    this.#connectTimeoutMs = target.connectTimeoutMs;
    this.#listen(socket);
  }

  /** Rejects with an error of node, of OpenSSL, or a ConnectionFailure; nothing stays open then. */
  static async open(target: Target): Promise<Connection> {
    const { host, port, tls, connectTimeoutMs: timeoutMs } = target;
    const socket = tls ? connectTls({ ...tls, host, port }) : connectTcp({ host, port });
    await establish({ socket, event: tls ? 'secureConnect' : 'connect', timeoutMs });
    socket.setNoDelay(true);
    return new Connection(socket, target);
  }

  /** Encrypts the connection; an answer other than success is returned, and nothing is encrypted then. */
  async startTls(tls: ConnectionOptions): Promise<Answer> {
    const answer = await this.extended(startTlsOid);
    // Whatever came in clear behind the answer has ended the connection by now.
    if (this.#failure) throw this.#failure;
    if (answer.code !== 0) return answer;
    this.#socket.removeAllListeners('data');
    const socket = connectTls({ ...tls, socket: this.#socket });
    await establish({ socket, event: 'secureConnect', timeoutMs: this.#connectTimeoutMs });
    this.#socket = socket;
    this.#listen(socket);
    return answer;
  }

  bind(dn: string, password: string): Promise<Answer> {
    return this.#send(new BindRequest({ messageId: this.#nextId(), dn, password }));
  }

  extended(oid: string): Promise<Answer> {
    return this.#send(new ExtendedRequest({ messageId: this.#nextId(), oid }));
  }

  /** One page. Entries are handed on as they come, so that nothing of the answer is kept in memory. */
  search(
    options: Omit<ConstructorParameters<typeof SearchRequest>[0], 'messageId'>,
    takers: Takers,
  ): Promise<Answer> {
    return this.#send(new SearchRequest({ ...options, messageId: this.#nextId() }), takers);
  }

  /** Says good-bye and forgets the socket; a request that still waits fails. */
  close(): void {
    const farewell = new UnbindRequest({ messageId: this.#nextId() }).write();
    if (!this.#failure) this.#socket.write(farewell);
    this.#fail(new ConnectionFailure('LDAP_CLOSED', 'the connection was closed by us'), { soon: true });
  }

  #nextId(): number {
    this.#lastMessageId += 1;
    return this.#lastMessageId;
  }

  #send(request: Request, takers: Takers = {}): Promise<Answer> {
    return new Promise((done, failed) => {
      if (this.#failure) {
        failed(this.#failure);
        return;
      }
      const timer = setTimeout(() => {
        this.#fail(new ConnectionFailure('LDAP_TIMEOUT', `no answer within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
      const settled = (): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
      };
      this.#waiting = {
        request,
        details: new Map([[`${request.messageId}`, { message: request }]]),
        takers,
        done: (answer) => {
          settled();
          done(answer);
        },
        failed: (error) => {
          settled();
          failed(error);
        },
      };
      this.#socket.write(request.write());
    });
  }

  #listen(socket: Socket): void {
    // One of each per socket: half a message in clear behind the StartTLS answer dies with the old ones.
    const frames = openFrames();
    const parser = new MessageParser();
    parser.on('message', (message) => {
      this.#receive(message);
    });
    parser.on('error', (error) => {
      this.#fail(garbled(error));
    });
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk, { frames, parser });
    });
    socket.on('error', (error) => {
      this.#fail(this.#lost(error));
    });
    socket.on('close', () => {
      this.#fail(this.#lost());
    });
  }

  #lost(cause?: Error): Error {
    const message = 'the server closed the connection';
    if (!this.#receivedAnything) return new ConnectionFailure('LDAP_CLOSED_UNHEARD', message, { cause });
    return cause ?? new ConnectionFailure('LDAP_CLOSED', message);
  }

  #read(chunk: Buffer, { frames, parser }: Reader): void {
    const first = chunk[0] ?? ldapMessageTag;
    if (!this.#receivedAnything && first !== ldapMessageTag) {
      const code = tlsRecordTags.includes(first) ? 'LDAP_SPOKE_TLS' : 'LDAP_GARBLED';
      this.#fail(new ConnectionFailure(code, 'the server sent something that is not LDAP'));
    }
    this.#receivedAnything = true;
    if (this.#failure) return;
    try {
      for (const frame of frames.push(chunk)) this.#take(frame, parser);
    } catch (error) {
      this.#fail(garbled(error));
    }
  }

  #take(frame: Frame, parser: MessageParser): void {
    const waiting = this.#waiting;
    const isEntry = frame.content[0] === searchEntryTag && frame.messageId === waiting?.request.messageId;
    if (isEntry && !this.#failure) waiting.takers.onBytes?.(frame.content);
    if (isEntry && waiting.takers.onEntry === undefined) return;
    parser.read(frame.bytes, waiting?.details ?? new Map<string, { message: Request }>());
  }

  #receive(message: Message): void {
    if (this.#failure) return;
    const waiting = this.#waiting;
    if (waiting?.request.messageId !== message.messageId) this.#fail(unexpected(message));
    else if (message instanceof SearchEntry) waiting.takers.onEntry?.(message);
    else if (isFinalFor(waiting.request, message)) waiting.done(toAnswer(message));
    else if (!(message instanceof SearchReference)) this.#fail(unexpected(message));
  }

  #fail(error: Error, { soon } = { soon: false }): void {
    if (this.#failure) return;
    this.#failure = error;
    if (soon) this.#socket.destroySoon();
    else this.#socket.destroy();
    this.#waiting?.failed(error);
  }
}

type Reader = { readonly frames: ReturnType<typeof openFrames>; readonly parser: MessageParser };

const garbled = (cause: unknown): ConnectionFailure =>
  new ConnectionFailure('LDAP_GARBLED', 'the server sent something that is not LDAP', { cause });

/** Number 0 is the server's own word (RFC 4511 4.4): it is about to hang up. */
function unexpected(message: Message): ConnectionFailure {
  if (message instanceof ExtendedResponse && message.messageId === 0) {
    const said = message.errorMessage;
    return new ConnectionFailure('LDAP_NOTICE', `the server ends the connection: ${said}`);
  }
  return new ConnectionFailure('LDAP_GARBLED', 'the server answered a question that nobody asked');
}
