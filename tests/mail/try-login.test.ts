import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { openMail } from '../../src/mail/mail.ts';
import type { LoginTrial, MailLogin } from '../../src/ports-mail.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import {
  startScriptedMail,
  usualAnswer,
  type ScriptedMail,
  type ScriptedOptions,
} from '../support/mail-server-scripted.ts';
import { freePort } from '../support/slapd-process.ts';

const anna = 'anna@example.org';
const password = 'sécret "p\\ss: 1';
const mail = openMail({ timeouts: { loginMs: 1500 } });
const at = (port: number, more: Partial<MailLogin> = {}): MailLogin => ({
  host: '127.0.0.1',
  port,
  security: '',
  user: anna,
  password,
  ...more,
});
const whyOf = (trial: LoginTrial): string => ('why' in trial ? trial.why : '');

describe('on a real server', () => {
  let server: MailServer;
  let plain: MailServer;

  beforeAll(async () => {
    const users = { [anna]: password };
    server = await startMailServer({ users, master: { user: 'm@mailcow.local', password: 'master' } });
    plain = await startMailServer({ users, tls: false });
  });

  afterAll(async () => {
    await server.close();
    await plain.close();
  });

  test('all three kinds of security log in, and a master for a mailbox', async () => {
    expect(await mail.tryLogin(at(server.imapPort))).toEqual({ kind: 'ok' });
    expect(await mail.tryLogin(at(server.imapPort, { security: 'tls' }))).toEqual({ kind: 'ok' });
    expect(await mail.tryLogin(at(server.imapsPort, { security: 'ssl' }))).toEqual({ kind: 'ok' });
    const master = { user: `${anna}*m@mailcow.local`, password: 'master' };
    expect(await mail.tryLogin(at(server.imapPort, master))).toEqual({ kind: 'ok' });
  });

  test('without a word on security STARTTLS is used where it is offered, and only there', async () => {
    await mail.tryLogin(at(server.imapPort));
    expect(server.log()).toMatch(/Login: user=<anna@example\.org>.* TLS, session/);
    expect(await mail.tryLogin(at(plain.imapPort))).toEqual({ kind: 'ok' });
    expect(plain.log()).not.toContain(' TLS, session');
  });

  test('a wrong password and an unknown user are bad credentials', async () => {
    const wrong = await mail.tryLogin(at(server.imapPort, { password: 'wrong-one' }));
    expect(wrong).toMatchObject({ kind: 'bad-credentials' });
    expect(whyOf(wrong)).toContain('Authentication failed');
    expect(whyOf(wrong)).not.toContain('wrong-one');
    expect(await mail.tryLogin(at(server.imapPort, { user: 'nobody@example.org' }))).toMatchObject({
      kind: 'bad-credentials',
    });
    expect(await mail.tryLogin(at(server.imapPort, { password: '' }))).toMatchObject({
      kind: 'bad-credentials',
    });
  });

  test('STARTTLS that is not there, and on a port that speaks TLS from the start', async () => {
    expect(await mail.tryLogin(at(plain.imapPort, { security: 'tls' }))).toMatchObject({
      kind: 'no-starttls',
    });
    const both = await Promise.all([
      mail.tryLogin(at(server.imapsPort, { security: 'tls' })),
      mail.tryLogin(at(server.imapsPort)),
    ]);
    expect(both).toMatchObject([{ kind: 'no-starttls' }, { kind: 'no-starttls' }]);
    expect(both.map(whyOf)).toEqual([
      expect.stringContaining('speaks TLS from the start'),
      expect.stringContaining('speaks TLS from the start'),
    ]);
  });

  test('TLS from the start on a port without it fails as TLS', async () => {
    expect(await mail.tryLogin(at(plain.imapPort, { security: 'ssl' }))).toMatchObject({
      kind: 'tls-failed',
    });
  });

  test('certificates are looked at only on request', async () => {
    const strict = openMail({ verifyTls: true, timeouts: { loginMs: 1500 } });
    for (const login of [at(server.imapsPort, { security: 'ssl' }), at(server.imapPort)]) {
      expect(await strict.tryLogin(login)).toMatchObject({ kind: 'tls-failed' });
    }
  });
});

test('a port where nobody listens and a name that does not exist are unreachable', async () => {
  expect(await mail.tryLogin(at(await freePort()))).toMatchObject({ kind: 'unreachable' });
  expect(await mail.tryLogin(at(143, { host: 'imap.invalid' }))).toMatchObject({ kind: 'unreachable' });
});

describe('servers that no real one would be', () => {
  let server: ScriptedMail;
  const script = async (options: ScriptedOptions): Promise<ScriptedMail> =>
    (server = await startScriptedMail(options));
  const greeting = '* OK ready\r\n';

  afterEach(async () => {
    // Whatever happened, no connection is left open.
    await server.allGone();
    await server.close();
  });

  const trial = async (options: ScriptedOptions, more: Partial<MailLogin> = {}): Promise<LoginTrial> =>
    mail.tryLogin(at((await script(options)).port, more));

  test.each(['', 'tls', 'ssl'] as const)('silence (security “%s”) is unreachable', async (security) => {
    expect(await trial({}, { security })).toMatchObject({ kind: 'unreachable' });
  });

  test('silence after the greeting ends in time', async () => {
    const started = Date.now();
    expect(await trial({ greeting })).toMatchObject({ kind: 'unreachable' });
    expect(Date.now() - started).toBeLessThan(3000);
  });

  test('another protocol is unreachable', async () => {
    expect(await trial({ greeting: '220 mail.example.net ESMTP\r\n' })).toMatchObject({
      kind: 'unreachable',
    });
  });

  test('a farewell as greeting is unreachable', async () => {
    const options = { greeting: '* BYE too many connections\r\n' };
    const server = await startScriptedMail(options);
    await server.close();
    expect(await trial(options)).toMatchObject({ kind: 'unreachable' });
  });

  test('garbage never ends in more than an answer', async () => {
    const garbage = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 73 + 11) % 256)).toString(
      'latin1',
    );
    expect(await trial({ greeting: `${garbage}\r\n* OK ${garbage}\r\n` })).toMatchObject({
      kind: expect.stringMatching(/unreachable|failed/),
    });
  });

  test('a line without end is cut off', async () => {
    expect(await trial({ greeting: `* OK ${'x'.repeat(5 * 1024 * 1024)}` })).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('Line length'),
    });
  });

  test('a huge literal is not waited for', async () => {
    expect(
      await trial({
        greeting,
        answer: ({ command }) => (command === 'CAPABILITY' ? '* LIST () {99999999999}\r\n' : undefined),
      }),
    ).toMatchObject({ kind: 'failed' });
  });

  test('hanging up in the middle of the login is no wrong password', async () => {
    const hangUp: ScriptedOptions['answer'] = (line) => {
      if (line.command === 'LOGIN' || line.command === 'AUTHENTICATE') line.socket.destroy();
      return usualAnswer(line, '');
    };
    expect(await trial({ greeting, answer: hangUp })).toMatchObject({ kind: 'unreachable' });
    await server.close();
    const withPlain: ScriptedOptions['answer'] = (line) =>
      line.command === 'CAPABILITY' ? usualAnswer(line, 'AUTH=PLAIN') : hangUp(line);
    expect(await trial({ greeting, answer: withPlain })).toMatchObject({ kind: 'unreachable' });
  });

  test('hanging up after the login is none either', async () => {
    const answer: ScriptedOptions['answer'] = (line) => {
      if (line.command === 'NAMESPACE') line.socket.destroy();
      return usualAnswer(line, 'NAMESPACE');
    };
    expect(await trial({ greeting, answer })).toMatchObject({ kind: 'unreachable' });
  });

  test.each([
    ['NO [UNAVAILABLE] Temporary authentication failure.', 'failed'],
    ['NO [LIMIT] Too many logins.', 'failed'],
    ['BAD what', 'failed'],
    ['NO [AUTHENTICATIONFAILED] Authentication failed.', 'bad-credentials'],
    ['NO Login failed.', 'bad-credentials'],
  ])('“%s” is %s', async (said, kind) => {
    const answer: ScriptedOptions['answer'] = (line) =>
      line.command === 'LOGIN' ? `${line.tag} ${said}\r\n` : usualAnswer(line, '');
    expect(await trial({ greeting, answer })).toMatchObject({ kind });
  });

  test('passwords only with TLS are said as that', async () => {
    const answer: ScriptedOptions['answer'] = (line) => usualAnswer(line, 'LOGINDISABLED');
    expect(await trial({ greeting, answer })).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('Login is disabled'),
    });
  });

  test('STARTTLS that is offered and refused, and one that breaks', async () => {
    const refused: ScriptedOptions['answer'] = (line) =>
      line.command === 'STARTTLS' ? `${line.tag} NO not today\r\n` : usualAnswer(line, 'STARTTLS');
    expect(await trial({ greeting, answer: refused }, { security: 'tls' })).toMatchObject({
      kind: 'no-starttls',
    });
    await server.close();
    const broken: ScriptedOptions['answer'] = (line) => {
      if (line.command !== 'STARTTLS') return usualAnswer(line, 'STARTTLS');
      line.socket.write(`${line.tag} OK begin\r\n`);
      line.socket.removeAllListeners('data');
      line.socket.once('data', () => line.socket.write('this is no TLS at all\r\n'));
      return undefined;
    };
    expect(await trial({ greeting, answer: broken }, { security: 'tls' })).toMatchObject({
      kind: 'tls-failed',
    });
  });

  test('TLS from the start, and the server hangs up', async () => {
    const { port, open, hangUp } = await script({});
    const trying = mail.tryLogin(at(port, { security: 'ssl' }));
    while (open() === 0) await new Promise((done) => setImmediate(done));
    hangUp();
    expect(await trying).toMatchObject({ kind: 'tls-failed' });
  });

  test('a server that repeats the password does not get it into our words', async () => {
    const initial = Buffer.from(`\0${anna}\0${password}`).toString('base64');
    const quoted = JSON.stringify(password).slice(1, -1);
    const misread = Buffer.from(quoted).toString('latin1');
    for (const echo of [password, quoted, misread, initial]) {
      const answer: ScriptedOptions['answer'] = (line) =>
        line.command === 'LOGIN' ? `${line.tag} NO wrong: ${echo}\r\n` : usualAnswer(line, '');
      const answered = await trial({ greeting, answer });
      expect(answered).toMatchObject({ kind: 'bad-credentials' });
      expect(whyOf(answered)).not.toContain('cret');
      expect(whyOf(answered)).not.toContain(initial);
      await server.close();
    }
  });
});
