/** What the SQLite file is for, and what happens without it (DESIGN.md 4.5, 4.15). */
import { describe, expect, test } from '@jest/globals';
import { existsSync, rmSync, statSync } from 'node:fs';
import { first } from '../sandbox/demo/expected.ts';
import { compareHoldings } from '../sandbox/holdings.ts';
import { expectComplete, expectUntouched, syncWell, withWorld, type World } from './world.ts';

const joins = `dn: cn=Emil Neumann,ou=Sales,dc=example,dc=test
changetype: add
objectClass: inetOrgPerson
objectClass: user
cn: Emil Neumann
sn: Neumann
mail: emil.neumann@example.test
objectCategory: person
`;

const leaves = 'dn: cn=Bernd Conrad,ou=Management,dc=example,dc=test\nchangetype: delete\n';

function loseState({ stateFile }: World): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${stateFile}${suffix}`, { force: true });
}

describe('a plan', () => {
  test('before the first sync writes nothing, not even a state file', async () => {
    await withWorld({}, async (world) => {
      const text = await expectUntouched(world, () => world.run(['plan']));
      expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining('39 to write') });
      expect(existsSync(world.stateFile)).toBe(false);
      expect(world.stateBytes()).toBe('');
    });
  });

  test('between two syncs changes nothing in the state file, and the same plan is the same text', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world);
      await world.slapd.modify(`${joins}\n${leaves}`);
      const before = world.stateBytes();
      const plans = await expectUntouched(world, async () => [
        await world.run(['plan', '--json']),
        await world.run(['plan', '--json']),
      ]);
      expect(world.stateBytes()).toBe(before);
      expect(plans[0]?.stdout).toContain('emil.neumann@example.test');
      expect(plans[0]).toEqual(plans[1]);
    });
  });

  test('is no reading that counts for somebody who is missing', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world);
      await world.slapd.modify(leaves);
      for (const _ of [1, 2, 3]) await world.run(['plan']);
      await expectUntouched(world, () => syncWell(world));
    });
  });
});

describe('the state file', () => {
  test('is readable by its owner only', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world);
      expect(statSync(world.stateFile).mode & 0o777).toBe(0o600);
    });
  });

  test('that is lost is rebuilt from the marks: there is nothing to write', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world);
      loseState(world);
      await expectUntouched(world, async () => {
        await syncWell(world);
        await syncWell(world);
      });
      await expectComplete(world);
    });
  });

  test('that is lost while somebody leaves takes nothing away in the first two syncs', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world);
      loseState(world);
      await world.slapd.modify(leaves);
      await expectUntouched(world, async () => {
        for (const _ of [1, 2]) expect((await world.sync()).stderr).not.toContain('failed');
      });
      expect(compareHoldings(first, world.held())).toEqual([]);
    });
  });

  test('that is lost after a rename knows whose mailbox it is', async () => {
    const mail = 'replace: mail\nmail: greta.vogel@example.test\n-\n';
    await withWorld({}, async (world) => {
      await syncWell(world);
      await world.slapd.modify(`dn: cn=Greta Haas,ou=Sales,dc=example,dc=test\nchangetype: modify\n${mail}`);
      loseState(world);
      await syncWell(world);
      const { mailboxes, aliases } = world.held();
      expect(mailboxes).not.toHaveProperty(['greta.haas@example.test']);
      expect(mailboxes['greta.vogel@example.test']).toMatchObject({ name: 'Greta Haas', active: 1 });
      expect(aliases['greta.haas@example.test']).toEqual({ goto: ['greta.vogel@example.test'], active: 1 });
      await expectUntouched(world, () => syncWell(world));
    });
  });
});
