/** Puts mails into a server for tests and looks at them, by IMAP. */
import { ImapFlow } from 'imapflow';

type Access = { readonly port: number; readonly user: string; readonly password: string };

export type TestMail = {
  readonly subject?: string;
  /** With the angle brackets. */
  readonly messageId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly body?: string;
  /** Further lines of the header, without line ends. */
  readonly headers?: readonly string[];
  /** The whole message, in the place of all above. */
  readonly raw?: string;
  /** Like `\Seen`. */
  readonly flags?: readonly string[];
  /** INTERNALDATE, and the Date header. */
  readonly date?: Date;
};

export type ListedMail = {
  readonly folder: string;
  readonly uid: number;
  readonly subject: string;
  readonly messageId: string;
  /** Sorted, without \Recent. */
  readonly flags: readonly string[];
  readonly internalDate: Date;
  readonly size: number;
  readonly source: string;
};

let counter = 0;

/** The message as it goes over the wire. */
export function renderMail(mail: TestMail): string {
  if (mail.raw !== undefined) return mail.raw;
  counter += 1;
  const lines = [
    `From: ${mail.from ?? 'Sender <sender@example.net>'}`,
    `To: ${mail.to ?? 'anna@example.org'}`,
    `Subject: ${mail.subject ?? `Mail ${counter}`}`,
    `Message-ID: ${mail.messageId ?? `<${process.pid}.${counter}@example.net>`}`,
    `Date: ${(mail.date ?? new Date('2026-01-02T03:04:05Z')).toUTCString()}`,
    ...(mail.headers ?? []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${mail.body ?? 'Hello.\r\n'}`;
}

async function session<T>({ port, user, password }: Access, use: (imap: ImapFlow) => Promise<T>): Promise<T> {
  const imap = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    doSTARTTLS: false,
    auth: { user, pass: password },
    logger: false,
    disableAutoIdle: true,
  });
  imap.on('error', () => undefined);
  try {
    await imap.connect();
    return await use(imap);
  } finally {
    imap.close();
  }
}

/** The UIDs of the mails, in their order. */
export function putMails(
  access: Access,
  folder: string,
  mails: readonly TestMail[],
): Promise<readonly number[]> {
  return session(access, async (imap) => {
    if (folder !== 'INBOX') await imap.mailboxCreate(folder);
    const uids: number[] = [];
    for (const mail of mails) {
      const put = await imap.append(folder, renderMail(mail), [...(mail.flags ?? [])], mail.date);
      if (put === false || put.uid === undefined) throw new Error(`${folder} took no mail`);
      uids.push(put.uid);
    }
    return uids;
  });
}

async function listFolder(imap: ImapFlow, folder: string): Promise<readonly ListedMail[]> {
  const opened = await imap.mailboxOpen(folder, { readOnly: true });
  if (opened.exists === 0) return [];
  const query = { uid: true, flags: true, internalDate: true, size: true, envelope: true, source: true };
  const mails = await imap.fetchAll('1:*', query);
  return mails.map((mail) => ({
    folder,
    uid: mail.uid,
    subject: mail.envelope?.subject ?? '',
    messageId: mail.envelope?.messageId ?? '',
    flags: [...(mail.flags ?? [])].filter((flag) => flag !== String.raw`\Recent`).toSorted(),
    internalDate: new Date(mail.internalDate ?? 0),
    size: mail.size ?? 0,
    source: mail.source?.toString() ?? '',
  }));
}

/** What is in one folder, or in all: by folder, then by UID. */
export function listMails(access: Access, folder?: string): Promise<readonly ListedMail[]> {
  return session(access, async (imap) => {
    if (folder !== undefined) return listFolder(imap, folder);
    const mails: ListedMail[] = [];
    const folders = await imap.list();
    for (const { path, flags } of folders.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
      if (!flags.has(String.raw`\Noselect`)) mails.push(...(await listFolder(imap, path)));
    }
    return mails;
  });
}
