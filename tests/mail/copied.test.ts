/** The keyword on what was copied, and deletion by age, on a real Dovecot. */
import { afterEach, expect, test } from '@jest/globals';
import { openMail } from '../../src/mail/mail.ts';
import type { MailLogin } from '../../src/ports-mail.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { startScriptedMail, usualAnswer } from '../support/mail-server-scripted.ts';

const anna = 'anna@example.org';
const keyword = '$LdapMailcowCopied';
const deleted = String.raw`\Deleted`;
const daysAgo = (days: number): Date => new Date(Date.now() - days * 24 * 60 * 60_000);

let server: MailServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(
  capability?: string,
): Promise<{ readonly login: MailLogin; readonly server: MailServer }> {
  const started = await startMailServer({
    users: { [anna]: 'pw' },
    ...(capability !== undefined && { capability }),
  });
  server = started;
  const login: MailLogin = {
    host: '127.0.0.1',
    port: started.imapPort,
    security: 'tls',
    user: anna,
    password: 'pw',
  };
  return { login, server: started };
}

test('only what was copied, is old and nobody else has flagged goes', async () => {
  const { login, server: there } = await start();
  const mail = openMail({});
  await there.put(anna, 'INBOX', [
    { subject: 'old and copied', date: daysAgo(40) },
    { subject: 'old, not copied', date: daysAgo(40) },
    { subject: 'young and copied', date: daysAgo(3) },
    { subject: 'old, copied, flagged', date: daysAgo(40), flags: [deleted] },
  ]);
  await there.put(anna, 'Archive', [{ subject: 'elsewhere', date: daysAgo(40) }]);
  const uidValidity = await mail.inboxValidity(login);
  expect(await mail.markCopied(login, { uidValidity, uids: [1, 3, 4, 9] })).toEqual({
    kind: 'done',
    absent: 1,
  });
  expect(await mail.deleteCopied(login, 30)).toBe(1);
  const left = (await there.list(anna)).map(({ subject, flags }) => [subject, ...flags].join(' '));
  expect(left.sort()).toEqual([
    'elsewhere',
    expect.stringMatching(/^old, copied, flagged .*Deleted/),
    'old, not copied',
    `young and copied ${keyword}`,
  ]);
  expect(await mail.deleteCopied(login, 30)).toBe(0);
});

test('an INBOX that was made anew is not marked', async () => {
  const { login, server: there } = await start();
  const mail = openMail({});
  await there.put(anna, 'INBOX', [{ subject: 'm1', date: daysAgo(40) }]);
  expect(await mail.markCopied(login, { uidValidity: '1', uids: [1] })).toEqual({ kind: 'validity-changed' });
  expect(await mail.deleteCopied(login, 30)).toBe(0);
});

test('a server that keeps no keywords is told from one that does', async () => {
  const scripted = await startScriptedMail({
    greeting: '* OK hello\r\n',
    answer: (line) =>
      line.command === 'SELECT'
        ? `* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS (\\Seen \\Deleted)] x\r\n${line.tag} OK done\r\n`
        : (usualAnswer(line, '') ?? `${line.tag} OK done\r\n`),
  });
  try {
    const login: MailLogin = {
      host: '127.0.0.1',
      port: scripted.port,
      security: '',
      user: anna,
      password: 'pw',
    };
    expect(await openMail({}).markCopied(login, { uidValidity: '7', uids: [1] })).toEqual({
      kind: 'no-keywords',
    });
    expect(await openMail({}).deleteCopied(login, 30)).toBe(0);
    expect(scripted.lines().join('\n')).not.toMatch(/STORE|EXPUNGE/);
  } finally {
    await scripted.close();
  }
});

test('without UIDPLUS nothing is deleted, with a sentence', async () => {
  const { login, server: there } = await start('IMAP4rev1 LITERAL+ ENABLE');
  const mail = openMail({});
  await there.put(anna, 'INBOX', [{ subject: 'm1', date: daysAgo(40) }]);
  const uidValidity = await mail.inboxValidity(login);
  await mail.markCopied(login, { uidValidity, uids: [1] });
  await expect(mail.deleteCopied(login, 30)).rejects.toThrow(/no UIDPLUS/);
  expect(await there.list(anna, 'INBOX')).toHaveLength(1);
});
