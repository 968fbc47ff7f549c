/** The three ways in which mailcow lets a sync down. Messages name method and route, never a body or a secret. */

/** No usable answer: connection, timeout, 5xx. Transient. */
export class MailcowUnreachable extends Error {
  override readonly name = 'MailcowUnreachable';
}

/** mailcow answered and said no to all of it: 401, 403, unknown route, redirect. Stop this sync, don't hammer. */
export class MailcowRefused extends Error {
  override readonly name = 'MailcowRefused';
  readonly status: number;
  /** Our address as mailcow saw it, when that is what it refused. */
  readonly seenAddress: string | undefined;
  /** mailcow's own words: `route not found`. */
  readonly said: string | undefined;

  constructor(
    message: string,
    details: { readonly status: number; readonly seenAddress?: string; readonly said?: string },
  ) {
    super(message);
    this.status = details.status;
    this.seenAddress = details.seenAddress;
    this.said = details.said;
  }
}

/** The answer is not what mailcow's API sends: another program, or another version. */
export class MailcowMalformed extends Error {
  override readonly name = 'MailcowMalformed';
}

export type MailcowError = MailcowUnreachable | MailcowRefused | MailcowMalformed;

/** Whether it is one of the three; anything else is a fault of ours. */
export function isMailcowError(error: unknown): error is MailcowError {
  return (
    error instanceof MailcowUnreachable ||
    error instanceof MailcowRefused ||
    error instanceof MailcowMalformed
  );
}

/**
 * A copy of any error reduced to code and message: what axios throws carries the request with its headers,
 * the API key among them, and must not become a visible `cause`.
 */
export function strippedError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown failure');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const copy = new Error(error.message === '' ? (code ?? 'no message') : error.message);
  return code === undefined ? copy : Object.assign(copy, { code });
}
