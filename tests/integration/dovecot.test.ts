/** What Dovecot does with the files that this program writes: facts/auth.md section 7, with our own text. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { directoryLdif, filesFor, secretOf, settingsFor, type Login } from './logins.ts';

const at = (name: string): string => `${name}@example.test`;

const logins: readonly Login[] = [{ account: 'alice', mail: 'Alice@Example.test' }];

let slapd: Slapd;
let dovecot: Dovecot;
beforeAll(async () => {
  slapd = await startSlapd({ text: directoryLdif(logins) });
  dovecot = await startDovecot({
    mailboxes: logins.map(({ account }) => at(account)),
    mailcow: { [at('only-mailcow')]: 'of mailcow' },
    render: filesFor(settingsFor(slapd)),
  });
});
afterAll(async () => {
  await dovecot.close();
  await slapd.stop();
});

describe('with the files as they are', () => {
  test('the right password logs in', async () => {
    expect(await dovecot.login(at('alice'), secretOf('alice'))).toMatch(/^OK/);
  });
});
