import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { desiredProvider } from '../../src/core/identity-provider.ts';
import { MailcowMalformed } from '../../src/mailcow/errors.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import { failure, openAt, openOn } from './opened.ts';
import { recording } from './recordings.ts';
import type { Answer } from './scripted.ts';

const recorded = (start: string): Answer => ({ text: recording(start).response.text });
const wanted = desiredProvider(
  {
    uris: ['ldap://127.0.0.1:13890'],
    baseDn: 'dc=idp,dc=test',
    bindDn: 'cn=admin,dc=idp,dc=test',
    bindPassword: 'ldapadmin',
    startTls: false,
    tlsVerify: true,
  },
  { mail: 'mail', filter: '(objectClass=inetOrgPerson)' },
);

describe('the identity provider', () => {
  test('is read as mailcow shows it', async () => {
    const { mailcow } = await openOn(recorded('11/018'));
    expect(await mailcow.readIdentityProvider()).toEqual({
      kind: 'ldap',
      ldap: { ...wanted, attributeField: 'employeetype' },
    });
  });

  test.each([
    ['11/002', undefined],
    ['11/044', undefined],
  ])('is none in %s', async (start, provider) => {
    const { mailcow } = await openOn(recorded(start));
    expect(await mailcow.readIdentityProvider()).toBe(provider);
  });

  test.each([
    ['11/014', 'missing'],
    ['11/018', 'none'],
    ['11/020', 'some'],
  ])('has mappers that are told apart in %s: %s', async (start, mappers) => {
    const { mailcow } = await openOn(recorded(start));
    expect(await mailcow.readIdentityProvider()).toMatchObject({ kind: 'ldap', ldap: { mappers } });
  });

  test('may be of another type', async () => {
    const { mailcow } = await openOn({
      json: { authsource: 'keycloak', client_secret: 's', server_url: 'https://k' },
    });
    expect(await mailcow.readIdentityProvider()).toEqual({ kind: 'other', type: 'keycloak' });
  });

  test('is no route of an older mailcow', async () => {
    const { mailcow } = await openOn({ status: 404, json: { type: 'error', msg: 'route not found' } });
    expect(await mailcow.readIdentityProvider()).toBe('no-route');
  });

  test.each([
    ['11/008', { kind: 'done' }],
    ['11/007', { kind: 'refused', words: [{ word: 'Cannot edit item', args: [] }] }],
    ['11/009', { kind: 'refused', words: [{ word: 'Cannot edit item', args: [] }] }],
  ])('is tested by mailcow: %s', async (start, verdict) => {
    const { mailcow } = await openOn(recorded(start));
    expect(await mailcow.testIdentityProvider(wanted)).toEqual(verdict);
  });

  test.each<[Answer, string]>([
    [{ text: '' }, 'unclear'],
    [{ text: 'no json' }, 'unclear'],
    ['drop', 'unclear'],
    [{ status: 404, json: { type: 'error', msg: 'route not found' } }, 'refused'],
  ])('has an unclear test when mailcow does not say: %j', async (answer, kind) => {
    const { mailcow } = await openOn(answer);
    expect((await mailcow.testIdentityProvider(wanted)).kind).toBe(kind);
  });

  test.each([
    ['11/013', 'done'],
    ['11/003', 'refused'],
    ['11/032', 'refused'],
  ])('is written, and judged by mailcow’s words: %s', async (start, kind) => {
    const { mailcow } = await openOn(recorded(start));
    expect((await mailcow.editIdentityProvider(wanted)).kind).toBe(kind);
  });

  test('reads back equal, whatever the flags', async () => {
    const server = await startMailcow();
    const mailcow = openAt(server.url, { apiKey: server.apiKey });
    const all = { ...wanted, ssl: true, ignoreSslError: true, hosts: ['a.test', 'b.test'] };
    for (const provider of [wanted, all, { ...all, ssl: false, startTls: true }]) {
      expect(await mailcow.editIdentityProvider(provider)).toEqual({ kind: 'done' });
      expect(await mailcow.readIdentityProvider()).toEqual({ kind: 'ldap', ldap: provider });
    }
    await server.close();
  });

  test('never shows its password in a verdict or an error', async () => {
    const outcomes: unknown[] = [];
    for (const start of ['11/010', '11/013', '11/019']) {
      const { mailcow } = await openOn(recorded(start));
      outcomes.push(await mailcow.editIdentityProvider(wanted), await mailcow.testIdentityProvider(wanted));
    }
    const { mailcow } = await openOn({ json: { authsource: 'ldap', host: 5, bindpass: ['ldapadmin'] } });
    outcomes.push(await failure(mailcow.readIdentityProvider()));
    expect(outcomes.at(-1)).toBeInstanceOf(MailcowMalformed);
    expect(inspect(outcomes, { depth: 20, showHidden: true })).not.toContain('ldapadmin');
  });
});

describe('the login of a mailbox', () => {
  const anna = { address: 'anna@mb.test', name: 'Anna', quotaMiB: 1, active: 1, tags: [] };
  const body = async (
    start: string,
    run: (mailcow: Awaited<ReturnType<typeof openOn>>) => Promise<unknown>,
  ) => {
    const opened = await openOn(recorded(start));
    await run(opened);
    return JSON.parse(opened.server.asked.at(-1)?.body ?? '{}') as {
      attr?: Record<string, unknown>;
    } & Record<string, unknown>;
  };

  test('by the provider comes without a password', async () => {
    const sent = await body('11/012', ({ mailcow }) =>
      mailcow.createMailbox({ ...anna, authSource: 'ldap' }),
    );
    expect(sent).toMatchObject({ authsource: 'ldap' });
    expect(sent).not.toHaveProperty('password');
  });

  test('by a hash comes with it twice', async () => {
    const hash = '{SSHA}n9X7AiBVgcZqUkeUBugNakPwKCpzYWx0c2FsdA==';
    const created = await body('04/002', ({ mailcow }) =>
      mailcow.createMailbox({ ...anna, password: { hash } }),
    );
    expect(created).toMatchObject({ authsource: 'mailcow', password: hash, password2: hash });
    const edited = await body('05/016', ({ mailcow }) =>
      mailcow.editMailbox(anna.address, { password: { hash } }),
    );
    expect(edited.attr).toEqual({ password: hash, password2: hash });
    const random = await body('05/016', ({ mailcow }) =>
      mailcow.editMailbox(anna.address, { password: 'random' }),
    );
    expect(random.attr?.['password']).toMatch(/^\{SSHA512\}/);
    const back = await body('05/016', ({ mailcow }) =>
      mailcow.editMailbox(anna.address, { authSource: 'mailcow' }),
    );
    expect(back.attr).toEqual({ authsource: 'mailcow' });
  });

  test.each([
    '{PBKDF2-SHA512}10000$x$y',
    '$2y$04$abc',
    '{ARGON2}$argon2id$x',
    '{MD5}vrVrHXCmDUh5rMNz71kwtQ==',
    'word',
  ])('is never a text that mailcow would take for the password, or not check: %s', async (hash) => {
    const { mailcow, server } = await openOn(recorded('04/002'));
    const refusal = { kind: 'refused', words: [{ word: 'password_no_hash', args: [] }] };
    expect(await mailcow.createMailbox({ ...anna, password: { hash } })).toEqual(refusal);
    expect(await mailcow.editMailbox(anna.address, { password: { hash } })).toEqual(refusal);
    expect(server.asked).toEqual([]);
  });
});
