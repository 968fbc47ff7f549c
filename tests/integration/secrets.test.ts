/** Secrets never show (DESIGN.md 4.19). */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secrets, withWorld, type World } from './world.ts';

/** The forms in which a secret may leak. */
const formsOf = (secret: string): readonly string[] => {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [secret, base64, encodeURIComponent(secret), Buffer.from(secret).toString('hex')];
};

const leaksIn = (text: string, hidden: readonly string[]): readonly string[] =>
  hidden.flatMap(formsOf).filter((form) => text.includes(form));

/** Every password that was sent to mailcow; mailcow echoes some of them. */
const sentPasswords = ({ mailcow }: World): readonly string[] =>
  mailcow.writes.flatMap(({ body }) => {
    const { password } = body as { readonly password?: string };
    return password === undefined || password === '' ? [] : [password];
  });

test('no line of the log, no plan and no byte of the state holds the API key, the bind password or a password of a mailbox (4.19)', async () => {
  await withWorld({}, async (world) => {
    const { mailcow, slapd } = world;
    const verbose = [{ LOG_LEVEL: 'debug' }, { LOG_LEVEL: 'debug', LOG_FORMAT: 'json' }] as const;
    const [text, json] = verbose;
    await world.run(['plan'], text);
    mailcow.fault({ route: 'add/mailbox', mode: 'drop', times: 1 });
    mailcow.fault({ route: 'add/mailbox', mode: 'empty', times: 1, done: true });
    await world.sync(text);
    await world.sync(json);
    await world.run(['plan', '--json'], json);
    mailcow.fault({ route: 'get/', mode: '500' });
    await world.run(['sync', '--full'], json);
    mailcow.clearFaults();
    mailcow.fault({ route: 'get/', mode: '401' });
    await world.run(['sync', '--full'], text);
    mailcow.clearFaults();
    await world.sync({ ...text, LDAP_BIND_DN: 'cn=nobody,dc=example,dc=test' });
    await world.sync({ ...json, LDAP_URI: 'ldap://127.0.0.1:1' });
    await world.sync({ ...text, API_HOST: `http://127.0.0.1:${slapd.port}`, API_TIMEOUT: '2' });
    await world.sync({ LDAP_BASE_DN: 'nonsense', API_QUOTA: 'much' });
    await world.run(['check'], text);
    const passwords = sentPasswords(world);
    expect(passwords.length).toBeGreaterThan(20);
    expect(world.output().length).toBeGreaterThan(10_000);
    const hidden = [...Object.values(secrets), ...passwords];
    expect(leaksIn(world.output(), hidden)).toEqual([]);
    expect(leaksIn(world.stateBytes(), hidden)).toEqual([]);
    // The env file holds them: the search finds what is there.
    const env = readFileSync(join(world.folder, 'sandbox.env'), 'utf8');
    expect(leaksIn(env, Object.values(secrets))).toEqual(expect.arrayContaining(Object.values(secrets)));
  });
});
