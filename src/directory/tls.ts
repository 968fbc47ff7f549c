/** How the server proves who it is. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { DirectoryRefused } from './errors.ts';
import type { TlsOptions } from './options.ts';

function readCa(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new DirectoryRefused(`LDAP_MAILCOW_LDAP_TLS_CA_FILE: ${file} cannot be read`, { cause: error });
  }
  // OpenSSL would take such a file as “no authority at all” and say only that the chain is not trusted.
  if (!text.includes('-----BEGIN')) {
    throw new DirectoryRefused(`LDAP_MAILCOW_LDAP_TLS_CA_FILE: ${file} holds no certificate in PEM format`);
  }
  return text;
}

/**
 * The options for a handshake with `host`. The name is always checked here: left to itself, node compares the
 * certificate with “localhost” when the StartTLS URI holds an IP address (facts/ldap.md section 2).
 */
export function tlsFor(host: string, tls: TlsOptions): ConnectionOptions {
  const expected = tls.serverName ?? host;
  return {
    rejectUnauthorized: tls.verify,
    ...(isIP(expected) === 0 && { servername: expected }),
    ...(tls.caFile !== undefined && { ca: readCa(tls.caFile) }),
    checkServerIdentity: (_, certificate) => checkServerIdentity(expected, certificate),
  };
}
