/** Where mail itself is reached: the other servers, and mailcow's own by its master user. */
import { join } from 'node:path';
import { parseImapUri, parseLmtpUri } from './config/kinds-imap.ts';
import type { Config } from './config/schema.ts';
import { openMail } from './mail/mail.ts';
import { readMaster, type MasterSource } from './mail/master.ts';
import type { Mail, MailLogin } from './ports-mail.ts';

export type MailParts = {
  readonly mail: Mail;
  /** A mailbox of mailcow by its master user, as that is now. Throws an Error that says what to do when there is none. */
  readonly localLogin: (mailbox: string) => MailLogin;
};

/** Opens the adapter; nothing is contacted yet. */
export function openMailParts({ imapsync, auth }: Config): MailParts {
  const lmtp = parseLmtpUri(imapsync.lmtp);
  const source = masterSource({ imapsync, auth });
  return {
    mail: openMail({ verifyTls: imapsync.tlsVerify, ...(lmtp !== undefined && { lmtp }) }),
    localLogin: (mailbox) => {
      const server = parseImapUri(imapsync.imap);
      if (server === undefined) throw new Error(`${imapsync.imap} is no IMAP server`);
      const { userFor, password } = readMaster(source);
      return { ...server, user: userFor(mailbox), password };
    },
  };
}

/** mailcow's file changes at each start of its Dovecot; what is set does not. */
function masterSource({ imapsync, auth }: Pick<Config, 'imapsync' | 'auth'>): MasterSource {
  const { masterUser: user, masterPassword: password } = imapsync;
  if (user !== undefined && password !== undefined) return { kind: 'fixed', user, password };
  return { kind: 'file', path: join(auth.sogoFolder, 'sieve.creds') };
}
