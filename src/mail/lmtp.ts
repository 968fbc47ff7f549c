/** Delivers messages by LMTP (RFC 2033), where the sieve scripts of a mailbox run on what arrives. */
import SMTPConnection from 'nodemailer/lib/smtp-connection/index.js';
import { MailError, quoteServer } from './errors.ts';
import { traitsOf } from './failure.ts';
import type { Settings } from './options.ts';

export type LmtpServer = { readonly host: string; readonly port: number };

type Delivery = { readonly sender: string; readonly recipient: string; readonly message: Buffer };

export type Lmtp = {
  /** Done when the server has taken the message for the recipient; throws a MailError for everything else. */
  readonly deliver: (delivery: Delivery) => Promise<void>;
  readonly close: () => void;
};

/** RFC 2033: codes of 500 and more are for good. */
const isForGood = (error: unknown): boolean => {
  const code: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'responseCode') : undefined;
  return typeof code === 'number' && code >= 500;
};

function lmtpError({ host, port }: LmtpServer, error: unknown): MailError {
  if (error instanceof MailError) return error;
  const { said, message, code } = traitsOf(error);
  const words = quoteServer(said === '' ? message : said, []);
  const reason = words === '' ? code : words;
  return new MailError(`LMTP at ${host}:${port}: ${reason === '' ? 'no reason given' : reason}`, {
    transient: !isForGood(error),
  });
}

function send(connection: SMTPConnection, { sender, recipient, message }: Delivery): Promise<void> {
  return new Promise((done, failed) => {
    const lost = (error?: unknown): void => {
      failed(error instanceof Error ? error : new Error('the connection was closed'));
    };
    const end = (): void => {
      lost();
    };
    connection.once('error', lost);
    connection.once('end', end);
    const envelope = {
      from: sender === '' ? (false as const) : sender,
      to: recipient,
      size: message.length,
      use8BitMime: true,
    };
    connection.send(envelope, message, (error, info) => {
      connection.off('error', lost);
      connection.off('end', end);
      if (error) failed(error);
      else if (info.accepted.includes(recipient)) done();
      else failed(info.rejectedErrors?.[0] ?? new Error(`${recipient} was not accepted`));
    });
  });
}

function greet(connection: SMTPConnection): Promise<void> {
  return new Promise((done, failed) => {
    const lost = (error?: unknown): void => {
      failed(error instanceof Error ? error : new Error('the server hung up'));
    };
    connection.once('error', lost);
    connection.once('end', lost);
    connection.connect((error) => {
      connection.off('error', lost);
      connection.off('end', lost);
      if (error) failed(error);
      else done();
    });
  });
}

/** Connects; throws a MailError when nobody answers as an LMTP server. It never logs, and needs no login. */
export async function openLmtp(server: LmtpServer, { timeouts }: Settings): Promise<Lmtp> {
  const connection = new SMTPConnection({
    ...server,
    lmtp: true,
    // Inside mailcow's own network, and what Postfix does there too.
    ignoreTLS: true,
    name: 'ldap-mailcow',
    logger: false,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.idleMs,
    dnsTimeout: timeouts.connectMs,
  });
  connection.on('error', () => undefined);
  try {
    await greet(connection);
  } catch (error) {
    connection.close();
    throw lmtpError(server, error);
  }
  return {
    deliver: async (delivery) => {
      try {
        await send(connection, delivery);
      } catch (error) {
        throw lmtpError(server, error);
      }
    },
    close: () => {
      connection.quit();
      connection.close();
    },
  };
}
