/** What has been copied from an INBOX, marked there by a keyword: only that may be deleted by age. */
import type { ImapFlow } from 'imapflow';
import type { InboxMessages, InboxResult } from '../ports-mail.ts';
import { MailError } from './errors.ts';
import { addFlag, canExpunge, deletedFlag, expunge, onInbox, openInbox, readPresent } from './inbox.ts';

const keyword = '$LdapMailcowCopied';

const dayMs = 24 * 60 * 60_000;

/** Of the open folder: whether the server keeps the keyword (RFC 9051 section 7.1, PERMANENTFLAGS with `\*`). */
function keepsKeyword(client: ImapFlow): boolean {
  const flags = client.mailbox === false ? undefined : client.mailbox.permanentFlags;
  return flags?.has(String.raw`\*`) === true || flags?.has(keyword) === true;
}

/** Sets the keyword; touches nothing on a server that would not keep it. */
export async function markCopied(
  client: ImapFlow,
  messages: InboxMessages,
): Promise<InboxResult | { readonly kind: 'no-keywords' }> {
  await openInbox(client, { readOnly: false });
  if (!keepsKeyword(client)) return { kind: 'no-keywords' };
  return onInbox(client, messages, ({ live, deleted }) => addFlag(client, [...live, ...deleted], keyword));
}

/**
 * Deletes what bears the keyword and arrived (INTERNALDATE, as ns8 had it) more than so many days before `now`; how many.
 * What somebody else has flagged \Deleted is left to them. Throws a MailError for a server without UIDPLUS.
 */
export async function deleteCopied(
  client: ImapFlow,
  { olderThanDays, now }: { readonly olderThanDays: number; readonly now: Date },
): Promise<number> {
  await openInbox(client, { readOnly: false });
  if (!keepsKeyword(client)) return 0;
  const before = new Date(now.getTime() - olderThanDays * dayMs);
  const found = await client.search({ keyword, before }, { uid: true });
  if (found === false) throw new MailError('the server refused to search its INBOX', { transient: true });
  if (found.length === 0) return 0;
  if (!canExpunge(client))
    throw new MailError(
      'what is old cannot be deleted there: the server has no UIDPLUS, and an EXPUNGE without it takes what others flagged \\Deleted',
      { transient: false },
    );
  const { live } = await readPresent(client, found);
  await addFlag(client, live, deletedFlag);
  await expunge(client, live);
  return live.length;
}
