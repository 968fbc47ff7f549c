/** Encryption: who the server is, and that no password leaves in clear. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DirectoryOptions } from '../../src/directory/options.ts';
import { makeCertificates, type Certificates, type CertificateSet } from '../support/certificates.ts';
import type { Pem } from '../support/scripted-ldap.ts';
import { startCuttingProxy } from '../support/slapd-proxy.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { optionsFor, person, plain, readDirectory, refusalOf, withScript } from './setup.ts';

const company = `dn: dc=example,dc=test
objectClass: dcObject
objectClass: organization
o: Example
dc: example
`;

const ldifOf = (number: number): string => `dn: cn=${number},dc=example,dc=test
objectClass: inetOrgPerson
objectClass: user
cn: ${number}
sn: Peters
mail: ${number}@example.test
objectCategory: person
`;

const people = Array.from({ length: 60 }, (_, number) => ldifOf(number));

const pem = ({ cert, key }: CertificateSet): Pem => ({
  cert: readFileSync(cert, 'utf8'),
  key: readFileSync(key, 'utf8'),
});

let certificates: Certificates;
let slapd: Slapd;
beforeAll(async () => {
  certificates = makeCertificates();
  slapd = await startSlapd({ text: [company, ...people].join('\n'), tls: certificates.server });
});
afterAll(async () => {
  await slapd.stop();
  certificates.remove();
});

const trusting = (): DirectoryOptions['tls'] => ({ verify: true, caFile: certificates.server.ca });
const encrypted = { ldaps: 'ldaps://', startTls: 'StartTLS' } as const;
type Way = keyof typeof encrypted;
const ways = Object.keys(encrypted) as readonly Way[];

const over = (way: Way, changes: Partial<DirectoryOptions> = {}): DirectoryOptions =>
  optionsFor(slapd, {
    uris: [way === 'ldaps' ? (slapd.ldapsUri ?? '') : slapd.uri],
    startTls: way === 'startTls',
    tls: trusting(),
    ...changes,
  });

describe.each(ways)('over %s a real server', (way) => {
  test('is read when its authority is trusted', async () => {
    const reading = await readDirectory(over(way));
    expect(reading.problems).toEqual([]);
    expect(reading.people).toHaveLength(people.length);
  });

  test('is refused when its authority is not known here, with the line to set', async () => {
    const error = await refusalOf(over(way, { tls: { verify: true } }));
    expect(error.name).toBe('DirectoryRefused');
    expect(error.message).toContain('LDAP_MAILCOW_LDAP_TLS_CA_FILE=');
    expect(error.message).toContain('LDAP_MAILCOW_LDAP_TLS_VERIFY=false');
  });

  test('is refused when another authority is trusted', async () => {
    const error = await refusalOf(over(way, { tls: { verify: true, caFile: certificates.otherCa.ca } }));
    expect(error.name).toBe('DirectoryRefused');
    expect(error.message).toContain('LDAP_MAILCOW_LDAP_TLS_CA_FILE=');
  });

  test('is read without any check after the explicit opt-out', async () => {
    expect(await readDirectory(over(way, { tls: { verify: false } }))).toMatchObject({ problems: [] });
  });

  test('is read by the name that the operator gives', async () => {
    const tls = { ...trusting(), serverName: 'ldap.example.test' };
    expect(await readDirectory(over(way, { tls }))).toMatchObject({ problems: [] });
  });

  test('is refused when its certificate lacks the name that the operator gives', async () => {
    const tls = { ...trusting(), serverName: 'mail.example.test' };
    const error = await refusalOf(over(way, { tls }));
    expect(error.name).toBe('DirectoryRefused');
    expect(error.message).toContain('LDAP_MAILCOW_LDAP_TLS_SERVER_NAME=');
  });
});

type Wrong = Exclude<keyof Certificates, 'remove' | 'server'>;

describe.each(ways)('over %s a certificate that is', (way) => {
  test.each<[Wrong, string, string]>([
    ['wrongHost', '127.0.0.1', 'its certificate is for another name than 127.0.0.1'],
    ['nameOnly', '127.0.0.1', 'its certificate is for another name than 127.0.0.1'],
    ['expired', '127.0.0.1', 'its certificate has expired'],
    ['otherCa', '127.0.0.1', 'an authority that is not trusted here'],
    ['selfSigned', '127.0.0.1', 'its certificate is self-signed'],
  ])('%s is refused before the password is sent', async (which, host, sentence) => {
    const script =
      way === 'ldaps' ? { ldaps: pem(certificates[which]) } : { startTls: pem(certificates[which]) };
    await withScript(script, async (server) => {
      const uri = `${way === 'ldaps' ? 'ldaps' : 'ldap'}://${host}:${server.port}`;
      const tls = trusting();
      const error = await refusalOf({ ...plain, uris: [uri], startTls: way === 'startTls', tls });
      expect(error.name).toBe('DirectoryRefused');
      expect(error.message).toContain(sentence);
      expect(error.message).toContain(uri);
      expect(server.requests.filter(({ kind }) => kind === 'bind')).toEqual([]);
    });
  });
});

describe('the file of the own authority', () => {
  const withCaFile = (caFile: string): Promise<Error> =>
    refusalOf(over('ldaps', { tls: { verify: true, caFile } }));

  test('that does not exist is named', async () => {
    expect((await withCaFile('/nowhere/ca.pem')).message).toBe(
      'LDAP_MAILCOW_LDAP_TLS_CA_FILE: /nowhere/ca.pem cannot be read',
    );
  });

  test('that holds no certificate is named', async () => {
    const file = join(dirname(certificates.server.ca), 'empty.pem');
    writeFileSync(file, 'not a certificate\n');
    expect((await withCaFile(file)).message).toContain('holds no certificate in PEM format');
  });
});

describe('a password never leaves in clear once StartTLS is demanded', () => {
  test('not when the server does not offer StartTLS', async () => {
    await withScript({}, async (server) => {
      const error = await refusalOf({ ...plain, uris: [server.uri], startTls: true });
      expect(error.name).toBe('DirectoryRefused');
      expect(error.message).toContain('does not offer StartTLS');
      expect(server.requests.map(({ kind }) => kind)).not.toContain('bind');
    });
  });

  test('not after the encrypted connection was lost in the middle of a reading', async () => {
    const startTls = pem(certificates.server);
    await withScript(
      {
        startTls,
        search: (_, reply) => {
          reply.entry(...person(1));
          reply.done({ cookie: 'more' });
          reply.reset();
        },
      },
      async (server) => {
        const options = { ...plain, uris: [server.uri], startTls: true, tls: trusting() };
        const reading = await readDirectory({ ...options, readGroups: true });
        expect(reading.problems).toHaveLength(3);
        expect(server.connections()).toBe(1);
        await readDirectory(options);
        const binds = server.requests.filter(({ kind }) => kind === 'bind');
        expect(binds.map(({ connection, encrypted: secret }) => [connection, secret])).toEqual([
          [1, true],
          [2, true],
        ]);
      },
    );
  });

  test('not on the wire to a real server, whether the connection holds or is cut', async () => {
    for (const cutAfterBytes of [Infinity, 8000]) {
      const proxy = await startCuttingProxy({ port: slapd.port, cutAfterBytes });
      const options = over('startTls', { uris: [proxy.uri], pageSize: 10 });
      const outcome = await readDirectory(options).then(
        ({ problems }) => problems.length === 0,
        () => false,
      );
      expect(outcome).toBe(cutAfterBytes === Infinity);
      expect(proxy.connections()).toBe(1);
      expect(proxy.sent()).not.toContain(slapd.bindDn);
      await proxy.close();
    }
  });

  test('what somebody slipped in behind the StartTLS answer is not taken for an answer', async () => {
    await withScript(
      {
        extended: (_, reply) => {
          reply.raw(Buffer.from('300c02010178070a010004000400300c02010261070a010004000400', 'hex'));
        },
      },
      async (server) => {
        const error = await refusalOf({
          ...plain,
          uris: [server.uri],
          startTls: true,
          tls: { verify: false },
        });
        expect(error.name).toBe('DirectoryMalformed');
        expect(server.requests.map(({ kind }) => kind)).not.toContain('bind');
      },
    );
  });
});

describe('a port that speaks the other way', () => {
  test('ldaps:// on the plain port', async () => {
    const error = await refusalOf(over('ldaps', { uris: [slapd.uri.replace('ldap:', 'ldaps:')] }));
    expect(error.message).toContain('that port does not speak TLS');
    expect(error.message).toContain('LDAP_MAILCOW_LDAP_STARTTLS=true');
  });

  test('ldap:// on a TLS port that answers with an alert', async () => {
    await withScript({ ldaps: pem(certificates.server) }, async (server) => {
      const error = await refusalOf({ ...plain, uris: [server.uri.replace('ldaps:', 'ldap:')] });
      expect(error.message).toContain('use ldaps://');
    });
  });

  test('ldap:// on the TLS port of a real server', async () => {
    const uri = (slapd.ldapsUri ?? '').replace('ldaps:', 'ldap:');
    const error = await refusalOf(over('ldaps', { uris: [uri] }));
    expect(error.message).toContain('ldaps://');
  });
});
