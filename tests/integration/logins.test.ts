/** The program, OpenLDAP and the stand-in: logins by mailcow's identity provider, and by hashes. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWorld, secrets, syncWell, type World } from './world.ts';

const hashes = { AUTH: 'password-hash' };

const sourcesOf = ({ mailcow }: World): ReadonlySet<string> =>
  new Set(mailcow.store.snapshot().mailboxes.map(({ authsource }) => authsource));

const hash = '{SSHA}n9X7AiBVgcZqUkeUBugNakPwKCpzYWx0c2FsdA==';
const clear = 'a-password-in-the-clear-77';

describe('AUTH=identity-provider', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.stop());
  const run = (...args: readonly string[]) => world.run(args, { AUTH: 'identity-provider' });

  test('sets mailcow’s provider from the settings, and mailboxes log in by it', async () => {
    await syncWell(world, { AUTH: 'identity-provider' });
    const shown = Object.fromEntries(world.mailcow.store.tables.identityProvider);
    expect(shown).toMatchObject({
      authsource: 'ldap',
      host: '127.0.0.1',
      basedn: 'dc=example,dc=test',
      username_field: 'mail',
      filter:
        '(&(&(objectClass=user)(objectCategory=person))(!(userAccountControl:1.2.840.113556.1.4.803:=2)))',
    });
    expect(shown['bindpass']).toBe(world.slapd.bindPassword);
    expect(sourcesOf(world)).toEqual(new Set(['ldap']));
  });

  test('the way back gives everybody a password that nobody has, and the way there takes them again', async () => {
    const dry = await run('auth', 'migrate', '--to', 'mailcow', '--dry-run');
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.stdout).toMatch(/^would: update mailbox .*authSource "ldap" -> "mailcow", password "random"/m);
    expect(sourcesOf(world)).toEqual(new Set(['ldap']));
    const back = await run('auth', 'migrate', '--to', 'mailcow');
    expect(back.code).toBe(0);
    expect(back.stdout).toMatch(/these people cannot log in until they get another/);
    expect(sourcesOf(world)).toEqual(new Set(['mailcow']));
    for (const { password } of world.mailcow.store.snapshot().mailboxes)
      expect(password).toMatch(/^\{SSHA512\}/);
    await syncWell(world, { AUTH: 'identity-provider' });
    expect(sourcesOf(world)).toEqual(new Set(['mailcow']));
    const there = await run('auth', 'migrate', '--to', 'ldap');
    expect(there.code).toBe(0);
    expect(sourcesOf(world)).toContain('ldap');
  });

  test('commands that make no sense are refused with a sentence', async () => {
    const of = async (args: readonly string[], settings = {}) => {
      const { code, stderr } = await world.run(args, settings);
      return [code, stderr.trim()];
    };
    expect(await of(['auth'])).toEqual([2, expect.stringContaining('a second word: migrate')]);
    expect(await of(['auth', 'go'])).toEqual([2, expect.stringContaining('known: migrate')]);
    expect(await of(['auth', 'migrate'])).toEqual([2, expect.stringContaining('--to ldap or --to mailcow')]);
    expect(await of(['auth', 'migrate', '--to', 'ldap'])).toEqual([
      2,
      expect.stringContaining('LDAP_MAILCOW_AUTH'),
    ]);
    expect(
      await of(['auth', 'migrate', '--to', 'mailcow'], { AUTH: 'identity-provider', AUTH_MIGRATE: 'true' }),
    ).toEqual([2, expect.stringContaining('the next sync would undo it')]);
    expect(
      await of(['sync'], { AUTH: 'identity-provider', LDAP_URI: 'ldaps://a.test ldap://b.test' }),
    ).toEqual([2, expect.stringContaining('one kind of connection')]);
  });

  test('shows no secret', () => {
    for (const secret of [world.slapd.bindPassword, secrets.apiKey].filter(({ length }) => length >= 8)) {
      expect(world.output()).not.toContain(secret);
      expect(world.stateBytes()).not.toContain(secret);
    }
  });
});

describe('AUTH=password-hash', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ acl: ['access to attrs=userPassword by users read by anonymous auth'] });
  });
  afterAll(() => world.stop());

  test('sends what mailcow can check, says who has something else, and keeps none of it', async () => {
    await syncWell(world);
    const stored = (name: string): string | undefined =>
      world.mailcow.store.tables.mailboxes.get(`${name}@example.test`)?.password;
    const before = stored('bernd.conrad');
    const set = (name: string, value: string): Promise<void> =>
      world.slapd.modify(
        `dn: cn=${name},ou=Management,dc=example,dc=test\nchangetype: modify\nreplace: userPassword\nuserPassword: ${value}\n`,
      );
    await set('Anna Berger', hash);
    await set('Bernd Conrad', clear);
    const { code, stderr } = await world.sync(hashes);
    expect(code).toBe(0);
    expect(stored('anna.berger')).toBe(hash);
    expect(stored('bernd.conrad')).toBe(before);
    expect(stderr).toMatch(/finding password-scheme: .*no known scheme/);
    const writes = world.mailcow.writes.length;
    await syncWell(world, hashes);
    expect(world.mailcow.writes).toHaveLength(writes);
    await world.run(['plan', '--json'], hashes);
    await world.run(['check'], hashes);
    for (const secret of [hash, hash.slice(6, 30), clear]) {
      expect(world.output()).not.toContain(secret);
      expect(world.stateBytes()).not.toContain(secret);
    }
  });
});
