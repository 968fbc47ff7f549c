/** One folder of a run: deletions on host2, then message by message. */
import type { MailboxObject } from 'imapflow';
import type { FolderPair } from './folders.ts';
import { renderCopied, renderDate } from './log.ts';
import { addedHeader, indexOf, readMessages, selectUids, type Index, type Message } from './messages.ts';
import { reasonOf, requireConnection, type Session } from './session.ts';

type Folders = { readonly from: string; readonly to: string };
type Sides = { readonly host1: Index; readonly host2: Index; readonly opened2: MailboxObject };

/** Carries one folder over; what goes wrong is counted, and the next folder comes. */
export async function syncFolder(session: Session, { from, to }: FolderPair): Promise<void> {
  const folders = { from: from.path, to };
  const sides = await openBoth(session, folders, from.subscribed || session.options.subscribesAll);
  if (sides === undefined) return;
  if (session.options.delete2duplicates) await deleteThere(session, to, sides.host2.duplicates);
  const surplus = [...sides.host2.byKey].filter(([key]) => !sides.host1.byKey.has(key)).map(([, it]) => it);
  session.tally.only2 += surplus.length;
  if (session.options.delete2) await deleteThere(session, to, surplus);
  for (const [key, message] of sides.host1.byKey) {
    session.check();
    const twin = sides.host2.byKey.get(key);
    const isThere =
      twin === undefined
        ? await copy(session, folders, message)
        : await resync(session, { message, twin }, sides);
    if (isThere && session.options.delete1) await deleteHere(session, folders.from, message);
  }
  session.tally.foldersDone += 1;
}

async function openBoth(session: Session, folders: Folders, subscribe: boolean): Promise<Sides | undefined> {
  const { host1, host2, options, journal } = session;
  const opened1 = await open(session, 1, folders.from);
  if (opened1 === undefined || !(await ensureFolder(session, folders.to, subscribe))) return undefined;
  const opened2 = await open(session, 2, folders.to);
  if (opened2 === undefined) return undefined;
  if (options.delete1 && !options.isDry) {
    journal.say(`Host1: Expunging ${folders.from}`);
    await host1.messageDelete({ deleted: true }, { uid: true });
  }
  const { search1, search2, minage } = options;
  const now = session.now();
  const uids1 = await selectUids(host1, { search: search1, minage, now });
  const uids2 = await selectUids(host2, { search: search2, minage, now });
  journal.say(`Host1: folder [${folders.from}] considering ${uids1.length} messages`);
  journal.say(`Host2: folder [${folders.to}] considering ${uids2.length} messages`);
  const index1 = indexOf(await readMessages(host1, uids1, { addsHeader: true }));
  const index2 = indexOf(await readMessages(host2, uids2, { addsHeader: false }));
  count(session, index1, index2);
  return { host1: index1, host2: index2, opened2 };
}

function count({ tally }: Session, index1: Index, index2: Index): void {
  tally.duplicates1 += index1.duplicates.length;
  tally.duplicates2 += index2.duplicates.length;
  tally.void1 += index1.unknown;
  tally.void2 += index2.unknown;
}

async function open(session: Session, side: 1 | 2, path: string): Promise<MailboxObject | undefined> {
  const client = side === 1 ? session.host1 : session.host2;
  try {
    const opened = await client.mailboxOpen(path);
    session.journal.say(
      `Host${side}: folder [${path}] has ${opened.exists} messages in total (mentioned by SELECT)`,
    );
    return opened;
  } catch (error) {
    requireConnection(client, error);
    session.journal.fail('ERR_SELECT', `Host${side}: Folder ${path}: Could not select: ${reasonOf(error)}`);
    return undefined;
  }
}

/** Whether the folder is there now; in dry mode a missing one stays missing. */
async function ensureFolder(session: Session, path: string, subscribe: boolean): Promise<boolean> {
  const { host2, options, journal } = session;
  const all = await host2.list();
  if (all.some((folder) => folder.path === path)) return true;
  journal.say(
    `Creating folder [${path}] on host2${options.isDry ? ' (not really since --dry mode is on)' : ''}`,
  );
  if (options.isDry) return false;
  try {
    await host2.mailboxCreate(path);
    journal.say(`Created folder [${path}] on host2`);
    if (subscribe) await host2.mailboxSubscribe(path);
    return true;
  } catch (error) {
    requireConnection(host2, error);
    journal.fail('ERR_CREATE', `Could not create folder [${path}] on host2: ${reasonOf(error)}`);
    return false;
  }
}

async function copy(session: Session, folders: Folders, message: Message): Promise<boolean> {
  const { host1, journal, tally, options } = session;
  const name = `msg ${folders.from}/${message.uid} {${message.size}}`;
  if (options.isDry) {
    journal.say(`${name} copying to ${folders.to} (not really since --dry mode is on)`);
    tally.only1 += 1;
    return false;
  }
  const fetched = await host1.fetchOne(String(message.uid), { source: true }, { uid: true });
  if (fetched === false || fetched.source === undefined) {
    requireConnection(host1, new Error('no answer to the fetch'));
    journal.fail('ERR_FETCH', `- ${name} could not be fetched: message vanished`);
    return false;
  }
  const added = Buffer.from(message.isHeaderless ? `${addedHeader(message.uid)}\r\n` : '');
  return append(session, folders, { message, source: Buffer.concat([added, fetched.source]) });
}

type Fetched = { readonly message: Message; readonly source: Buffer };

async function append(session: Session, folders: Folders, { message, source }: Fetched): Promise<boolean> {
  const { host2, journal, tally } = session;
  const { uid, size, flags, internalDate } = message;
  try {
    const put = await host2.append(folders.to, source, [...flags], internalDate);
    tally.transferred += 1;
    tally.bytes += source.length;
    journal.say(
      renderCopied({
        from: { folder: folders.from, uid },
        to: { folder: folders.to, uid: put === false ? 0 : (put.uid ?? 0) },
        size: source.length,
        total: { messages: tally.transferred, bytes: tally.bytes, seconds: session.seconds() },
      }),
    );
    await session.pause();
    return true;
  } catch (error) {
    requireConnection(host2, error);
    const why = reasonOf(error);
    const date = internalDate === undefined ? '' : renderDate(internalDate);
    const [, subject = ''] = /^Subject: *(.*?)\r?$/im.exec(source.toString('latin1')) ?? [];
    const what = `Subject:[${subject}], Date:["${date}"], Size:[${size}], Flags:[${flags.join(' ')}]`;
    const text = `- msg ${folders.from}/${uid} {${size}} could not append ( ${what} ) to folder ${folders.to}: Error sending 'APPEND ${folders.to}': ${why}`;
    journal.fail(/quota/i.test(why) ? 'ERR_OVERQUOTA' : 'ERR_APPEND', text);
    tally.only1 += 1;
    return false;
  }
}

type Pair = { readonly message: Message; readonly twin: Message };

/** On both sides already: host2 gets host1's flags, those alone. */
async function resync(session: Session, { message, twin }: Pair, { opened2 }: Sides): Promise<boolean> {
  const { host2, options, tally } = session;
  tally.skipped += 1;
  tally.bytesSkipped += message.size;
  const allowed = opened2.permanentFlags;
  const wanted = message.flags.filter((flag) => !allowed || allowed.has(String.raw`\*`) || allowed.has(flag));
  if (!options.resyncsFlags || options.isDry || wanted.join(' ') === twin.flags.join(' ')) return true;
  const isDone = await host2.messageFlagsSet(String(twin.uid), wanted, { uid: true });
  if (!isDone) session.journal.fail('ERR_FLAGS', `Host2: msg ${twin.uid} could not add flags`);
  return true;
}

async function deleteHere(session: Session, folder: string, { uid }: Message): Promise<void> {
  const { host1, journal, options, tally } = session;
  if (options.isDry) return;
  journal.say(`Host1: msg ${folder}/${uid} marked \\Deleted on host1`);
  if (await host1.messageDelete(String(uid), { uid: true })) tally.deleted1 += 1;
}

async function deleteThere(session: Session, folder: string, messages: readonly Message[]): Promise<void> {
  const { host2, journal, options, tally } = session;
  for (const { uid } of messages) {
    session.check();
    journal.say(
      `Host2: msg ${folder}/${uid} marked \\Deleted on host2${options.isDry ? ' (not really since --dry mode)' : ''}`,
    );
    if (options.isDry) continue;
    if (await host2.messageDelete(String(uid), { uid: true })) tally.deleted2 += 1;
  }
}
