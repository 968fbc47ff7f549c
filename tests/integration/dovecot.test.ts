/** What Dovecot does with the files that this program writes: facts/auth.md section 7, with our own text. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LoginSettings } from '../../src/auth/settings.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { freePort } from '../support/slapd-process.ts';
import { at, directoryLdif, dnOf, filesFor, secretOf, settingsFor, type Login } from './logins.ts';

const logins: readonly Login[] = [
  { account: 'alice', mail: 'Alice@Example.test' },
  ...['bob', 'leaver', 'reloaded', 'removed', 'stranger'].map((account) => ({ account })),
  { account: 'carol', disabled: true },
  { account: 'dave', department: 'guests' },
  { account: 'twin1', mail: at('twin') },
  { account: 'twin2', mail: at('twin') },
  { account: 'boss' },
  { account: 'thief', mail: `${at('boss')}\nmail: ${at('thief')}` },
];
const withMailbox = [
  'alice',
  'bob',
  'leaver',
  'reloaded',
  'removed',
  'carol',
  'dave',
  'twin',
  'boss',
  'only-mailcow',
];

const OK = /^OK/;
const REFUSED = /^NO \[AUTHENTICATIONFAILED\]/;
const UNAVAILABLE = /^NO \[UNAVAILABLE\]/;

let slapd: Slapd;
let dovecot: Dovecot;

const startWith = (changes: Partial<LoginSettings> = {}, server = slapd): Promise<Dovecot> =>
  startDovecot({
    mailboxes: withMailbox.map(at),
    mailcow: { [at('only-mailcow')]: 'of mailcow' },
    render: filesFor(settingsFor(server, changes)),
  });

const disable = (account: string): Promise<void> =>
  slapd.modify(
    `dn: ${dnOf(account)}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n`,
  );

beforeAll(async () => {
  slapd = await startSlapd({ text: directoryLdif(logins) });
  dovecot = await startWith();
});
afterAll(async () => {
  await dovecot.close();
  await slapd.stop();
});

describe('who gets in', () => {
  test.each([
    ['the right password', at('bob'), secretOf('bob'), OK],
    ['an address that the directory writes in capitals', at('alice'), secretOf('alice'), OK],
    ['an address typed in capitals', 'ALICE@EXAMPLE.TEST', secretOf('alice'), OK],
    ['a person whom only mailcow knows', at('only-mailcow'), 'of mailcow', OK],
    ['a wrong password', at('bob'), secretOf('alice'), REFUSED],
    ['no password at all', at('bob'), '', REFUSED],
    ['a wrong password of whom only mailcow knows', at('only-mailcow'), 'wrong', REFUSED],
    ['whoever is disabled', at('carol'), secretOf('carol'), REFUSED],
    ['whoever is outside of the user filter', at('dave'), secretOf('dave'), REFUSED],
    ['nobody', at('nobody'), 'x', REFUSED],
    ['a wildcard', '*', secretOf('bob'), REFUSED],
    ['a wildcard in an address', 'bo*@example.test', secretOf('bob'), REFUSED],
    ['a piece of a filter', 'x)(mail=*', secretOf('bob'), REFUSED],
    ['another piece of a filter', at('bob)(cn=bob'), secretOf('bob'), REFUSED],
    ['a variable of Dovecot', '%{ldap:mail}', secretOf('bob'), REFUSED],
    ['two entries with one address', at('twin'), secretOf('twin1'), UNAVAILABLE],
  ])('%s', async (_, user, password, answer) => {
    expect(await dovecot.login(user, password)).toMatch(answer);
  });

  test('an entry with somebody else’s address beside its own does not open the other mailbox', async () => {
    const answer = await dovecot.login(at('thief'), secretOf('thief')).catch(String);
    expect(answer).not.toMatch(OK);
  });

  test('a person of the directory without a mailbox in mailcow has nothing to log in to', async () => {
    // Dovecot says so, or hangs up before it can: the password was right, the mailbox is missing.
    const answer = await dovecot.login(at('stranger'), secretOf('stranger')).catch(String);
    expect(answer).toMatch(/^NO \[UNAVAILABLE\]|hung up/);
  });
});

describe('who loses the right', () => {
  test('a person who is disabled gets in by the cache until it is flushed', async () => {
    expect(await dovecot.login(at('leaver'), secretOf('leaver'))).toMatch(OK);
    await disable('leaver');
    expect(await dovecot.login(at('leaver'), secretOf('leaver'))).toMatch(OK);
    await dovecot.doveadm('auth', 'cache', 'flush', at('leaver'));
    expect(await dovecot.login(at('leaver'), secretOf('leaver'))).toMatch(REFUSED);
  });

  test('the same after a reload', async () => {
    expect(await dovecot.login(at('reloaded'), secretOf('reloaded'))).toMatch(OK);
    await disable('reloaded');
    const again = (): Promise<string> => dovecot.login(at('reloaded'), secretOf('reloaded'));
    let answer = await again();
    expect(answer).toMatch(OK);
    await dovecot.reload();
    // The old processes may answer once more.
    for (let tries = 0; tries < 20 && !answer.startsWith('NO [AUTHENTICATIONFAILED]'); tries += 1)
      answer = await again();
    expect(answer).toMatch(REFUSED);
    expect(await dovecot.login(at('bob'), secretOf('bob'))).toMatch(OK);
  });

  test('a person who is gone from the directory', async () => {
    await slapd.modify(`dn: ${dnOf('removed')}\nchangetype: delete\n`);
    expect(await dovecot.login(at('removed'), secretOf('removed'))).toMatch(REFUSED);
  });
});

describe('people type their account name', () => {
  let server: Dovecot;
  beforeAll(async () => {
    server = await startWith({ login: { attribute: 'samaccountname', localPart: false } });
  });
  afterAll(() => server.close());

  test.each([
    ['the account name', 'bob', secretOf('bob'), OK],
    ['the account name of one whose address differs', 'alice', secretOf('alice'), OK],
    ['the address, which SOGo uses', at('bob'), secretOf('bob'), OK],
    ['the account name at another domain', 'bob@elsewhere.test', secretOf('bob'), REFUSED],
    ['a wrong password', 'bob', 'wrong', REFUSED],
    ['the account name of whoever is disabled', 'carol', secretOf('carol'), REFUSED],
    ['a wildcard', 'bo*', secretOf('bob'), REFUSED],
  ])('%s', async (_, user, password, answer) => {
    expect(await server.login(user, password)).toMatch(answer);
  });
});

describe('people type an address, of which the part before the @ counts', () => {
  let server: Dovecot;
  beforeAll(async () => {
    server = await startWith({ login: { attribute: 'samaccountname', localPart: true } });
  });
  afterAll(() => server.close());

  test.each([
    ['the account name', 'bob', secretOf('bob'), OK],
    ['the account name at any domain', 'bob@elsewhere.test', secretOf('bob'), OK],
    ['the address', at('bob'), secretOf('bob'), OK],
    ['the password of somebody else', at('bob'), secretOf('alice'), REFUSED],
    ['whoever is outside of the user filter', 'dave@elsewhere.test', secretOf('dave'), REFUSED],
  ])('%s', async (_, user, password, answer) => {
    expect(await server.login(user, password)).toMatch(answer);
  });
});

describe('a directory that does not answer', () => {
  test('whom only mailcow knows still logs in, the others are told to come back', async () => {
    const server = await startWith({ uris: [`ldap://127.0.0.1:${await freePort()}`] });
    expect(await server.login(at('only-mailcow'), 'of mailcow')).toMatch(OK);
    expect(await server.login(at('bob'), secretOf('bob'))).toMatch(UNAVAILABLE);
    await server.close();
  });

  test('the second server is asked when the first one is down', async () => {
    const server = await startWith({ uris: [`ldap://127.0.0.1:${await freePort()}`, slapd.uri] });
    expect(await server.login(at('bob'), secretOf('bob'))).toMatch(OK);
    await server.close();
  });
});
