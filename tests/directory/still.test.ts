/** Whether a real OpenLDAP still sends what it sent. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDirectory } from '../../src/directory/directory.ts';
import type { Directory } from '../../src/ports.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { plain } from './setup.ts';

const key = Buffer.alloc(32, 7).toString('base64');
const anna = 'cn=Anna Berger,ou=Management,dc=example,dc=test';
let slapd: Slapd;
let directory: Directory;

beforeAll(async () => {
  slapd = await startSlapd({ ldif: ['tests/sandbox/company.ldif'] });
  directory = openDirectory({
    ...plain,
    uris: [slapd.uri],
    baseDn: slapd.baseDn,
    bindDn: slapd.bindDn,
    bindPassword: slapd.bindPassword,
    readGroups: true,
    pageSize: 7,
  });
});

afterAll(async () => {
  await slapd.stop();
});

const fingerprintNow = async (under = key): Promise<string> =>
  (await directory.read(under)).fingerprint ?? 'none';

test('what nobody touched is still the same, under its own key', async () => {
  const fingerprint = await fingerprintNow();
  expect(await directory.isStill({ key, fingerprint })).toBe(true);
  expect(await directory.isStill({ key: 'b3RoZXI=', fingerprint })).toBe(false);
  expect((await directory.read()).fingerprint).toBeUndefined();
});

test.each([
  ['a changed value', `dn: ${anna}\nchangetype: modify\nreplace: displayName\ndisplayName: Somebody\n`],
  ['somebody who is gone', `dn: ${anna}\nchangetype: delete\n`],
])('%s is seen', async (_, ldif) => {
  const fingerprint = await fingerprintNow();
  await slapd.modify(ldif);
  expect(await directory.isStill({ key, fingerprint })).toBe(false);
});

test('an answer that is cut short is not the same', async () => {
  const fingerprint = await fingerprintNow();
  const { dn: bindDn, password: bindPassword } = slapd.limited;
  const options = {
    ...plain,
    uris: [slapd.uri],
    baseDn: slapd.baseDn,
    bindDn,
    bindPassword,
    readGroups: true,
  };
  expect(await openDirectory(options).isStill({ key, fingerprint })).toBe(false);
});
