/** From the list of URIs to one bound connection. */
import { Connection } from './connection.ts';
import { DirectoryError, DirectoryRefused, DirectoryUnreachable } from './errors.ts';
import { explainConnection, type Attempt } from './explain-connection.ts';
import { describeAnswer, explainBind } from './explain-result.ts';
import type { DirectoryOptions } from './options.ts';
import { tlsFor } from './tls.ts';

export type Session = {
  readonly connection: Connection;
  readonly uri: string;
  readonly encrypted: boolean;
  /** Turns an error of the connection into one of the adapter's. */
  readonly explain: (error: unknown) => DirectoryError;
};

type Server = { readonly uri: string; readonly host: string; readonly port: number; readonly ldaps: boolean };

function parseUri(text: string): Server {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['ldap:', 'ldaps:'].includes(url.protocol) || url.hostname === '') {
    throw new DirectoryRefused(`“${text}” is no LDAP URI: ldap://host or ldaps://host, with :port if needed`);
  }
  const ldaps = url.protocol === 'ldaps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (ldaps ? 636 : 389) : Number(url.port);
  return { uri: `${url.protocol}//${url.host}`, host, port, ldaps };
}

/** Runs one step; whatever ends the connection in it becomes an error of the adapter. */
async function step<T>(attempt: Attempt, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof DirectoryError ? error : explainConnection(error, attempt);
  }
}

async function encrypt(connection: Connection, server: Server, options: DirectoryOptions): Promise<void> {
  const answer = await step({ ...server, step: 'other' }, () =>
    connection.startTls(tlsFor(server.host, options.tls)),
  );
  if (answer.code === 0) return;
  const advice = 'use an ldaps:// URI, or LDAP_MAILCOW_LDAP_STARTTLS=false';
  throw new DirectoryRefused(
    `LDAP server ${server.uri} does not offer StartTLS: ${advice} (${describeAnswer(answer)})`,
  );
}

async function bind(connection: Connection, server: Server, options: DirectoryOptions): Promise<void> {
  const { bindDn, bindPassword } = options;
  const answer = await step({ ...server, step: 'other' }, () => connection.bind(bindDn, bindPassword));
  if (answer.code !== 0) throw explainBind(answer, { uri: server.uri, bindDn });
}

async function openOne(server: Server, options: DirectoryOptions): Promise<Session> {
  const { connectTimeoutMs, timeoutMs, startTls } = options;
  const tls = server.ldaps ? { tls: tlsFor(server.host, options.tls) } : {};
  const connection = await step({ ...server, step: server.ldaps ? 'ldaps' : 'other' }, () =>
    Connection.open({ host: server.host, port: server.port, ...tls, connectTimeoutMs, timeoutMs }),
  );
  try {
    if (startTls && !server.ldaps) await encrypt(connection, server, options);
    await bind(connection, server, options);
  } catch (error) {
    connection.close();
    throw error;
  }
  return {
    connection,
    uri: server.uri,
    encrypted: server.ldaps || startTls,
    explain: (error) => explainConnection(error, { ...server, step: 'other' }),
  };
}

/** An empty name or password is an anonymous bind (RFC 4513): it succeeds, and then reads less than the truth. */
function requireCredentials({ bindDn, bindPassword }: DirectoryOptions): void {
  if (bindDn.trim() === '') throw new DirectoryRefused('The bind DN is empty: set LDAP_MAILCOW_LDAP_BIND_DN');
  if (bindPassword === '') {
    throw new DirectoryRefused(
      'The bind password is empty: set LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD or LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD_FILE',
    );
  }
}

/**
 * Opens, encrypts and binds a new connection to the first URI that can be reached. Throws DirectoryUnreachable
 * when none can, DirectoryRefused at the first server that refuses: the next one would refuse as well.
 */
export async function openSession(options: DirectoryOptions): Promise<Session> {
  requireCredentials(options);
  const failures: DirectoryUnreachable[] = [];
  for (const server of options.uris.map(parseUri)) {
    try {
      return await openOne(server, options);
    } catch (error) {
      if (!(error instanceof DirectoryUnreachable)) throw error;
      failures.push(error);
    }
  }
  const [only] = failures;
  if (only && failures.length === 1) throw only;
  if (!only) throw new DirectoryRefused('There is no LDAP URI: set LDAP_MAILCOW_LDAP_URI');
  const message = `No LDAP server can be reached. ${failures.map((failure) => failure.message).join('. ')}`;
  throw new DirectoryUnreachable(message, { cause: only });
}
