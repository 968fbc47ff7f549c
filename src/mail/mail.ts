/** The port to mail, by IMAP and LMTP. */
import type { Mail } from '../ports-mail.ts';
import { deleteCopied, markCopied } from './copied.ts';
import { markSeen, openInbox } from './inbox.ts';
import { measure } from './measure.ts';
import { withDefaults, type MailOptions } from './options.ts';
import { withSession } from './session.ts';
import { findSieveWay, runSieve } from './sieve.ts';
import { tryLogin } from './try-login.ts';

/** Each call has a connection of its own, closed at its end; nothing is left to close. */
export function openMail(options: MailOptions): Mail {
  const settings = withDefaults(options);
  return {
    tryLogin: (login) => tryLogin(login, settings),
    measure: (login, choice, onProgress) =>
      withSession(login, settings, (client) => measure(client, choice, onProgress)),
    inboxValidity: (login) => withSession(login, settings, (client) => openInbox(client, { readOnly: true })),
    markSeen: (login, messages) => withSession(login, settings, (client) => markSeen(client, messages)),
    markCopied: (login, messages) => withSession(login, settings, (client) => markCopied(client, messages)),
    deleteCopied: (login, olderThanDays) =>
      withSession(login, settings, (client) => deleteCopied(client, { olderThanDays, now: new Date() })),
    sieveWay: (login) => withSession(login, settings, (client) => findSieveWay(client, settings)),
    runSieve: (login, address, messages) =>
      withSession(login, settings, (client) => runSieve(client, { settings, address, messages })),
  };
}
