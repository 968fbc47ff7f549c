/** Turns answers that are no answers (401, 403, unknown route, redirect, error pages) into errors with advice. */
import { MailcowMalformed, MailcowRefused, MailcowUnreachable } from './errors.ts';
import type { MailcowError } from './errors.ts';
import type { Exchange } from './http.ts';
import { parseReport } from './words.ts';

export type Reply = Extract<Exchange, { readonly kind: 'reply' }>;
type Lost = Extract<Exchange, { readonly kind: 'lost' }>;

/** The error for an exchange without an answer; `what` is method and route. */
export function lostError(what: string, lost: Lost): MailcowUnreachable {
  const outcome = lost.sent ? 'no answer from mailcow' : 'mailcow cannot be reached';
  // Node adds how to start it otherwise; ours is the line to set.
  const [why] = lost.cause.message.split('; if the root CA');
  return new MailcowUnreachable(`${what}: ${outcome}: ${why ?? ''}${tlsAdvice(lost.cause)}`, {
    cause: lost.cause,
  });
}

/** The error for a reply that refuses or fails the call as a whole; undefined for one to look into. */
export function replyError(what: string, reply: Reply): MailcowError | undefined {
  const { status } = reply;
  if (status === 401 || status === 403) return accessError(what, reply);
  if (status >= 300 && status < 400) return redirectError(what, reply);
  if (isPassing(status)) {
    return new MailcowUnreachable(`${what}: mailcow answers ${status}${pageText(reply.text)}`);
  }
  if (status !== 200) {
    const said = apiError(reply.text);
    const why =
      said === undefined ? 'not in the way mailcow does: is LDAP_MAILCOW_API_HOST a mailcow?' : `"${said}"`;
    return new MailcowRefused(`${what}: answered ${status}, ${why}`, {
      status,
      ...(said !== undefined && { said }),
    });
  }
  return undefined;
}

/** Statuses that come and go: the server or something on the way is not up to it now. */
export function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

/** The text of mailcow's own `{"type":"error","msg":…}`. */
export function apiError(text: string): string | undefined {
  const report = parseReport(text);
  return report.kind === 'note' && report.type === 'error' ? report.text : undefined;
}

/** The error for a read whose reply is not JSON. */
export function unreadable(what: string, text: string): MailcowMalformed {
  if (text.trim() === '') {
    return new MailcowMalformed(
      `${what}: mailcow sent an empty reply. It does so when the API key is missing or blank, ` +
        'or when its PHP program died on the way',
    );
  }
  const kind = /^\s*</.test(text) ? 'an HTML page' : 'no JSON';
  return new MailcowMalformed(
    `${what}: the reply is ${kind}${pageText(text)}: is LDAP_MAILCOW_API_HOST a mailcow?`,
  );
}

function accessError(what: string, { status, text }: Reply): MailcowRefused {
  const said = apiError(text) ?? '';
  const seenAddress = /^api access denied for ip (\S+)$/.exec(said)?.[1];
  const answer = `${what}: mailcow refuses the API access (${status}${said === '' ? '' : `, "${said}"`})`;
  if (seenAddress !== undefined) {
    return new MailcowRefused(
      `${answer}: it saw the address ${seenAddress}. In mailcow, System → Configuration → Access → API, ` +
        `add ${seenAddress} to "Allow API access from"`,
      { status, seenAddress },
    );
  }
  return new MailcowRefused(`${answer}${accessAdvice(said)}`, { status });
}

function accessAdvice(said: string): string {
  if (said === 'authentication failed') {
    return ': the API key is wrong or the API is switched off. See System → Configuration → Access → API';
  }
  if (said === 'API read/write access denied') {
    return ': the API key is read-only. Use the key for read-write access of System → Configuration → Access → API';
  }
  return ': something in front of mailcow may be in the way';
}

function redirectError(what: string, { status, location }: Reply): MailcowRefused {
  const target = location === undefined ? undefined : URL.parse(location)?.origin;
  const advice = target === undefined ? '' : ` to ${target}: set LDAP_MAILCOW_API_HOST to that`;
  return new MailcowRefused(`${what}: answered with a redirect (${status})${advice}`, { status });
}

/** What mailcow's known error pages say, in fixed words: pages are never quoted. */
function pageText(text: string): string {
  const part = /Connection to (database|Redis|dockerapi container) failed/.exec(text)?.[1];
  if (part !== undefined) return `: Connection to ${part} failed`;
  return /<title>\s*Preparing/.test(text) ? ': it is still starting (Preparing)' : '';
}

const tlsCodes = /CERT|^UNABLE_TO_|^ERR_SSL|^ERR_TLS|SELF_SIGNED|^EPROTO$/;

function tlsAdvice(cause: Error): string {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (!tlsCodes.test(code)) return '';
  if (/^(ERR_SSL|EPROTO)/.test(code)) return ` (${code}): does LDAP_MAILCOW_API_HOST really speak https?`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return ` (${code}): set LDAP_MAILCOW_API_TLS_SERVER_NAME to a name that the certificate is made for`;
  }
  return (
    ` (${code}): set LDAP_MAILCOW_API_TLS_CA_FILE to the CA that signed the certificate; ` +
    'LDAP_MAILCOW_API_TLS_VERIFY=false goes without, and lets anyone in between read the API key'
  );
}
