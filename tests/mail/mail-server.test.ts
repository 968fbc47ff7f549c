import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { imapLogin } from '../support/imap-login.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';

let server: MailServer;
const anna = 'anna@example.org';

beforeAll(async () => {
  server = await startMailServer({
    users: { [anna]: 'a:b c"ä', 'ben@example.org': 'ben' },
    master: { user: 'master@mailcow.local', password: 'secret' },
  });
});

afterAll(() => server.close());

test('users log in with their password, and a master as everybody', async () => {
  expect(await imapLogin(server.imapPort, anna, 'a:b c"ä')).toMatch(/^OK/);
  expect(await imapLogin(server.imapPort, anna, 'ben')).toMatch(/^NO/);
  expect(await imapLogin(server.imapPort, `${anna}*master@mailcow.local`, 'secret')).toMatch(/^OK/);
});

test('what is put is listed with flags and dates, folder by folder', async () => {
  const date = new Date('2020-02-03T04:05:06Z');
  expect(
    await server.put(anna, 'INBOX', [{ subject: 'one' }, { subject: 'two', flags: ['\\Seen'], date }]),
  ).toEqual([1, 2]);
  await server.put(anna, 'Work/2026', [{ subject: 'three', messageId: '<three@example.net>' }]);
  expect(await server.list(anna)).toMatchObject([
    { folder: 'INBOX', uid: 1, subject: 'one', flags: [] },
    { folder: 'INBOX', uid: 2, subject: 'two', flags: ['\\Seen'], internalDate: date },
    { folder: 'Work/2026', uid: 1, subject: 'three', messageId: '<three@example.net>' },
  ]);
});
