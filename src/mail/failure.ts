/** Reads what the IMAP library throws: which of the ways to fail it is, and whether the same may work later. */
import type { LoginTrial, MailLogin } from '../ports-mail.ts';
import { MailError, quoteServer, secretsOf } from './errors.ts';

type FailureKind = Exclude<LoginTrial['kind'], 'ok'>;

export type Failure = { readonly kind: FailureKind; readonly why: string; readonly transient: boolean };

/** The members that imapflow 1.4.7 and node set on their errors, none of them for sure. */
export type Traits = {
  readonly code: string;
  readonly message: string;
  /** The server's word for the end of the command: NO or BAD. */
  readonly status: string;
  /** What stands in brackets behind it. */
  readonly responseCode: string;
  /** What the server said. */
  readonly said: string;
  readonly authentication: boolean;
  readonly tls: boolean;
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const memberOf = (value: unknown, name: string | number): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** Of commands other than the login the code is found only in the parsed answer. */
const codeInAnswer = (response: unknown): string =>
  textOf(['attributes', 0, 'section', 0, 'value'].reduce<unknown>(memberOf, response));

/** Everything that is known of an error; empty where it says nothing. */
export function traitsOf(error: unknown): Traits {
  const of = (name: string): unknown => memberOf(error, name);
  return {
    code: textOf(of('code')),
    message: textOf(of('message')),
    status: textOf(of('responseStatus')),
    responseCode: (textOf(of('serverResponseCode')) || codeInAnswer(of('response'))).toUpperCase(),
    said: textOf(of('responseText')) || textOf(of('reason')) || textOf(of('response')),
    authentication: of('authenticationFailed') === true,
    tls: of('tlsFailed') === true,
  };
}

/** RFC 5530: the server is to blame, not the password. */
const notThePassword = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'SERVERBUG', 'OVERQUOTA']);
const unreachable =
  /^(?:ECONN|ENOTFOUND|EAI_|ETIMED?OUT|EHOST|ENET|EADDR|EPIPE|CONNECT_TIMEOUT|GREETING_TIMEOUT|UPGRADE_TIMEOUT|ClosedAfterConnect|NoConnection|EConnectionClosed|NO_LOGIN_IN_TIME)/;
const brokenTls =
  /^(?:ERR_SSL|ERR_TLS|EPROTO|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_|STARTTLS_INJ)/;
/** Node gives this one the code of any lost connection. */
const cutHandshake = 'before secure TLS connection';

function kindOf({ code, message, authentication, tls, status, responseCode }: Traits): FailureKind {
  if (message.includes('does not support STARTTLS')) return 'no-starttls';
  if (brokenTls.test(code) || message.includes(cutHandshake)) return 'tls-failed';
  // imapflow calls a connection that is lost during the login a failed authentication too.
  if (authentication && status === 'NO' && !notThePassword.has(responseCode)) return 'bad-credentials';
  if (unreachable.test(code)) return 'unreachable';
  return tls ? 'tls-failed' : 'failed';
}

const permanentKinds: readonly FailureKind[] = ['bad-credentials', 'no-starttls', 'tls-failed'];

function isTransient(kind: FailureKind, { status, responseCode }: Traits): boolean {
  if (permanentKinds.includes(kind)) return false;
  return status === '' || notThePassword.has(responseCode);
}

const sentences: Readonly<Record<FailureKind, string>> = {
  'bad-credentials': 'refused user or password',
  unreachable: 'could not be reached',
  'tls-failed': 'could not be talked to with TLS',
  'no-starttls': 'has no STARTTLS on this port',
  failed: 'did not do what was asked',
};

/** Sorts an error (facts/imapsync.md section 5, "Validation"). `why` names the server and holds no password. */
export function readFailure(error: unknown, login: MailLogin): Failure {
  const traits = traitsOf(error);
  const kind = kindOf(traits);
  const words = quoteServer(traits.said, secretsOf(login));
  const own = quoteServer(traits.message, secretsOf(login));
  const detail = words === '' ? [own, traits.code].filter((part) => part !== '').join(', ') : `“${words}”`;
  return {
    kind,
    why: `${login.host}:${login.port} ${sentences[kind]}: ${detail === '' ? 'no reason given' : detail}`,
    transient: isTransient(kind, traits),
  };
}

/** The MailError for whatever was thrown; one that is one already stays. */
export function toMailError(error: unknown, login: MailLogin): MailError {
  if (error instanceof MailError) return error;
  const { why, transient } = readFailure(error, login);
  return new MailError(why, { transient });
}
