/** One connection to an IMAP server: opened, used, closed. */
import { setTimeout as pause } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import type { MailLogin } from '../ports-mail.ts';
import { toMailError } from './failure.ts';
import type { Settings } from './options.ts';

/** A line without a literal; a server that never ends one must not fill the memory. */
const longestLine = 4 * 1024 * 1024;
/** mailcow's largest message is 100 MiB unless somebody raised it. */
const largestMessage = 512 * 1024 * 1024;
const farewellMs = 1000;

/**
 * A client that is not connected. It never logs: imapflow's log would show passwords. With `security: ''` it uses
 * STARTTLS where that is offered, as imapsync does.
 */
export function createClient(login: MailLogin, { verifyTls, timeouts }: Settings): ImapFlow {
  const client = new ImapFlow({
    host: login.host,
    port: login.port,
    secure: login.security === 'ssl',
    ...(login.security === 'tls' && { doSTARTTLS: true }),
    auth: { user: login.user, pass: login.password },
    tls: { rejectUnauthorized: verifyTls },
    logger: false,
    emitLogs: false,
    clientInfo: { name: 'ldap-mailcow' },
    disableAutoIdle: true,
    disableCompression: true,
    // Folders keep the names that they have on the wire.
    disableAutoEnable: true,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.idleMs,
    maxLineLength: longestLine,
    maxLiteralSize: largestMessage,
    maxLockHoldTime: false,
  });
  // Nobody listening would end the process; what was asked for at that time is rejected by itself.
  client.on('error', () => undefined);
  return client;
}

/** Says goodbye, but waits no longer than a second for the answer; the socket is closed in any case. */
export async function leave(client: ImapFlow): Promise<void> {
  const waiting = new AbortController();
  try {
    const giveUp = pause(farewellMs, undefined, { signal: waiting.signal });
    await Promise.race([client.logout(), giveUp.catch(() => undefined)]);
  } catch {
    // The server has gone before us.
  } finally {
    waiting.abort();
    client.close();
  }
}

/**
 * Runs `use` on a connection that is logged in, and closes it whatever happens. Throws a MailError for all that the
 * server or the network does.
 */
export async function withSession<T>(
  login: MailLogin,
  settings: Settings,
  use: (client: ImapFlow) => Promise<T>,
): Promise<T> {
  const client = createClient(login, settings);
  try {
    await client.connect();
    const result = await use(client);
    await leave(client);
    return result;
  } catch (error) {
    throw toMailError(error, login);
  } finally {
    client.close();
  }
}
