/** One login, tried within a time. */
import { connect as connectTls } from 'node:tls';
import type { LoginTrial, MailLogin } from '../ports-mail.ts';
import { readFailure, traitsOf } from './failure.ts';
import type { Settings } from './options.ts';
import { createClient, leave } from './session.ts';

/** The parts of the time: a server that stays silent leaves enough of it to ask whether it waits for TLS. */
const greetingPart = 0.6;
const probePart = 0.3;

const tooLate = (ms: number): Error =>
  Object.assign(new Error(`no login within ${ms} ms`), { code: 'NO_LOGIN_IN_TIME' });

async function attempt(login: MailLogin, settings: Settings): Promise<void> {
  const { loginMs } = settings.timeouts;
  const greetingMs = login.security === 'ssl' ? loginMs : loginMs * greetingPart;
  const timeouts = { connectMs: loginMs, greetingMs, idleMs: loginMs, loginMs };
  const client = createClient(login, { ...settings, timeouts });
  let giveUp: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    giveUp = setTimeout(() => {
      reject(tooLate(loginMs));
    }, loginMs);
  });
  try {
    await Promise.race([client.connect(), late]);
    await leave(client);
  } finally {
    clearTimeout(giveUp);
    client.close();
  }
}

/** Whether a TLS handshake succeeds right after connecting; the certificate may be any. */
function speaksTls({ host, port }: MailLogin, ms: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false });
    const end = (answer: boolean): void => {
      clearTimeout(giveUp);
      socket.destroy();
      done(answer);
    };
    const giveUp = setTimeout(() => {
      end(false);
    }, ms);
    socket.once('secureConnect', () => {
      end(true);
    });
    socket.on('error', () => {
      end(false);
    });
  });
}

async function explain(error: unknown, login: MailLogin, settings: Settings): Promise<LoginTrial> {
  const { kind, why } = readFailure(error, login);
  const isSilent = login.security !== 'ssl' && traitsOf(error).code === 'GREETING_TIMEOUT';
  if (isSilent && (await speaksTls(login, settings.timeouts.loginMs * probePart))) {
    return {
      kind: 'no-starttls',
      why: `${login.host}:${login.port} speaks TLS from the start, not STARTTLS`,
    };
  }
  return { kind, why };
}

/** Whether this login works, and if not, why. Throws nothing, leaves no connection. */
export async function tryLogin(login: MailLogin, settings: Settings): Promise<LoginTrial> {
  if (login.password === '') return { kind: 'bad-credentials', why: 'the password is empty' };
  try {
    await attempt(login, settings);
    return { kind: 'ok' };
  } catch (error) {
    return explain(error, login, settings);
  }
}
