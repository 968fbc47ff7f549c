import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openMail } from '../../src/mail/mail.ts';
import type { MailLogin } from '../../src/ports-mail.ts';
import { startMailServer, type MailServer, type MailServerOptions } from '../support/mail-server.ts';
import { startScriptedMail, usualAnswer } from '../support/mail-server-scripted.ts';

const anna = 'anna@example.org';
const seen = String.raw`\Seen`;
const flagged = String.raw`\Flagged`;
const deleted = String.raw`\Deleted`;

let server: MailServer;
const start = async (options: Partial<MailServerOptions> = {}): Promise<MailLogin> => {
  server = await startMailServer({ users: { [anna]: 'pw' }, ...options });
  return { host: '127.0.0.1', port: server.imapPort, security: 'tls', user: anna, password: 'pw' };
};

afterEach(() => server.close());

const inbox = async (): Promise<readonly string[]> =>
  (await server.list(anna, 'INBOX')).map(({ uid, subject, flags }) => [uid, subject, ...flags].join(' '));
const numbered = (count: number) => Array.from({ length: count }, (_, at) => ({ subject: `m${at + 1}` }));

describe('\\Seen', () => {
  test('is set on those that are there; the others are counted, the rest is left alone', async () => {
    const login = await start();
    const mail = openMail({});
    const other = [
      { subject: 'm4', flags: [deleted] },
      { subject: 'm5', flags: [flagged] },
    ];
    await server.put(anna, 'INBOX', [...numbered(3), ...other]);
    const uidValidity = await mail.inboxValidity(login);
    expect(uidValidity).toMatch(/^[1-9]\d*$/);
    expect(await mail.markSeen(login, { uidValidity, uids: [5, 1, 4, 99, 1, 98] })).toEqual({
      kind: 'done',
      absent: 2,
    });
    expect(await inbox()).toEqual([
      `1 m1 ${seen}`,
      '2 m2',
      '3 m3',
      `4 m4 ${deleted} ${seen}`,
      `5 m5 ${flagged} ${seen}`,
    ]);
  });

  test('is not set in a folder that was made anew', async () => {
    const login = await start();
    const mail = openMail({});
    await server.put(anna, 'INBOX', numbered(2));
    const uidValidity = await mail.inboxValidity(login);
    const other = { uidValidity: String(Number(uidValidity) - 1), uids: [1, 2] };
    expect(await mail.markSeen(login, other)).toEqual({ kind: 'validity-changed' });
    expect(await inbox()).toEqual(['1 m1', '2 m2']);
    expect(await mail.markSeen(login, { uidValidity, uids: [] })).toEqual({ kind: 'done', absent: 0 });
  });

  test('is set on many with gaps between', async () => {
    const login = await start();
    const mail = openMail({});
    await server.put(anna, 'INBOX', numbered(600));
    const uids = Array.from({ length: 300 }, (_, at) => at * 2 + 1);
    const uidValidity = await mail.inboxValidity(login);
    expect(await mail.markSeen(login, { uidValidity, uids })).toEqual({ kind: 'done', absent: 0 });
    const marked = (await server.list(anna, 'INBOX')).filter(({ flags }) => flags.includes(seen));
    expect(marked.map(({ uid }) => uid)).toEqual(uids);
  });
});

test('a folder without UIDVALIDITY, and one that takes no flag, are said', async () => {
  await start();
  const mail = openMail({});
  const odd = async (code: string): Promise<MailLogin> => {
    const scripted = await startScriptedMail({
      greeting: '* OK ready\r\n',
      answer: (line) => {
        const { tag, command, text } = line;
        if (command === 'LIST') return `* LIST () "/" INBOX\r\n${tag} OK done\r\n`;
        if (command === 'LSUB') return `${tag} OK done\r\n`;
        if (command === 'SELECT' || command === 'EXAMINE') return `* 1 EXISTS\r\n${code}${tag} OK done\r\n`;
        if (text.includes('FETCH')) return `* 1 FETCH (UID 1 FLAGS ())\r\n${tag} OK done\r\n`;
        return text.includes('STORE') ? `${tag} NO read only\r\n` : usualAnswer(line, '');
      },
    });
    closing.push(() => scripted.close());
    return { host: '127.0.0.1', port: scripted.port, security: '', user: anna, password: 'pw' };
  };
  const closing: (() => Promise<void>)[] = [];
  try {
    await expect(mail.inboxValidity(await odd(''))).rejects.toThrow('no UIDVALIDITY');
    const readOnly = await odd('* OK [UIDVALIDITY 7] ok\r\n');
    expect(await mail.inboxValidity(readOnly)).toBe('7');
    await expect(mail.markSeen(readOnly, { uidValidity: '7', uids: [1] })).rejects.toMatchObject({
      name: 'MailError',
      transient: false,
      message: expect.stringContaining('read only'),
    });
  } finally {
    for (const close of closing) await close();
  }
});

const script = `require ["fileinto", "mailbox"];
if header :contains "subject" "file" { fileinto :create "Filed"; }
if header :contains "subject" "drop" { discard; }`;
const mixed = [
  { subject: 'file 1', flags: [flagged], date: new Date('2020-01-01T00:00:00Z') },
  { subject: 'keep 2' },
  { subject: 'drop 3' },
  { subject: 'file 4', flags: [deleted] },
  { subject: 'file 5', headers: ['X-Note: not asked for'] },
  { subject: 'keep 6', flags: [deleted] },
];
const asked = [1, 2, 3, 4, 77];

describe('sieve by FILTER=SIEVE', () => {
  test('files and drops as on arrival, and expunges nothing that others flagged', async () => {
    const login = await start({ filterSieve: true, sieve: { [anna]: script } });
    const mail = openMail({});
    await server.put(anna, 'INBOX', mixed);
    const uidValidity = await mail.inboxValidity(login);
    expect(await mail.sieveWay(login)).toBe('filter');
    expect(await mail.runSieve(login, anna, { uidValidity, uids: asked })).toEqual({
      kind: 'done',
      absent: 1,
    });
    expect(await inbox()).toEqual(['2 keep 2', `4 file 4 ${deleted}`, '5 file 5', `6 keep 6 ${deleted}`]);
    expect(await server.list(anna, 'Filed')).toMatchObject([
      { subject: 'file 1', flags: [flagged], internalDate: new Date('2020-01-01T00:00:00Z') },
    ]);
  });

  test('a script that does not compile, none at all, and an INBOX made anew leave all in its place', async () => {
    const login = await start({ filterSieve: true });
    const mail = openMail({});
    await server.put(anna, 'INBOX', mixed);
    const uidValidity = await mail.inboxValidity(login);
    const before = await inbox();
    const run = () => mail.runSieve(login, anna, { uidValidity, uids: asked });
    expect(await run()).toEqual({ kind: 'done', absent: 1 });
    server.setSieve(anna, 'fileinto nonsense');
    expect(await run()).toEqual({ kind: 'done', absent: 1 });
    expect(await mail.runSieve(login, anna, { uidValidity: '1', uids: asked })).toEqual({
      kind: 'validity-changed',
    });
    expect(await inbox()).toEqual(before);
  });
});

test.each([
  ['FILTER=SIEVE', true, ['INBOX']],
  ['LMTP', false, ['Before']],
])('rules before the personal script: by %s', async (_, filterSieve, folders) => {
  const rules = join(mkdtempSync(join(tmpdir(), 'sieve-before-')), 'before.sieve');
  chmodSync(dirname(rules), 0o777);
  writeFileSync(rules, 'require ["fileinto", "mailbox"]; fileinto :create "Before"; stop;');
  try {
    const extra = `plugin {\n  sieve_before = file:${rules}\n}`;
    const login = await start({ filterSieve, extra, sieve: { [anna]: 'keep;' } });
    await server.put(anna, 'INBOX', numbered(1));
    const mail = openMail({ lmtp: { host: '127.0.0.1', port: server.lmtpPort } });
    const uidValidity = await mail.inboxValidity(login);
    await mail.runSieve(login, anna, { uidValidity, uids: [1] });
    expect((await server.list(anna)).map(({ folder }) => folder)).toEqual(folders);
  } finally {
    rmSync(dirname(rules), { recursive: true });
  }
});

describe('sieve by LMTP', () => {
  const withLmtp = () => openMail({ lmtp: { host: '127.0.0.1', port: server.lmtpPort } });

  test('delivers anew, one after the other, and expunges nothing that others flagged', async () => {
    const login = await start({ sieve: { [anna]: script } });
    const mail = withLmtp();
    await server.put(anna, 'INBOX', mixed);
    const uidValidity = await mail.inboxValidity(login);
    expect(await mail.sieveWay(login)).toBe('lmtp');
    expect(await mail.runSieve(login, anna, { uidValidity, uids: asked })).toEqual({
      kind: 'done',
      absent: 1,
    });
    expect(await inbox()).toEqual([`4 file 4 ${deleted}`, '5 file 5', `6 keep 6 ${deleted}`, '7 keep 2']);
    expect(await server.list(anna, 'Filed')).toMatchObject([{ subject: 'file 1', flags: [] }]);
  });

  test('the sender of the envelope is that of the message; lines with dots and umlauts arrive whole', async () => {
    const login = await start();
    const mail = withLmtp();
    const body = '.\r\n..two\r\nGrüße\r\n.\r\n';
    await server.put(anna, 'INBOX', [
      { headers: ['Return-Path: <ann@example.net>'], body },
      { body: 'no end' },
    ]);
    const uidValidity = await mail.inboxValidity(login);
    await mail.runSieve(login, anna, { uidValidity, uids: [1, 2] });
    const [first, second] = await server.list(anna, 'INBOX');
    expect(first?.source).toMatch(/^Return-Path: <ann@example\.net>\r\nDelivered-To: /);
    expect(first?.source.endsWith(`\r\n\r\n${body}`)).toBe(true);
    expect(second?.source).toMatch(/^Return-Path: <>\r\n/);
    expect(second?.source.endsWith('no end\r\n')).toBe(true);
  });

  test('what is refused for good stays where it is, and is counted', async () => {
    const login = await start();
    const mail = withLmtp();
    await server.put(anna, 'INBOX', numbered(2));
    const uidValidity = await mail.inboxValidity(login);
    expect(await mail.runSieve(login, 'nobody@example.org', { uidValidity, uids: [1, 2] })).toEqual({
      kind: 'done',
      absent: 0,
      refused: 2,
    });
    expect(await inbox()).toEqual(['1 m1', '2 m2']);
  });

  test('nobody who answers there is no way', async () => {
    const login = await start();
    const mail = openMail({ lmtp: { host: '127.0.0.1', port: server.imapPort } });
    expect(await openMail({}).sieveWay(login)).toBe('none');
    expect(await mail.sieveWay(login)).toBe('none');
    const uidValidity = await mail.inboxValidity(login);
    await expect(openMail({}).runSieve(login, anna, { uidValidity, uids: [1] })).rejects.toThrow(
      'no FILTER=SIEVE, and no LMTP is configured',
    );
  });

  test('a server without UIDPLUS is told so, before anything is done', async () => {
    const login = await start({ capability: 'IMAP4rev1 LITERAL+ SASL-IR NAMESPACE' });
    const mail = withLmtp();
    await server.put(anna, 'INBOX', numbered(1)).catch(() => undefined);
    const uidValidity = await mail.inboxValidity(login);
    expect(await mail.sieveWay(login)).toBe('none');
    await expect(mail.runSieve(login, anna, { uidValidity, uids: [1] })).rejects.toMatchObject({
      transient: false,
      message: expect.stringContaining('UIDPLUS'),
    });
  });

  describe.each([
    ['before its verdict', 0, ['1 m1', '2 m2']],
    ['after one verdict', 1, ['2 m2']],
  ])('an LMTP server that hangs up %s', (_, verdicts, left) => {
    test('loses nothing', async () => {
      const login = await start();
      await server.put(anna, 'INBOX', numbered(2));
      let given = 0;
      let inData = false;
      const lmtp = await startScriptedMail({
        greeting: '220 ready\r\n',
        answer: ({ text, socket }) => {
          if (inData) {
            if (text !== '.') return undefined;
            inData = false;
            if (given === verdicts) socket.destroy();
            given += 1;
            return '250 taken\r\n';
          }
          if (text === 'DATA') inData = true;
          return text === 'DATA' ? '354 go on\r\n' : '250 ok\r\n';
        },
      });
      try {
        const mail = openMail({ lmtp: { host: '127.0.0.1', port: lmtp.port } });
        const uidValidity = await mail.inboxValidity(login);
        const run = mail.runSieve(login, anna, { uidValidity, uids: [1, 2] });
        await expect(run).rejects.toMatchObject({ name: 'MailError', transient: true });
        expect(await inbox()).toEqual(left);
        await lmtp.allGone();
      } finally {
        await lmtp.close();
      }
    });
  });
});
