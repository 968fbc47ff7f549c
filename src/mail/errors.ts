/** What goes wrong with mail servers, told without a password. */

/** A mail server could not be reached, or refused what was asked; `transient`: the same may work later. */
export class MailError extends Error {
  override readonly name = 'MailError';
  readonly transient: boolean;

  constructor(message: string, details: { readonly transient: boolean }) {
    super(message);
    this.transient = details.transient;
  }
}

const mostWords = 300;

/**
 * What a server said, fit for one line of a log. Left out altogether when it repeats one of the secrets: a server may
 * echo what it was sent.
 */
export function quoteServer(text: string, secrets: readonly string[]): string {
  const repeats = secrets.some((secret) => secret !== '' && text.includes(secret));
  if (repeats) return 'its words are left out, they repeat the password';
  const line = text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.length > mostWords ? `${line.slice(0, mostWords)}…` : line;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** UTF-8 that a server took for Latin-1. */
const misread = (text: string): string => Buffer.from(text).toString('latin1');

/** The forms in which a password travels, and so may come back: as it is, quoted, misread, or for SASL. */
export function secretsOf(login: { readonly user: string; readonly password: string }): readonly string[] {
  const { user, password } = login;
  const quoted = JSON.stringify(password).slice(1, -1);
  const forms = [password, quoted, misread(password), misread(quoted)];
  return [...forms, base64(password), base64(`\0${user}\0${password}`)].filter((form) => form !== '');
}
