/** What is not in a reading is not gone: nothing in mailcow may change (DESIGN.md 4.1, 4.3, 4.4, 4.11). */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { EnvSettings } from '../sandbox/env-file.ts';
import type { Slapd } from '../support/slapd.ts';
import { entriesOf, hasClass } from '../support/ldif.ts';
import { expectUntouched, sampleCompany, syncWell, withWorld, type World } from './world.ts';
import { openWire } from './wire.ts';

const people = entriesOf(readFileSync(sampleCompany, 'utf8')).filter((entry) => hasClass(entry, 'user'));

const deletionOf = (dns: readonly string[]): string =>
  dns.map((dn) => `dn: ${dn}\nchangetype: delete\n`).join('\n');

const bindAs = ({ dn, password }: Slapd['limited']): EnvSettings => ({
  LDAP_BIND_DN: dn,
  LDAP_BIND_DN_PASSWORD: password,
});

type Case = {
  readonly what: string;
  readonly settings?: (world: World) => EnvSettings;
  readonly edit?: string;
  readonly says: RegExp;
};

const cases: readonly Case[] = [
  {
    what: 'a directory out of which everybody was deleted',
    edit: deletionOf(people.map(({ dn }) => dn)),
    says: /incomplete: .*nobody where there were 29 people/,
  },
  {
    what: 'a bind that is cut off by a size limit',
    settings: ({ slapd }) => bindAs(slapd.limited),
    says: /incomplete: .*size ?limit/i,
  },
  {
    what: 'a bind that may read nothing',
    settings: ({ slapd }) => bindAs(slapd.nothing),
    says: /incomplete: .*LDAP_MAILCOW_LDAP_BASE_DN|incomplete: .*nobody where there were/,
  },
  {
    what: 'a base that does not exist',
    settings: () => ({ LDAP_BASE_DN: 'ou=Nowhere,dc=example,dc=test' }),
    says: /incomplete: .*ou=Nowhere|sync failed: .*ou=Nowhere/,
  },
  {
    what: 'a base with nobody below it',
    settings: () => ({ LDAP_BASE_DN: 'ou=Contacts,dc=example,dc=test' }),
    says: /incomplete: .*nobody where there were 29 people/,
  },
  {
    what: 'a filter with a typo in a value',
    settings: () => ({ LDAP_FILTER: '(&(objectClass=user)(objectCategory=persn))' }),
    says: /incomplete: .*LDAP_MAILCOW_LDAP_FILTER/,
  },
  {
    what: 'a filter with a typo in the name of an attribute',
    settings: () => ({ LDAP_FILTER: '(&(objectClass=user)(objectCategoryy=person))' }),
    says: /incomplete: .*LDAP_MAILCOW_LDAP_FILTER/,
  },
  {
    what: 'a wrong password',
    settings: () => ({ LDAP_BIND_DN_PASSWORD: 'not-the-password-at-all' }),
    says: /sync failed: .*password/,
  },
];

describe('nothing in mailcow changes, however often, because of', () => {
  test.each(cases)('$what', async ({ settings, edit, says }) => {
    await withWorld({}, async (world) => {
      await syncWell(world);
      if (edit !== undefined) await world.slapd.modify(edit);
      await expectUntouched(world, async () => {
        for (const _ of [1, 2]) {
          const { code, stderr } = await world.sync(settings?.(world));
          expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(says) });
        }
        if (edit === undefined) await syncWell(world);
      });
    });
  });

  test('a filter that is not balanced, which is refused at once', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world);
      await expectUntouched(world, async () => {
        const { code, stderr } = await world.sync({
          LDAP_FILTER: '(&(objectClass=user)(objectCategory=person)',
        });
        expect({ code, stderr }).toEqual({
          code: 2,
          stderr: expect.stringContaining('LDAP_MAILCOW_LDAP_FILTER'),
        });
      });
    });
  });

  test('a connection that is cut in mid-search', async () => {
    await withWorld({}, async (world) => {
      const wire = await openWire(world.slapd.port);
      try {
        const settings = { LDAP_URI: wire.uri, LDAP_PAGE_SIZE: '10' };
        await syncWell(world, settings);
        await expectUntouched(world, async () => {
          for (const bytes of [1200, 2500, 4000]) {
            wire.cutAfter(bytes);
            const { code, stderr } = await world.sync(settings);
            expect({ code, stderr }).toEqual({
              code: 1,
              stderr: expect.stringMatching(/incomplete: |sync failed: /),
            });
          }
          wire.mend();
          await syncWell(world, settings);
        });
      } finally {
        await wire.close();
      }
    });
  });
});

describe('what a reading without people means', () => {
  test('a base that shows only a part of the people holds what would follow, whatever the number', async () => {
    const withoutGroups = { SYNC_GROUPS: 'false' };
    await withWorld({}, async (world) => {
      await syncWell(world, withoutGroups);
      await expectUntouched(world, async () => {
        const codes = [];
        for (const _ of [1, 2, 3]) {
          codes.push(
            (await world.sync({ ...withoutGroups, LDAP_BASE_DN: 'ou=Management,dc=example,dc=test' })).code,
          );
        }
        expect(codes).toEqual([0, 0, 3]);
      });
    });
  });

  test('one person who is missing once is still there, missing twice is deactivated and never deleted', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world);
      const before = world.held();
      await world.slapd.modify(deletionOf(['cn=Bernd Conrad,ou=Management,dc=example,dc=test']));
      await expectUntouched(world, () => syncWell(world));
      await syncWell(world);
      const { mailboxes, aliases } = world.held();
      expect(mailboxes['bernd.conrad@example.test']).toMatchObject({ active: 0, quotaMiB: 10240 });
      expect(aliases['b.conrad@example.test']).toEqual({ goto: ['bernd.conrad@example.test'], active: 0 });
      expect(Object.keys(mailboxes)).toEqual(Object.keys(before.mailboxes));
      expect(Object.keys(aliases)).toEqual(Object.keys(before.aliases));
    });
  });

  test('three in ten of the people who vanish at once are held back, and it is said with numbers', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world);
      await world.slapd.modify(deletionOf(people.slice(0, 8).map(({ dn }) => dn)));
      await expectUntouched(world, async () => {
        await syncWell(world);
        for (const _ of [2, 3]) {
          const { code, stderr } = await world.sync();
          expect({ code, stderr }).toEqual({
            code: 3,
            stderr: expect.stringMatching(/7 of 24 managed mailboxes/),
          });
        }
      });
    });
  });

  test('somebody who comes back within the grace is as before', async () => {
    const dn = 'cn=Vera Vogel,ou=Büro\\, Köln,dc=example,dc=test';
    const say = (category: string): string =>
      `dn: ${dn}\nchangetype: modify\nreplace: objectCategory\nobjectCategory: ${category}\n-\n`;
    await withWorld({}, async (world) => {
      await syncWell(world);
      await expectUntouched(world, async () => {
        for (const category of ['gone', 'person', 'gone', 'person']) {
          await world.slapd.modify(say(category));
          await syncWell(world);
        }
      });
    });
  });
});
