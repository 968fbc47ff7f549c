/** Dovecot and directories of several kinds: how they are encrypted, and how they tell who is disabled. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LoginSettings } from '../../src/auth/settings.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { startDovecot } from '../support/dovecot.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { at, directoryLdif, dnOf, filesFor, secretOf, settingsFor, type Login } from './logins.ts';

const logins: readonly Login[] = [{ account: 'bob' }, { account: 'carol' }];

const OK = /^OK/;
const REFUSED = /^NO \[AUTHENTICATIONFAILED\]/;
const UNAVAILABLE = /^NO \[UNAVAILABLE\]/;

/** The answers to the right passwords of these accounts. */
async function answersTo(settings: LoginSettings, ...names: readonly string[]): Promise<readonly string[]> {
  const dovecot = await startDovecot({ mailboxes: names.map(at), mailcow: {}, render: filesFor(settings) });
  try {
    const answers: string[] = [];
    for (const name of names) answers.push(await dovecot.login(at(name), secretOf(name)));
    return answers;
  } finally {
    await dovecot.close();
  }
}

describe('encryption', () => {
  let certificates: Certificates;
  let slapd: Slapd;
  beforeAll(async () => {
    certificates = makeCertificates();
    slapd = await startSlapd({ text: directoryLdif(logins), tls: certificates.server });
  });
  afterAll(async () => {
    await slapd.stop();
    certificates.remove();
  });

  const ldaps = (): readonly string[] => [slapd.ldapsUri ?? ''];
  const trusting = (ca: string): LoginSettings['tls'] => ({ verify: true, caFile: ca });

  test('ldaps:// with an authority of one’s own', async () => {
    const settings = settingsFor(slapd, { uris: ldaps(), tls: trusting(certificates.server.ca) });
    expect(await answersTo(settings, 'bob')).toEqual([expect.stringMatching(OK)]);
  });

  test('StartTLS with an authority of one’s own', async () => {
    const settings = settingsFor(slapd, { startTls: true, tls: trusting(certificates.server.ca) });
    expect(await answersTo(settings, 'bob')).toEqual([expect.stringMatching(OK)]);
  });

  test.each([
    ['ldaps://', false],
    ['StartTLS', true],
  ])('%s: a server that nobody vouches for gets no password', async (_, startTls) => {
    const uris = startTls ? [slapd.uri] : ldaps();
    const settings = settingsFor(slapd, { uris, startTls, tls: trusting(certificates.otherCa.ca) });
    expect(await answersTo(settings, 'bob')).toEqual([expect.stringMatching(UNAVAILABLE)]);
  });

  test('without an authority of one’s own, those of the system count', async () => {
    const settings = settingsFor(slapd, { uris: ldaps() });
    expect(await answersTo(settings, 'bob')).toEqual([expect.stringMatching(UNAVAILABLE)]);
  });

  test('unless the operator wants no check', async () => {
    const settings = settingsFor(slapd, { uris: ldaps(), tls: { verify: false } });
    expect(await answersTo(settings, 'bob')).toEqual([expect.stringMatching(OK)]);
  });
});

describe('who is disabled', () => {
  test('pwdAccountLockedTime', async () => {
    const slapd = await startSlapd({ text: directoryLdif(logins), overlays: ['ppolicy'] });
    await slapd.modify(
      `dn: ${dnOf('carol')}\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n`,
    );
    const settings = settingsFor(slapd, { disabled: { kind: 'pwd-account-locked-time' } });
    expect(await answersTo(settings, 'bob', 'carol')).toEqual([
      expect.stringMatching(OK),
      expect.stringMatching(REFUSED),
    ]);
    await slapd.stop();
  });

  test('an attribute with one of several values', async () => {
    const slapd = await startSlapd({ text: directoryLdif(logins) });
    await slapd.modify(
      `dn: ${dnOf('carol')}\nchangetype: modify\nadd: employeeType\nemployeeType: Suspended (again)\n`,
    );
    const settings = settingsFor(slapd, {
      disabled: { kind: 'attribute', attribute: 'employeeType', values: ['left', 'suspended (again)'] },
    });
    expect(await answersTo(settings, 'bob', 'carol')).toEqual([
      expect.stringMatching(OK),
      expect.stringMatching(REFUSED),
    ]);
    await slapd.stop();
  });

  test('a rule about an attribute that the server does not know would let nobody in', async () => {
    const slapd = await startSlapd({ text: directoryLdif(logins) });
    const settings = settingsFor(slapd, { disabled: { kind: 'pwd-account-locked-time' } });
    expect(await answersTo(settings, 'bob')).toEqual([expect.stringMatching(REFUSED)]);
    await slapd.stop();
  });
});
