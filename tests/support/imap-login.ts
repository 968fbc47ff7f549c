/** One login over IMAP, as a mail program does it; any character may be in name and password. */
import { connect } from 'node:net';

const answered = /^a1 (?:OK|NO|BAD)[^\n]*\n/m;

/** The server's answer to the login: `OK …`, `NO [AUTHENTICATIONFAILED] …`, `NO [UNAVAILABLE] …`. */
export function imapLogin(port: number, user: string, password: string): Promise<string> {
  const initial = Buffer.from(`\0${user}\0${password}`).toString('base64');
  return new Promise((done, failed) => {
    let received = '';
    let asked = false;
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.setTimeout(30_000, () => socket.destroy(new Error('no answer from IMAP for 30 s')));
    socket.on('data', (chunk: string) => {
      received += chunk;
      if (!asked && received.includes('\n')) {
        asked = true;
        socket.write(`a1 AUTHENTICATE PLAIN ${initial}\r\n`);
      }
      const answer = answered.exec(received)?.[0];
      if (answer === undefined) return;
      done(answer.slice('a1 '.length).trim());
      socket.end('a2 LOGOUT\r\n');
    });
    socket.once('error', failed);
    socket.once('close', () => {
      failed(new Error(`IMAP hung up: ${received.trim()}`));
    });
  });
}
