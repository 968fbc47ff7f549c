/** The messages of an INBOX by their UIDs. */
import type { ImapFlow } from 'imapflow';
import type { InboxMessages, InboxResult } from '../ports-mail.ts';
import { atom, execute, sequence } from './command.ts';
import { MailError } from './errors.ts';
import { uidSets } from './uid-sets.ts';

export const deletedFlag = String.raw`\Deleted`;

/** Without UIDPLUS an EXPUNGE would take everything that anybody has flagged \Deleted. */
export const canExpunge = ({ capabilities }: ImapFlow): boolean => capabilities.has('UIDPLUS');

/** Opens the INBOX; its UIDVALIDITY. Throws a MailError for a server that gives none. */
export async function openInbox(client: ImapFlow, options: { readonly readOnly: boolean }): Promise<string> {
  const { uidValidity } = await client.mailboxOpen('INBOX', options);
  // Typed as always there, but some servers do not send it.
  const given: unknown = uidValidity;
  if (typeof given === 'bigint' && given > 0n) return given.toString();
  throw new MailError('the server gives its INBOX no UIDVALIDITY', { transient: false });
}

/** UIDs, ascending. */
export type Present = { readonly live: readonly number[]; readonly deleted: readonly number[] };

/** Which of the UIDs there are: those that nobody flagged \Deleted, and the others. */
export async function readPresent(client: ImapFlow, uids: readonly number[]): Promise<Present> {
  const live = new Set<number>();
  const gone = new Set<number>();
  const asked = new Set(uids);
  for (const set of uidSets(uids)) {
    for await (const { uid, flags } of client.fetch(set, { uid: true, flags: true }, { uid: true })) {
      // A server may tell of other messages unasked.
      if (asked.has(uid)) (flags?.has(deletedFlag) === true ? gone : live).add(uid);
    }
  }
  const sorted = (of: ReadonlySet<number>): readonly number[] => [...of].toSorted((a, b) => a - b);
  return { live: sorted(live), deleted: sorted(gone) };
}

/** Adds a flag to messages of the open folder. Throws when the server refuses. */
export async function addFlag(client: ImapFlow, uids: readonly number[], flag: string): Promise<void> {
  for (const set of uidSets(uids)) {
    await execute(client, {
      name: 'UID STORE',
      attributes: [sequence(set), atom('+FLAGS.SILENT'), [atom(flag)]],
    });
  }
}

/** Removes these messages, which are flagged \Deleted already, and no other. The server must have UIDPLUS. */
export async function expunge(client: ImapFlow, uids: readonly number[]): Promise<void> {
  for (const set of uidSets(uids)) {
    await execute(client, { name: 'UID EXPUNGE', attributes: [sequence(set)] });
  }
}

/** Runs `use` on those of the messages that are there, unless the INBOX was made anew since. */
export async function onInbox(
  client: ImapFlow,
  { uidValidity, uids }: InboxMessages,
  use: (present: Present) => Promise<void>,
): Promise<InboxResult> {
  if (uids.length === 0) return { kind: 'done', absent: 0 };
  if ((await openInbox(client, { readOnly: false })) !== uidValidity) return { kind: 'validity-changed' };
  const present = await readPresent(client, uids);
  await use(present);
  return { kind: 'done', absent: new Set(uids).size - present.live.length - present.deleted.length };
}

/** Sets \Seen on the messages that are there. */
export const markSeen = (client: ImapFlow, messages: InboxMessages): Promise<InboxResult> =>
  onInbox(client, messages, ({ live, deleted: flagged }) =>
    addFlag(client, [...live, ...flagged], String.raw`\Seen`),
  );
