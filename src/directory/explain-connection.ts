/** What a failed connection means, in words of the administrator, with the one line to set where there is one. */
import { ConnectionFailure } from './socket.ts';
import { DirectoryMalformed, DirectoryRefused, DirectoryUnreachable, type DirectoryError } from './errors.ts';

export type Attempt = {
  readonly uri: string;
  readonly host: string;
  /** The TLS handshake of an ldaps:// URI, or anything else. */
  readonly step: 'ldaps' | 'other';
};

const ownCa =
  'set LDAP_MAILCOW_LDAP_TLS_CA_FILE=/path/to/ca.pem (the certificate of the authority that signed it)';
const optOut = 'LDAP_MAILCOW_LDAP_TLS_VERIFY=false accepts any certificate';

const untrusted: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: `its certificate was signed by an authority that is not trusted here: ${ownCa}; ${optOut}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `its certificate was signed by an authority that is not trusted here: ${ownCa}; ${optOut}`,
  UNABLE_TO_GET_ISSUER_CERT: `an authority in the chain of its certificate is missing: ${ownCa}; ${optOut}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `its certificate was signed by an authority that is not trusted here: ${ownCa}; ${optOut}`,
  CERT_SIGNATURE_FAILURE: `its certificate was not signed by the authority that is trusted here: ${ownCa}; ${optOut}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `its certificate is self-signed: set LDAP_MAILCOW_LDAP_TLS_CA_FILE=/path/to/that/certificate.pem; ${optOut}`,
  CERT_HAS_EXPIRED: `its certificate has expired: renew it on the server (until then ${optOut})`,
  CERT_NOT_YET_VALID: `its certificate is not valid yet: compare the clocks of both machines (${optOut})`,
  CERT_REVOKED: 'its certificate was revoked: install a new one on the server',
};

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused): check host, port and whether the server runs',
  ENOTFOUND: 'its host name is unknown: check the spelling and the DNS of this machine or container',
  EAI_AGAIN: 'its host name cannot be looked up now: check the DNS of this machine or container',
  ETIMEDOUT: 'it does not answer: check host, port and firewalls in between',
  EHOSTUNREACH: 'there is no route to it: check the network and firewalls in between',
  ENETUNREACH: 'there is no route to it: check the network and firewalls in between',
  LDAP_TIMEOUT:
    'it does not answer in time: check host, port and firewalls in between, or raise LDAP_MAILCOW_LDAP_TIMEOUT',
  LDAP_NOTICE: 'it ended the connection with a notice',
};

const spokeTls =
  'that port seems to expect TLS from the first byte: use ldaps:// for it, or the plain port (389) with LDAP_MAILCOW_LDAP_STARTTLS=true';
const spokePlain =
  'that port does not speak TLS: use ldap:// with LDAP_MAILCOW_LDAP_STARTTLS=true for it, or the TLS port (636)';

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

const notTlsCodes = [
  'ECONNRESET',
  'EPROTO',
  'LDAP_CLOSED',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
];

const isTlsMixUp = (attempt: Attempt, code: string): boolean =>
  attempt.step === 'ldaps' && notTlsCodes.includes(code);

/** A TLS port answers plain LDAP with a TLS alert, or just hangs up. */
const isPlainMixUp = (attempt: Attempt, code: string): boolean =>
  attempt.uri.startsWith('ldap:') && ['LDAP_SPOKE_TLS', 'LDAP_CLOSED_UNHEARD'].includes(code);

/** Turns whatever ended a connection into one of the adapter's errors; `cause` keeps the original. */
export function explainConnection(error: unknown, attempt: Attempt): DirectoryError {
  const code = codeOf(error);
  const at = `LDAP server ${attempt.uri}`;
  const options = { cause: error };
  const trust = untrusted[code];
  if (trust !== undefined) return new DirectoryRefused(`${at}: ${trust} (${code})`, options);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return new DirectoryRefused(wrongName(error, attempt), options);
  if (isTlsMixUp(attempt, code)) return new DirectoryUnreachable(`${at}: ${spokePlain} (${code})`, options);
  if (isPlainMixUp(attempt, code))
    return new DirectoryUnreachable(`${at}: ${spokeTls} (${messageOf(error)})`, options);
  if (error instanceof ConnectionFailure && error.code === 'LDAP_GARBLED') {
    return new DirectoryMalformed(`${at}: ${error.message}: is that an LDAP port?`, options);
  }
  if (code.startsWith('ERR_SSL')) {
    return new DirectoryRefused(`${at}: the TLS handshake failed: ${messageOf(error)} (${code})`, options);
  }
  const known = unreachable[code];
  const why = known === undefined ? messageOf(error) : `${known} (${messageOf(error) || code})`;
  return new DirectoryUnreachable(`${at}: ${why}`, options);
}

function wrongName(error: unknown, attempt: Attempt): string {
  const names = typeof error === 'object' && error !== null && 'reason' in error ? String(error.reason) : '';
  return `LDAP server ${attempt.uri}: its certificate is for another name than ${attempt.host}: use a name of the certificate in the URI, or set LDAP_MAILCOW_LDAP_TLS_SERVER_NAME=<a name of the certificate>; ${optOut} (${names || messageOf(error)})`;
}
