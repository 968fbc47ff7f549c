/** What create-task tries before anything is written: the login at the other server, and the way to sieve here. */
import type { LoginTrial, MailLogin } from '../ports-mail.ts';
import { failed, refusal, whyOf, type Refusal } from './actions-answers.ts';
import type { ImapsyncParts } from './actions-parts.ts';
import { complain, type TaskOptions } from './task.ts';

type Failure = Exclude<LoginTrial['kind'], 'ok'>;

/** ns8's words and exit codes (facts/imapsync.md 1.1). */
const failures: Readonly<Record<Failure, { readonly error: string; readonly code: Refusal['code'] }>> = {
  'bad-credentials': { error: 'bad_user_credentials', code: 2 },
  unreachable: { error: 'Check_hostname_or_tcp_port', code: 3 },
  'tls-failed': { error: 'SSL_encryption_error', code: 4 },
  'no-starttls': { error: 'STARTTLS_not_allowed_use_IMAPS', code: 4 },
  failed: { error: 'validation_failed', code: 1 },
};

/** Logs in there once. Undefined: it worked. */
export async function loginProblem(
  { mail }: Pick<ImapsyncParts, 'mail'>,
  login: MailLogin,
): Promise<Refusal | undefined> {
  const trial = await mail.tryLogin(login);
  if (trial.kind === 'ok') return undefined;
  const { error, code } = failures[trial.kind];
  const where = `the login of ${login.user} at ${login.host}:${login.port} failed`;
  return { code, complaints: [failed(`${where}: ${trial.why}`, error)] };
}

/** Whether mail that has arrived in this mailbox can be given to its sieve scripts. Undefined: it can, or need not. */
export async function sieveProblem(
  { mail, localLogin }: Pick<ImapsyncParts, 'mail' | 'localLogin'>,
  task: TaskOptions,
  address: string,
): Promise<Refusal | undefined> {
  if (!task.sieve) return undefined;
  const no = (message: string): Refusal =>
    refusal(complain('sieve_enabled', { value: true, error: 'not_supported', message }));
  try {
    const way = await mail.sieveWay(localLogin(address));
    if (way !== 'none') return undefined;
    return no(
      "mailcow's IMAP server does not offer FILTER=SIEVE, and no LMTP server answers: set LDAP_MAILCOW_IMAPSYNC_LMTP_URI to one that does",
    );
  } catch (error) {
    return no(`the mailbox ${address} cannot be opened from here, which sieve needs: ${whyOf(error)}`);
  }
}
