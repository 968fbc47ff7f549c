/** Reaching a server and binding: in the order of the URIs, in bounded time, in words that help. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDirectory } from '../../src/directory/directory.ts';
import type { DirectoryOptions } from '../../src/directory/options.ts';
import type { Script } from '../support/scripted-ldap.ts';
import { freePort } from '../support/slapd-process.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { optionsFor, person, plain, readDirectory, readScript, refusalOf, withScript } from './setup.ts';

const company = `dn: dc=example,dc=test
objectClass: dcObject
objectClass: organization
o: Example
dc: example
`;

let slapd: Slapd;
beforeAll(async () => {
  slapd = await startSlapd({ text: company, requireAuthc: true });
});
afterAll(() => slapd.stop());

const nobody = async (): Promise<string> => `ldap://127.0.0.1:${await freePort()}`;

describe('several servers', () => {
  test('are tried in their order when one is unreachable', async () => {
    const uris = [await nobody(), slapd.uri, await nobody()];
    expect(await readDirectory(optionsFor(slapd, { uris }))).toMatchObject({ problems: [] });
  });

  test('that are all unreachable are all named', async () => {
    const uris = [await nobody(), await nobody()];
    const error = await refusalOf(optionsFor(slapd, { uris }));
    expect(error.name).toBe('DirectoryUnreachable');
    for (const uri of uris) expect(error.message).toContain(uri);
    expect(error.cause).toMatchObject({ name: 'DirectoryUnreachable' });
  });

  test('are not tried after one refused the bind: an account must not be locked everywhere', async () => {
    await withScript({}, async (second) => {
      const error = await refusalOf(
        optionsFor(slapd, { uris: [slapd.uri, second.uri], bindPassword: 'wrong' }),
      );
      expect(error.name).toBe('DirectoryRefused');
      expect(second.connections()).toBe(0);
    });
  });

  test('are tried when one is too busy to bind', async () => {
    const busy: Script = {
      bind: (_, reply) => {
        reply.done({ code: 51 });
      },
    };
    await withScript(busy, async (first) => {
      const uris = [first.uri, slapd.uri];
      expect(await readDirectory(optionsFor(slapd, { uris }))).toMatchObject({ problems: [] });
    });
  });
});

describe('a bind that a real server refuses', () => {
  const refused = (changes: Partial<DirectoryOptions>): Promise<Error> =>
    refusalOf(optionsFor(slapd, changes));

  test('wrong password: says who and where, and not the password', async () => {
    const error = await refused({ bindPassword: 'not-the-password' });
    expect(error.name).toBe('DirectoryRefused');
    expect(error.message).toContain(`${slapd.uri}, bind as ${slapd.bindDn}: wrong password`);
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain('not-the-password');
  });

  test('no DN at all', async () => {
    expect((await refused({ bindDn: 'sync' })).message).toContain('the bind DN is not a valid DN');
  });

  test.each([{ bindDn: ' ' }, { bindPassword: '' }])(
    'empty credentials are not even sent, because they would be an anonymous bind',
    async (changes) => {
      await withScript({}, async (server) => {
        const error = await refused({ uris: [server.uri], ...changes });
        expect(error.name).toBe('DirectoryRefused');
        expect(error.message).toContain('is empty: set LDAP_MAILCOW_LDAP_BIND_DN');
        expect(server.connections()).toBe(0);
      });
    },
  );
});

describe('a bind that a server refuses with', () => {
  const activeDirectory = (data: string): string =>
    `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data ${data}, v4563`;

  test.each([
    [49, '', 'wrong password, or there is no such user'],
    [49, activeDirectory('525'), 'there is no such user'],
    [49, activeDirectory('52e'), 'wrong password or wrong user name'],
    [49, activeDirectory('530'), 'may not log in at this hour'],
    [49, activeDirectory('531'), 'may not log in from this machine'],
    [49, activeDirectory('532'), 'the password of the account has expired'],
    [49, activeDirectory('533'), 'the account is disabled'],
    [49, activeDirectory('701'), 'the account has expired'],
    [49, activeDirectory('773'), 'must set a new password first'],
    [49, activeDirectory('775'), 'the account is locked'],
    [8, 'BindSimple: Transport encryption required.', 'set LDAP_MAILCOW_LDAP_STARTTLS=true'],
    [13, '', 'use an ldaps:// URI'],
    [32, '', 'there is no entry with this bind DN'],
    [48, '', 'does not let this account bind with a password'],
    [53, 'Account inactivated. Contact system administrator.', '“Account inactivated.'],
    [99, '', 'it refused the bind (LDAP result 99)'],
  ])('result %i %s', async (code, diagnostic, sentence) => {
    const script: Script = {
      bind: (_, reply) => {
        reply.done({ code, diagnostic });
      },
    };
    await withScript(script, async (server) => {
      const error = await refusalOf({ ...plain, uris: [server.uri] });
      expect(error.name).toBe('DirectoryRefused');
      expect(error.message).toContain(sentence);
      expect(error.message).not.toContain(plain.bindPassword);
    });
  });
});

describe('a server that cannot be reached', () => {
  const unreachable = async (uri: string): Promise<Error> => {
    const error = await refusalOf({ ...plain, uris: [uri] });
    expect(error.name).toBe('DirectoryUnreachable');
    expect(error.message).toContain(uri);
    return error;
  };

  test('nothing listens', async () => {
    expect((await unreachable(await nobody())).message).toContain('connection refused');
  });

  test('a host name that does not exist', async () => {
    expect((await unreachable('ldap://nowhere.invalid')).message).toMatch(/host name (is unknown|cannot)/);
  });

  test.each([
    ['the bind', {}],
    ['StartTLS', { startTls: true }],
  ])('%s that is never answered ends after the timeout', async (_, changes) => {
    await withScript({ mute: true }, async (server) => {
      const error = await refusalOf({ ...plain, uris: [server.uri], timeoutMs: 50, ...changes });
      expect(error.name).toBe('DirectoryUnreachable');
      expect(error.message).toContain('does not answer in time');
    });
  });

  test('a TLS handshake that is never answered ends after the timeout', async () => {
    await withScript({ mute: true }, async (server) => {
      const uris = [server.uri.replace('ldap:', 'ldaps:')];
      const error = await refusalOf({ ...plain, uris, connectTimeoutMs: 50 });
      expect(error.name).toBe('DirectoryUnreachable');
      expect(error.message).toContain('no connection within 50 ms');
    });
  });

  test('a StartTLS handshake that is never answered ends after the timeout', async () => {
    const script: Script = {
      extended: (_, reply) => {
        reply.done();
      },
      // The client's TLS hello is no LDAP message: this server waits for more.
    };
    await withScript(script, async (server) => {
      const error = await refusalOf({ ...plain, uris: [server.uri], startTls: true, connectTimeoutMs: 50 });
      expect(error.name).toBe('DirectoryUnreachable');
      expect(error.message).toContain('no connection within 50 ms');
    });
  });

  test.each(['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-OpenSSH_9.2\r\n'])(
    'a port that speaks another protocol is named at once: %j',
    async (greeting) => {
      await withScript({ greeting, mute: true }, async (server) => {
        const error = await refusalOf({ ...plain, uris: [server.uri] });
        expect(error.name).toBe('DirectoryMalformed');
        expect(error.message).toContain('is that an LDAP port?');
      });
    },
  );

  test.each(['http://dc1.example.test', 'dc1.example.test', 'ldap://', 'ldap:dc1'])(
    '%s is no URI',
    async (uri) => {
      const error = await refusalOf({ ...plain, uris: [uri] });
      expect(error.name).toBe('DirectoryRefused');
      expect(error.message).toContain('is no LDAP URI');
    },
  );
});

describe('closing', () => {
  test('ends a reading that is still going on', async () => {
    await withScript({ search: () => undefined }, async (server) => {
      const directory = openDirectory({ ...plain, uris: [server.uri] });
      const reading = directory.read();
      while (server.searches().length === 0) await new Promise(setImmediate);
      await directory.close();
      expect((await reading).problems).toEqual([expect.stringContaining('closed by us')]);
    });
  });

  test('each reading says good-bye to the server', async () => {
    await withScript({}, async (server) => {
      await readDirectory({ ...plain, uris: [server.uri] });
      while (server.requests.at(-1)?.kind !== 'unbind') await new Promise(setImmediate);
      expect(server.requests.map(({ kind }) => kind)).toEqual(['bind', 'search', 'unbind']);
    });
  });
});

describe('the dialect', () => {
  test('is not guessed while the root DSE cannot be read: everybody would get another id', async () => {
    const busy: Script = {
      search: (_, reply) => {
        reply.entry(...person(1));
        reply.done({ cookie: '' });
      },
      rootDseCode: 51,
    };
    await expect(readScript(busy, { dialect: 'auto' })).rejects.toMatchObject({
      name: 'DirectoryUnreachable',
      message: expect.stringContaining('LDAP_MAILCOW_LDAP_DIALECT'),
    });
  });

  test('of a server that hides its root DSE is the generic one', async () => {
    const { reading } = await readScript({ rootDseCode: 32 }, { dialect: 'auto' });
    expect(reading).toMatchObject({ dialect: 'openldap', problems: [] });
  });
});
