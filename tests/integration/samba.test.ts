/** The real program on a real Samba AD. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EnvSettings } from '../sandbox/env-file.ts';
import { testGroups, testPeople } from './directory-scenario.ts';
import {
  activeOf,
  deleteLdif,
  idIn,
  moveLdif,
  placesLdif,
  replaceLdif,
  withUnit,
} from './directory-tested.ts';
import { openSambaDirectory, type SambaDirectory } from './samba-directory.ts';
import { expectUntouched, syncWell, withDirectory } from './world.ts';

let opened: SambaDirectory | undefined;
const samba = (): SambaDirectory => {
  if (opened === undefined) throw new Error('Samba did not start.');
  return opened;
};

beforeAll(async () => {
  opened = await openSambaDirectory();
}, 120_000);
afterAll(async () => {
  await opened?.close();
});

testPeople(samba);
testGroups(samba);

/** One value of an entry, as the administrator sees it. */
async function valueOf(dn: string, attribute: string): Promise<string> {
  const ldif = await samba().search({ base: dn, attributes: [attribute] });
  const line = ldif.split('\n').find((text) => text.startsWith(`${attribute}: `));
  if (line === undefined) throw new Error(`${dn} has no ${attribute}:\n${ldif}`);
  return line.slice(attribute.length + 2);
}

describe('what only Active Directory has', () => {
  test('the id is the GUID with dashes', async () => {
    await withUnit(samba(), 'Guids', async ({ dn, played }) => {
      await samba().modify(samba().person(dn, { name: 'greta' }));
      await syncWell(played);
      expect(idIn(played, 'greta@example.test')).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    });
  });

  test('a group is also made of those whose primary group it is, whom it does not list', async () => {
    await withUnit(samba(), 'Primary', async ({ dn, played }) => {
      const { modify, person, group, dnOf } = samba();
      const names = ['pia', 'piet'];
      await modify(names.map((name) => person(dn, { name })).join(''));
      const members = names.map((name) => dnOf(dn, name));
      await modify(group(dn, { name: 'pilots', address: 'pilots@example.test', members }));
      await syncWell(played);
      const all = {
        'pilots@example.test': { goto: ['pia@example.test', 'piet@example.test'], active: 1 },
      };
      expect(played.held().aliases).toEqual(all);
      const number = await valueOf(dnOf(dn, 'pilots'), 'primaryGroupToken');
      await modify(replaceLdif(dnOf(dn, 'pia'), 'primaryGroupID', number));
      const listed = await samba().search({ base: dnOf(dn, 'pilots'), attributes: ['member'] });
      expect(listed).not.toContain('CN=pia');
      await expectUntouched(played, () => syncWell(played));
      expect(played.held().aliases).toEqual(all);
    });
  });

  test('a member whose entry is moved stays a member', async () => {
    await withUnit(samba(), 'ListsMoved', async ({ dn, played }) => {
      const { modify, person, group, dnOf } = samba();
      await modify(placesLdif(dn));
      const old = `ou=Old,${dn}`;
      await modify(['ida', 'ingo'].map((name) => person(old, { name })).join(''));
      const members = ['ida', 'ingo'].map((name) => dnOf(old, name));
      await modify(group(dn, { name: 'club', address: 'club@example.test', members }));
      await syncWell(played);
      expect(Object.keys(played.held().aliases)).toEqual(['club@example.test']);
      await modify(moveLdif(dnOf(old, 'ida'), `ou=New,${dn}`));
      await expectUntouched(played, () => syncWell(played));
    });
  });
});

describe('a search from the root of the domain', () => {
  test('meets references to other parts of the forest, and is complete all the same', async () => {
    const { modify, person, dnOf, baseDn, settings, search } = samba();
    const root = `ou=Root,${baseDn}`;
    await modify(`dn: ${root}\nobjectClass: organizationalUnit\n`);
    await modify(['ruth', 'rolf'].map((name) => person(root, { name })).join(''));
    const filter = '(objectClass=organizationalUnit)';
    expect(await search({ base: baseDn, scope: 'sub', filter })).toContain(
      `# refldaps://ad.example.test/CN=Configuration,${baseDn}`,
    );
    await withDirectory({ ...settings, LDAP_BASE_DN: baseDn }, async (played) => {
      await syncWell(played);
      expect(activeOf(played)).toMatchObject({ 'ruth@example.test': 1, 'rolf@example.test': 1 });
      await modify(deleteLdif(dnOf(root, 'ruth')));
      // Absence only counts in complete readings: that she is deactivated proves that these were complete.
      await syncWell(played);
      await syncWell(played);
      expect(activeOf(played)).toMatchObject({ 'ruth@example.test': 0, 'rolf@example.test': 1 });
    });
  });
});

describe('a simple bind without encryption', () => {
  const plain = (): EnvSettings => ({ LDAP_URI: samba().plainUri });

  test('is refused, and the program says what to set', async () => {
    await withUnit(samba(), 'Plain', async ({ dn, played }) => {
      await samba().modify(samba().person(dn, { name: 'paul' }));
      const { code, stderr } = await expectUntouched(played, () => played.sync(plain()));
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringContaining(
          'it wants encryption for this bind: use an ldaps:// URI or set LDAP_MAILCOW_LDAP_STARTTLS=true',
        ),
      });
      await syncWell(played, { ...plain(), LDAP_STARTTLS: 'true' });
      expect(activeOf(played)).toEqual({ 'paul@example.test': 1 });
    });
  });

  test('is told apart from a wrong password', async () => {
    await withUnit(samba(), 'Wrong', async ({ played }) => {
      const { code, stderr } = await played.sync({ LDAP_BIND_DN_PASSWORD: 'not-the-password' });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('wrong password') });
    });
  });
});
