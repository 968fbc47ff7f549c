import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openMail } from '../../src/mail/mail.ts';
import type { MailLogin, MeasureProgress } from '../../src/ports-mail.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { renderMail } from '../support/mail-server-mails.ts';
import { startScriptedMail, usualAnswer } from '../support/mail-server-scripted.ts';
import { freePort } from '../support/slapd-process.ts';

const anna = 'anna@example.org';
const mail = openMail({});
const all = { inboxOnly: false, exclude: [] };
const loginTo = ({ imapPort }: MailServer, user = anna, password = 'pw'): MailLogin => ({
  host: '127.0.0.1',
  port: imapPort,
  security: 'tls',
  user,
  password,
});

/** Dovecot's, without STATUS=SIZE. */
const older = 'IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE NAMESPACE UIDPLUS LIST-EXTENDED';

describe.each([
  ['STATUS', undefined],
  ['FETCH', older],
])('measured by %s', (_, capability) => {
  let server: MailServer;
  let bytes = 0;

  beforeAll(async () => {
    server = await startMailServer({
      users: { [anna]: 'pw', 'ben@example.org': 'pw' },
      master: { user: 'm@mailcow.local', password: 'master' },
      ...(capability !== undefined && { capability }),
    });
    const of = (body: string): string => renderMail({ body });
    const folders = {
      INBOX: [of('a'), of('bb\r\n'), of('x'.repeat(20_000))],
      'Entwürfe/"so" \\ 100%': [of('ü')],
      Empty: [],
      'Junk Mail': [of('c')],
      'Shared/ben': [of('d')],
      Public: [of('e')],
    };
    for (const [folder, raws] of Object.entries(folders)) {
      await server.put(
        anna,
        folder,
        raws.map((raw) => ({ raw })),
      );
      if (!/^(?:Shared|Public)/.test(folder)) bytes += Buffer.byteLength(raws.join(''));
    }
  });

  afterAll(() => server.close());

  test('folders, messages and bytes are those that were put there', async () => {
    const progress: MeasureProgress[] = [];
    const measured = await mail.measure(loginTo(server), all, (step) => progress.push(step));
    expect(measured).toEqual({ folders: 4, messages: 5, bytes });
    expect(progress.map(({ done, total }) => `${done}/${total}`)).toEqual(['1/4', '2/4', '3/4', '4/4']);
    expect(progress.map(({ folder }) => folder).toSorted()).toEqual(
      ['Empty', 'Entwürfe/"so" \\ 100%', 'INBOX', 'Junk Mail'].toSorted(),
    );
  });

  test('a master measures what the owner does', async () => {
    const master = loginTo(server, `${anna}*m@mailcow.local`, 'master');
    expect(await mail.measure(master, all)).toEqual({ folders: 4, messages: 5, bytes });
  });

  test('the choice of folders holds', async () => {
    expect(await mail.measure(loginTo(server), { inboxOnly: true, exclude: [] })).toMatchObject({
      folders: 1,
      messages: 3,
    });
    expect(await mail.measure(loginTo(server), { ...all, exclude: ['Junk', '(?i)^ENTW'] })).toMatchObject({
      folders: 2,
      messages: 3,
    });
  });

  test('an empty mailbox holds nothing', async () => {
    expect(await mail.measure(loginTo(server, 'ben@example.org'), all)).toEqual({
      folders: 1,
      messages: 0,
      bytes: 0,
    });
  });

  test('nothing changes by it', async () => {
    expect((await server.list(anna)).flatMap(({ flags }) => flags)).toEqual([]);
  });
});

describe('failures', () => {
  test('are MailErrors that say whether to come again, without the password', async () => {
    const nobody = mail.measure(
      { host: '127.0.0.1', port: await freePort(), security: '', user: anna, password: 'secret' },
      all,
    );
    await expect(nobody).rejects.toMatchObject({ name: 'MailError', transient: true });
    const server = await startMailServer({ users: { [anna]: 'pw' } });
    try {
      const refused = mail.measure(loginTo(server, anna, 'wrong-one'), all);
      await expect(refused).rejects.toMatchObject({
        name: 'MailError',
        transient: false,
        message: expect.not.stringContaining('wrong-one'),
      });
    } finally {
      await server.close();
    }
  });

  test.each([
    ['hangs up', undefined, true],
    ['refuses the list', 'NO [SERVERBUG] internal error', true],
    ['does not know LIST', 'BAD what', false],
  ])('a server that %s', async (_, said, transient) => {
    const server = await startScriptedMail({
      greeting: '* OK ready\r\n',
      answer: (line) => {
        if (line.command !== 'LIST') return usualAnswer(line, '');
        if (said === undefined) line.socket.destroy();
        return `${line.tag} ${said}\r\n`;
      },
    });
    const login = { host: '127.0.0.1', port: server.port, security: '' as const, user: anna, password: 'pw' };
    try {
      await expect(mail.measure(login, all)).rejects.toMatchObject({ name: 'MailError', transient });
      await server.allGone();
    } finally {
      await server.close();
    }
  });

  test('a folder that may not be opened is left out', async () => {
    const server = await startScriptedMail({
      greeting: '* OK ready\r\n',
      answer: (line) => {
        const { tag, command, text } = line;
        if (command === 'LIST') return `* LIST () "/" INBOX\r\n* LIST () "/" Locked\r\n${tag} OK done\r\n`;
        if (command === 'LSUB') return `${tag} OK done\r\n`;
        if (command !== 'STATUS') return usualAnswer(line, 'STATUS=SIZE');
        return text.includes('Locked')
          ? `${tag} NO [NOPERM] no\r\n`
          : `* STATUS INBOX (MESSAGES 2 SIZE 300)\r\n${tag} OK done\r\n`;
      },
    });
    const login = { host: '127.0.0.1', port: server.port, security: '' as const, user: anna, password: 'pw' };
    try {
      expect(await mail.measure(login, all)).toEqual({ folders: 1, messages: 2, bytes: 300 });
    } finally {
      await server.close();
    }
  });

  test.each(['INBOX (MESSAGES 2)', 'INBOX (MESSAGES 2 SIZE many)', 'INBOX', ''])(
    'a STATUS that says “%s” is no count',
    async (said) => {
      const server = await startScriptedMail({
        greeting: '* OK ready\r\n',
        answer: (line) => {
          const { tag, command } = line;
          if (command === 'LIST') return `* LIST () "/" INBOX\r\n${tag} OK done\r\n`;
          if (command === 'LSUB') return `${tag} OK done\r\n`;
          if (command === 'STATUS') return `* STATUS ${said}\r\n${tag} OK done\r\n`;
          return usualAnswer(line, 'STATUS=SIZE');
        },
      });
      const login = {
        host: '127.0.0.1',
        port: server.port,
        security: '' as const,
        user: anna,
        password: 'pw',
      };
      try {
        await expect(mail.measure(login, all)).rejects.toThrow('did not say how much “INBOX” holds');
      } finally {
        await server.close();
      }
    },
  );
});
