import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { startScriptedMail, type ScriptedMail } from '../support/mail-server-scripted.ts';

const anna = 'anna@example.org';
let server: MailServer;
let silent: ScriptedMail;
let stuck: ScriptedMail;

beforeAll(async () => {
  server = await startMailServer({ users: { [anna]: 'pw' } });
  silent = await startScriptedMail({});
  stuck = await startScriptedMail({ greeting: '* OK ready\r\n' });
});

afterAll(async () => {
  await server.close();
  await silent.close();
  await stuck.close();
});

/** Runs the calls in a process of their own; how long it lived on after the last of them, in ms. */
async function lifeAfter(calls: string): Promise<number> {
  const program = `
    import { openMail } from './src/mail/mail.ts';
    const mail = openMail({ lmtp: { host: '127.0.0.1', port: ${silent.port} }, timeouts: { loginMs: 500, greetingMs: 500 } });
    const login = { host: '127.0.0.1', security: '', user: '${anna}', password: 'pw' };
    ${calls}
    const end = Date.now();
    process.once('exit', () => console.log(Date.now() - end));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  return Number(stdout);
}

test.each([
  ['a login that works', () => `await mail.tryLogin({ ...login, port: ${server.imapPort} });`],
  ['a wrong password', () => `await mail.tryLogin({ ...login, port: ${server.imapPort}, password: 'no' });`],
  ['silence', () => `await mail.tryLogin({ ...login, port: ${silent.port} });`],
  ['silence under TLS', () => `await mail.tryLogin({ ...login, security: 'ssl', port: ${silent.port} });`],
  ['silence after the greeting', () => `await mail.tryLogin({ ...login, port: ${stuck.port} });`],
  ['a silent LMTP server', () => `await mail.sieveWay({ ...login, port: ${server.imapPort} });`],
  ['a silent server', () => `await mail.inboxValidity({ ...login, port: ${silent.port} }).catch(() => 0);`],
])('after %s neither socket nor timer keeps the process', async (_, calls) => {
  expect(await lifeAfter(calls())).toBeLessThan(250);
});
