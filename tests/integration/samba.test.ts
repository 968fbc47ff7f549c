/** The real program on a real Samba AD: what only a domain controller shows. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EnvSettings } from '../sandbox/env-file.ts';
import { disabled, enabled, openDomain, personLdif, withUnit, type Domain } from './samba-domain.ts';
import { expectUntouched, syncWell, withDirectory, type Played } from './world.ts';

let opened: Domain | undefined;
const domain = (): Domain => {
  if (opened === undefined) throw new Error('Samba did not start.');
  return opened;
};

beforeAll(async () => {
  opened = await openDomain();
}, 120_000);
afterAll(async () => {
  await opened?.close();
});

const markPattern = /^ldap-mailcow:test:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The directory id in the mark of a mailbox. */
function idIn({ mailcow }: Played, address: string): string {
  const row = mailcow.store.snapshot().mailboxes.find(({ username }) => username === address);
  const id = markPattern.exec(row?.tags.join(' ') ?? '')?.[1];
  if (id === undefined) throw new Error(`${address} has no mark with a GUID: ${JSON.stringify(row?.tags)}`);
  return id;
}

const setControl = (dn: string, control: number): string =>
  `dn: ${dn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: ${control}\n-\n`;

const moveInto = (dn: string, unit: string): string =>
  `dn: ${dn}\nchangetype: modrdn\nnewrdn: ${dn.slice(0, dn.indexOf(','))}\ndeleteoldrdn: 1\nnewsuperior: ${unit}\n`;

const activeOf = ({ mailboxes }: ReturnType<Played['held']>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(mailboxes).map(([address, { active }]) => [address, active]));

describe('people of a Samba AD', () => {
  test('become mailboxes, their proxyAddresses aliases, and the marks bear the GUID that AD itself knows', async () => {
    await withUnit(domain(), 'Marks', async ({ dn, played }) => {
      const proxies = ['SMTP:marla@example.test', 'smtp:m.extra@example.test', 'x500:/o=Old'];
      await domain().modify(
        [
          personLdif(dn, 'marla', { lines: proxies.map((value) => `proxyAddresses: ${value}`) }),
          personLdif(dn, 'milo', { control: disabled }),
        ].join(''),
      );
      await syncWell(played);
      expect(played.held()).toEqual({
        mailboxes: {
          'marla@example.test': { name: 'marla Test', quotaMiB: 3072, active: 1 },
          'milo@example.test': { name: 'milo Test', quotaMiB: 3072, active: 0 },
        },
        aliases: { 'm.extra@example.test': { goto: ['marla@example.test'], active: 1 } },
      });
      // The server takes the id for the name of an entry: it is spelled as AD spells it.
      const found = await domain().search({
        base: `<GUID=${idIn(played, 'marla@example.test')}>`,
        attributes: ['cn'],
      });
      expect(found).toContain(`dn: CN=marla,${dn}\n`);
      await expectUntouched(played, () => syncWell(played));
    });
  });

  test('who are disabled are deactivated at once, and come back', async () => {
    await withUnit(domain(), 'Disabled', async ({ dn, played }) => {
      await domain().modify(['dana', 'dirk'].map((name) => personLdif(dn, name)).join(''));
      await syncWell(played);
      await domain().modify(setControl(`CN=dana,${dn}`, disabled));
      await syncWell(played);
      expect(activeOf(played.held())).toEqual({ 'dana@example.test': 0, 'dirk@example.test': 1 });
      await domain().modify(setControl(`CN=dana,${dn}`, enabled));
      await syncWell(played);
      expect(activeOf(played.held())).toEqual({ 'dana@example.test': 1, 'dirk@example.test': 1 });
    });
  });

  test('who are moved to another OU are the same ones: nothing is written', async () => {
    await withUnit(domain(), 'Moves', async ({ dn, played }) => {
      await domain().modify(
        [
          `dn: OU=Old,${dn}\nobjectClass: organizationalUnit\n`,
          `dn: OU=New,${dn}\nobjectClass: organizationalUnit\n`,
          personLdif(`OU=Old,${dn}`, 'otto'),
        ].join('\n'),
      );
      await syncWell(played);
      await domain().modify(moveInto(`CN=otto,OU=Old,${dn}`, `OU=New,${dn}`));
      await expectUntouched(played, async () => {
        await syncWell(played);
        await syncWell(played);
        expect((await played.run(['sync', '--full'])).code).toBe(0);
      });
      expect(activeOf(played.held())).toEqual({ 'otto@example.test': 1 });
    });
  });

  test('who get another address keep their mailbox under it, and the old address as an alias', async () => {
    await withUnit(domain(), 'Renames', async ({ dn, played }) => {
      await domain().modify(personLdif(dn, 'rosa'));
      await syncWell(played);
      const id = idIn(played, 'rosa@example.test');
      await domain().modify(
        `dn: CN=rosa,${dn}\nchangetype: modify\nreplace: mail\nmail: rosa.new@example.test\n-\n`,
      );
      await syncWell(played);
      expect(played.held()).toEqual({
        mailboxes: { 'rosa.new@example.test': { name: 'rosa Test', quotaMiB: 3072, active: 1 } },
        aliases: { 'rosa@example.test': { goto: ['rosa.new@example.test'], active: 1 } },
      });
      expect(idIn(played, 'rosa.new@example.test')).toBe(id);
      await expectUntouched(played, () => syncWell(played));
    });
  });

  test('who were deleted and created anew keep the mailbox, which bears the new GUID', async () => {
    await withUnit(domain(), 'Again', async ({ dn, played }) => {
      await domain().modify(['anke', 'arno'].map((name) => personLdif(dn, name)).join(''));
      await syncWell(played);
      const before = played.held();
      const former = idIn(played, 'anke@example.test');
      await domain().modify(`dn: CN=anke,${dn}\nchangetype: delete\n`);
      await domain().modify(personLdif(dn, 'anke'));
      for (let syncs = 0; syncs < 4; syncs += 1) await syncWell(played);
      expect(played.held()).toEqual(before);
      const found = await domain().search({
        base: `<GUID=${idIn(played, 'anke@example.test')}>`,
        attributes: ['cn'],
      });
      expect(found).toContain(`dn: CN=anke,${dn}\n`);
      expect(idIn(played, 'anke@example.test')).not.toBe(former);
    });
  });
});

describe('a search from the root of the domain', () => {
  test('meets references to other parts of the forest, and is complete all the same', async () => {
    const { baseDn, settings } = domain();
    const root = `OU=Root,${baseDn}`;
    await domain().modify(
      [
        `dn: ${root}\nobjectClass: organizationalUnit\n`,
        personLdif(root, 'ruth'),
        personLdif(root, 'rolf'),
      ].join('\n'),
    );
    const filter = '(objectClass=organizationalUnit)';
    expect(await domain().search({ base: baseDn, scope: 'sub', filter })).toContain(
      `# refldaps://ad.example.test/CN=Configuration,${baseDn}`,
    );
    await withDirectory({ ...settings, LDAP_BASE_DN: baseDn }, async (played) => {
      await syncWell(played);
      expect(played.held().mailboxes).toHaveProperty(['ruth@example.test']);
      await domain().modify(`dn: CN=ruth,${root}\nchangetype: delete\n`);
      // Absence only counts in complete readings: that she is deactivated proves that these were complete.
      await syncWell(played);
      await syncWell(played);
      expect(played.held().mailboxes).toMatchObject({
        'ruth@example.test': { active: 0 },
        'rolf@example.test': { active: 1 },
      });
    });
  });
});

describe('a simple bind without encryption', () => {
  const plain = (): EnvSettings => ({ LDAP_URI: domain().plainUri });

  test('is refused, and the program says what to set', async () => {
    await withUnit(domain(), 'Plain', async ({ dn, played }) => {
      await domain().modify(personLdif(dn, 'paul'));
      const { code, stderr } = await expectUntouched(played, () => played.sync(plain()));
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringContaining(
          'it wants encryption for this bind: use an ldaps:// URI or set LDAP_MAILCOW_LDAP_STARTTLS=true',
        ),
      });
      await syncWell(played, { ...plain(), LDAP_STARTTLS: 'true' });
      expect(activeOf(played.held())).toEqual({ 'paul@example.test': 1 });
    });
  });

  test('with a wrong password over TLS is told apart from that', async () => {
    await withUnit(domain(), 'Wrong', async ({ played }) => {
      const { code, stderr } = await played.sync({ LDAP_BIND_DN_PASSWORD: 'not-the-password' });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('wrong password') });
    });
  });
});
