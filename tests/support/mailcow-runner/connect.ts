/** imapsync's two logins. */
import { ImapFlow } from 'imapflow';
import { Ending, exitOf, type ErrorKind } from './exits.ts';
import type { Options } from './options.ts';
import { reasonOf, type Journal } from './session.ts';

export type Host = {
  readonly side: 1 | 2;
  /** As the log names it. */
  readonly name: string;
  readonly namedPort: number;
  /** Where it really is. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly security: Options['security1'];
  readonly isVerified: boolean;
};

const clientOf = ({ host, port, user, password, security, isVerified }: Host): ImapFlow => {
  const client = new ImapFlow({
    host,
    port,
    secure: security === 'ssl',
    ...(security === 'tls' && { doSTARTTLS: true }),
    ...(security === 'none' && { doSTARTTLS: false }),
    auth: { user, pass: password },
    tls: { rejectUnauthorized: isVerified },
    disableAutoIdle: true,
    connectionTimeout: 10_000,
    greetingTimeout: 3_000,
    logger: false,
  });
  client.on('error', () => undefined);
  return client;
};

/**
 * Logs in on both sides, host1 first; throws the Ending of what failed most, after the log has a line for each. `opened`
 * gets each connection before its login, so that a crash can cut it.
 */
export async function openHosts(
  hosts: readonly [Host, Host],
  { journal, opened }: { readonly journal: Journal; readonly opened: (client: ImapFlow) => void },
): Promise<readonly [ImapFlow, ImapFlow]> {
  for (const { side, name, namedPort, user } of hosts) {
    journal.say(`Host${side}: IMAP server [${name}] port [${namedPort}] user [${user}]`);
  }
  const clients = hosts.map(clientOf);
  for (const [index, host] of hosts.entries()) {
    const client = clients[index];
    if (client === undefined) continue;
    opened(client);
    await login(client, host, journal);
  }
  const [host1, host2] = clients;
  if (journal.errors.length > 0 || !host1 || !host2) throw new Ending(exitOf(journal.errors));
  return [host1, host2];
}

async function login(client: ImapFlow, host: Host, journal: Journal): Promise<void> {
  const { side, name, namedPort, user } = host;
  journal.say(
    `Host${side}: connecting and login on host${side} [${name}] port [${namedPort}] with user [${user}]`,
  );
  try {
    await client.connect();
    journal.say(`Host${side}: success login on [${name}] with user [${user}] auth [LOGIN] or [LOGIN]`);
  } catch (error) {
    // Dovecot hangs up on a master who asks for a mailbox that there is not.
    const isRefused = isRefusal(error) || (client.capabilities.size > 0 && !isAboutTls(error));
    client.close();
    const { kind, text } = isRefused ? explainRefusal(error, host) : explain(error, host);
    journal.fail(kind, text);
    if (kind.startsWith('ERR_AUTH')) {
      journal.say(`Host${side}: failed login on [${name}] with user [${user}] auth [LOGIN]`);
    }
  }
}

type Failure = { readonly kind: ErrorKind; readonly text: string };

function explainRefusal(error: unknown, { side, name, user }: Host): Failure {
  return {
    kind: `ERR_AUTHENTICATION_FAILURE_USER${side}`,
    text: `Host${side} failure: Error login on [${name}] with user [${user}] auth [LOGIN]: 2 ${reasonOf(error)}`,
  };
}

function explain(error: unknown, { side, name, user }: Host): Failure {
  const why = reasonOf(error);
  if (isAboutTls(error)) {
    return {
      kind: 'ERR_EXIT_TLS_FAILURE',
      text: `Host${side} failure: Can not go to tls encryption on host${side} [${name}]: ${why}`,
    };
  }
  const place = `host${side} [${name}] with user [${user}]`;
  return {
    kind: `ERR_CONNECTION_FAILURE_HOST${side}`,
    text: `Host${side} failure: can not open imap connection on ${place}: Unable to connect to ${name}: ${why}`,
  };
}

const isAboutTls = (error: unknown): boolean => reasonOf(error).includes('STARTTLS');

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'authenticationFailed' in error && error.authenticationFailed === true;
