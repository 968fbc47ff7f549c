/** Entries that make no sense never stop a sync and never look absent. */
import { describe, expect, test } from '@jest/globals';
import { first } from '../sandbox/demo/expected.ts';
import { compareHoldings } from '../sandbox/holdings.ts';
import { expectUntouched, syncWell, withWorld } from './world.ts';

const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64');

type Odd = { readonly cn: string; readonly lines: readonly string[] };

const entryOf = ({ cn, lines }: Odd): string =>
  [
    `dn: cn=${cn},ou=Sales,dc=example,dc=test`,
    'objectClass: inetOrgPerson',
    'objectClass: user',
    `cn: ${cn}`,
    'sn: Odd',
    'objectCategory: person',
    ...lines,
  ].join('\n');

const notUtf8 = base64(Buffer.from([0x66, 0xfc, 0xff, 0xfe, 0x00, 0x80]));
const longName = 'Ünnamed '.repeat(60).trim();

const odd: readonly Odd[] = [
  {
    cn: 'Binary',
    lines: [
      'mail: binary@example.test',
      `testObjectGUID:: ${notUtf8}`,
      `jpegPhoto:: ${notUtf8}`,
      'proxyAddresses: smtp:',
    ],
  },
  { cn: 'Long', lines: ['mail: long@example.test', `displayName:: ${base64(longName)}`] },
  {
    cn: 'Markup',
    lines: ['mail: markup@example.test', 'displayName: <b>Müller</b> & "Söhne" <x>', 'mailQuota: 0'],
  },
  { cn: 'Breaks', lines: ['mail: breaks@example.test', `displayName:: ${base64('Two\nLines\t\u0007')}`] },
  { cn: 'Negative', lines: ['mail: negative@example.test', 'mailQuota: -5', 'displayName: Negative'] },
  {
    cn: 'Numbers',
    lines: ['mail: 12345@example.test', 'displayName: 12345', 'proxyAddresses: smtp:49abc@example.test'],
  },
  {
    cn: 'Slash',
    lines: ['mail: a/b@example.test', 'displayName: A/B', 'proxyAddresses: smtp:c/d@example.test'],
  },
  { cn: 'Several', lines: ['mail: one@example.test', 'mail: two@example.test'] },
  { cn: 'Spaces', lines: ['mail: "quoted part"@example.test'] },
  { cn: 'Trap', lines: ['mail: trap@example.test,extra@example.test', 'proxyAddresses: smtp:@example.test'] },
];

const text = odd.map(entryOf).join('\n\n');

describe('odd entries', () => {
  test('become what can be made of them, or a finding, and all others are synced', async () => {
    await withWorld({ text }, async (world) => {
      const { code, stderr } = await world.sync();
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('39 people read') });
      const { mailboxes, aliases } = world.held();
      const ours = Object.keys(mailboxes).filter((address) => !(address in first.mailboxes));
      expect(ours).toEqual(
        ['12345', 'a/b', 'binary', 'breaks', 'long', 'markup', 'negative'].map(
          (name) => `${name}@example.test`,
        ),
      );
      expect(mailboxes['markup@example.test']).toMatchObject({ quotaMiB: 0 });
      expect(mailboxes['long@example.test']?.name).toHaveLength(255);
      expect(mailboxes['negative@example.test']).toMatchObject({ name: 'Negative', active: 1 });
      expect(Object.keys(aliases)).toEqual(
        expect.arrayContaining(['49abc@example.test', 'c/d@example.test']),
      );
      for (const name of ['Several', 'Spaces', 'Trap'])
        expect(stderr).toMatch(new RegExp(`finding .*cn=${name},`));
    });
  });

  test('are settled after one sync: what mailcow made of names and quotas is no difference', async () => {
    await withWorld({ text }, async (world) => {
      await syncWell(world);
      await expectUntouched(world, async () => {
        await syncWell(world);
        expect((await world.run(['sync', '--full'])).code).toBe(0);
      });
    });
  });

  test.each([
    ['names', 'NAME_ATTRIBUTE'],
    ['aliases', 'ALIASES_ATTRIBUTE'],
    ['quotas', 'QUOTA_ATTRIBUTE'],
    ['login names', 'LOGIN_ATTRIBUTE'],
  ])('with bytes that are no text in their %s do not stop a sync', async (_, setting) => {
    await withWorld({ text }, async (world) => {
      const { code, stderr } = await world.sync({ [setting]: 'testObjectGUID' });
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('39 people read') });
      expect(world.held().mailboxes).toHaveProperty(['binary@example.test']);
    });
  });

  test('that cannot be understood any more keep what they have', async () => {
    const spoil = (attribute: string): string =>
      `dn: cn=Ida Jung,ou=Sales,dc=example,dc=test\nchangetype: modify\n${attribute}\n-\n`;
    await withWorld({}, async (world) => {
      await syncWell(world);
      await expectUntouched(world, async () => {
        for (const edit of [
          'replace: mail\nmail: no address',
          'add: mail\nmail: x@example.test',
          'delete: mail',
        ]) {
          await world.slapd.modify(spoil(edit));
          await syncWell(world);
          await syncWell(world);
        }
      });
      expect(compareHoldings(first, world.held())).toEqual([]);
    });
  });
});
